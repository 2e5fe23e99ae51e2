"""The conclusion rules of DESIGN 1.2, as an exhaustive table and as properties."""

import itertools
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.engine.conclude import conclude, exit_code, step_exit_code, verdict, worse
from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import (
    Conclusion,
    ErrorClass,
    Half,
    Outcome,
    SkippedBy,
    Verdict,
)

KINDS = [
    "passed",
    "failed",
    "error",
    "pending",
    "waived",
    "skipped-check",
    "skipped-when",
    "skipped-phase",
]


def item(kind: str, id_: str, *, blocking: bool = True) -> ItemResult:
    outcome, _, by = kind.partition("-")
    return ItemResult(
        id=id_,
        title=id_,
        half=Half.CHECKS,
        check="http",
        outcome=Outcome(outcome),
        error_class=ErrorClass.INCONCLUSIVE if outcome == "error" else None,
        skipped_by=SkippedBy(by) if by else None,
        blocking=blocking,
    )


def expected(kinds: Iterable[str]) -> Conclusion:
    """The rule, said once more in other words than the code's."""
    present = set(kinds)
    for kind, conclusion in (
        ("failed", Conclusion.FAILURE),
        ("error", Conclusion.ERROR),
        ("pending", Conclusion.PENDING),
    ):
        if kind in present:
            return conclusion
    if "passed" in present or present <= {"waived", "skipped-when"}:
        return Conclusion.SUCCESS
    return Conclusion.ERROR


@pytest.mark.parametrize("size", [1, 2, 3])
def test_every_combination_of_up_to_three_blocking_items(size: int) -> None:
    for kinds in itertools.product(KINDS, repeat=size):
        items = [item(kind, f"item-{at}") for at, kind in enumerate(kinds)]
        assert conclude([one.id for one in items], items) is expected(kinds), kinds


@pytest.mark.parametrize("kind", KINDS)
def test_items_that_do_not_block_never_decide(kind: str) -> None:
    assert conclude(["a"], [item(kind, "a", blocking=False)]) is Conclusion.SUCCESS


def test_a_half_with_nothing_planned_has_no_conclusion() -> None:
    assert conclude([], []) is None
    assert conclude([], [item("failed", "a")]) is None


def test_a_missing_result_is_an_error() -> None:
    assert conclude(["a", "b"], [item("passed", "a")]) is Conclusion.ERROR


def test_no_result_at_all_is_an_error() -> None:
    assert conclude(["a"], []) is Conclusion.ERROR


def test_a_repeated_result_is_an_error() -> None:
    assert conclude(["a"], [item("passed", "a"), item("passed", "a")]) is Conclusion.ERROR


def test_an_id_that_was_planned_twice_is_an_error() -> None:
    answers = [item("passed", "a"), item("passed", "a")]
    assert conclude(["a", "a"], answers) is Conclusion.ERROR


def test_a_failure_is_told_even_where_a_result_is_missing() -> None:
    assert conclude(["a", "b"], [item("failed", "a")]) is Conclusion.FAILURE


def test_items_of_another_stage_are_not_planned_and_do_not_count() -> None:
    other = item("skipped-stage", "later")
    assert conclude(["a"], [item("passed", "a"), other]) is Conclusion.SUCCESS


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.booleans()), min_size=1, max_size=12))
def test_success_needs_a_proof_or_nothing_that_blocks(drawn: list[tuple[str, bool]]) -> None:
    items = [item(kind, f"i{at}", blocking=blocks) for at, (kind, blocks) in enumerate(drawn)]
    conclusion = conclude([one.id for one in items], items)
    blocking = [one for one in items if one.blocking]
    if conclusion is Conclusion.SUCCESS and blocking:
        aside = {Outcome.WAIVED, Outcome.SKIPPED}
        assert any(one.outcome is Outcome.PASSED for one in blocking) or all(
            one.outcome in aside for one in blocking
        )
        assert not {one.outcome for one in blocking} & {
            Outcome.FAILED,
            Outcome.ERROR,
            Outcome.PENDING,
        }


@given(st.permutations(KINDS))
def test_the_order_of_results_does_not_matter(kinds: list[str]) -> None:
    items = [item(kind, kind) for kind in kinds]
    assert conclude(KINDS, items) is Conclusion.FAILURE


HALVES = [None, *Conclusion]


@pytest.mark.parametrize(("merge", "checks"), list(itertools.product(HALVES, HALVES)))
def test_the_verdict_over_both_halves(merge: Conclusion | None, checks: Conclusion | None) -> None:
    present = {merge, checks} - {None}
    if not present:
        answer = Verdict.ERROR
    elif Conclusion.FAILURE in present:
        answer = Verdict.BLOCKED
    elif Conclusion.ERROR in present:
        answer = Verdict.ERROR
    elif Conclusion.PENDING in present:
        answer = Verdict.WAITING
    else:
        answer = Verdict.READY
    assert verdict(merge, checks) is answer


@pytest.mark.parametrize(
    ("answer", "code"),
    [(Verdict.READY, 0), (Verdict.BLOCKED, 1), (Verdict.WAITING, 1), (Verdict.ERROR, 3)],
)
def test_exit_codes(answer: Verdict, code: int) -> None:
    assert exit_code(answer) == code


@pytest.mark.parametrize(
    ("answer", "fail_on", "written", "code"),
    [
        (Verdict.READY, "blocked", True, 0),
        (Verdict.BLOCKED, "blocked", True, 1),
        (Verdict.ERROR, "blocked", True, 3),
        (Verdict.WAITING, "blocked", True, 0),
        (Verdict.WAITING, "blocked", False, 1),
        (Verdict.WAITING, "waiting", True, 1),
        (Verdict.WAITING, "waiting", False, 1),
        (Verdict.BLOCKED, "waiting", True, 1),
        (Verdict.ERROR, "waiting", True, 3),
        (Verdict.BLOCKED, "never", False, 0),
        (Verdict.ERROR, "never", False, 0),
    ],
)
def test_fail_on_maps_the_step(answer: Verdict, fail_on: str, written: bool, code: int) -> None:
    assert step_exit_code(answer, fail_on, pending_written=written) == code


def test_worse_takes_failure_over_error_over_pending_over_success() -> None:
    order = [Conclusion.SUCCESS, Conclusion.PENDING, Conclusion.ERROR, Conclusion.FAILURE]
    for one, other in itertools.product(order, order):
        assert worse(one, other) is order[max(order.index(one), order.index(other))]


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_that_nobody_planned_is_no_success(kind: str) -> None:
    surplus = item(kind, "surplus")
    assert conclude(["a"], [item("passed", "a"), surplus]) is not Conclusion.SUCCESS
    other = surplus.model_copy(update={"outcome": Outcome.SKIPPED, "error_class": None,
                                       "skipped_by": SkippedBy.STAGE})  # fmt: skip
    assert conclude(["a"], [item("passed", "a"), other]) is Conclusion.SUCCESS
