from collections.abc import Iterator

import pytest

from readiness_gate.checks.runs.rolling_update import Replacement, judged, run
from readiness_gate.checks.stack.rolling_update import CHECK
from readiness_gate.checks.steady_requests import Sent
from readiness_gate.doors.clock import SystemClock
from readiness_gate.doors.exchange import TargetWeb
from readiness_gate.doors.web import Answer, NoAnswer
from readiness_gate.model.evidence import TableEvidence, TextEvidence
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from readiness_gate.stack.disruption import Ended
from tests.fakes.context import booted, context
from tests.fakes.disruption import GOOD_END, FakeDisruption
from tests.fakes.options import options, refusal
from tests.fakes.stack import FakeStack
from tests.fakes.web import FakeWeb, Request, answer
from tests.stack.compose.real import Opened, opener

FIRST = Replacement("api-1", "api-3", 1.0, 1.2, 2.0, GOOD_END)
SECOND = Replacement("api-2", "api-4", 3.0, 3.1, 4.0, GOOD_END)
KILLED = Replacement("api-2", "api-4", 3.0, 3.1, 4.0, Ended(137, 10.0, killed=True))
TO_FIRST = Sent(1.1, 1.3, 200, place="api-1")
TO_THIRD = Sent(3.2, 3.4, 200, place="api-3")
TO_FOURTH = Sent(4.1, 4.2, 200, place="api-4")


def judge(
    *requests: Sent,
    done: tuple[Replacement, ...] = (FIRST, SECOND),
    unhealthy: str = "",
    direct: bool = True,
    exhausted: bool = False,
) -> CheckResult:
    return judged(
        "api", "stop-first", done, requests,
        unhealthy=unhealthy, log="bye", direct=direct, exhausted=exhausted,
    )  # fmt: skip


def test_every_replica_replaced_and_every_request_answered_passes() -> None:
    result = judge(TO_FIRST, TO_THIRD, TO_FOURTH)
    assert result.outcome is Outcome.PASSED
    assert result.summary == "api: 2 replicas replaced stop-first, 3 requests and none lost"
    assert result.details == ""
    (table,) = result.evidence
    assert isinstance(table, TableEvidence)
    assert table.rows == (
        ("api-1", "api-3", "1.0", "0", "1", "0"),
        ("api-2", "api-4", "1.0", "0", "1", "0"),
    )


def test_a_replica_that_had_to_be_killed_fails_though_nothing_was_lost() -> None:
    result = judge(TO_FIRST, TO_THIRD, TO_FOURTH, done=(FIRST, KILLED))
    assert result.outcome is Outcome.FAILED
    assert result.summary == "api: api-2 did not end within its grace and was killed"
    assert "No request was lost" in result.details
    assert "stop signal" in str(result.remediation)
    (table,) = result.evidence
    assert isinstance(table, TableEvidence)
    assert table.rows[1] == ("api-2", "api-4", "1.0", "137 (killed)", "1", "0")
    # What is lost weighs more than how it ended.
    lost = Sent(1.1, 1.3, problem="connection refused", place="api-1")
    assert "1 of 2 requests lost" in judge(lost, TO_THIRD, done=(FIRST, KILLED)).summary


def test_a_lost_request_fails_with_its_reason() -> None:
    lost = Sent(1.1, 1.3, problem="connection refused", place="api-1")
    result = judge(TO_FIRST, lost, TO_THIRD, TO_FOURTH)
    assert result.outcome is Outcome.FAILED
    assert result.summary == (
        "api: 1 of 4 requests lost while 2 replicas replaced stop-first: connection refused (1)"
    )


def test_a_pass_without_a_request_under_way_at_a_stop_says_so() -> None:
    quick = Sent(1.0, 1.1, 200, place="api-1")
    assert "None was under way at a stop" in judge(quick, TO_THIRD, TO_FOURTH).details


def test_what_nobody_asked_is_never_a_pass() -> None:
    for result, said in (
        (judge(), "no request was under way while api-1"),
        (judge(TO_FIRST, TO_FOURTH), "no request went to api-3"),
        (judge(TO_FIRST, direct=False), "no request was under way while api-2"),
        (judge(TO_FIRST, TO_THIRD), "no request went to api-4"),
        (judge(TO_FIRST, done=()), "nothing was replaced"),
        (judge(TO_FIRST, TO_THIRD, TO_FOURTH, exhausted=True), "more requests were sent"),
    ):
        assert result.error_class is ErrorClass.INCONCLUSIVE
        assert said in result.summary
    through = (Sent(1.1, 1.3, 200), Sent(3.2, 3.4, 200))
    assert judge(*through, direct=False).outcome is Outcome.PASSED


def test_a_new_replica_that_is_not_healthy_fails() -> None:
    result = judge(TO_FIRST, unhealthy="the new replica api-3 is not healthy: crash loop")
    assert result.outcome is Outcome.FAILED
    assert result.summary == "api: the new replica api-3 is not healthy: crash loop"
    assert result.evidence[-1] == TextEvidence(title="Log of api", text="bye")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{url: /a, order: both}", "start-first"),
        ("{url: /a, delay: 3}", "duration"),
        ("{url: /a, grace: 0s}", "greater than 0"),
        ("{order: start-first}", "url"),
        ("{url: /a, status: null}", ""),
    ],
)
def test_options_that_cannot_be_are_refused(text: str, said: str) -> None:
    assert said in refusal(CHECK, text)


def ran(
    operations: FakeDisruption, text: str = "url: /a", web: FakeWeb | None = None
) -> CheckResult:
    web = web or FakeWeb([answer(200)])
    ended = operations.ended

    def ends_after_some_requests(replica: str, grace: float) -> Ended:
        enough = len(web.requests) + 8
        for _ in range(200):
            if len(web.requests) >= enough:
                break
            SystemClock().sleep(0.001)
        return ended(replica, grace)

    operations.ended = ends_after_some_requests  # type: ignore[method-assign]
    facts = context(
        stack=FakeStack(("backend",), operations=operations),
        web=web,
        clock=SystemClock(),
        base_url="http://backend:8000",
    )
    return run(facts, options(CHECK, text))


def two() -> FakeDisruption:
    return FakeDisruption(running={"backend": ["backend-1", "backend-2"]})


def test_several_replicas_stop_first_and_a_single_one_starts_its_successor_first() -> None:
    operations = two()
    result = ran(operations)
    assert result.outcome is Outcome.PASSED, result
    steps = [call.split()[0] for call in operations.calls]
    assert steps == ["terminate", "ended", "remove", "add", "wait"] * 2
    single = FakeDisruption()
    assert ran(single).outcome is Outcome.PASSED
    steps = [call.split()[0] for call in single.calls]
    assert steps == ["add", "wait", "terminate", "ended", "remove"]
    chosen = two()
    assert ran(chosen, "{url: /a, order: start-first, grace: 3s}").outcome is Outcome.PASSED
    assert chosen.calls[0].startswith("add")
    assert "ended backend-1 3" in chosen.calls


def test_a_replica_that_is_stopped_gets_no_new_requests() -> None:
    operations = two()
    stopped: list[str] = []
    operations.terminated = stopped.append

    def responder(request: Request) -> Answer:
        address = request.url.split("/")[2].split(":")[0]
        if any(f"127.0.0.{name[-1]}" == address for name in list(stopped)):
            raise NoAnswer("GET: ConnectionRefusedError: [Errno 111]")
        return answer(200)

    # One client: no request can have been begun before the signal and sent after it.
    result = ran(operations, "{url: /a, clients: 1}", FakeWeb(responder=responder))
    assert result.outcome is Outcome.PASSED or "connection refused (1)" in result.summary, result


def test_stopping_a_single_replica_first_loses_requests() -> None:
    operations = FakeDisruption()
    waited = operations.wait

    def wait(service: str, timeout: float) -> object:
        SystemClock().sleep(0.03)
        return waited(service, timeout)

    operations.wait = wait  # type: ignore[assignment, method-assign]
    result = ran(operations, "{url: /a, order: stop-first}")
    assert result.outcome is Outcome.FAILED
    assert "no replica was there to take it" in result.summary


def test_an_unhealthy_successor_ends_the_update() -> None:
    operations = two()
    operations.unhealthy = "it exited with code 3"
    result = ran(operations)
    assert result.outcome is Outcome.FAILED
    assert result.summary.endswith("is not healthy: it exited with code 3")
    assert [call.split()[0] for call in operations.calls].count("add") == 1


def test_a_service_that_fails_or_does_not_run_is_not_disturbed() -> None:
    operations = two()
    result = ran(operations, web=FakeWeb([answer(500)]))
    assert result.error_class is ErrorClass.INCONCLUSIVE
    operations.running["backend"] = []
    assert ran(operations).error_class is ErrorClass.INCONCLUSIVE
    assert operations.calls == []


@pytest.fixture
def opened() -> Iterator[Opened]:
    with opener() as function:
        yield function


@pytest.mark.docker
@pytest.mark.slow
def test_replicas_that_do_not_hear_are_killed_and_that_is_no_update(opened: Opened) -> None:
    stack = opened("disrupted", passed_on={"MODE": "deaf"})
    stack.build(60.0)
    stack.start(None, 60.0)
    assert all(one.healthy for one in stack.wait(None, 60.0, 0.0))
    facts = context(
        stack=stack, web=TargetWeb(), clock=SystemClock(), timeout=60.0,
        steps=booted("api"), base_url="http://api:8000",
    )  # fmt: skip
    result = run(facts, options(CHECK, "{url: /live, grace: 2s}"))
    assert result.outcome is Outcome.FAILED
    assert result.summary.endswith("did not end within its grace and was killed"), result
    assert all(one.healthy for one in stack.disruption().recover(60.0, 0.0))


@pytest.mark.docker
@pytest.mark.slow
@pytest.mark.parametrize("mode", ["good", "drops"])
def test_replicas_of_a_real_stack(opened: Opened, mode: str) -> None:
    stack = opened("disrupted", passed_on={"MODE": mode}, profiles=["balanced"])
    stack.build(60.0)
    stack.start(None, 60.0)
    assert all(one.healthy for one in stack.wait(None, 60.0, 0.0))
    facts = context(
        stack=stack, web=TargetWeb(), clock=SystemClock(), timeout=60.0,
        steps=booted("api"), base_url="http://api:8000",
    )  # fmt: skip
    wanted, said = (
        (Outcome.PASSED, "none lost") if mode == "good" else (Outcome.FAILED, "requests lost while")
    )
    for text in (
        "{url: /slow, order: start-first}",
        "{url: 'http://balancer:8000/slow', service: api}",
    ):
        before = stack.disruption().replicas("api")
        result = run(facts, options(CHECK, text))
        assert (result.outcome, said in result.summary) == (wanted, True), result
        assert all(one.healthy for one in stack.disruption().recover(60.0, 0.0))
        after = stack.disruption().replicas("api")
        assert (len(after), set(after) & set(before)) == (2, set())
