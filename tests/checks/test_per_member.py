from readiness_gate.checks.per_member import of_every_member
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.pull_request import PullRequest
from readiness_gate.model.result import CheckResult, failed, passed
from tests.checks.merge.builders import facts
from tests.merge.builders import group, pull

QUEUE = facts(pull(29), pull(30), merge_group=group(29, 30))


def even(one: PullRequest) -> CheckResult:
    fine = one.reference.number % 2 == 0
    return passed("even") if fine else failed("odd", remediation="Add one.")


def test_one_pull_request_has_the_answer_itself() -> None:
    assert of_every_member(facts(pull(30), at=30), even) == passed("even")


def test_the_first_member_that_did_not_pass_decides_and_is_named() -> None:
    result = of_every_member(QUEUE, even)
    assert (result.outcome, result.summary) == (Outcome.FAILED, "#29: odd")
    assert result.remediation == "Add one."


def test_every_member_that_passed_is_named() -> None:
    result = of_every_member(QUEUE, lambda _: passed("fine"))
    assert (result.outcome, result.summary) == (Outcome.PASSED, "#29: fine; #30: fine")


def test_members_that_are_merged_already_are_not_asked_again() -> None:
    half = facts(pull(30), known=[pull(29, merged=True)], merge_group=group(29, 30))
    assert of_every_member(half, even) == passed("even")
    done = facts(known=[pull(29, merged=True)], merge_group=group(29))
    result = of_every_member(done, lambda _: passed("fine"))
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


def test_what_is_not_known_is_no_answer() -> None:
    assert of_every_member(None, even).outcome is Outcome.ERROR
    assert of_every_member(facts(merge_group=group(77)), even).outcome is Outcome.ERROR
    assert of_every_member(facts(), even).outcome is Outcome.SKIPPED
