import json
from pathlib import Path

import pytest

from readiness_gate.doors.programs import Completed
from readiness_gate.doors.workspace import Workspace
from readiness_gate.errors import StackError
from readiness_gate.stack.compose.command_line import CommandLine, DockerAccess
from readiness_gate.stack.compose.normalise import Source, normalise
from tests.fakes.programs import FakePrograms, Run

MODEL = {"services": {"web": {"image": "a"}}}
TEXT = "services:\n  web:\n    image: a\n    command: ${GREETING} ${JWT_SECRET:?set it}\n"


def answer(
    tmp_path: Path, exit_code: int | None = 0, stderr: str = "", model: object = MODEL
) -> dict[str, object]:
    root = tmp_path / "work"
    root.mkdir(exist_ok=True)
    (root / "compose.yml").write_text(TEXT)

    def run(run: Run) -> Completed:
        if exit_code == 0:
            Path(run.argv[run.argv.index("--output") + 1]).write_text(
                model if isinstance(model, str) else json.dumps(model)
            )
        return Completed(run.argv, exit_code, "", stderr, 0.1)

    scratch = tmp_path / "scratch"
    line = CommandLine(
        FakePrograms(run), DockerAccess(), project="rg-1", scratch=scratch, passed_on={}
    )
    return normalise(line, Source(Workspace(root), root, ("compose.yml",)), scratch)


def test_the_model_is_returned(tmp_path: Path) -> None:
    assert answer(tmp_path) == MODEL


@pytest.mark.parametrize("quotes", [r"\"", '"'])
def test_a_variable_without_a_value_is_an_error_that_names_it_and_its_line(
    tmp_path: Path, quotes: str
) -> None:
    warning = f"The {quotes}GREETING{quotes} variable is not set. Defaulting to a blank string."
    with pytest.raises(StackError) as refused:
        answer(tmp_path, stderr=f'time="x" level=warning msg="{warning}"')
    assert refused.value.message == "variables without a value: GREETING (compose.yml:4)"
    assert "stack.env-file" in refused.value.advice


def test_a_required_variable_is_named_with_what_its_author_said(tmp_path: Path) -> None:
    stderr = (
        "error while interpolating services.web.command: "
        "required variable JWT_SECRET is missing a value: set it"
    )
    with pytest.raises(StackError) as refused:
        answer(tmp_path, 1, stderr)
    assert refused.value.message == (
        "the required variable JWT_SECRET has no value (compose.yml:4): set it"
    )
    assert not refused.value.infrastructure


def test_an_invalid_model_names_the_file_and_compose_s_reason(tmp_path: Path) -> None:
    with pytest.raises(StackError) as refused:
        answer(tmp_path, 15, 'time="x" level=warning msg="y"\nservices.web Additional property z')
    assert refused.value.message == "compose.yml: services.web Additional property z"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (1, "docker: 'compose' is not a docker command."),
        (125, "unknown shorthand flag: 'f' in -f\n\nRun 'docker --help' for more information"),
        (125, "unknown flag: --project-name\n\nRun 'docker --help' for more information"),
    ],
)
def test_a_docker_without_compose_is_infrastructure(tmp_path: Path, code: int, said: str) -> None:
    with pytest.raises(StackError, match="no compose plugin") as refused:
        answer(tmp_path, code, said)
    assert refused.value.infrastructure


def test_a_hanging_compose_is_infrastructure(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="did not end in time") as refused:
        answer(tmp_path, None)
    assert refused.value.infrastructure


@pytest.mark.parametrize("model", ["", "[]", "{}", "x" * (9 * 1024 * 1024), {"services": {}}])
def test_an_answer_that_is_no_model_is_an_error(tmp_path: Path, model: object) -> None:
    with pytest.raises(StackError):
        answer(tmp_path, model=model)


def test_profiles_that_exclude_each_other_are_read_as_configured(tmp_path: Path) -> None:
    root = tmp_path / "work"
    root.mkdir()
    (root / "compose.yml").write_text(TEXT)
    asked = []

    def run(run: Run) -> Completed:
        profile = run.argv[run.argv.index("--profile") + 1]
        asked.append(profile)
        if profile == "*":
            return Completed(run.argv, 15, "", 'container name "web" is already in use', 0.1)
        Path(run.argv[run.argv.index("--output") + 1]).write_text(json.dumps(MODEL))
        return Completed(run.argv, 0, "", "", 0.1)

    line = CommandLine(
        FakePrograms(run), DockerAccess(), project="rg-1", scratch=tmp_path / "s", passed_on={}
    )
    source = Source(Workspace(root), root, ("compose.yml",), profiles=["ci"])
    assert normalise(line, source, tmp_path / "s") == MODEL
    assert asked == ["*", "ci"]


@pytest.mark.parametrize("name", ["missing.env", "../.env"])
def test_the_file_of_variables_must_be_in_the_checkout(tmp_path: Path, name: str) -> None:
    root = tmp_path / "work"
    root.mkdir()
    line = CommandLine(
        FakePrograms(), DockerAccess(), project="rg-1", scratch=tmp_path / "s", passed_on={}
    )
    with pytest.raises(StackError, match=r"stack\.env-file"):
        normalise(line, Source(Workspace(root), root, ("c.yml",), env_file=name), tmp_path / "s")
