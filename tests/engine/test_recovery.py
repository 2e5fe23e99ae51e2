"""After a check that disrupts the stack is put back, or nothing else runs on it."""

from typing import Any

import pytest

from readiness_gate.checks.context import CheckContext
from readiness_gate.engine import run as engine_run
from readiness_gate.engine.recovery import put_back
from readiness_gate.errors import StackError
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family, Need, Outcome
from readiness_gate.model.result import CheckResult, cannot_tell, failed, not_supported, passed
from readiness_gate.stack.base import ServiceHealth
from readiness_gate.stack.external import ExternalStack
from tests.engine.builders import catalogue, check, execute_all, items, steps
from tests.fakes.context import context
from tests.fakes.disruption import FakeDisruption
from tests.fakes.stack import FakeStack

TWO = """
stack: {}
items:
  first: {check: fault, with: {value: "1"}}
  second: {check: fault, with: {value: "2"}}
  other: shutdown
"""


class Broken(FakeDisruption):
    """Cannot say how the stack is."""

    def __init__(self, error: StackError) -> None:
        super().__init__()
        self.error = error

    def recover(self, timeout: float, settle: float) -> tuple[ServiceHealth, ...]:
        raise self.error


def after(result: CheckResult, operations: FakeDisruption) -> tuple[CheckResult, str]:
    return put_back(context(stack=FakeStack(operations=operations)), result, 60.0)


def test_a_healthy_stack_changes_no_result() -> None:
    operations = FakeDisruption()
    for result in (passed("held"), failed("broke")):
        assert after(result, operations) == (result, "")
    assert operations.calls == ["recover", "recover"]


def test_a_check_that_leaves_a_sick_stack_has_not_passed() -> None:
    sick = FakeDisruption(unhealthy="it exited with code 3")
    result, why = after(passed("held"), sick)
    assert why == "backend: it exited with code 3"
    assert result.outcome is Outcome.FAILED
    assert result.summary == f"held; but the stack is not healthy afterwards: {why}"
    result, _ = after(failed("broke", details="how"), sick)
    assert (result.summary, result.details) == (
        "broke", "how\nthe stack is not healthy afterwards: backend: it exited with code 3",
    )  # fmt: skip
    result, _ = after(cannot_tell(ErrorClass.INCONCLUSIVE, "unclear"), sick)
    assert result.error_class is ErrorClass.INCONCLUSIVE


def test_a_stack_without_services_is_not_healthy() -> None:
    assert after(passed("held"), FakeDisruption(running={}))[0].outcome is Outcome.FAILED


def test_an_engine_that_does_not_answer_is_not_the_author_s_fault() -> None:
    away = Broken(StackError("the engine does not answer", infrastructure=True))
    result, why = after(passed("held"), away)
    assert (result.error_class, why) == (ErrorClass.INFRASTRUCTURE, "the engine does not answer")
    result, _ = after(passed("held"), Broken(StackError("compose refuses")))
    assert result.outcome is Outcome.FAILED


def test_a_check_that_was_refused_in_the_middle_is_put_back_too() -> None:
    refused = not_supported("no replicas")
    operations = FakeDisruption()
    assert after(refused, operations) == (refused, "")
    assert operations.calls == ["recover"]


def test_where_nothing_can_be_disturbed_nothing_is_put_back() -> None:
    held = passed("held")
    assert put_back(context(), held, 60.0) == (held, "")
    external = ExternalStack(project="rg-test", base_url="http://api.example")
    assert put_back(context(stack=external), held, 60.0) == (held, "")


def run_all(operations: FakeDisruption, answer: Any = None) -> dict[str, engine_run.Executed]:
    def one(_context: CheckContext, _options: Any) -> CheckResult:
        return passed("held")

    checks = catalogue(
        check("fault", answer or one, family=Family.STACK, check_class=CheckClass.DISRUPT,
              needs=[Need.STACK]),
        check("shutdown", one, family=Family.STACK, check_class=CheckClass.DISRUPT,
              needs=[Need.STACK]),
    )  # fmt: skip
    stack = FakeStack(operations=operations)
    return execute_all(items(TWO, checks=checks), steps(), stack=stack).executed


def test_each_disrupting_check_starts_from_a_healthy_stack() -> None:
    operations = FakeDisruption()
    executed = run_all(operations)
    assert {one.result.outcome for one in executed.values()} == {Outcome.PASSED}
    assert operations.calls == ["recover"] * 3


def test_after_a_sick_stack_the_rest_is_a_prerequisite_of_the_one_that_left_it() -> None:
    executed = run_all(FakeDisruption(unhealthy="it is paused"))
    of_disrupting = [one for key, one in executed.items() if key.startswith(("fault", "shutdown"))]
    assert len(of_disrupting) == 3
    (guilty,) = [one for one in of_disrupting if one.cause is None]
    assert guilty.result.outcome is Outcome.FAILED
    others = [one for one in of_disrupting if one.cause is not None]
    assert {one.result.error_class for one in others} == {ErrorClass.PREREQUISITE}
    assert {one.cause for one in others} <= {"fault", "shutdown"}
    assert all("backend: it is paused" in one.result.summary for one in others)


@pytest.mark.parametrize("error", [StackError("gone"), RuntimeError("a fault of the gate")])
def test_a_check_that_breaks_off_is_put_back_too(error: Exception) -> None:
    def breaks(_context: CheckContext, _options: Any) -> CheckResult:
        raise error

    operations = FakeDisruption()
    executed = run_all(operations, breaks)
    assert operations.calls == ["recover"] * 3
    assert sum(one.result.outcome is Outcome.ERROR for one in executed.values()) == 2
