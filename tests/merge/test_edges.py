from dataclasses import replace

import pytest

from readiness_gate.merge.edges import outcome_of, satisfied, state, wording
from readiness_gate.model.outcome import Outcome
from readiness_gate.model.pull_request import (
    Edge,
    EdgeSource,
    EdgeState,
    Fact,
    MergeGroup,
    Missing,
    Unreachable,
)
from tests.merge.builders import HOME, group, issue, pull, ref

LIB = "acme/lib"


def seen(fact: Fact | None, **options: object) -> EdgeState:
    reference = fact.reference if fact else ref(14)
    defaults: dict[str, object] = {"base_branch": "main", "listed_repositories": (), "home": HOME}
    return state(fact, reference=reference, **(defaults | options))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fact", "expected", "outcome"),
    [
        (pull(14, merged=True), EdgeState.MERGED, Outcome.PASSED),
        (pull(14), EdgeState.OPEN, Outcome.PENDING),
        (pull(14, draft=True), EdgeState.DRAFT, Outcome.PENDING),
        (pull(14, closed=True), EdgeState.CLOSED, Outcome.FAILED),
        (pull(14, merged=True, base="next"), EdgeState.MERGED_ELSEWHERE, Outcome.FAILED),
        (pull(14, merged=True, reverted_by=20), EdgeState.REVERTED, Outcome.FAILED),
        (pull(14, state="locked"), EdgeState.UNKNOWN, Outcome.ERROR),
        (issue(14), EdgeState.OPEN, Outcome.PENDING),
        (issue(14, "open", "reopened"), EdgeState.OPEN, Outcome.PENDING),
        (issue(14, "closed", "completed"), EdgeState.DONE, Outcome.PASSED),
        (issue(14, "closed", "not_planned"), EdgeState.NOT_PLANNED, Outcome.FAILED),
        (issue(14, "closed", "duplicate"), EdgeState.NOT_PLANNED, Outcome.FAILED),
        (issue(14, "closed", None), EdgeState.UNKNOWN, Outcome.ERROR),
        (issue(14, "strange"), EdgeState.UNKNOWN, Outcome.ERROR),
        (Missing(ref(14)), EdgeState.MISSING, Outcome.FAILED),
        (Unreachable(ref(14), "502"), EdgeState.UNREACHABLE, Outcome.ERROR),
        (None, EdgeState.UNKNOWN, Outcome.ERROR),
        (pull(14, merged=True, repository=LIB), EdgeState.NOT_LISTED, Outcome.ERROR),
    ],
)
def test_every_state_and_its_outcome(
    fact: Fact | None, expected: EdgeState, outcome: Outcome
) -> None:
    assert seen(fact) is expected
    assert outcome_of(expected) is outcome


def test_only_three_states_are_satisfied() -> None:
    done = {one for one in EdgeState if satisfied(one)}
    assert done == {EdgeState.MERGED, EdgeState.AHEAD, EdgeState.DONE}


def test_a_listed_repository_counts_in_any_spelling() -> None:
    fact = pull(14, merged=True, repository=LIB, base="trunk")
    assert seen(fact, listed_repositories=["Acme/Lib"]) is EdgeState.MERGED
    assert seen(fact, listed_repositories=["acme/library"]) is EdgeState.NOT_LISTED


def test_home_is_home_in_any_spelling() -> None:
    assert seen(pull(14, merged=True, repository="ACME/Shop")) is EdgeState.MERGED


def test_merged_into_a_base_below_ours_counts() -> None:
    fact = pull(14, merged=True, base="main")
    assert seen(fact, base_branch="feature") is EdgeState.MERGED_ELSEWHERE
    assert seen(fact, base_branch="feature", further_bases={"main"}) is EdgeState.MERGED


@pytest.mark.parametrize(
    ("members", "waiting", "expected"),
    [
        ((14, 17), 17, EdgeState.AHEAD),
        ((13, 14, 16, 17), 17, EdgeState.AHEAD),
        ((17, 14), 17, EdgeState.OPEN),
        ((17,), 17, EdgeState.OPEN),
        ((14, 16), 17, EdgeState.OPEN),
        ((), 17, EdgeState.OPEN),
    ],
)
def test_ahead_is_before_the_waiting_one_in_the_same_group(
    members: tuple[int, ...], waiting: int, expected: EdgeState
) -> None:
    found = seen(pull(14), merge_group=group(*members), waiting=ref(waiting))
    assert found is expected


def test_a_group_without_a_known_waiting_member_has_nothing_ahead() -> None:
    queue: MergeGroup = group(14, 17)
    assert seen(pull(14), merge_group=queue) is EdgeState.OPEN


def test_a_reverted_dependency_is_not_ahead() -> None:
    fact = pull(14, merged=True, reverted_by=15)
    assert seen(fact, merge_group=group(14, 17), waiting=ref(17)) is EdgeState.REVERTED


@pytest.mark.parametrize("one", list(EdgeState))
def test_every_state_has_words_and_all_that_block_have_a_next_step(one: EdgeState) -> None:
    edge = Edge(ref(17), ref(14), frozenset({EdgeSource.BODY}), one)
    words = wording(edge, home=HOME)
    assert "#14" in words.says
    assert bool(words.next_step) is not satisfied(one)


def test_words_name_what_is_known() -> None:
    edge = Edge(ref(17), ref(14), frozenset({EdgeSource.BODY}), EdgeState.MERGED_ELSEWHERE)
    fact = pull(14, merged=True, base="next")
    assert wording(edge, home=HOME, fact=fact, base_branch="main").says == (
        "#14 was merged into next, not into main"
    )
    edge = replace(edge, state=EdgeState.REVERTED)
    fact = pull(14, merged=True, reverted_by=20)
    assert wording(edge, home=HOME, fact=fact).says == "#14 was merged and then reverted by #20"
    edge = replace(edge, state=EdgeState.UNREACHABLE)
    gone = Unreachable(ref(14), "502")
    assert wording(edge, home=HOME, fact=gone).says == "#14 could not be read (502)"
    edge = replace(edge, dependency=ref(17), state=EdgeState.OPEN)
    assert wording(edge, home=HOME).says == "#17 waits for itself"


def test_a_closed_one_that_lingers_in_the_chain_is_not_ahead() -> None:
    queue = group(14, 17)
    fact = pull(14, closed=True)
    found = state(fact, reference=ref(14), base_branch="main", listed_repositories=(), home=HOME,
                  merge_group=queue, waiting=ref(17))  # fmt: skip
    assert found is EdgeState.CLOSED


def test_a_layer_whose_parent_merged_is_told_to_change_its_base() -> None:
    edge = Edge(ref(15), ref(14), frozenset(), EdgeState.MERGED_ELSEWHERE)
    found = wording(edge, home=HOME, fact=pull(14, merged=True), base_branch="change-14")
    assert found.says == "#14 was merged into main, and its branch is still the base here"
    assert found.next_step == "change the base to main"
