"""What carries a compose project, and each way in which it does not."""

import gc
import http.server
import json
import os
import socketserver
import stat
import tempfile
import threading
import warnings
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from readiness_gate.doors.programs import HostPrograms
from readiness_gate.errors import StackError
from readiness_gate.stack.compose.command_line import CommandLine, DockerAccess
from readiness_gate.stack.compose.engine import DockerEngine, unreachable
from readiness_gate.stack.compose.platform import platform_of
from readiness_gate.stack.facts import Platform
from tests.stack.compose.fake_engine import InMemoryEngine
from tests.stack.compose.real import opener

GOOD = """#!/bin/sh
case "$*" in
  version*) echo "28.2.2 28.0" ;;
  "compose version --short") echo "v2.26.1" ;;
  "buildx version") echo "github.com/docker/buildx v0.13.1 abcdef" ;;
esac
"""


class Machine:
    """A PATH with programs that a test wrote."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.engine = InMemoryEngine()
        uname = os.uname()
        facts = {"Name": uname.nodename, "KernelVersion": uname.release}
        self.engine.machine_facts = {**facts, "OperatingSystem": "Debian", "Driver": "overlay2"}

    def has(self, name: str, text: str) -> None:
        path = self.folder / name
        path.write_text(text)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def platform(self) -> Platform:
        programs = HostPrograms({"PATH": str(self.folder)})
        scratch = self.folder / "scratch"
        line = CommandLine(
            programs, DockerAccess(), project="rg-test", scratch=scratch, passed_on={}
        )
        return platform_of(self.engine, line, programs)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path)
    made.has("docker", GOOD)
    return made


def refusal(machine: Machine) -> StackError:
    with pytest.raises(StackError) as refused:
        machine.platform()
    assert refused.value.infrastructure
    return refused.value


def test_versions_room_and_memory_are_told(machine: Machine) -> None:
    found = machine.platform()
    assert (found.engine, found.api, found.compose, found.buildx) == (
        "28.0",
        "1.48",
        "2.26.1",
        "0.13.1",
    )
    assert (found.memory, found.cpus) == (16 * 10**9, 4)
    assert found.disk_free is not None
    assert found.notes["docker command"] == "28.2.2"


def test_the_disk_of_another_machine_is_not_known(machine: Machine) -> None:
    machine.engine.machine_facts["Name"] = "elsewhere"
    found = machine.platform()
    assert (found.disk_free, found.disk_unknown) == (None, "the engine runs on another machine")


def test_compose_of_the_first_generation_alone_is_named(machine: Machine) -> None:
    machine.has("docker", "#!/bin/sh\n[ $1 = version ] && echo 20.10 || { "
        "echo \"docker: 'compose' is not a docker command.\" >&2; exit 1; }\n")  # fmt: skip
    machine.has("docker-compose", "#!/bin/sh\necho 1.29.2\n")
    error = refusal(machine)
    assert error.message == "docker has only docker-compose 1.29.2; Docker Compose v2 is needed"


def test_no_compose_at_all_is_named(machine: Machine) -> None:
    machine.has("docker", "#!/bin/sh\n[ $1 = version ] && echo 20.10 || { "
        "echo \"docker: 'compose' is not a docker command.\" >&2; exit 1; }\n")  # fmt: skip
    machine.has("docker-compose", "#!/bin/sh\nexit 1\n")
    assert "only docker-compose v1" in refusal(machine).message
    (machine.folder / "docker-compose").unlink()
    assert "docker has no compose plugin" in refusal(machine).message


def test_a_command_that_the_engine_finds_too_old_is_named(machine: Machine) -> None:
    said = "client version 1.41 is too old. Minimum supported API version is 1.44"
    machine.has("docker", f'#!/bin/sh\necho "Error response from daemon: {said}" >&2; exit 1\n')
    error = refusal(machine)
    assert error.message.endswith(f"do not understand each other: {said}")
    assert error.advice == "Update the older of the two."


def test_a_missing_docker_command_is_named(machine: Machine) -> None:
    machine.has("docker", "#!/nowhere/sh\n")
    assert refusal(machine).message == "the docker command is not installed"


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (PermissionError(13, "Permission denied"), "this user has no right to its socket"),
        (FileNotFoundError(2, "No such file or directory"), "there is no such socket"),
        (ConnectionRefusedError(111, "Connection refused"), "connection refused"),
    ],
)
def test_why_a_socket_does_not_answer_is_said_through_the_packages(
    cause: OSError, said: str
) -> None:
    try:
        try:
            raise cause
        except OSError as inner:
            raise ConnectionError(f"('Connection aborted.', {inner!r})") from inner
    except ConnectionError as outer:
        error = unreachable("unix:///var/run/docker.sock", outer)
    assert said in error.message
    assert error.infrastructure
    assert error.advice


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


@contextmanager
def socket_of(answer: Mapping[str, Any], *, status: int = 200) -> Iterator[str]:
    """Give the address of an engine that answers one thing to every question."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def address_string(self) -> str:
            return "socket"

        def log_message(self, *_: Any) -> None:
            pass

    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/engine.sock"
        server = _Server(path, Handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"unix://{path}"
        finally:
            server.shutdown()
            server.server_close()


def engine_error(host: str) -> StackError:
    engine = DockerEngine(host)
    try:
        with pytest.raises(StackError) as refused:
            engine.about()
    finally:
        engine.close()
    assert refused.value.infrastructure
    return refused.value


def test_an_engine_of_long_ago_is_too_old() -> None:
    with socket_of({"Version": "1.9.1", "ApiVersion": "1.21"}) as host:
        assert "is too old" in engine_error(host).message


def test_an_engine_that_refuses_our_version_of_its_api_says_so() -> None:
    said = "client version 1.24 is too old. Minimum supported API version is 1.44"
    with socket_of({"message": said}, status=400) as host:
        engine = DockerEngine(host)
        with pytest.raises(StackError, match=r"Minimum supported API version is 1\.44"):
            engine.about()
        engine.close()


def test_an_engine_that_is_sick_is_the_platform_s_fault() -> None:
    with socket_of({"message": "database is locked"}, status=500) as host:
        assert engine_error(host).message == "database is locked"


def test_no_socket_and_a_socket_that_nobody_serves(tmp_path: Path) -> None:
    path = tmp_path / "dead.sock"
    server = socketserver.UnixStreamServer(str(path), socketserver.BaseRequestHandler)
    server.server_close()
    with warnings.catch_warnings():
        # The package leaves a socket that could not be connected to the collector.
        warnings.simplefilter("ignore", ResourceWarning)
        assert "no such socket" in engine_error(f"unix://{tmp_path}/none.sock").message
        assert "connection refused" in engine_error(f"unix://{path}").message
        gc.collect()


@pytest.mark.docker
def test_the_real_platform_is_known_before_anything_is_built(tmp_path: Path) -> None:
    (tmp_path / "docker-compose.yml").write_text("services: {a: {image: python:3.13-slim-trixie}}")
    with opener() as opened:
        found = opened(tmp_path).platform()
    assert found.engine
    assert found.compose.startswith("2") or int(found.compose.partition(".")[0]) > 2
    assert (found.memory or 0) > 10**9
    assert (found.disk_free or 0) > 10**8


@pytest.mark.docker
def test_a_variable_without_a_value_is_found_before_anything_is_built(tmp_path: Path) -> None:
    text = "services: {a: {image: 'x:${TAG_OF_NOBODY}'}}"
    (tmp_path / "docker-compose.yml").write_text(text)
    with opener() as opened, pytest.raises(StackError, match="without a value: TAG_OF_NOBODY") as e:
        opened(tmp_path).platform()
    assert not e.value.infrastructure


@pytest.mark.docker
def test_the_platform_may_be_asked_by_several_at_once(tmp_path: Path) -> None:
    (tmp_path / "docker-compose.yml").write_text("services: {a: {image: python:3.13-slim-trixie}}")
    with opener() as opened, ThreadPoolExecutor(4) as pool:
        stack = opened(tmp_path)
        asked = [pool.submit(stack.platform) for _ in range(4)]
        assert len({one.result().engine for one in asked}) == 1
