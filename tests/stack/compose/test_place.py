import hashlib
import json
import socket
from pathlib import Path

import pytest

from readiness_gate.errors import StackError
from readiness_gate.stack.compose.engine import DockerEngine
from readiness_gate.stack.compose.place import (
    EnginePlace,
    find_place,
    machine_of,
    publishing_address,
    require_no_mounts,
)

REMOTE = "tcp://192.0.2.77:2376"


def with_context(home: Path, name: str, host: str, *, current: bool) -> None:
    folder = home / ".docker/contexts/meta" / hashlib.sha256(name.encode()).hexdigest()
    folder.mkdir(parents=True)
    meta = {"Name": name, "Endpoints": {"docker": {"Host": host}}}
    (folder / "meta.json").write_text(json.dumps(meta))
    if current:
        (home / ".docker/config.json").write_text(json.dumps({"currentContext": name}))


def test_nothing_said_is_the_usual_socket(tmp_path: Path) -> None:
    assert find_place({}, tmp_path) == EnginePlace()


def test_certificates_belong_to_a_host_that_asks_for_them(tmp_path: Path) -> None:
    told = {"DOCKER_HOST": REMOTE, "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "/certs"}
    assert find_place(told, tmp_path) == EnginePlace(REMOTE, Path("/certs"))
    del told["DOCKER_CERT_PATH"]
    assert find_place(told, tmp_path) == EnginePlace(REMOTE, tmp_path / ".docker")
    assert find_place({"DOCKER_HOST": REMOTE}, tmp_path) == EnginePlace(REMOTE)


def test_the_context_of_a_laptop_is_followed(tmp_path: Path) -> None:
    with_context(tmp_path, "colima", "unix:///home/dev/.colima/docker.sock", current=True)
    assert find_place({}, tmp_path).host == "unix:///home/dev/.colima/docker.sock"
    assert find_place({"DOCKER_CONTEXT": "default"}, tmp_path).host == ""
    assert find_place({"DOCKER_HOST": REMOTE}, tmp_path).host == REMOTE


@pytest.mark.parametrize("text", ["", "[]", "{", '{"currentContext": "gone"}', "null"])
def test_a_broken_configuration_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker/config.json").write_text(text)
    assert find_place({}, tmp_path) == EnginePlace()


@pytest.mark.parametrize(
    "host",
    ["", "unix:///var/run/docker.sock", "tcp://127.0.0.1:2375", "tcp://localhost:2375",
     "tcp://[::1]:2375"],
)  # fmt: skip
def test_an_engine_of_this_machine_publishes_on_loopback_alone(host: str) -> None:
    assert machine_of(host) == "127.0.0.1"
    assert publishing_address(host) == "127.0.0.1"


def test_an_engine_elsewhere_publishes_where_it_is_reached() -> None:
    assert machine_of(REMOTE) == "192.0.2.77"
    assert publishing_address("tcp://192.0.2.77:2376") == "0.0.0.0"


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (
            {"services": {"web": {"volumes": [{"type": "volume"}, {"type": "bind"}]}}},
            "services.web.volumes[1]",
        ),
        ({"secrets": {"token": {"file": "/w/token"}}}, "secrets.token.file"),
        ({"configs": {"site": {"file": "/w/site"}}}, "configs.site.file"),
    ],
)
def test_an_engine_elsewhere_has_no_checkout_to_mount(data: dict[str, object], where: str) -> None:
    with pytest.raises(StackError) as refused:
        require_no_mounts(data, REMOTE)
    assert refused.value.infrastructure
    assert refused.value.message.startswith(f"{where}: the engine at {REMOTE}")


def test_what_lies_in_volumes_and_in_the_file_itself_runs_anywhere() -> None:
    require_no_mounts(
        {
            "services": {"web": {"volumes": [{"type": "volume"}]}, "db": {}},
            "configs": {"site": {"content": "x"}},
            "secrets": {"token": {"environment": "TOKEN"}},
        },
        REMOTE,
    )


def test_an_engine_behind_ssh_is_refused_in_words() -> None:
    with pytest.raises(StackError, match="behind SSH") as refused:
        DockerEngine("ssh://dev@machine.invalid").version()
    assert refused.value.infrastructure
    assert "ssh -L" in refused.value.advice


def test_certificates_that_are_not_there_are_a_clear_error(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        host = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(StackError) as refused:
            DockerEngine(host, tmp_path / "none").version()
    assert refused.value.infrastructure
