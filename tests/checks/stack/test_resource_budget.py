import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from readiness_gate.checks import steady_requests
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.stack.resource_budget import CHECK, run
from readiness_gate.doors.clock import SystemClock
from readiness_gate.doors.exchange import TargetWeb
from readiness_gate.doors.programs import HostPrograms
from readiness_gate.doors.workspace import Workspace
from readiness_gate.model.evidence import CommandEvidence, TableEvidence
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from readiness_gate.stack.base import Address, NotSupported
from readiness_gate.stack.external import ExternalStack
from readiness_gate.stack.facts import Usage
from readiness_gate.stack.process import ProcessStack
from readiness_gate.stack.process_launch import ProcessSpec
from tests.fakes.context import booted, context
from tests.fakes.options import options, refusal
from tests.fakes.stack import FakeStack, completed
from tests.fakes.web import FakeWeb
from tests.fakes.web import answer as web_answer
from tests.forge.clock import FakeClock
from tests.stack.compose.real import opener

MB = 1_000_000
NAME = "rg-test-backend-1"


def usage(memory: int | None = 100 * MB, cpu: float | None = 1.0, **more: Any) -> Usage:
    facts = {"replica": NAME, "running": True, "identity": "a", "memory_limit": 200 * MB, **more}
    return Usage(memory=memory, cpu_seconds=cpu, **facts)


class Script:
    """Gives what a test wrote, one list of replicas for each question; the last one stays."""

    def __init__(self, *answers: Sequence[Usage]) -> None:
        self.answers = list(answers)

    def __call__(self, _service: str) -> Sequence[Usage]:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class Growing:
    """Memory that grows with the clock, and processor time with it."""

    def __init__(self, clock: FakeClock, *, rate: float = 0.0, cpu: float = 0.0) -> None:
        self.clock, self.rate, self.cpu = clock, rate, cpu

    def __call__(self, _service: str) -> Sequence[Usage]:
        at = self.clock.monotonic()
        return (usage(round(100 * MB + self.rate * at), 5.0 + self.cpu * at),)


def answer(text: str, usages: Any, clock: FakeClock | None = None, **more: Any) -> CheckResult:
    stack = FakeStack(("backend",), usages=usages, answer=more.pop("answer", None))
    facts = context(
        stack=stack, steps=booted("backend"), clock=clock or FakeClock(), timeout=300, **more
    )
    return run(facts, options(CHECK, text))


def test_within_the_budget_passes_with_a_row_for_every_replica() -> None:
    two = (usage(), usage(150 * MB, replica="rg-test-backend-2"))
    result = answer("{max-memory: 200MB}", Script(two))
    assert result.outcome is Outcome.PASSED
    assert result.summary.startswith("2 replicas within budget over 15 s: rg-test-backend-2 used")
    (table,) = result.evidence
    assert isinstance(table, TableEvidence)
    assert table.rows[1] == (
        "rg-test-backend-2",
        "150 MB",
        "150 MB",
        "200 MB",
        "0 %",
        "0.0 MB",
        "31",
    )


def test_one_sample_over_the_budget_is_the_peak() -> None:
    usages = Script([usage()], [usage()], [usage(501 * MB)], [usage()])
    result = answer("{max-memory: 500MB}", usages)
    assert result.outcome is Outcome.FAILED
    assert result.summary == f"{NAME} used 501 MB, more than 500 MB"


def test_a_share_is_of_the_replica_s_own_limit() -> None:
    assert answer("{max-memory-share: 50}", Script([usage()])).outcome is Outcome.PASSED
    over = answer("{max-memory-share: 49}", Script([usage()]))
    assert over.summary == f"{NAME} used 50 % of its 200 MB, more than 49 %"
    none = answer("{max-memory-share: 50}", Script([usage(memory_limit=None)]))
    assert none.summary == f"{NAME} has no memory limit to use a share of"


def test_processor_time_is_the_mean_in_percent_of_one() -> None:
    clock = FakeClock()
    usages = Growing(clock, cpu=1.2)
    assert answer("{max-cpu: 121}", usages, clock).outcome is Outcome.PASSED
    result = answer("{max-cpu: 100}", usages, clock)
    assert result.summary == f"{NAME} used 120 % of a processor, more than 100 %"


def test_growth_is_a_slope_and_the_first_quarter_is_warm_up() -> None:
    clock = FakeClock()
    result = answer("{max-growth: 5MB}", Growing(clock, rate=0.1 * MB), clock)
    assert result.summary == f"{NAME} grew by 6.0 MB per minute, more than 5.0 MB"
    assert answer("{max-growth: 7MB}", Growing(clock, rate=0.1 * MB), clock).outcome is (
        Outcome.PASSED
    )
    warm = [[usage(10 * MB)]] * 5 + [[usage(90 * MB)]]
    assert answer("{max-growth: 1MB}", Script(*warm)).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("sick", "said"),
    [
        (usage(out_of_memory=True), "ran out of memory"),
        (usage(running=False, exit_code=3), "ended with exit code 3 while it was measured"),
        (usage(identity="b"), "was started again while it was measured"),
        (
            usage(None, None, running=False, exit_code=137, out_of_memory=True),
            "ran out of memory",
        ),
    ],
)
def test_a_replica_that_does_not_stay_up_fails_in_any_case(sick: Usage, said: str) -> None:
    result = answer("{max-memory: 1GB}", Script([usage()], [usage()], [sick], [usage()]))
    assert result.outcome is Outcome.FAILED
    assert result.summary == f"{NAME} {said}"


@pytest.mark.parametrize("text", ["{max-memory: 1GB}", "{max-cpu: 1}", "{max-growth: 1GB}"])
def test_statistics_that_are_missing_are_an_error(text: str) -> None:
    result = answer(text, Script([usage(None, None)]))
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INFRASTRUCTURE)
    assert result.summary == f"there are no statistics of {NAME}'s memory"


def test_one_sample_without_statistics_is_enough_to_know_nothing() -> None:
    result = answer("{max-memory: 1GB}", Script([usage()], [usage()], [usage(None)], [usage()]))
    assert result.error_class is ErrorClass.INFRASTRUCTURE
    no_time = answer("{max-cpu: 50}", Script([usage(cpu=None)]))
    assert no_time.summary == f"there are no statistics of {NAME}'s processor time"


def test_a_replica_that_somebody_removed_is_nobody_s_fault() -> None:
    two = [usage(), usage(replica="rg-test-backend-2")]
    result = answer("{max-memory: 1GB}", Script(two, two, [usage()]))
    assert result.error_class is ErrorClass.INFRASTRUCTURE
    assert "rg-test-backend-2 is gone" in result.summary


def test_no_replica_at_all_is_no_answer() -> None:
    result = answer("{max-memory: 1GB}", Script([]))
    assert result.error_class is ErrorClass.INCONCLUSIVE


def test_a_time_that_is_longer_than_the_item_s_own_is_a_wrong_configuration() -> None:
    result = answer("{max-memory: 1GB, over: 299s}", Script([usage()]))
    assert result.error_class is ErrorClass.CONFIGURATION


def test_what_asserts_nothing_or_cannot_be_seen_is_refused() -> None:
    assert "assert something" in refusal(CHECK, "{over: 20s}")
    assert "not seen in less" in refusal(CHECK, "{max-growth: 1MB, over: 10s}")
    assert "3 times every" in refusal(CHECK, "{max-memory: 1MB, over: 2s, every: 1s}")
    both = "{max-memory: 1MB, requests: {url: /}, command: {in: host, command: x}}"
    assert "not both" in refusal(CHECK, both)


def test_a_command_that_fails_was_no_load_that_anybody_knows() -> None:
    text = "{max-memory: 1GB, every: 0.1s, command: {in: {run: load}, command: k6 run}}"
    text = text.replace("0.1s", "100ms")
    result = answer(text, Script([usage()]), answer=lambda _call: completed(99))
    assert result.error_class is ErrorClass.INCONCLUSIVE
    assert result.summary.startswith("k6 run (one-off load): exit code 99")
    assert isinstance(result.evidence[1], CommandEvidence)


@pytest.mark.parametrize("status", [404, 429])
def test_requests_that_are_refused_were_no_load(status: int) -> None:
    text = "{max-memory: 1GB, over: 1s, every: 100ms, requests: {url: /missing, clients: 1}}"
    stack = FakeStack(("backend",), usages=Script([usage()]))
    stack.addresses["backend", 8000] = Address("127.0.0.1", 8000)
    facts = context(
        stack=stack,
        steps=booted("backend"),
        clock=SystemClock(),
        timeout=60,
        web=FakeWeb(responder=lambda _request: web_answer(status)),
        base_url="http://backend:8000",
    )
    result = run(facts, options(CHECK, text))
    assert result.error_class is ErrorClass.INCONCLUSIVE, result.summary
    assert f"status {status}" in result.summary


def test_a_load_that_came_to_its_end_early_was_no_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steady_requests, "MOST", 3)
    text = "{max-memory: 1GB, over: 1s, every: 100ms, requests: {url: /, clients: 1}}"
    stack = FakeStack(("backend",), usages=Script([usage()]))
    stack.addresses["backend", 8000] = Address("127.0.0.1", 8000)
    facts = context(
        stack=stack,
        steps=booted("backend"),
        clock=SystemClock(),
        timeout=60,
        web=FakeWeb(responder=lambda _request: web_answer(200)),
        base_url="http://backend:8000",
    )
    result = run(facts, options(CHECK, text))
    assert result.error_class is ErrorClass.INCONCLUSIVE, result.summary
    assert "after 3 requests no more were sent" in result.summary


def test_a_system_of_somebody_else_has_no_statistics() -> None:
    stack = ExternalStack(project="rg", base_url="http://localhost")
    with pytest.raises(NotSupported):
        run(context(stack=stack, timeout=60), options(CHECK, "{max-memory: 1GB}"))


PROGRAM = """
import time
kept = bytearray(60_000_000)
end = time.time() + 60
while time.time() < end:
    sum(range(20_000))
"""


def test_processes_are_measured_by_what_their_group_uses(tmp_path: Path) -> None:
    (tmp_path / "busy.py").write_text(PROGRAM)
    stack = ProcessStack(
        {"busy": ProcessSpec(command=(sys.executable, "busy.py"))},
        project=f"rg-test-{os.getpid()}-usage",
        base_url=None,
        workspace=Workspace(tmp_path),
        programs=HostPrograms({"PATH": os.environ["PATH"]}),
        clock=SystemClock(),
        web=TargetWeb(),
        passed_on={},
        state_root=tmp_path / "state",
    )
    try:
        stack.start(None, 10.0)
        facts = context(stack=stack, clock=SystemClock(), timeout=30)
        text = "{over: 1s, every: 200ms, max-memory: %s, max-cpu: 1}"
        result = run(facts, options(CHECK, text % "20MB"))
    finally:
        stack.tear_down(5.0)
    assert result.outcome is Outcome.FAILED
    lines = result.details.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("busy used ")
    assert lines[1].endswith("% of a processor, more than 1 %")


COMPOSE = """
services:
  lean:
    image: python:3.13-slim-trixie
    command: [python, -m, http.server, "8000"]
    working_dir: /srv
    init: true
    mem_limit: 100m
    deploy: {replicas: 2}
  leaking:
    image: python:3.13-slim-trixie
    init: true
    command: [python, -c, "import time; kept=[]\\nwhile True: kept.append(bytearray(2_000_000)); time.sleep(0.2)"]
  starving:
    image: python:3.13-slim-trixie
    profiles: [starving]
    init: true
    mem_limit: 60m
    restart: always
    command: [python, -c, "import time; time.sleep(2); kept=bytearray(300_000_000); time.sleep(60)"]
"""  # noqa: E501


def started(root: Path, *profiles: str, services: Sequence[str]) -> Iterator[CheckContext]:
    (root / "docker-compose.yml").write_text(COMPOSE)
    with opener() as opened:
        stack = opened(root, profiles=profiles)
        stack.build(60.0)
        stack.start(services, 60.0)
        stack.wait(services, 30.0, 0.2)
        yield context(
            workspace=root,
            stack=stack,
            clock=SystemClock(),
            web=TargetWeb(),
            steps=booted(*services),
            base_url="http://lean:8000",
            timeout=60.0,
        )


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CheckContext]:
    yield from started(tmp_path_factory.mktemp("project"), services=("lean", "leaking"))


@pytest.mark.docker
def test_real_replicas_are_measured_under_requests(facts: CheckContext) -> None:
    text = """
services: lean
over: 3s
requests: {url: /, clients: 2}
max-memory: 90MB
max-memory-share: 95
max-cpu: 190
"""
    result = run(facts, options(CHECK, text))
    assert result.outcome is Outcome.PASSED, result.summary
    table = result.evidence[0]
    assert isinstance(table, TableEvidence)
    assert len(table.rows) == 2
    assert all(row[3] == "105 MB" for row in table.rows)
    assert "requests/s" in result.summary


@pytest.mark.docker
def test_requests_that_nobody_answers_were_no_load(facts: CheckContext) -> None:
    text = "{services: lean, over: 2s, requests: {url: 'http://lean:9/'}, max-memory: 90MB}"
    result = run(facts, options(CHECK, text))
    assert result.error_class is ErrorClass.INCONCLUSIVE, result.summary


@pytest.mark.docker
def test_a_real_leak_is_a_slope(facts: CheckContext) -> None:
    text = "{services: leaking, over: 14s, every: 300ms, max-growth: 100MB}"
    result = run(facts, options(CHECK, text))
    assert result.outcome is Outcome.FAILED, result.summary
    assert "per minute, more than 100 MB" in result.summary


@pytest.mark.docker
def test_a_real_container_that_runs_out_of_memory_is_told(tmp_path: Path) -> None:
    for facts in started(tmp_path, "starving", services=("starving",)):
        text = "{services: starving, over: 5s, max-memory: 50MB}"
        result = run(facts, options(CHECK, text))
        assert result.outcome is Outcome.FAILED
        assert "starving-1 ran out of memory" in result.summary
