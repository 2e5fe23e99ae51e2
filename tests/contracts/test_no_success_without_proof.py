"""Over everything that an evaluation can have seen: `success` needs a proof (DESIGN 1.2)."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from readiness_gate.engine.assemble import conclusions
from readiness_gate.engine.conclude import exit_code, verdict
from readiness_gate.engine.plan import PlannedItem
from readiness_gate.engine.policy import StandingWaiver
from readiness_gate.engine.results import OtherHalf, results
from readiness_gate.engine.run import Executed
from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import Conclusion, ErrorClass, Half, Outcome, SkippedBy, Verdict
from readiness_gate.model.result import (
    CheckResult,
    cannot_tell,
    failed,
    not_applicable,
    not_supported,
    passed,
    pending,
)
from tests.engine.builders import items

ANSWERS: list[CheckResult | None] = [
    passed("seen"),
    failed("broken"),
    pending("waits", waiting_for="#14"),
    not_applicable("not here"),
    not_supported("no such thing"),
    *(cannot_tell(one, "unclear") for one in ErrorClass),
    None,
]
"""Everything that a check can answer; `None` is a check that was never begun."""
ITEMS = [
    "{check: file-exists}",
    "{check: http, blocking: false}",
    "{check: command, todo: steps missing}",
    "{check: http, when: {labels: [x]}}",
    "{check: file-exists, stage: scheduled}",
    "{check: command, phase: next}",
    "{check: http, phase: next}",
    "{checks: [file-exists, http]}",
    "{check: attestation}",
    "{check: merge-order}",
    "{check: rollup}",
]
HALVES = [frozenset(Half), frozenset({Half.MERGE}), frozenset({Half.CHECKS})]


@st.composite
def evaluations(
    draw: st.DrawFn,
) -> tuple[tuple[PlannedItem, ...], tuple[ItemResult, ...], frozenset[Half]]:
    chosen = draw(st.lists(st.sampled_from(ITEMS), max_size=5))
    enforce = draw(st.sampled_from(["all", "ticked", "none"]))
    sections = draw(st.sampled_from(["", "merge: {order: [2, 1]}\n", "stack: {}\n"]))
    listed = ", ".join(f"i{at}: {item}" for at, item in enumerate(chosen))
    text = f"enforce: {enforce}\nphases: [mvp, next]\nphase: mvp\n{sections}items: {{{listed}}}\n"
    planned = items(text)
    keys = sorted({one.key for item in planned for one in item.checks})
    answers = {key: draw(st.sampled_from(ANSWERS)) for key in keys}
    executed = {key: Executed(answer) for key, answer in answers.items() if answer is not None}
    waived = draw(st.sets(st.sampled_from([item.id for item in planned] or ["none"])))
    halves = draw(st.sampled_from(HALVES))
    status = draw(st.sampled_from([None, *Conclusion]))
    heard = draw(st.booleans())
    other = [OtherHalf(half, status) for half in Half if half not in halves]
    found = results(
        planned,
        executed,
        waivers={id_: StandingWaiver(id_, "agreed", "two", "2026-12-31") for id_ in waived},
        other_half=other[0] if other and heard else None,
        halves=halves,
    )
    lost = draw(st.none() | st.integers(0, 4))
    kept = tuple(one for at, one in enumerate(found) if at != lost)
    return planned, kept, halves


def proven(blocking: Sequence[ItemResult]) -> bool:
    """The rule in words of its own: proven, or all of it set aside by a person's decision."""
    if any(one.outcome is Outcome.PASSED for one in blocking):
        return True
    return all(
        one.outcome is Outcome.WAIVED or one.skipped_by is SkippedBy.WHEN for one in blocking
    )


@settings(max_examples=300, deadline=None)
@given(evaluations())
def test_success_has_a_proof_for_every_half(
    seen: tuple[tuple[PlannedItem, ...], tuple[ItemResult, ...], frozenset[Half]],
) -> None:
    planned, found, halves = seen
    decided = conclusions(planned, found, halves, draft=False)
    for half in Half:
        conclusion: Conclusion | None = getattr(decided, half.value)
        due = {item.id for item in planned if item.half is half and item.planned}
        mine = [one for one in found if one.half is half and one.id in due]
        blocking = [one for one in mine if one.blocking]
        if half not in halves or not due:
            assert conclusion is None
            continue
        bad = {Outcome.FAILED, Outcome.ERROR, Outcome.PENDING}
        if conclusion is Conclusion.SUCCESS:
            assert {one.id for one in mine} == due
            assert not bad & {one.outcome for one in blocking}
            assert proven(blocking)
        else:
            assert bad & {one.outcome for one in blocking} or not (
                {one.id for one in mine} == due and proven(blocking)
            )


@settings(max_examples=200, deadline=None)
@given(evaluations())
def test_exit_code_0_is_only_for_ready(
    seen: tuple[tuple[PlannedItem, ...], tuple[ItemResult, ...], frozenset[Half]],
) -> None:
    decided = conclusions(*seen, draft=False)
    answer = verdict(decided.merge, decided.checks)
    green = {decided.merge, decided.checks} - {None} == {Conclusion.SUCCESS}
    assert (answer is Verdict.READY) == green
    assert (exit_code(answer) == 0) == green
