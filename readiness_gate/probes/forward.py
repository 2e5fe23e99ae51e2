"""Forwards ports of 127.0.0.1 to services, inside the container of a suite (`in: {image: …}`).

Arguments: `PORT=HOST:PORT` each. Goes to the background once every port that can be had listens,
so that whoever called it may begin. Written for any Python 3; nothing but the standard library.
"""

import contextlib
import os
import socket
import sys
import threading
from collections.abc import Iterator


def listeners(port: int) -> Iterator[socket.socket]:
    """Yield sockets that listen on the port of this machine alone."""
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address, port))
        except OSError as error:
            listener.close()
            if family == socket.AF_INET:
                sys.stderr.write(f"readiness-gate: port {port} is not forwarded: {error}\n")
            continue
        listener.listen(128)
        yield listener


def pump(source: socket.socket, sink: socket.socket) -> None:
    """Carry bytes one way until their end, and tell the end."""
    with contextlib.suppress(OSError):
        while True:
            data = source.recv(65536)
            if not data:
                break
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def forward(client: socket.socket, host: str, port: int) -> None:
    """Carry one connection both ways."""
    try:
        service = socket.create_connection((host, port), timeout=10)
    except OSError:
        client.close()
        return
    service.settimeout(None)
    back = threading.Thread(target=pump, args=(service, client))
    back.daemon = True
    back.start()
    pump(client, service)
    back.join()
    client.close()
    service.close()


def serve(listener: socket.socket, host: str, port: int) -> None:
    """Take connections for ever."""
    while True:
        client, _ = listener.accept()
        one = threading.Thread(target=forward, args=(client, host, port))
        one.daemon = True
        one.start()


def main() -> None:
    """Listen, let the caller go on, and serve in the background."""
    found: list[tuple[socket.socket, str, int]] = []
    for argument in sys.argv[1:]:
        port, _, target = argument.partition("=")
        host, _, number = target.rpartition(":")
        found += [(listener, host, int(number)) for listener in listeners(int(port))]
    if not found or os.fork():
        return
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    for one in found:
        thread = threading.Thread(target=serve, args=one)
        thread.daemon = True
        thread.start()
    threading.Event().wait()


main()
