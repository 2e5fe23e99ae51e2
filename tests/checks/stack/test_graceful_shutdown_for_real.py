"""Real services get a real stop signal: containers that obey, and those that do not."""

import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.runs.graceful_shutdown import run
from readiness_gate.checks.stack import graceful_shutdown
from readiness_gate.doors.clock import SystemClock
from readiness_gate.doors.exchange import TargetWeb
from readiness_gate.doors.programs import HostPrograms
from readiness_gate.doors.workspace import Workspace
from readiness_gate.errors import StackError
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import Outcome
from readiness_gate.model.result import CheckResult
from readiness_gate.stack.base import NotSupported
from readiness_gate.stack.disruption import Fault
from readiness_gate.stack.process import ProcessStack
from readiness_gate.stack.process_launch import ProcessSpec
from readiness_gate.stack.ready import Readiness
from tests.fakes.context import booted, context
from tests.fakes.options import options
from tests.stack.compose.real import STACKS, Opened, opener

TIMEOUT = 60.0
SHELL = """
services:
  api:
    build: %s
    command: ["/bin/sh", "-c", "python3 /srv/api.py; echo over"]
    stop_grace_period: 1s
"""


@pytest.fixture
def opened() -> Iterator[Opened]:
    with opener() as function:
        yield function


def booted_in_mode(opened: Opened, mode: str, *profiles: str) -> CheckContext:
    stack = opened("disrupted", passed_on={"MODE": mode}, profiles=profiles)
    stack.build(TIMEOUT)
    stack.start(None, TIMEOUT)
    assert all(one.healthy for one in stack.wait(None, TIMEOUT, 0.0))
    return context(
        stack=stack, web=TargetWeb(), clock=SystemClock(), timeout=TIMEOUT, steps=booted("api"),
        base_url="http://api:8000",
    )  # fmt: skip


def ran(facts: CheckContext, text: str) -> CheckResult:
    return run(facts, options(graceful_shutdown.CHECK, text))


@pytest.mark.docker
@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "outcome", "said"),
    [
        ("good", Outcome.PASSED, "4 requests under way answered"),
        ("drops", Outcome.FAILED, "dropped 4 requests under way"),
        ("deaf", Outcome.FAILED, "did not end within 2 s of SIGTERM and was killed"),
        ("wrong-code", Outcome.FAILED, "expected 0 or 143, got 3"),
    ],
)
def test_containers(opened: Opened, mode: str, outcome: Outcome, said: str) -> None:
    facts = booted_in_mode(opened, mode)
    result = ran(facts, "{url: /slow, grace: 2s}")
    assert (result.outcome, said in result.summary) == (outcome, True), result
    if mode == "deaf":
        assert "no handler for SIGTERM" in str(result.remediation)
    assert facts.stack is not None
    assert all(one.healthy for one in facts.stack.disruption().recover(TIMEOUT, 0.0))


@pytest.mark.docker
@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "outcome", "said"),
    [
        ("good", Outcome.PASSED, "4 requests under way answered"),
        # Whichever replica the balancer had chosen: nobody else is left to answer instead.
        ("drops", Outcome.FAILED, "dropped 4 requests under way"),
    ],
)
def test_replicas_behind_a_load_balancer(
    opened: Opened, mode: str, outcome: Outcome, said: str
) -> None:
    facts = booted_in_mode(opened, mode, "balanced")
    result = ran(facts, "{url: 'http://balancer:8000/slow', service: api, grace: 4s}")
    assert (result.outcome, said in result.summary) == (outcome, True), result
    table = result.evidence[-1]
    assert isinstance(table, TableEvidence)
    assert len(table.rows) == 2
    assert facts.stack is not None
    assert all(one.healthy for one in facts.stack.disruption().recover(TIMEOUT, 0.0))


@pytest.mark.docker
@pytest.mark.slow
@pytest.mark.parametrize(("mode", "outcome"), [("good", Outcome.PASSED), ("drops", Outcome.FAILED)])
def test_a_quick_url_needs_a_slowed_dependency(opened: Opened, mode: str, outcome: Outcome) -> None:
    facts = booted_in_mode(opened, mode)
    assert ran(facts, "{url: /live}").outcome is not Outcome.PASSED
    assert facts.stack is not None
    assert all(one.healthy for one in facts.stack.disruption().recover(TIMEOUT, 0.0))
    result = ran(facts, "{url: /ready, slowed-by: store}")
    assert result.outcome is outcome, result
    assert all(one.healthy for one in facts.stack.disruption().recover(TIMEOUT, 0.0))


@pytest.mark.docker
@pytest.mark.slow
def test_a_shell_as_the_first_process_is_named(opened: Opened, tmp_path: Path) -> None:
    (tmp_path / "docker-compose.yml").write_text(SHELL % "./app")
    (tmp_path / "app").mkdir()
    for file in ("Dockerfile", "api.py", "balancer.py", "store.py"):
        (tmp_path / "app" / file).write_text((STACKS / "disrupted" / file).read_text())
    stack = opened(tmp_path)
    stack.build(TIMEOUT)
    stack.start(None, TIMEOUT)
    assert all(one.healthy for one in stack.wait(None, TIMEOUT, 0.0))
    address = stack.address("api", 8000)
    _until_open((address.host, address.port))
    facts = context(
        stack=stack, web=TargetWeb(), clock=SystemClock(), timeout=TIMEOUT, steps=booted("api"),
        base_url="http://api:8000",
    )  # fmt: skip
    result = ran(facts, "{url: /slow, grace: 1s}")
    assert result.outcome is Outcome.FAILED
    assert result.remediation == (
        "PID 1 is /bin/sh -c, and a shell passes no signal on: use the exec form, such as "
        'CMD ["python", "app.py"], or set init: true.'
    )


def _until_open(address: tuple[str, int]) -> None:
    for _ in range(200):
        try:
            socket.create_connection(address, timeout=1.0).close()
        except OSError:
            SystemClock().sleep(0.05)
        else:
            return


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Callable[[str], tuple[CheckContext, ProcessStack]]]:
    """Give a function that runs the example service as a program of this machine."""
    stacks: list[ProcessStack] = []

    def started(mode: str) -> tuple[CheckContext, ProcessStack]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        text = (STACKS / "disrupted/api.py").read_text().replace('("", 8000)', f'("", {port})')
        (tmp_path / "api.py").write_text(text)
        spec = ProcessSpec(
            [sys.executable, "api.py"], environment={"MODE": mode}, ready=Readiness(tcp=port)
        )
        stack = ProcessStack(
            {"api": spec},
            project=f"rg-local-{mode}-{port}",
            base_url=f"http://127.0.0.1:{port}",
            workspace=Workspace(tmp_path),
            programs=HostPrograms({"PATH": "/usr/bin:/bin"}),
            clock=SystemClock(),
            web=TargetWeb(),
            passed_on={},
            state_root=tmp_path / "state",
        )
        stacks.append(stack)
        stack.prepare()
        stack.start(None, 10.0)
        assert all(one.healthy for one in stack.wait(None, 10.0, 0.0))
        facts = context(
            stack=stack, web=TargetWeb(), clock=SystemClock(), timeout=TIMEOUT,
            steps=booted("api"), base_url=f"http://127.0.0.1:{port}",
        )  # fmt: skip
        return facts, stack

    yield started
    for stack in stacks:
        assert not stack.tear_down(5.0)


@pytest.mark.parametrize(
    ("mode", "outcome", "said"),
    [
        ("good", Outcome.PASSED, "4 requests under way answered"),
        ("drops", Outcome.FAILED, "dropped 4 requests under way"),
    ],
)
def test_programs(
    programs: Callable[[str], tuple[CheckContext, ProcessStack]],
    mode: str,
    outcome: Outcome,
    said: str,
) -> None:
    facts, stack = programs(mode)
    result = ran(facts, "{url: /slow, grace: 5s}")
    assert (result.outcome, said in result.summary) == (outcome, True), result
    before = stack.disruption().lives("api")
    assert all(one.healthy for one in stack.disruption().recover(10.0, 0.0))
    assert stack.disruption().lives("api") != before


def test_a_program_that_does_not_hear_is_killed(
    programs: Callable[[str], tuple[CheckContext, ProcessStack]],
) -> None:
    facts, _ = programs("ignores")
    result = ran(facts, "{url: /slow, grace: 600ms}")
    assert result.outcome is Outcome.FAILED
    assert "was killed" in result.summary


def test_what_programs_have_not_is_refused(
    programs: Callable[[str], tuple[CheckContext, ProcessStack]],
) -> None:
    _, stack = programs("good")
    operations = stack.disruption()
    for refused in (
        lambda: operations.inflict(Fault.PAUSE, "api"),
        lambda: operations.add("api", 1.0),
        lambda: operations.remove("api"),
        lambda: operations.recreate("api", 1.0),
        lambda: operations.down_and_up(1.0),
        lambda: operations.mounts("api"),
        lambda: operations.write("api", "/a", b""),
        lambda: operations.heal("api"),
    ):
        with pytest.raises(NotSupported, match="the process driver has no"):
            refused()
    with pytest.raises(StackError, match="no process"):
        operations.replicas("nobody")
