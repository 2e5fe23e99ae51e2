import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from readiness_gate.checks.endpoints import endpoint_variables, forwarders, forwards, variables_for
from readiness_gate.stack.base import Address, Published
from tests.fakes.stack import FakeStack


def stack() -> FakeStack:
    return FakeStack(
        service_names=("back-end", "db", "edge", "worker"),
        all_ports={"back-end": (8000, 9000), "db": (5432,), "edge": (443,)},
        addresses={("back-end", 8000): Address("172.18.0.2", 8000)},
        all_published=(Published(8080, "back-end", 8000), Published(15432, "db", 5432)),
    )


def test_containers_are_told_names_and_the_first_port() -> None:
    assert endpoint_variables(stack(), inside=True) == {
        "GATE_BACK_END_HOST": "back-end",
        "GATE_BACK_END_PORT": "8000",
        "GATE_BACK_END_URL": "http://back-end:8000",
        "GATE_DB_HOST": "db",
        "GATE_DB_PORT": "5432",
        "GATE_EDGE_HOST": "edge",
        "GATE_EDGE_PORT": "443",
        "GATE_EDGE_URL": "https://edge:443",
    }


def test_from_outside_only_what_is_reached_is_told() -> None:
    assert endpoint_variables(stack(), inside=False) == {
        "GATE_BACK_END_HOST": "172.18.0.2",
        "GATE_BACK_END_PORT": "8000",
        "GATE_BACK_END_URL": "http://172.18.0.2:8000",
    }


def test_an_address_of_six_gets_its_brackets() -> None:
    told = FakeStack(
        service_names=("a",), all_ports={"a": (80,)}, addresses={("a", 80): Address("::1", 80)}
    )
    assert endpoint_variables(told, inside=False)["GATE_A_URL"] == "http://[::1]:80"


def test_what_the_item_sets_wins() -> None:
    declared = {"GATE_DB_HOST": "mine"}
    assert variables_for(stack(), inside=True, declared=declared)["GATE_DB_HOST"] == "mine"
    assert variables_for(None, inside=True, declared=declared) == declared


def test_every_published_port_is_forwarded() -> None:
    assert forwards(stack()) == ("8080=back-end:8000", "15432=db:5432")


@pytest.fixture
def upper() -> Iterator[int]:
    """Give the port of a server that answers in capitals until its client has said all."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                with client:
                    while data := client.recv(65536):
                        client.sendall(data.upper())

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.mark.parametrize("program", [[sys.executable, "-c"], ["perl", "-e"]])
def test_the_forwarder_listens_before_it_lets_go(program: list[str], upper: int) -> None:
    text = forwarders()[0 if "-c" in program else 1]
    ports = [free_port(), free_port()]
    arguments = [f"{port}=127.0.0.1:{upper}" for port in ports]
    # A pipe that the background kept open would never end here.
    done = subprocess.run([*program, text, *arguments], capture_output=True, timeout=10, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")
    try:
        for port in ports:
            for _ in range(2):
                with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
                    client.sendall(b"a" * 200_000)
                    client.shutdown(socket.SHUT_WR)
                    answer = b""
                    while data := client.recv(65536):
                        answer += data
                assert answer == b"A" * 200_000
    finally:
        end_what_listens(arguments[0])


def end_what_listens(argument: str) -> None:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        if argument in words:
            subprocess.run(["kill", "-9", folder.name], check=False)


def test_a_port_that_is_taken_is_said_and_holds_nobody() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for program, text in zip(
            ([sys.executable, "-c"], ["perl", "-e"]), forwarders(), strict=True
        ):
            done = subprocess.run(
                [*program, text, f"{port}=web:80"], capture_output=True, timeout=10, check=False
            )
            assert f"port {port} is not forwarded".encode() in done.stderr
            end_what_listens(f"{port}=web:80")
