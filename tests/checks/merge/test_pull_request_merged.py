import pytest
from pydantic import ValidationError

from readiness_gate.checks.context import MergeFacts
from readiness_gate.checks.merge.pull_request_merged import CHECK, PullRequestMergedOptions
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.pull_request import Missing, Unreachable
from readiness_gate.model.result import CheckResult
from tests.checks.merge.builders import facts
from tests.fakes.context import context
from tests.merge.builders import group, pull, ref, rules

ORDER: list[int | list[int]] = [14, 15, [17, 16], 10]


def run(merge: MergeFacts | None, number: int = 14, repository: str | None = None) -> CheckResult:
    options = PullRequestMergedOptions(number=number, repository=repository)
    return CHECK.run(context(merge=merge), options)


def test_merged_passes() -> None:
    result = run(facts(pull(17), at=17, known=[pull(14, merged=True)]))
    assert (result.outcome, result.summary) == (Outcome.PASSED, "#14 is merged")


def test_open_is_pending_with_who_is_waited_for() -> None:
    result = run(facts(pull(14), pull(17), at=17))
    assert (result.outcome, result.waiting_for) == (Outcome.PENDING, "#14 to be merged")


@pytest.mark.parametrize(
    "fact",
    [pull(14, closed=True), pull(14, merged=True, base="next"), Missing(ref(14))],
)
def test_what_will_not_merge_fails(fact: Missing) -> None:
    assert run(facts(pull(17), at=17, known=[fact])).outcome is Outcome.FAILED


def test_what_cannot_be_read_cannot_be_told() -> None:
    result = run(facts(pull(17), at=17, known=[Unreachable(ref(14), "502")]))
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INFRASTRUCTURE)
    assert run(facts(pull(17), at=17)).outcome is Outcome.ERROR
    assert run(None).outcome is Outcome.ERROR


@pytest.mark.parametrize(
    ("at", "number", "reason"),
    [
        (14, 14, "it is this one"),
        (14, 10, "comes after this one"),
        (15, 17, "comes after this one"),
        (17, 16, "it may merge before or after this one"),
    ],
)
def test_it_is_not_asked_of_those_that_come_before(at: int, number: int, reason: str) -> None:
    opened = [pull(one) for one in (14, 15, 16, 17, 10)]
    result = run(facts(*opened, at=at, by=rules(order=ORDER)), number)
    assert (result.outcome, result.summary) == (Outcome.SKIPPED, reason)


def test_it_is_not_asked_of_a_dependency_of_the_named_one() -> None:
    opened = [pull(1), pull(2, body="Depends on #1"), pull(3, body="Depends on #2")]
    assert run(facts(*opened, at=1), 3).outcome is Outcome.SKIPPED
    assert run(facts(*opened, at=3), 1).outcome is Outcome.PENDING


def test_in_a_queue_ahead_passes_itself_is_skipped_and_open_is_pending() -> None:
    opened = [pull(14), pull(17), pull(9)]
    assert run(facts(*opened, merge_group=group(14, 17))).outcome is Outcome.PASSED
    assert run(facts(*opened, merge_group=group(14, 17)), 17).outcome is Outcome.SKIPPED
    assert run(facts(*opened, merge_group=group(14, 17)), 9).outcome is Outcome.PENDING
    assert run(facts(*opened, merge_group=group())).outcome is Outcome.ERROR


def test_another_repository_is_named_in_any_spelling() -> None:
    known = [pull(3, merged=True, repository="acme/lib")]
    merge = facts(pull(17), at=17, known=known)
    assert run(merge, 3, "Acme/Lib").outcome is Outcome.PASSED
    assert run(merge, 3).outcome is Outcome.ERROR


def test_outside_a_pull_request_merged_is_merged() -> None:
    merge = facts(known=[pull(14, merged=True, base="release")])
    assert run(merge).outcome is Outcome.PASSED


def test_merged_below_our_stack_counts() -> None:
    opened = [pull(16, head="layer"), pull(17, base="layer")]
    merge = facts(*opened, at=17, known=[pull(14, merged=True)])
    assert run(merge).outcome is Outcome.PASSED


@pytest.mark.parametrize("given", ["{}", '{"number": 0}', '{"number": "14"}', '{"number": true}'])
def test_options_that_name_no_number_are_refused(given: str) -> None:
    with pytest.raises(ValidationError):
        PullRequestMergedOptions.model_validate_json(given)
