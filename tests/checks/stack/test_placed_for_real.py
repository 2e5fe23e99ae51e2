"""Commands and their reports in real containers, and beside real processes."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from readiness_gate.checks.base import Check
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.network import http
from readiness_gate.checks.stack import command, test_run
from readiness_gate.doors.clock import SystemClock
from readiness_gate.doors.exchange import TargetWeb
from readiness_gate.doors.programs import HostPrograms
from readiness_gate.doors.workspace import Workspace
from readiness_gate.errors import StackError
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from readiness_gate.stack.process import ProcessStack
from readiness_gate.stack.process_launch import ProcessSpec
from tests.fakes.context import booted, context
from tests.fakes.options import options
from tests.stack.compose.real import opener

COMPOSE = """
services:
  web:
    image: python:3.13-slim-trixie
    command: [python, -m, http.server, "8000"]
    working_dir: /srv
    environment: {GREETING: hello}
    init: true
  tests:
    image: python:3.13-slim-trixie
    working_dir: /srv
    profiles: [tests]
"""
SUITE = """
import pathlib, sys, time
failed = "<failure message='no'>tests/test_a.py:3: no</failure>" if sys.argv[2:] else ""
pathlib.Path(sys.argv[1]).write_text(
    f"<testsuite timestamp='{time.time_ns()}'><testcase classname='a' name='b'>"
    f"{failed}</testcase></testsuite>"
)
sys.exit(bool(failed))
"""


def ran(check: Check, facts: CheckContext, text: str) -> CheckResult:  # type: ignore[type-arg]
    return check.run(facts, options(check, text))


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CheckContext]:
    root = tmp_path_factory.mktemp("project")
    (root / "docker-compose.yml").write_text(COMPOSE)
    (root / "suite.py").write_text(SUITE)
    (root / "greeting").write_text("hello")
    with opener() as opened:
        stack = opened(root)
        stack.prepare()
        stack.build(120.0)
        stack.start(None, 60.0)
        assert all(one.healthy for one in stack.wait(None, 60.0, 0.2))
        yield context(
            workspace=root,
            stack=stack,
            web=TargetWeb(),
            clock=SystemClock(),
            base_url="http://web:8000",
            steps=booted("web"),
            timeout=60.0,
        )


@pytest.mark.docker
def test_commands_in_containers(facts: CheckContext) -> None:
    inside = "{in: {service: web}, command: [printenv, GREETING], stdout: hello}"
    beside = "{in: {run: tests}, command: [printenv, BASE_URL], stdout: 'http://web:8000'}"
    assert ran(command.CHECK, facts, inside).outcome is Outcome.PASSED
    assert ran(command.CHECK, facts, beside).outcome is Outcome.PASSED
    wrong = ran(command.CHECK, facts, "{in: {service: web}, command: [sh, -c, exit 3]}")
    assert "expected 0, got 3" in wrong.summary
    for place in ("{service: web}", "{run: tests}"):
        absent = ran(command.CHECK, facts, f"{{in: {place}, command: nosuchprogram}}")
        assert absent.error_class is ErrorClass.CONFIGURATION
    with pytest.raises(StackError, match="nowhere"):
        ran(command.CHECK, facts, "{in: {service: nowhere}, command: ls}")


@pytest.mark.docker
def test_an_image_with_the_checkout_reaches_the_service(facts: CheckContext) -> None:
    fetch = "import urllib.request as r; print(r.urlopen('http://web:8000/').status)"
    text = f"""
    in: {{image: "python:3.13-slim-trixie", setup: ["grep -q hello greeting", "echo 1 > made"]}}
    command: [sh, -c, "cat made greeting && python3 -c \\"{fetch}\\""]
    stdout: ["1", hello, "200"]
    """
    result = ran(command.CHECK, facts, text)
    assert result.outcome is Outcome.PASSED, result
    with pytest.raises(StackError, match="set-up"):
        ran(
            command.CHECK,
            facts,
            "{in: {image: 'python:3.13-slim-trixie', setup: ['false']}, command: ls}",
        )


@pytest.mark.docker
@pytest.mark.parametrize("place", ["{run: tests}", "{image: 'python:3.13-slim-trixie'}"])
def test_reports_of_containers_that_are_gone(facts: CheckContext, place: str) -> None:
    whole = options(test_run.CHECK, f"{{in: {place}, junit: /tmp/junit.xml, command: x}}")
    green = whole.model_copy(update={"command": ("python3", "-c", SUITE, "/tmp/junit.xml")})
    result = test_run.CHECK.run(facts, green)
    assert result.outcome is Outcome.PASSED, result
    red = whole.model_copy(update={"command": ("python3", "-c", SUITE, "/tmp/junit.xml", "x")})
    assert "a.b (tests/test_a.py:3): no" in test_run.CHECK.run(facts, red).summary


@pytest.mark.docker
@pytest.mark.parametrize("junit", ["/tmp/junit.xml", "junit.xml"])
def test_reports_of_a_service_that_runs_on(facts: CheckContext, junit: str) -> None:
    whole = options(test_run.CHECK, f"{{in: {{service: web}}, junit: {junit}, command: x}}")
    green = whole.model_copy(update={"command": ("python3", "-c", SUITE, junit)})
    assert test_run.CHECK.run(facts, green).outcome is Outcome.PASSED
    nothing = whole.model_copy(update={"command": ("true",)})
    assert test_run.CHECK.run(facts, nothing).error_class is ErrorClass.INCONCLUSIVE


@pytest.mark.docker
@pytest.mark.parametrize(
    "place", ["{run: tests}", "{image: 'python:3.13-slim-trixie'}", "{service: web}"]
)
def test_several_reports_of_a_real_container(facts: CheckContext, place: str) -> None:
    both = 'for at in one "two words"; do python3 -c "$0" "/tmp/TEST-$at.xml"; done'
    whole = options(test_run.CHECK, f"{{in: {place}, junit: '/tmp/TEST-*.xml', command: x}}")
    command_line = ("sh", "-c", both, SUITE)
    result = test_run.CHECK.run(facts, whole.model_copy(update={"command": command_line}))
    assert result.summary.startswith("2 tests passed"), result
    nothing = test_run.CHECK.run(facts, whole.model_copy(update={"command": ("true",)}))
    assert nothing.error_class is ErrorClass.INCONCLUSIVE


@pytest.mark.docker
def test_http_reaches_a_service_by_its_name(facts: CheckContext) -> None:
    for url in ("/", "http://web:8000/"):
        text = f"{{url: '{url}', status: 200, header: {{server: {{have-prefix: SimpleHTTP}}}}}}"
        assert ran(http.CHECK, facts, text).outcome is Outcome.PASSED
    missing = ran(http.CHECK, facts, "{url: /gone, status: 200}")
    assert "status: expected 200, got 404" in missing.summary


@pytest.fixture
def beside(tmp_path: Path) -> Iterator[CheckContext]:
    root = tmp_path / "work"
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (root / "suite.py").write_text(SUITE)
    stack = ProcessStack(
        {"api": ProcessSpec(command=["python", "-m", "http.server"], python=".venv/bin/python")},
        project="rg-local-1-cc",
        base_url="http://127.0.0.1:1",
        workspace=Workspace(root),
        programs=HostPrograms(os.environ),
        clock=SystemClock(),
        web=TargetWeb(),
        passed_on={},
        state_root=tmp_path / "state",
    )
    yield context(workspace=root, stack=stack, clock=SystemClock(), timeout=20.0)
    stack.tear_down(2.0)


@pytest.mark.parametrize("place", ["service", "run"])
def test_reports_beside_a_process(beside: CheckContext, place: str) -> None:
    text = f"{{in: {{{place}: api}}, command: [python, suite.py, junit.xml], junit: junit.xml}}"
    for _ in range(2):  # the second time there is an older report
        result = ran(test_run.CHECK, beside, text)
        assert result.outcome is Outcome.PASSED, result
    red = text.replace("suite.py, junit.xml]", "suite.py, junit.xml, x]")
    assert ran(test_run.CHECK, beside, red).outcome is Outcome.FAILED
    stale = text.replace("[python, suite.py, junit.xml]", "['true']")
    assert ran(test_run.CHECK, beside, stale).error_class is ErrorClass.INCONCLUSIVE


FORWARDED = """
services:
  web:
    image: python:3.13-slim-trixie
    command: [python, -m, http.server, "8000"]
    working_dir: /etc
    ports: ["18765:8000"]
    init: true
  cache:
    image: redis:8
    ports: ["127.0.0.1:16379:6379"]
"""
UNMODIFIED = """
import os, socket, urllib.request
print(urllib.request.urlopen("http://127.0.0.1:18765/hostname").status)
print(urllib.request.urlopen("http://localhost:18765/hostname").status)
cache = socket.create_connection(("127.0.0.1", 16379))
cache.sendall(b"PING\\r\\n")
print(cache.recv(10).decode().strip())
print(os.environ["GATE_WEB_URL"], os.environ["GATE_CACHE_PORT"])
"""


@pytest.mark.docker
@pytest.mark.slow
def test_a_suite_written_for_published_ports_passes_unmodified(
    opened_for_forwarding: CheckContext,
) -> None:
    facts = opened_for_forwarding
    found = ran(
        command.CHECK,
        facts,
        "{command: [python3, suite.py], in: {image: python:3.13-slim-trixie}, "
        'stdout: "200\\n200\\n+PONG\\nhttp://web:8000 6379"}',
    )
    assert found.outcome is Outcome.PASSED, (found.summary, found.evidence)
    found = ran(
        command.CHECK,
        facts,
        "{command: [bash, -c, 'exec 3<>/dev/tcp/127.0.0.1/16379; echo PING >&3; head -c5 <&3'], "
        "in: {image: debian:trixie-slim}, stdout: +PONG}",
    )
    assert found.outcome is Outcome.PASSED, (found.summary, found.evidence)


@pytest.fixture
def opened_for_forwarding(tmp_path: Path) -> Iterator[CheckContext]:
    (tmp_path / "docker-compose.yml").write_text(FORWARDED)
    (tmp_path / "suite.py").write_text(UNMODIFIED)
    with opener() as opened:
        stack = opened(tmp_path)
        stack.build(60.0)
        stack.start(None, 60.0)
        stack.wait(None, 60.0, 0.5)
        yield context(
            workspace=tmp_path,
            stack=stack,
            clock=SystemClock(),
            base_url="http://web:8000",
            steps=booted("web", "cache"),
            timeout=60.0,
        )
