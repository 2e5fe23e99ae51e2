import pytest

from readiness_gate.doors.project_yaml import load_placed
from readiness_gate.formats.gate_steps import GateStep, gate_steps
from readiness_gate.formats.workflow import workflow


def steps(text: str) -> tuple[GateStep, ...]:
    lines = "".join(f"        {line}\n" for line in text.splitlines())
    whole = f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      -\n{lines}"
    (document,) = load_placed(whole, name="w.yml")
    return gate_steps(workflow(document))


@pytest.mark.parametrize(
    "uses",
    [
        "readiness-gate/readiness-gate@v1",
        "Acme/Readiness-Gate@main",
        "docker://ghcr.io/acme/readiness-gate:v1",
        "docker://localhost:5000/acme/readiness-gate@sha256:aa",
        "./tools/readiness-gate",
        "readiness-gate/readiness-gate/composite@v1",
    ],
)
def test_the_action_is_known_in_every_form(uses: str) -> None:
    (found,) = steps(f"uses: {uses}")
    assert (found.mode, found.command) == ("run", False)


@pytest.mark.parametrize(
    "uses",
    ["acme/not-readiness-gate@v1", "acme/readiness-gate-tools@v1", "acme/composite@v1", "./"],
)
def test_what_is_called_otherwise_is_not_the_gate(uses: str) -> None:
    assert steps(f"uses: {uses}") == ()


def test_inputs_are_read_with_their_defaults() -> None:
    (found,) = steps("uses: a/readiness-gate@v1\nwith: {mode: checks, report-dir: out, x: true}")
    assert found.mode == "checks"
    assert found.given("report-dir", "readiness-report") == "out"
    assert found.given("status-prefix", "readiness") == "readiness"
    assert found.inputs["x"] == "true"


@pytest.mark.parametrize(
    ("command", "mode"),
    [
        ("readiness-gate run", "run"),
        ("readiness-gate run --half checks", "checks"),
        ("./.venv/bin/readiness-gate run --half=merge", "merge"),
        ("cd x && readiness-gate merge --publish", "merge"),
        ("readiness-gate publish --run 4711", "publish"),
    ],
)
def test_the_command_is_the_gate_too(command: str, mode: str) -> None:
    (found,) = steps(f"run: {command}")
    assert (found.mode, found.command) == (mode, True)


@pytest.mark.parametrize(
    "command", ["readiness-gate validate", "pip install readiness-gate", "my-readiness-gate run"]
)
def test_other_commands_are_not(command: str) -> None:
    assert steps(f"run: {command}") == ()


def test_options_of_the_command_are_its_inputs() -> None:
    (found,) = steps("run: readiness-gate run --status-prefix=go --report-dir 'out'")
    assert found.inputs == {"status-prefix": "go", "report-dir": "out"}
