"""A server of HTTPS on loopback that answers every request with 200."""

import contextlib
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from tests.checks.network.certificates import Issued
from tests.checks.network.served import raw

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


def key_of(shown: Issued) -> bytes:
    """Return the key of a certificate as PEM."""
    return shown.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


@contextlib.contextmanager
def tls_answers(folder: Path, shown: Issued, *, wants: Issued | None = None) -> Iterator[int]:
    """Yield its port; with `wants`, clients show a certificate of this authority."""
    file = folder / "server.pem"
    file.write_bytes(key_of(shown) + shown.pem)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(file)
    if wants is not None:
        tls.load_verify_locations(cadata=wants.pem.decode())
        tls.verify_mode = ssl.CERT_REQUIRED

    def speak(connection: socket.socket) -> None:
        with tls.wrap_socket(connection, server_side=True) as secure:
            secure.recv(65_536)
            secure.sendall(_ANSWER)

    with raw(speak) as port:
        yield port
