"""Several results become one: the worst decides, and nothing proven is not green."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.engine.roll_up import of_checks, of_items
from readiness_gate.model.evidence import TextEvidence
from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import Conclusion, ErrorClass, Half, Outcome, SkippedBy, Stage
from readiness_gate.model.result import (
    CheckResult,
    cannot_tell,
    failed,
    not_applicable,
    not_supported,
    passed,
    pending,
)

ANSWERS = {
    Outcome.PASSED: passed("seen"),
    Outcome.FAILED: failed("broken", remediation="mend it"),
    Outcome.ERROR: cannot_tell(ErrorClass.INCONCLUSIVE, "unclear"),
    Outcome.PENDING: pending("waits", waiting_for="#14"),
    Outcome.SKIPPED: not_applicable("not here"),
}
WORST_FIRST = (Outcome.FAILED, Outcome.ERROR, Outcome.PENDING, Outcome.PASSED, Outcome.SKIPPED)


@pytest.mark.parametrize("size", [2, 3])
def test_of_several_checks_the_worst_decides(size: int) -> None:
    for outcomes in itertools.product(ANSWERS, repeat=size):
        parts = [(f"check-{at}", ANSWERS[one]) for at, one in enumerate(outcomes)]
        result = of_checks(parts)
        assert result.outcome is min(outcomes, key=WORST_FIRST.index), outcomes
        assert (result.error_class is not None) == (result.outcome is Outcome.ERROR)


def test_one_check_is_its_own_answer() -> None:
    assert of_checks([("http", ANSWERS[Outcome.FAILED])]) is ANSWERS[Outcome.FAILED]


def test_the_first_of_the_worst_speaks_and_the_others_are_counted() -> None:
    result = of_checks([
        ("a", passed("seen")), ("b", failed("one", remediation="mend b")), ("c", failed("two")),
    ])  # fmt: skip
    assert (result.summary, result.remediation) == ("b: one (+1 more)", "mend b")


def test_evidence_and_details_of_all_are_kept() -> None:
    texts = [TextEvidence(title=name, text=name) for name in "ab"]
    result = of_checks(
        [(one.title, passed("seen", details=one.title, evidence=[one])) for one in texts]
    )
    assert result.evidence == tuple(texts)
    assert result.details == "a\nb"
    assert result.summary == "a: seen · b: seen"


def test_unsupported_is_so_only_where_nothing_else_went_wrong() -> None:
    unsupported = not_supported("no images here")
    error = cannot_tell(ErrorClass.CONFIGURATION, "wrong")
    assert of_checks([("a", unsupported), ("b", passed("seen"))]).unsupported
    assert not of_checks([("a", unsupported), ("b", error)]).unsupported


def item(id_: str, outcome: Outcome) -> ItemResult:
    return ItemResult(
        id=id_,
        title=id_,
        half=Half.CHECKS,
        check="http",
        outcome=outcome,
        error_class=ErrorClass.INCONCLUSIVE if outcome is Outcome.ERROR else None,
        skipped_by=SkippedBy.CHECK if outcome is Outcome.SKIPPED else None,
    )


@pytest.mark.parametrize("outcomes", list(itertools.product(Outcome, repeat=3)))
def test_a_roll_up_over_items(outcomes: tuple[Outcome, ...]) -> None:
    selected = [item(f"i{at}", one) for at, one in enumerate(outcomes)]
    result = of_items(selected, other_half=None, other_half_counts=False)
    counted = [one for one in outcomes if one is not Outcome.SKIPPED]
    if not counted:
        assert result.error_class is ErrorClass.INCONCLUSIVE
        return
    decisive = (Outcome.FAILED, Outcome.ERROR, Outcome.PENDING)
    expected = next((one for one in decisive if one in counted), Outcome.PASSED)
    assert result.outcome is expected


def test_a_roll_up_names_the_items_that_are_not_ready() -> None:
    selected = [item("a", Outcome.FAILED), item("b", Outcome.PASSED), item("c", Outcome.FAILED)]
    result = of_items(selected, other_half=None, other_half_counts=False)
    assert result.summary == "failed 2 of 3: a, c"


@pytest.mark.parametrize(
    ("conclusion", "outcome"),
    [
        (Conclusion.SUCCESS, Outcome.PASSED),
        (Conclusion.FAILURE, Outcome.FAILED),
        (Conclusion.ERROR, Outcome.ERROR),
        (Conclusion.PENDING, Outcome.PENDING),
        (None, Outcome.PENDING),
    ],
)
def test_the_other_half_counts_as_one_item_by_its_status(
    conclusion: Conclusion | None, outcome: Outcome
) -> None:
    mine = [item("a", Outcome.PASSED)]
    assert of_items(mine, other_half=conclusion, other_half_counts=True).outcome is outcome
    assert of_items(mine, other_half=conclusion, other_half_counts=False).outcome is Outcome.PASSED


@given(st.lists(st.sampled_from(list(Outcome)), max_size=8), st.booleans())
def test_a_roll_up_passes_only_over_something_that_is_ready(
    outcomes: list[Outcome], counts: bool
) -> None:
    selected = [item(f"i{at}", one) for at, one in enumerate(outcomes)]
    result = of_items(selected, other_half=Conclusion.SUCCESS, other_half_counts=counts)
    if result.outcome is Outcome.PASSED:
        assert set(outcomes) <= {Outcome.PASSED, Outcome.WAIVED, Outcome.SKIPPED}
        assert counts or set(outcomes) - {Outcome.SKIPPED}


def test_skipped_results_keep_no_error_class() -> None:
    result: CheckResult = of_checks([("a", ANSWERS[Outcome.SKIPPED])] * 2)
    assert (result.outcome, result.error_class) == (Outcome.SKIPPED, None)


def shared(outcomes: list[Outcome], at_least: int, **more: Any) -> CheckResult:
    selected = [item(f"i{at}", one) for at, one in enumerate(outcomes)]
    given_more = {"other_half": None, "other_half_counts": False} | more
    return of_items(selected, at_least=at_least, **given_more)


P, F, E, W, S, N = (
    Outcome.PASSED,
    Outcome.FAILED,
    Outcome.ERROR,
    Outcome.WAIVED,
    Outcome.SKIPPED,
    Outcome.PENDING,
)


@pytest.mark.parametrize(
    ("outcomes", "at_least", "expected"),
    [
        ([P, F], 50, P),
        ([P, F, F], 50, F),
        ([P, F, N], 50, N),
        ([P, F, E], 50, E),
        ([P, F, E, F], 50, E),
        ([P, F, F, F, E], 50, F),
        ([P, P, W, S], 100, P),
        ([P, F, W], 51, F),
        ([W, W], 50, P),
        ([S, S], 50, E),
        ([], 1, E),
        ([P, P, F], 66, P),
        ([P, P, F], 67, F),
    ],
)
def test_a_share_is_of_what_counts_and_is_decided_once_nothing_can_change_it(
    outcomes: list[Outcome], at_least: int, expected: Outcome
) -> None:
    assert shared(outcomes, at_least).outcome is expected


def test_a_share_says_how_much_passed_and_names_the_rest() -> None:
    result = shared([P, P, F], 60)
    assert result.summary == "2 of 3 passed, 66 %; 60 % asked for"
    assert shared([P, F, F], 60).details == "not passed: i1, i2"


@pytest.mark.parametrize(
    "conclusion", [None, Conclusion.FAILURE, Conclusion.ERROR, Conclusion.PENDING]
)
def test_the_other_half_is_in_no_share_and_has_to_be_ready(conclusion: Conclusion | None) -> None:
    result = shared([P, P, P], 50, other_half=conclusion, other_half_counts=True)
    assert result.outcome is not Outcome.PASSED
    green = {"other_half": Conclusion.SUCCESS, "other_half_counts": True}
    assert shared([P, F], 50, **green).outcome is Outcome.PASSED
    assert shared([F, F], 50, **green).outcome is Outcome.FAILED
    assert shared([], 50, **green).outcome is Outcome.PASSED


@given(st.lists(st.sampled_from(list(Outcome)), max_size=12), st.integers(1, 100))
def test_a_share_never_passes_below_what_was_asked_for(
    outcomes: list[Outcome], at_least: int
) -> None:
    counted = [one for one in outcomes if one not in {S, W}]
    if shared(outcomes, at_least).outcome is P and counted:
        assert counted.count(P) / len(counted) >= at_least / 100


NOT_ASKED = [SkippedBy.STAGE, SkippedBy.ONLY, SkippedBy.PHASE]


def not_asked(id_: str, by: SkippedBy) -> ItemResult:
    return item(id_, Outcome.SKIPPED).model_copy(
        update={"skipped_by": by, "stage": Stage.PRE_MERGE}
    )


@pytest.mark.parametrize("by", NOT_ASKED)
def test_what_a_run_was_not_asked_for_keeps_a_roll_up_waiting(by: SkippedBy) -> None:
    selected = [item("a", Outcome.PASSED), not_asked("b", by)]
    result = of_items(selected, other_half=None, other_half_counts=False)
    assert (result.outcome, result.summary) == (Outcome.PENDING, "waiting 1 of 2: b")
    assert result.waiting_for is not None
    assert result.waiting_for.startswith("what this run was not asked for: b")
    alone = of_items(selected[1:], other_half=None, other_half_counts=False)
    assert alone.outcome is Outcome.PENDING


def test_what_was_not_asked_for_hides_no_failure() -> None:
    selected = [item("a", Outcome.FAILED), not_asked("b", SkippedBy.STAGE)]
    result = of_items(selected, other_half=None, other_half_counts=False)
    assert (result.outcome, result.summary) == (Outcome.FAILED, "failed 1 of 2: a")


@pytest.mark.parametrize("by", NOT_ASKED)
@pytest.mark.parametrize(
    ("outcomes", "open_", "at_least", "expected"),
    [
        ([P], 1, 50, P),
        ([P], 1, 51, N),
        ([P, F], 1, 60, N),
        ([P, F, F], 1, 60, F),
        ([], 2, 1, N),
        ([W], 1, 50, N),
        ([P, E], 1, 60, N),
    ],
)
def test_a_share_is_decided_only_where_what_was_not_asked_for_cannot_change_it(
    by: SkippedBy, outcomes: list[Outcome], open_: int, at_least: int, expected: Outcome
) -> None:
    selected = [item(f"i{at}", one) for at, one in enumerate(outcomes)]
    selected += [not_asked(f"o{at}", by) for at in range(open_)]
    result = of_items(selected, other_half=None, other_half_counts=False, at_least=at_least)
    assert result.outcome is expected
    if expected is N:
        assert result.waiting_for is not None
        assert "o0" in result.waiting_for


@given(
    st.lists(st.sampled_from([*Outcome, *NOT_ASKED]), max_size=10),
    st.one_of(st.none(), st.integers(1, 100)),
)
def test_no_roll_up_passes_that_the_same_with_every_open_item_failed_would_not(
    drawn: list[Outcome | SkippedBy], at_least: int | None
) -> None:
    def summed(open_: Outcome | None) -> Outcome:
        selected = [
            item(f"i{at}", one)
            if isinstance(one, Outcome)
            else not_asked(f"i{at}", one)
            if open_ is None
            else item(f"i{at}", open_)
            for at, one in enumerate(drawn)
        ]
        result = of_items(selected, other_half=None, other_half_counts=False, at_least=at_least)
        return result.outcome

    if summed(None) is Outcome.PASSED:
        assert summed(Outcome.FAILED) is Outcome.PASSED
    if summed(None) is Outcome.FAILED:
        assert summed(Outcome.PASSED) is Outcome.FAILED
