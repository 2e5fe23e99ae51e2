"""The report: conclusions, shares against targets, ticks beside what was found."""

from datetime import UTC, datetime
from typing import Any

from readiness_gate.checks.context import MergeFacts
from readiness_gate.engine.assemble import Circumstance, assemble, conclusions
from readiness_gate.engine.merge_facts import facts_of
from readiness_gate.engine.policy import Policy
from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import Conclusion, ErrorClass, Half, Outcome, SkippedBy, Verdict
from readiness_gate.model.report import ApiUsage, Conclusions, Report, Span
from tests.engine.builders import items, policy
from tests.merge.builders import graph, issue, pull, rules

AT = datetime(2026, 3, 2, tzinfo=UTC)


def item(
    id_: str, outcome: Outcome, *, half: Half = Half.CHECKS, category: str = "", **more: Any
) -> ItemResult:
    return ItemResult(
        id=id_,
        title=id_,
        half=half,
        check="http",
        category=category,
        outcome=outcome,
        error_class=ErrorClass.INTERNAL if outcome is Outcome.ERROR else None,
        skipped_by=SkippedBy.CHECK if outcome is Outcome.SKIPPED else None,
        **more,
    )


def report(
    given: Policy,
    results: list[ItemResult],
    *,
    facts: MergeFacts | None = None,
    draft: bool = False,
    timeline: tuple[Span, ...] = (),
    notes: tuple[str, ...] = (),
) -> Report:
    about = Circumstance("acme/shop", 14, "a" * 40, "b" * 40, None, draft, AT, AT, ApiUsage())
    decided = Conclusions(checks=Conclusion.SUCCESS)
    return assemble(given, results, decided, facts, timeline, about, notes)


def test_each_half_is_concluded_over_its_own_items() -> None:
    planned = items("merge: {}\nitems: {a: http}")
    results = [item("a", Outcome.PASSED), item("dependencies-merged", Outcome.FAILED,
                                               half=Half.MERGE)]  # fmt: skip
    decided = conclusions(planned, results, frozenset(Half), draft=False)
    assert (decided.merge, decided.checks) == (Conclusion.FAILURE, Conclusion.SUCCESS)
    decided = conclusions(planned, results, frozenset({Half.CHECKS}), draft=True)
    assert (decided.merge, decided.checks) == (None, Conclusion.SUCCESS)


def test_a_result_that_is_missing_is_an_error() -> None:
    planned = items("items: {a: http, b: file-exists}")
    results = [item("a", Outcome.PASSED)]
    assert conclusions(planned, results, frozenset(Half), draft=False).checks is Conclusion.ERROR


TARGETS = "phases: [mvp, next]\nphase: mvp\ntargets: {Security: {mvp: 60, next: 100}}"


def test_a_share_counts_what_applied_and_ignores_case() -> None:
    results = [
        item("a", Outcome.PASSED, category="security"),
        item("b", Outcome.FAILED, category="Security"),
        item("c", Outcome.SKIPPED, category="Security"),
        item("d", Outcome.PASSED, category="Other"),
    ]
    share, goal = report(policy(TARGETS), results).targets
    assert (share.category, share.phase, share.target) == ("Security", "mvp", 60)
    assert (share.passed, share.applicable, share.open, share.met) == (1, 2, 0, False)
    assert (goal.phase, goal.target, goal.met) == ("next", 100, False)


def test_a_share_of_nothing_is_not_shown() -> None:
    assert report(policy(TARGETS), [item("a", Outcome.SKIPPED, category="Security")]).targets == ()
    without = "targets: {Security: {mvp: 60}}"
    assert report(policy(without), [item("a", Outcome.PASSED, category="Security")]).targets == ()


MATRIX = """\
## Security ✅ MVP 60% → Phase 1 100%

### Tokens

- [x] Keys rotate <!-- id: a -->
- [ ] Tokens expire (Phase 1) <!-- id: b -->
- [ ] Reviewed (Phase 3) <!-- id: c -->

## Sign-off

| Category | MVP | Phase 1 |
|---|---|---|
| Security | 60% | 100% |
| Overall | 70% | 100% |

- **Tables**: 88
- **Foreign keys**: 99
- **On call**: [Contact info]
"""
BOUND = "items: {a: http, b: {check: http, with: {value: b}}, c: file-exists}"


def test_a_matrix_is_aimed_at_where_the_configuration_aims_at_nothing() -> None:
    results = [item("a", Outcome.PASSED, phase="mvp"), item("b", Outcome.FAILED, phase="phase-1"),
               item("c", Outcome.FAILED, phase="phase-3")]  # fmt: skip
    (now,) = report(policy(BOUND, MATRIX), results).targets
    assert (now.category, now.phase, now.target, now.met) == ("Security", "mvp", 60, True)
    (then,) = report(policy(f"phase: phase-1\n{BOUND}", MATRIX), results).targets
    assert (then.phase, then.passed, then.applicable, then.met) == ("phase-1", 1, 2, False)
    own = f"targets: {{Security: {{phase-3: 10}}}}\n{BOUND}"
    (last,) = report(policy(own, MATRIX), results).targets
    assert (last.phase, last.passed, last.applicable, last.met) == ("phase-3", 1, 3, True)


def test_a_phase_that_the_matrix_lacks_comes_after_those_that_it_has() -> None:
    assert policy("", MATRIX).checklist.phases == ("mvp", "phase-1", "phase-3")


def test_what_a_document_says_stands_beside_what_was_found() -> None:
    counted = {"tables": 88, "foreign-keys": 98}
    results = [item("a", Outcome.FAILED, figures=counted), item("b", Outcome.PASSED)]
    told = [
        (one.kind, one.text, one.declared, one.computed, one.agrees)
        for one in report(policy(BOUND, MATRIX), results).claims
    ]
    assert told == [
        ("tick", "Keys rotate", "ticked", "failed", False),
        ("tick", "Tokens expire", "not ticked", "passed", False),
        ("share", "Security, mvp", "60 %", "50 % (1 of 2)", False),
        ("share", "Overall, mvp", "70 %", "50 % (1 of 2)", False),
        ("statistic", "Tables: 88", "88", "88", True),
        ("statistic", "Foreign keys: 99", "99", "98", False),
        ("contradiction", "Security, mvp", "60 %", "1 of 3 lines below it ticked, 33 %", False),
        ("contradiction", "Overall, mvp", "70 %", "60 % is the mean of its column", False),
        ("placeholder", "[Contact info]", "a placeholder", "still to be filled in: line 18", False),
    ]


def test_where_only_ticked_lines_block_what_passes_is_told_to_be_ticked() -> None:
    results = [item("a", Outcome.PASSED), item("b", Outcome.PASSED), item("c", Outcome.FAILED)]
    told = report(policy(f"enforce: ticked\n{BOUND}", MATRIX), results).notes
    assert "passes: tick it, and it is enforced: b" in told
    assert not [one for one in report(policy(BOUND, MATRIX), results).notes if "tick it" in one]


DONE = "# ✅ Done\n\n- ✅ A <!-- id: a -->\n- ✅ B <!-- id: b -->\n\n**Status**: Ready for Use\n"


def test_a_ticked_heading_and_a_status_are_held_against_what_was_found() -> None:
    results = [item("a", Outcome.PASSED), item("b", Outcome.FAILED)]
    told = report(policy(BOUND.replace(", c: file-exists", ""), DONE), results).claims
    assert [(one.text, one.computed, one.agrees) for one in told[2:]] == [
        ("Done", "50 % (1 of 2)", False),
        ("Status: Ready for Use", "ready", True),
    ]


def test_what_an_open_line_counts_is_its_problem_and_no_claim() -> None:
    text = "- [ ] Orphans <!-- id: a -->\n  - **Problem:** 84+ orphaned records\n"
    results = [item("a", Outcome.FAILED, figures={"orphaned-rows": 3})]
    assert report(policy("items: {a: http}", text), results).claims == ()
    ticked = report(policy("items: {a: http}", text.replace("[ ]", "[x]")), results).claims
    assert [(one.kind, one.agrees) for one in ticked] == [("tick", False), ("statistic", False)]


MARKDOWN = "- [x] A <!-- id: a -->\n- [x] B <!-- id: b -->\n- [ ] C <!-- id: c -->\n"


def test_a_tick_is_a_claim_that_the_result_agrees_with_or_not() -> None:
    given = policy("items: {a: http, b: http, c: http}", MARKDOWN)
    results = [item("a", Outcome.PASSED), item("b", Outcome.FAILED), item("c", Outcome.FAILED)]
    claims = report(given, results).claims
    assert [(one.text, one.computed, one.agrees) for one in claims] == [
        ("A", "passed", True), ("B", "failed", False),
    ]  # fmt: skip


def test_what_could_not_be_decided_contradicts_no_tick() -> None:
    given = policy("items: {a: http, b: http}", MARKDOWN)
    assert report(given, [item("a", Outcome.ERROR), item("b", Outcome.SKIPPED)]).claims == ()


def test_edges_cycles_and_the_order_are_written_out() -> None:
    one, other = pull(1, body="Depends on #2"), pull(2, body="Depends on #1\nDepends on #7")
    seen = graph(one, other, by=rules(order=[1, 2]), facts=[issue(7)])
    merge = report(policy("merge: {}"), [], facts=facts_of(seen, other, None)).merge
    assert merge.order == ("acme/shop#1", "acme/shop#2")
    edges = {(edge.waiting, edge.dependency): edge.state for edge in merge.edges}
    assert ("acme/shop#2", "acme/shop#1") in edges
    assert edges["acme/shop#2", "acme/shop#7"].value == "open"
    assert merge.parsed


def test_a_cycle_is_named_by_its_members() -> None:
    one, other = pull(1, body="Depends on #2"), pull(2, body="Depends on #1")
    merge = report(policy(""), [], facts=facts_of(graph(one, other), other, None)).merge
    (cycle,) = merge.cycles
    assert set(cycle) == {"acme/shop#1", "acme/shop#2"}


def test_notes_come_once_and_the_timeline_in_order() -> None:
    spans = (
        Span(name="b", kind="check", start_ms=2, end_ms=3),
        Span(name="a", kind="build", start_ms=0, end_ms=2),
    )
    seen = report(policy(""), [], draft=True, timeline=spans, notes=("x", "x"))
    assert [span.name for span in seen.timeline] == ["a", "b"]
    assert seen.notes[0] == "x"
    assert len(seen.notes) == 2
    assert seen.verdict is Verdict.READY
    assert set(seen.versions) == {"readiness-gate", "python"}


def test_the_report_survives_its_own_json() -> None:
    seen = report(policy(TARGETS), [item("a", Outcome.ERROR, category="Security")])
    assert Report.model_validate_json(seen.model_dump_json(by_alias=True)) == seen
