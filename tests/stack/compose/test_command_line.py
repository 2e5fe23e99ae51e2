import json
from pathlib import Path

import pytest

from readiness_gate.doors.programs import Completed
from readiness_gate.errors import StackError
from readiness_gate.stack.compose.command_line import (
    CommandLine,
    DockerAccess,
    environment_arguments,
)
from tests.fakes.programs import FakePrograms, Run


def command_line(
    tmp_path: Path, programs: FakePrograms, access: DockerAccess | None = None, **passed_on: str
) -> CommandLine:
    return CommandLine(
        programs,
        access or DockerAccess(),
        project="rg-1",
        scratch=tmp_path / "scratch",
        passed_on=passed_on,
    )


def compose(line: CommandLine) -> None:
    line.compose(["config"], files=[Path("/w/a.yml")], directory=Path("/w"), timeout=1.0)


def test_files_project_and_variables_are_always_given(tmp_path: Path) -> None:
    programs = FakePrograms()
    compose(command_line(tmp_path, programs))
    assert programs.runs[0].argv == (
        "docker", "compose", "-p", "rg-1", "--project-directory", "/w", "-f", "/w/a.yml",
        "--env-file", "/dev/null", "config",
    )  # fmt: skip


def test_passed_on_variables_reach_compose_but_cannot_steer_it(tmp_path: Path) -> None:
    programs = FakePrograms()
    compose(
        command_line(
            tmp_path, programs, JWT_SECRET="s", DOCKER_HOST="tcp://evil", COMPOSE_FILE="evil.yml"
        )
    )
    environment = programs.runs[0].environment
    assert environment["JWT_SECRET"] == "s"
    assert environment["DOCKER_HOST"] == "unix:///var/run/docker.sock"
    assert "COMPOSE_FILE" not in environment
    assert environment["COMPOSE_EXPERIMENTAL_GIT_REMOTE"] == "false"


def test_credentials_are_for_pulls_only(tmp_path: Path) -> None:
    auth = json.dumps({"auths": {"registry.example": {"auth": "canary"}}})
    programs = FakePrograms()
    line = command_line(tmp_path, programs, DockerAccess(auth=auth))
    line.docker(["exec"], timeout=1.0)
    line.docker(["pull"], timeout=1.0, pulls=True)
    plain, pulling = (Path(run.environment["DOCKER_CONFIG"]) for run in programs.runs)
    assert "canary" not in (plain / "config.json").read_text()
    assert "canary" in (pulling / "config.json").read_text()
    assert pulling.stat().st_mode & 0o077 == 0


def test_the_user_s_own_folder_gives_plugins_and_credentials(tmp_path: Path) -> None:
    home = tmp_path / ".docker"
    (home / "cli-plugins").mkdir(parents=True)
    own = {"auths": {"a": {}}, "credsStore": "desktop", "HttpHeaders": {"X": "y"}, "proxies": {}}
    (home / "config.json").write_text(json.dumps(own))
    programs = FakePrograms()
    command_line(tmp_path, programs, DockerAccess(configuration=home))
    scratch = tmp_path / "scratch"
    assert json.loads((scratch / "docker/config.json").read_text()) == {}
    pulling = json.loads((scratch / "docker-pull/config.json").read_text())
    assert set(pulling) == {"auths", "credsStore"}
    assert (scratch / "docker/cli-plugins").resolve() == home / "cli-plugins"


@pytest.mark.parametrize("text", ["", "not json", "[1]"])
def test_broken_credentials_are_no_credentials(tmp_path: Path, text: str) -> None:
    command_line(tmp_path, FakePrograms(), DockerAccess(auth=text))
    assert json.loads((tmp_path / "scratch/docker-pull/config.json").read_text()) == {}


def test_no_docker_command_is_infrastructure(tmp_path: Path) -> None:
    def missing(run: Run) -> Completed:
        raise FileNotFoundError(2, "No such file", "docker")

    with pytest.raises(StackError, match="docker command is not installed") as refused:
        compose(command_line(tmp_path, FakePrograms(missing)))
    assert refused.value.infrastructure


def test_values_stay_off_the_command_line_but_for_names_that_steer_the_tools() -> None:
    arguments, handed = environment_arguments({"PASSWORD": "canary", "PATH": "/opt/bin"})
    assert arguments == ["-e", "PASSWORD", "-e", "PATH=/opt/bin"]
    assert handed == {"PASSWORD": "canary"}


def test_the_credentials_are_not_shown() -> None:
    assert "canary" not in repr(DockerAccess(auth="canary"))
