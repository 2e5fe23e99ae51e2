import pytest

from readiness_gate.checks.context import StepRecord
from readiness_gate.checks.runs.stack_health import run
from readiness_gate.checks.stack.stack_health import CHECK, StackHealthOptions
from readiness_gate.errors import StackError
from readiness_gate.model.evidence import TableEvidence, TextEvidence
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from readiness_gate.stack.base import NotSupported, ServiceHealth
from readiness_gate.stack.external import ExternalStack
from tests.fakes.context import context
from tests.fakes.stack import FakeStack

DB = ServiceHealth("db", True, "healthy", has_health_check=True, seconds=2.1)
INIT = ServiceHealth("init", True, "completed", exit_code=0, one_shot=True)
WORKER = ServiceHealth("worker", True, "running", seconds=0.4)
SICK = ServiceHealth(
    "worker",
    False,
    "restarting",
    cause="crash loop: restarted 4 times, last exit code 7",
    exit_code=7,
    restarts=4,
    log_tail="no such queue",
)


def answer(*steps: StepRecord, stack: FakeStack | None = None) -> CheckResult:
    records = {step.name: step for step in steps}
    return run(context(steps=records, stack=stack or FakeStack()), StackHealthOptions())


def settled(*health: ServiceHealth) -> StepRecord:
    good = all(one.healthy for one in health)
    return StepRecord("settled", good, "summary", health=health)


def test_every_healthy_service_is_counted_and_a_missing_health_check_is_noted() -> None:
    result = answer(settled(DB, INIT, WORKER))
    assert result.outcome is Outcome.PASSED
    assert result.summary == (
        "2 of 2 services healthy, 1 one-shot completed; slowest db after 2.1 s"
    )
    assert result.details.endswith(": worker")


def test_each_unhealthy_service_is_named_with_its_reason_and_log() -> None:
    second = ServiceHealth("api", False, "exited", cause="it exited with code 3", exit_code=3)
    result = answer(settled(DB, SICK, second))
    assert result.outcome is Outcome.FAILED
    assert result.summary == (
        "worker: crash loop: restarted 4 times, last exit code 7; api: it exited with code 3"
    )
    table, log = result.evidence
    assert isinstance(table, TableEvidence)
    assert table.rows[2] == ("worker", "restarting", "4", "7", "no", "0.0")
    assert log == TextEvidence(title="Log of worker", text="no such queue")


def test_the_advice_follows_the_reason() -> None:
    memory = ServiceHealth("api", False, "exited", cause="x", out_of_memory=True)
    slow = ServiceHealth("api", False, "unhealthy", cause="x")
    advice = {answer(settled(one)).remediation for one in (memory, slow, SICK)}
    assert len(advice) == 3


def test_a_stack_that_broke_within_the_settle_window_is_not_healthy() -> None:
    started = StepRecord("stack", True, "1 services healthy", health=(WORKER,))
    assert answer(started, settled(SICK)).outcome is Outcome.FAILED


def test_where_only_the_start_is_known_it_waits_itself() -> None:
    started = StepRecord("stack", True, "1 services healthy", health=(WORKER,))
    stack = FakeStack(health=(SICK,))
    assert answer(started, stack=stack).outcome is Outcome.FAILED
    assert stack.done == ["wait"]


def test_the_platform_s_fault_is_an_error() -> None:
    step = StepRecord("stack", False, "a port of the machine is taken", infrastructure=True)
    result = answer(step)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INFRASTRUCTURE)


@pytest.mark.parametrize(("platform", "wrong"), [(False, False), (True, False), (False, True)])
def test_what_the_error_advises_is_said(platform: bool, wrong: bool) -> None:
    step = StepRecord(
        "stack", False, "s", infrastructure=platform, configuration=wrong, advice="Install compose."
    )
    assert answer(step).remediation == "Install compose."


def test_a_refusal_of_the_policy_fails_with_its_key_path() -> None:
    step = StepRecord(
        "stack", False,
        "the compose policy refuses services.web.privileged: … (stack.allow: privileged)",
    )  # fmt: skip
    result = answer(step)
    assert result.outcome is Outcome.FAILED
    assert "services.web.privileged" in result.summary


def test_without_a_record_or_a_service_it_is_never_passed() -> None:
    assert answer().error_class is ErrorClass.INTERNAL
    assert answer(settled()).error_class is ErrorClass.INCONCLUSIVE


def test_a_configuration_that_starts_nothing_is_told_as_such() -> None:
    step = StepRecord("stack", False, "no service was started", configuration=True)
    assert answer(step).error_class is ErrorClass.CONFIGURATION


def test_somebody_else_s_system_has_no_health_for_us_to_prove() -> None:
    records = {"settled": StepRecord("settled", True, "somebody else's system")}
    stack = ExternalStack(project="rg-1", base_url="https://api.example")
    result = run(context(steps=records, stack=stack), StackHealthOptions())
    assert result.outcome is Outcome.ERROR
    assert result.unsupported


def test_what_fails_while_it_waits_itself_is_told() -> None:
    class Broken(FakeStack):
        error: StackError = StackError("the engine is gone", infrastructure=True)

        def wait(self, *_: object) -> tuple[ServiceHealth, ...]:
            raise self.error

    started = StepRecord("stack", True, "started", health=(WORKER,))
    assert answer(started, stack=Broken()).error_class is ErrorClass.INFRASTRUCTURE
    unsupported = Broken()
    unsupported.error = NotSupported("cannot wait")
    assert answer(started, stack=unsupported).unsupported


def test_the_id_is_the_file_s_name() -> None:
    assert CHECK.id == "stack-health"
