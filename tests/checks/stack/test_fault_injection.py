import threading
from collections.abc import Iterator

import pytest

from readiness_gate.checks.fault_windows import Probe, Role, Seen, Window, look
from readiness_gate.checks.runs.fault_injection import judged, run
from readiness_gate.checks.stack.fault_injection import CHECK, FaultInjectionOptions
from readiness_gate.checks.steady_requests import Sent
from readiness_gate.doors.clock import SystemClock
from readiness_gate.doors.exchange import TargetWeb
from readiness_gate.doors.web import Answer, NoAnswer
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.evidence import TableEvidence, TextEvidence
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from readiness_gate.stack.base import Address, NotSupported
from readiness_gate.stack.disruption import Fault
from readiness_gate.stack.external import ExternalStack
from tests.fakes.context import booted, context
from tests.fakes.disruption import FakeDisruption
from tests.fakes.options import options, refusal
from tests.fakes.stack import FakeStack
from tests.fakes.web import FakeWeb, Request, answer
from tests.stack.compose.real import Opened, opener

LIVE = Probe(Role.LIVENESS, "/live", {"lt": 400})
READY = Probe(Role.READINESS, "/ready", 503)
ITEMS = Probe(Role.PATH, "/items", {"or": [200, 503]}, "<2s")
# The fault begins at 10 s, ends at 20 s, and the dependency is healthy at 21 s.
WINDOW = Window(Fault.PAUSE, 10.0, 20.0, 21.0)
BACK = tuple(Sent(21.0 + at, 21.1 + at, 200) for at in range(3))


def at(moment: float, status: int | None = 200, *, seconds: float = 0.1) -> Sent:
    return Sent(moment, moment + seconds, status, "" if status else "no answer within 5 s")


def seen(probe: Probe, *sent: Sent, fault: Fault = Fault.PAUSE, back: bool = True) -> Seen:
    window = Window(fault, WINDOW.injected, WINDOW.ending, WINDOW.healed)
    ledger = [at(9.0), *sent, *(BACK if back else ())]
    return look(probe, window, ledger, within=5.0, recovery=3.0)


def test_liveness_that_answers_all_along_stays() -> None:
    found = seen(LIVE, at(11), at(15), at(19.9))
    assert (found.problems, found.blind, found.recovered) == ((), "", 0.0)
    assert found.row == ("pause", "liveness /live", "3", "200", "100 ms", "0.0 s")


@pytest.mark.parametrize("bad", [at(15, 500), at(15, None, seconds=5.0)])
def test_liveness_that_fails_once_has_not_stayed(bad: Sent) -> None:
    (problem,) = seen(LIVE, at(11), bad, at(19)).problems
    assert problem.startswith("pause: liveness /live: ")
    assert problem.endswith("(1 of 3 requests)")


def test_a_probe_that_saw_nothing_is_blind() -> None:
    for probe in (LIVE, READY, ITEMS):
        assert seen(probe).blind == f"pause: no request to {probe.name} while it held"
    # Begun before the fault, and answered in it.
    assert seen(LIVE, at(9.5, seconds=2)).blind


def test_readiness_has_to_turn_in_time_and_to_stay_turned() -> None:
    found = seen(READY, at(10.5), at(11, 503), at(15.5, 503), at(19, 503))
    assert (found.problems, found.blind) == ((), "")
    assert found.turned == pytest.approx(0.6)
    assert seen(READY, at(11, 503), at(16, 503)).turned == 0.0
    for sent in (
        (at(11), at(16), at(19)),
        (at(11, 503), at(16), at(17, 503)),
        (at(11, 503), at(16, 503), at(19)),
    ):
        (problem,) = seen(READY, *sent).problems
        assert "readiness /ready does not turn within 5 s" in problem


def test_readiness_without_an_answer_is_not_ready_but_a_hang_alone_tells_nothing() -> None:
    assert seen(READY, at(11, None, seconds=5), at(16.5, None, seconds=3)).problems == ()
    hanging = at(12, 200, seconds=8.5)
    assert seen(READY, at(11, 503), hanging).problems == ()
    assert seen(READY, hanging).blind == "pause: no answer of readiness /ready after 5 s"
    assert seen(READY, at(11, 503)).blind == "pause: no answer of readiness /ready after 5 s"
    (problem,) = seen(READY, at(11), hanging).problems
    assert "does not turn" in problem


def test_readiness_is_not_judged_for_latency() -> None:
    found = seen(READY, at(11), at(19), fault=Fault.LATENCY)
    assert (found.problems, found.blind, found.turned) == ((), "", None)


def test_a_path_degrades_as_declared_in_status_and_time() -> None:
    assert seen(ITEMS, at(11), at(12, 503), at(19, 503)).problems == ()
    for bad, said in (
        (at(12, 500), "status: expected 200 or 503, got 500 (1 of 2 requests)"),
        (at(12, 503, seconds=2.5), "duration: "),
        (at(12, None, seconds=5.0), "no answer within 5 s"),
    ):
        (problem,) = seen(ITEMS, at(11), bad).problems
        assert said in problem
    strict = Probe(Role.PATH, "/items", 503)
    assert seen(strict, at(11, 503), at(19.9, 200, seconds=0.3)).problems == ()


def test_everything_has_to_come_back_in_time() -> None:
    late = (at(21.5, 503), at(22, 503), *(at(22.5 + n) for n in range(3)))
    found = seen(LIVE, at(11), *late, back=False)
    assert (found.problems, found.recovered) == ((), 1.5)
    (problem,) = seen(LIVE, at(11), at(21.5, 503), back=False).problems
    assert problem == "pause: liveness /live is not back 3 s after its dependency: it answers 503"
    too_late = (at(24.5, 503), *(at(25 + n) for n in range(3)))
    assert len(seen(LIVE, at(11), *too_late, back=False).problems) == 1
    (problem,) = seen(LIVE, at(11), back=False).problems
    assert problem.endswith("no request")


GIVEN = FaultInjectionOptions.model_validate({"dependency": "redis", "liveness": {"url": "/live"}})


def test_the_answer_over_all_that_was_seen() -> None:
    good = Seen((), "", ("pause",), turned=0.4, recovered=1.2)
    result = judged(GIVEN, [good, Seen((), "", ("stop",))], [])
    assert result.outcome is Outcome.PASSED
    assert result.summary == (
        "redis away (pause, stop): liveness stays, readiness turns after 0.4 s; "
        "all back after 1.2 s"
    )
    assert judged(GIVEN, [], []).error_class is ErrorClass.INCONCLUSIVE
    blind = judged(GIVEN, [good, Seen((), "nothing seen", ())], [])
    assert (blind.error_class, blind.summary) == (ErrorClass.INCONCLUSIVE, "nothing seen")
    bad = judged(GIVEN, [Seen(("a", "b"), "c", ())], [])
    assert (bad.outcome, bad.summary, bad.details) == (Outcome.FAILED, "a; and 1 more", "a\nb")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{dependency: redis}", "assert something"),
        ("{liveness: {url: /a}}", "dependency"),
        ("{dependency: redis, faults: [], liveness: {url: /a}}", "faults"),
        ("{dependency: redis, faults: [explode], liveness: {url: /a}}", "pause"),
        ("{dependency: redis, faults: [stop, stop], liveness: {url: /a}}", "named once"),
        ("{dependency: redis, paths: [{url: /a}]}", "status"),
        ("{dependency: redis, paths: [{url: /a, status: '503'}]}", "a status is a number"),
        ("{dependency: redis, liveness: {url: /a, status: null}}", ""),
        ("{dependency: redis, readiness: {url: /a}, duration: 5s}", "within has to be shorter"),
        ("{dependency: redis, readiness: {url: /a}, faults: [latency]}", "not judged for latency"),
        ("{dependency: redis, liveness: {url: /a}, latency: 1ms}", "0.05"),
    ],
)
def test_options_that_assert_nothing_are_refused(text: str, said: str) -> None:
    assert said in refusal(CHECK, text)


class Service:
    """A backend whose answers follow its dependency, as its mode says."""

    def __init__(self, mode: str = "good") -> None:
        self.mode = mode
        self.away = threading.Event()
        self.operations = FakeDisruption(
            running={"backend": ["backend-1"], "redis": ["redis-1"]},
            inflicted=lambda _fault, _service: self.away.set(),
            healed=self.healed,
        )
        self.stack = FakeStack(
            ("backend", "redis"),
            operations=self.operations,
            addresses={("backend", 8000): Address("127.0.0.1", 8000)},
            log={"backend": "redis is away"},
        )

    def healed(self, _service: str) -> None:
        if self.mode != "stays-down":
            self.away.clear()
        if self.mode == "restarts":
            self.operations.starts["backend"] = 1

    def __call__(self, request: Request) -> Answer:
        if self.mode == "dead":
            raise NoAnswer("GET: ConnectionRefusedError: [Errno 111]")
        away = self.away.is_set()
        if request.url.endswith("/live"):
            return answer(500 if away and self.mode == "deadly" else 200)
        if request.url.endswith("/ready"):
            return answer(503 if away and self.mode != "always-ready" else 200)
        return answer(503 if away else 200)

    def asked(self, text: str, timeout: float = 60.0) -> CheckResult:
        facts = context(
            stack=self.stack, web=FakeWeb(responder=self), clock=SystemClock(),
            timeout=timeout, base_url="http://backend:8000",
        )  # fmt: skip
        return run(facts, options(CHECK, text))


ALL = (
    "{dependency: redis, faults: [%s], liveness: {url: /live}, readiness: {url: /ready},"
    " paths: [{url: /items, status: 503}], duration: 250ms, within: 150ms, recovery: 300ms}"
)


def test_a_service_that_degrades_as_declared_passes() -> None:
    service = Service()
    result = service.asked(ALL % "pause")
    assert result.outcome is Outcome.PASSED, result
    assert service.operations.calls == ["pause redis", "heal redis", "wait redis"]
    (table,) = result.evidence
    assert isinstance(table, TableEvidence)
    assert [row[1] for row in table.rows] == ["liveness /live", "readiness /ready", "/items"]


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("always-ready", "readiness /ready does not turn"),
        ("deadly", "liveness /live: status"),
        ("stays-down", "is not back 0.3 s after"),
        ("restarts", "backend was restarted or ended meanwhile"),
    ],
)
def test_one_that_does_not_fails_and_the_next_fault_is_left_out(mode: str, said: str) -> None:
    service = Service(mode)
    result = service.asked(ALL % "stop, pause")
    assert result.outcome is Outcome.FAILED
    assert said in result.details
    assert service.operations.calls == ["stop redis", "heal redis", "wait redis"]
    assert result.evidence[-1] == TextEvidence(title="Log", text="redis is away")


def test_a_service_that_is_not_well_before_is_left_alone() -> None:
    service = Service("dead")
    result = service.asked(ALL % "stop")
    assert result.error_class is ErrorClass.INCONCLUSIVE
    assert result.summary == "before stop: liveness /live: connection refused"
    assert service.operations.calls == []


def test_a_dependency_that_does_not_come_back_tells_nothing() -> None:
    service = Service()
    service.operations.unhealthy = "it exited with code 1"
    result = service.asked(ALL % "stop")
    assert result.error_class is ErrorClass.INCONCLUSIVE
    assert "redis does not come back after stop: it exited with code 1" in result.summary


def test_faults_that_do_not_fit_into_the_time_are_a_wrong_configuration() -> None:
    service = Service()
    result = service.asked(ALL % "stop, pause", timeout=0.4)
    assert result.error_class is ErrorClass.CONFIGURATION
    assert service.operations.calls == []


def test_a_recovery_that_the_time_cuts_off_is_no_answer() -> None:
    service = Service("stays-down")
    result = service.asked((ALL % "stop").replace("recovery: 300ms", "recovery: 9s"), timeout=0.5)
    assert result.error_class is ErrorClass.INCONCLUSIVE
    assert result.summary == "redis, stop: no time was left for recovery from it"


def test_the_dependency_itself_is_not_asked() -> None:
    text = "{dependency: backend, liveness: {url: /live}}"
    with pytest.raises(ConfigurationError, match="goes away itself"):
        Service().asked(text)
    stack = ExternalStack(project="rg-test", base_url="http://api.example")
    with pytest.raises(NotSupported):
        run(context(stack=stack, base_url="http://api.example"), GIVEN)


@pytest.fixture
def opened() -> Iterator[Opened]:
    with opener() as function:
        yield function


REAL = (
    "{dependency: store, faults: [%s], liveness: {url: /live}, readiness: {url: /ready},"
    " paths: [{url: /items, status: {or: [200, 503]}, duration: <3s}],"
    " duration: 4s, within: 2500ms, recovery: 10s}"
)


@pytest.mark.docker
@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "faults", "said"),
    [
        ("good", "pause, stop, disconnect, latency", ""),
        ("always-ready", "pause", "readiness /ready does not turn within 2.5 s"),
        ("breaks", "stop", "/items: status: expected 200 or 503, got 500"),
        ("deadly", "disconnect", "liveness /live: status: expected less than 400, got 500"),
    ],
)
def test_a_dependency_of_a_real_stack(opened: Opened, mode: str, faults: str, said: str) -> None:
    stack = opened("disrupted", passed_on={"MODE": mode})
    stack.build(60.0)
    stack.start(None, 60.0)
    assert all(one.healthy for one in stack.wait(None, 60.0, 0.0))
    facts = context(
        stack=stack, web=TargetWeb(), clock=SystemClock(), timeout=90.0,
        steps=booted("api"), base_url="http://api:8000",
    )  # fmt: skip
    result = run(facts, options(CHECK, REAL % faults))
    assert result.outcome is (Outcome.FAILED if said else Outcome.PASSED), result
    assert said in result.details
    if not said:
        (table,) = result.evidence
        assert isinstance(table, TableEvidence)
        slowest = {(row[0], row[1]): float(row[4].split()[0]) for row in table.rows}
        assert slowest["latency", "/items"] > 200
    assert all(one.healthy for one in stack.disruption().recover(60.0, 0.0))
