import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from readiness_gate.checks.runs.graceful_shutdown import judged, run
from readiness_gate.checks.stack.graceful_shutdown import CHECK, GracefulShutdownOptions
from readiness_gate.checks.steady_requests import Sent
from readiness_gate.doors.clock import SystemClock
from readiness_gate.doors.web import Answer, NoAnswer
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from readiness_gate.stack.base import NotSupported
from readiness_gate.stack.disruption import Ended, FirstProcess
from readiness_gate.stack.external import ExternalStack
from tests.fakes.context import context
from tests.fakes.disruption import GOOD_END, FakeDisruption
from tests.fakes.options import options, refusal
from tests.fakes.stack import FakeStack
from tests.fakes.web import FakeWeb, Request, answer

OPTIONS = GracefulShutdownOptions(url="/slow")
CROSSED = Sent(begun=1.0, ended=3.0, status=200)
CLOSED = Sent(begun=1.0, ended=2.1, problem="the connection was closed without an answer")
REFUSED = Sent(begun=1.0, ended=2.1, problem="connection refused")
TERM = FirstProcess(("python", "app.py"), handles_signal=True)


def judge(
    *requests: Sent,
    ended: Ended = GOOD_END,
    process: FirstProcess = TERM,
    given: GracefulShutdownOptions = OPTIONS,
    log: str = "",
) -> CheckResult:
    return judged(
        "backend", given, process, ended, grace=10.0, requests=requests, signalled=2.0, log=log
    )


def test_a_clean_end_with_every_request_answered_passes() -> None:
    result = judge(CROSSED, CROSSED, log="bye")
    assert result.outcome is Outcome.PASSED
    assert result.summary == (
        "backend: ended 0.4 s after SIGTERM with exit code 0 (grace 10 s), "
        "2 requests under way answered"
    )


def test_no_request_under_way_is_never_a_pass() -> None:
    before = Sent(begun=1.0, ended=1.9, status=200)
    for requests in ((), (before,), (REFUSED,)):
        result = judge(*requests)
        assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
        assert "takes longer" in str(result.remediation)


def test_a_request_that_got_no_answer_is_dropped_and_one_that_was_refused_is_not() -> None:
    result = judge(CROSSED, CLOSED, CLOSED, REFUSED)
    assert result.outcome is Outcome.FAILED
    assert result.summary == (
        "backend: dropped 2 requests under way: the connection was closed without an answer (2)"
    )
    assert "then end" in str(result.remediation)
    assert judge(CROSSED, REFUSED).outcome is Outcome.PASSED


def test_an_answer_with_a_wrong_status_is_a_dropped_request() -> None:
    wrong = Sent(begun=1.0, ended=2.5, status=502, problem="status: expected < 400, got 502")
    assert judge(CROSSED, wrong).outcome is Outcome.FAILED


def test_who_had_to_be_killed_did_not_end() -> None:
    result = judge(CROSSED, ended=Ended(137, 10.02, killed=True))
    assert result.outcome is Outcome.FAILED
    assert result.summary == "backend: did not end within 10 s of SIGTERM and was killed"


@pytest.mark.parametrize(
    ("process", "said"),
    [
        (FirstProcess(("/bin/sh", "-c", "python app.py | cat"), children=2), "exec form"),
        (FirstProcess(("/bin/sh", "/entrypoint.sh"), children=1), 'exec "$@"'),
        (FirstProcess(("/entrypoint.sh",), children=1), 'exec "$@"'),
        (FirstProcess(("python", "app.py"), handles_signal=False), "no handler for SIGTERM"),
        (FirstProcess(("/bin/sh", "-c", "python app.py"), handles_signal=False), "no handler"),
        (FirstProcess(("python", "app.py"), handles_signal=True), "keeps the service alive"),
        (FirstProcess(("sh", "-c", "a"), children=2, has_init=True), "keeps the service alive"),
        (FirstProcess(()), "keeps the service alive"),
    ],
)
def test_the_advice_names_what_keeps_the_signal_away(process: FirstProcess, said: str) -> None:
    result = judge(CROSSED, ended=Ended(137, 10.0, killed=True), process=process)
    assert said in str(result.remediation)


@pytest.mark.parametrize(
    ("code", "outcome"),
    [(0, Outcome.PASSED), (143, Outcome.PASSED), (1, Outcome.FAILED), (137, Outcome.FAILED)],
)
def test_only_expected_exit_codes_pass(code: int, outcome: Outcome) -> None:
    assert judge(CROSSED, ended=Ended(code, 0.1)).outcome is outcome


def test_an_end_for_want_of_memory_is_told() -> None:
    result = judge(CROSSED, ended=Ended(137, 0.1, out_of_memory=True))
    assert "killed for want of memory" in result.summary


def test_the_log_has_to_say_what_is_asked() -> None:
    given = options(CHECK, "{url: /slow, log: {contain-substring: drained}, exit-code: 0}")
    assert judge(CROSSED, given=given, log="drained\nended").outcome is Outcome.PASSED
    result = judge(CROSSED, given=given, log="ended")
    assert result.outcome is Outcome.FAILED
    assert "log: " in result.summary


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "url"),
        ("{url: /a, exit-code: '0'}", "exit code is a number"),
        ("{url: /a, exit-code: null}", ""),
        ("{url: /a, grace: 0s}", "greater than 0"),
        ("{url: /a, grace: 5}", "duration"),
        ("{url: /a, clients: 0}", "1"),
        ("{url: /a, status: [200]}", "a status is a number"),
        ("{url: /a, signal: SIGKILL}", "signal"),
    ],
)
def test_options_that_assert_nothing_are_refused(text: str, said: str) -> None:
    assert said in refusal(CHECK, text)


class Service:
    """Answers at once until requests are to hang, and these when the service is terminated."""

    def __init__(self, last: Answer | NoAnswer, quick: int = 8) -> None:
        self.last = last
        self.quick = quick
        self.lock = threading.Lock()
        self.asked: list[str] = []
        self.over = threading.Event()

    def __call__(self, request: Request) -> Answer:
        with self.lock:
            self.asked.append(request.url)
            quick = len(self.asked) <= self.quick
        if quick:
            return answer(200)
        assert self.over.wait(5.0)
        if isinstance(self.last, NoAnswer):
            raise self.last
        return self.last


@contextmanager
def booted(last: Answer | NoAnswer) -> Iterator[tuple[FakeDisruption, Service, FakeStack]]:
    service = Service(last)
    operations = FakeDisruption(running={"backend": ["backend-1", "backend-2"], "proxy": ["p-3"]})
    stack = FakeStack(("backend", "proxy"), operations=operations, log={"backend": "bye"})
    end = operations.end

    def ended(replica: str, grace: float) -> Ended:
        operations.calls.append(f"ended {replica} {grace:g}")
        service.over.set()
        return end

    operations.ended = ended  # type: ignore[method-assign]
    yield operations, service, stack
    service.over.set()


def asked(stack: FakeStack, service: Service, text: str, timeout: float = 60.0) -> CheckResult:
    facts = context(
        stack=stack,
        web=FakeWeb(responder=service),
        clock=SystemClock(),
        timeout=timeout,
        base_url="http://backend:8000",
    )
    return run(facts, options(CHECK, text))


def test_the_requests_go_to_the_replica_that_gets_the_signal() -> None:
    with booted(answer(200)) as (operations, service, stack):
        result = asked(stack, service, "{url: /slow?a=b, clients: 2}")
    assert result.outcome is Outcome.PASSED, result
    assert result.summary.endswith("2 requests under way answered")
    assert set(service.asked) == {"http://127.0.0.1:8000/slow?a=b"}
    assert result.details == ""
    assert operations.calls == ["terminate backend-1", "ended backend-1 10"]


def test_behind_a_load_balancer_every_replica_gets_the_signal_at_once() -> None:
    with booted(answer(200)) as (operations, service, stack):
        stack.addresses["proxy", 80] = operations.address("p-3", 80)
        result = asked(stack, service, "{url: 'http://proxy/slow', service: backend, grace: 3s}")
    assert result.outcome is Outcome.PASSED, result
    assert set(service.asked) == {"http://127.0.0.3:80/slow"}
    assert operations.calls == [
        "terminate backend-1", "terminate backend-2", "ended backend-1 3", "ended backend-2 3",
    ]  # fmt: skip
    table = result.evidence[-1]
    assert isinstance(table, TableEvidence)
    assert table.rows == (("backend-1", "0.4", "0"), ("backend-2", "0.4", "0"))


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (Ended(137, 3.0, killed=True), "did not end within 3 s of SIGTERM and was killed"),
        (Ended(1, 0.1), "exit code"),
    ],
)
def test_one_replica_that_ends_badly_behind_a_load_balancer_fails(second: Ended, said: str) -> None:
    with booted(answer(200)) as (operations, service, stack):
        stack.addresses["proxy", 80] = operations.address("p-3", 80)
        ended = operations.ended

        def other(replica: str, grace: float) -> Ended:
            first = ended(replica, grace)
            return second if replica == "backend-2" else first

        operations.ended = other  # type: ignore[method-assign]
        result = asked(stack, service, "{url: 'http://proxy/slow', service: backend, grace: 3s}")
    assert result.outcome is Outcome.FAILED
    assert said in result.summary


def test_a_request_lost_behind_a_load_balancer_is_the_service_s_whoever_had_it() -> None:
    with booted(answer(502)) as (operations, service, stack):
        stack.addresses["proxy", 80] = operations.address("p-3", 80)
        text = "{url: 'http://proxy/slow', service: backend, status: 200}"
        result = asked(stack, service, text)
    assert result.outcome is Outcome.FAILED
    assert "dropped" in result.summary


def test_a_dependency_is_slowed_meanwhile_and_healed_whatever_happens() -> None:
    text = "{url: /quick, slowed-by: db}"
    with booted(answer(200)) as (operations, service, stack):
        assert asked(stack, service, text).outcome is Outcome.PASSED
    assert operations.calls == [
        "latency db", "terminate backend-1", "ended backend-1 10", "heal db",
    ]  # fmt: skip
    with booted(answer(200)) as (operations, service, stack):
        service.quick, service.last = 0, answer(500)
        service.over.set()
        assert asked(stack, service, text).error_class is ErrorClass.INCONCLUSIVE
    assert operations.calls == ["latency db", "heal db"]


def test_requests_that_break_with_the_service_are_dropped() -> None:
    with booted(NoAnswer("GET: RemoteDisconnected: closed")) as (_, service, stack):
        result = asked(stack, service, "{url: /slow, clients: 3}")
    assert result.outcome is Outcome.FAILED
    assert "dropped 3 requests" in result.summary


def test_a_service_that_fails_before_the_signal_is_not_disturbed() -> None:
    with booted(answer(200)) as (operations, service, stack):
        service.quick = 0
        service.last = answer(503)
        service.over.set()
        result = asked(stack, service, "{url: /slow}")
    assert result.error_class is ErrorClass.INCONCLUSIVE
    assert "before anything was disturbed" in result.summary
    assert operations.calls == []


def test_a_service_that_does_not_run_cannot_be_told_about() -> None:
    with booted(answer(200)) as (operations, service, stack):
        operations.running["backend"] = []
        assert asked(stack, service, "{url: /slow}").error_class is ErrorClass.INCONCLUSIVE


def test_a_grace_longer_than_the_item_s_time_is_a_wrong_configuration() -> None:
    with booted(answer(200)) as (operations, service, stack):
        result = asked(stack, service, "{url: /slow, grace: 90s}", timeout=30.0)
    assert result.error_class is ErrorClass.CONFIGURATION
    assert operations.calls == []


def test_the_host_of_the_url_has_to_be_a_service() -> None:
    facts = context(stack=FakeStack(operations=FakeDisruption()), base_url="http://api.example")
    with pytest.raises(ConfigurationError, match="no service of the stack"):
        run(facts, OPTIONS)


def test_somebody_else_s_system_gets_no_signal() -> None:
    stack = ExternalStack(project="rg-test", base_url="http://api.example")
    with pytest.raises(NotSupported, match="only looks at base-url"):
        run(context(stack=stack, base_url="http://api.example"), OPTIONS)
    with pytest.raises(ConfigurationError, match="no stack"):
        run(context(), OPTIONS)
