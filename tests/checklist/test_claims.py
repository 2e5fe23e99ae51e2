"""What a checklist claims beside what was found: ticks, percentages, figures, placeholders."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.checklist import shares, statistics
from readiness_gate.checklist.claims import Found, claims
from readiness_gate.checklist.contradictions import MOST
from readiness_gate.checklist.document import (
    Decision,
    DeclaredShares,
    Document,
    Item,
    Matrix,
    Placeholder,
    Share,
    SignOff,
    Statistic,
)
from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import ErrorClass, Half, Outcome, SkippedBy
from readiness_gate.model.report import Claim

P, F, E, N, W, S = (
    Outcome.PASSED,
    Outcome.FAILED,
    Outcome.ERROR,
    Outcome.PENDING,
    Outcome.WAIVED,
    Outcome.SKIPPED,
)


def line(id_: str, *, ticked: bool = False, category: str = "Security", **more: Any) -> Item:
    given_more: dict[str, Any] = {"section": (category,), "line": 3} | more
    return Item(id_, id_.upper(), ticked, "L.md", category=category, **given_more)


def result(id_: str, outcome: Outcome = P, **more: Any) -> ItemResult:
    given_more: dict[str, Any] = {"half": Half.CHECKS, "check": "http", "title": id_} | more
    if outcome is S:
        given_more.setdefault("skipped_by", SkippedBy.STAGE)
    return ItemResult(
        id=id_,
        outcome=outcome,
        error_class=ErrorClass.INTERNAL if outcome is E else None,
        **given_more,
    )


def told(
    lines: Sequence[Item],
    results: Sequence[ItemResult],
    *,
    phases: Sequence[str] = ("mvp", "phase-1"),
    phase: str | None = None,
    ready: bool = False,
    **document: Any,
) -> list[Claim]:
    found = Found(results, {one.id: one for one in lines}, phases, phase, ready)
    return list(claims([Document("L.md", tuple(lines), **document)], found))


@pytest.mark.parametrize(
    ("ticked", "outcome", "expected"),
    [
        (True, P, ("ticked", "passed", True)),
        (True, W, ("ticked", "waived", True)),
        (True, F, ("ticked", "failed", False)),
        (True, N, ("ticked", "pending", False)),
        (True, E, None),
        (True, S, None),
        (False, P, ("not ticked", "passed", False)),
        (False, F, None),
        (False, N, None),
        (False, W, None),
    ],
)
def test_a_tick_is_held_against_what_was_found(
    ticked: bool, outcome: Outcome, expected: tuple[str, str, bool] | None
) -> None:
    seen = told([line("a", ticked=ticked)], [result("a", outcome)])
    assert [(one.declared, one.computed, one.agrees) for one in seen] == (
        [expected] if expected else []
    )
    assert all((one.kind, one.item, one.path, one.line) == ("tick", "a", "L.md", 3) for one in seen)


def declared(category: str, *percents: tuple[str, float], overall: bool = False) -> DeclaredShares:
    shown = tuple(Share(phase, percent, f"{percent}%") for phase, percent in percents)
    return DeclaredShares(category, shown, 9, (), overall)


SECURITY = [line(f"s{at}", ticked=at < 5) for at in range(19)]


def of_kind(kind: str, seen: Sequence[Claim]) -> list[tuple[str, str, str, bool]]:
    return [(one.text, one.declared, one.computed, one.agrees) for one in seen if one.kind == kind]


def test_a_heading_is_held_against_what_passed_and_what_is_ticked_below_it() -> None:
    results = [result(f"s{at}", P if at < 4 else F) for at in range(19)]
    seen = told(SECURITY, results, headings=(declared("Security", ("mvp", 60), ("phase-1", 100)),))
    assert of_kind("share", seen) == [("Security, mvp", "60 %", "21 % (4 of 19)", False)]
    assert of_kind("contradiction", seen) == [
        ("Security, mvp", "60 %", "5 of 19 lines below it ticked, 26 %", False)
    ]


def test_what_was_not_asked_for_can_still_make_a_heading_true() -> None:
    results = [result(f"s{at}", P if at < 4 else S) for at in range(19)]
    seen = told(SECURITY, results, headings=(declared("Security", ("mvp", 60)),))
    assert of_kind("share", seen) == [
        ("Security, mvp", "60 %", "21 to 100 % (4 of 19, 15 not asked for)", True)
    ]


def test_a_goal_of_a_later_phase_is_no_claim_until_that_phase_is_enforced() -> None:
    heading = (declared("Security", ("mvp", 10), ("phase-1", 100)),)
    results = [result(f"s{at}", P if at < 5 else F, phase="phase-1") for at in range(19)]
    results[0] = result("s0", P, phase="mvp")
    now = of_kind("share", told(SECURITY, results, headings=heading))
    then = of_kind("share", told(SECURITY, results, headings=heading, phase="phase-1"))
    assert [one[0] for one in now] == ["Security, mvp"]
    assert then[1] == ("Security, phase-1", "100 %", "26 % (5 of 19)", False)


def test_a_row_of_a_matrix_finds_its_heading_by_its_first_word() -> None:
    lines = [
        line("m", category="Monitoring & Observability"),
        line("c", category="Cost Management"),
        line("c2", category="Compliance & Governance"),
    ]
    results = [result("m", F), result("c", P), result("c2", P)]
    rows = (
        declared("Monitoring", ("mvp", 50)),
        declared("Cost Mgmt", ("mvp", 50)),
        declared("Nowhere", ("mvp", 50)),
        declared("Overall", ("mvp", 50), overall=True),
    )
    seen = told(lines, results, matrices=(Matrix(8, (), ("mvp",), rows),))
    assert of_kind("share", seen) == [
        ("Monitoring, mvp", "50 %", "0 % (0 of 1)", False),
        ("Cost Mgmt, mvp", "50 %", "100 % (1 of 1)", True),
        ("Overall, mvp", "50 %", "66 % (2 of 3)", True),
    ]


def test_a_short_name_that_two_headings_begin_with_finds_neither() -> None:
    lines = {
        one.id: one for one in [line("a", category="Data use"), line("b", category="Data loss")]
    }
    found = shares.Categories([result("a"), result("b")], lines)
    assert found.under("Data") == found.under("!") == []


def test_a_last_row_that_is_not_the_mean_of_its_columns_is_named() -> None:
    rows = (
        declared("Security", ("mvp", 60), ("phase-1", 100)),
        declared("Monitoring", ("mvp", 0), ("phase-1", 80)),
        declared("Overall", ("mvp", 38), ("phase-1", 90), overall=True),
    )
    seen = told([], [], matrices=(Matrix(8, (), ("mvp", "phase-1"), rows),))
    assert of_kind("contradiction", seen) == [
        ("Overall, mvp", "38 %", "30 % is the mean of its column", False)
    ]


def test_a_matrix_that_says_another_figure_than_its_heading_is_named() -> None:
    seen = told(
        [],
        [],
        headings=(declared("Security", ("mvp", 60)),),
        matrices=(Matrix(8, (), ("mvp",), (declared("Security", ("mvp", 50)),)),),
    )
    assert of_kind("contradiction", seen) == [("Security, mvp", "50 %", "60 % in line 9", False)]


def stat(label: str, value: float, relation: str = "==", unit: str = "", at: int = 7) -> Statistic:
    return Statistic(label, value, relation, unit, at, (), f"{label}: {value:g}")


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Число таблиц", "tables"),
        ("FK constraints", "foreign-keys"),
        ("CASCADE политики", "cascade"),
        ("SET NULL политики", "set-null"),
        ("RESTRICT политики", "restrict"),
        ("Orphaned записей", "orphaned-rows"),
        ("orphaned records in the table", "orphaned-rows"),
        ("Миграции", "migrations"),
        ("Test coverage", "coverage"),
        ("Users", None),
        ("portable devices", None),
    ],
)
def test_a_figure_is_known_by_the_words_beside_it(label: str, name: str | None) -> None:
    assert statistics.named(label) == name


FIGURES = {"tables": 88, "foreign-keys": 99, "orphaned-rows": 84}


@pytest.mark.parametrize(
    ("stated", "declared_as", "computed", "agrees"),
    [
        (stat("tables", 88), "88", "88", True),
        (stat("FKs", 98), "98", "99", False),
        (stat("FKs", 140, ">="), "140 or more", "99", False),
        (stat("FKs", 95, "~"), "about 95", "99", True),
        (stat("FKs", 45, "~"), "about 45", "99", False),
        (stat("orphans", 0), "0", "84", False),
        (stat("orphans", 80, ">"), "more than 80", "84", True),
        (stat("orphans", 100, "<"), "< 100", "84", True),
    ],
)
def test_a_stated_figure_stands_beside_the_measured_one(
    stated: Statistic, declared_as: str, computed: str, agrees: bool
) -> None:
    seen = told([], [result("a", figures=FIGURES)], statistics=(stated,))
    assert of_kind("statistic", seen) == [(stated.text, declared_as, computed, agrees)]


def test_what_nobody_measured_is_held_against_nothing() -> None:
    assert told([], [result("a")], statistics=(stat("tables", 1), stat("users", 9))) == []


def test_of_several_databases_each_may_be_meant() -> None:
    results = [result("a", figures={"tables": 5}), result("b", figures={"tables": 7})]
    seen = told([], results, statistics=(stat("tables", 7), stat("tables", 7.5, "~", at=8)))
    assert [one[2:] for one in of_kind("statistic", seen)] == [("5 and 7", True), ("5 and 7", True)]


def test_figures_that_cannot_all_be_true_are_named_once_each() -> None:
    seen = told(
        [],
        [],
        statistics=(
            stat("FKs", 140, ">=", at=4),
            stat("FK constraints", 99),
            stat("CASCADE", 45, "~"),
            stat("SET NULL", 90, "~"),
            stat("RESTRICT", 2),
            stat("orphaned", 0),
            stat("orphans", 0),
        ),
    )
    assert of_kind("contradiction", seen) == [
        ("FK constraints: 99", "99", "FKs: 140 (line 4)", False),
        ("FK constraints: 99", "99", "45 + 90 + 2 = 137 by what a delete does", False),
    ]


@pytest.mark.parametrize(
    ("chosen", "ready", "agrees"),
    [("GO", True, True), ("GO", False, False), ("NO-GO", False, True), ("NO-GO", True, True)],
)
def test_a_decision_is_held_against_the_verdict(chosen: str, ready: bool, agrees: bool) -> None:
    decision = Decision(4, (), ("GO", "NO-GO"), chosen, "DECISION: GO or NO-GO")
    (claim,) = told([], [], ready=ready, decisions=(decision,))
    assert (claim.kind, claim.declared, claim.agrees) == ("decision", chosen, agrees)
    assert told([], [], decisions=(Decision(4, (), ("GO",), None, "open"),)) == []


@pytest.mark.parametrize(("outcome", "agrees"), [(P, True), (N, False), (W, True)])
def test_a_name_in_a_table_is_held_against_the_role_s_sign_off(
    outcome: Outcome, agrees: bool
) -> None:
    signed = SignOff("Technical Lead", 7, (), name="Robin", signed=True)
    (claim,) = told([], [result("sign-off-technical-lead", outcome)], sign_offs=(signed,))
    assert (claim.text, claim.declared) == ("Signed by Technical Lead", "Robin")
    assert (claim.kind, claim.computed, claim.agrees) == ("signature", outcome.value, agrees)


def test_a_signature_that_nobody_claims_or_that_no_item_asks_for_is_no_claim() -> None:
    empty = SignOff("Technical Lead", 7, ())
    other = SignOff("Legal", 8, (), name="Kim", signed=True)
    results = [result("sign-off-technical-lead", N)]
    assert told([], results, sign_offs=(empty, other)) == []


def test_placeholders_are_told_once_with_their_places() -> None:
    places = tuple(Placeholder("[Contact info]", at, ()) for at in range(220, 230))
    seen = told([], [], placeholders=(*places, Placeholder("<THIS_PR_NUMBER>", 92, ())))
    assert of_kind("placeholder", seen) == [
        (
            "[Contact info]",
            "a placeholder",
            "still to be filled in: lines 220, 221, 222, 223, 224, 225, 226, 227, …",
            False,
        ),
        ("<THIS_PR_NUMBER>", "a placeholder", "still to be filled in: line 92", False),
    ]


def test_the_formula_leaves_out_what_is_waived_or_does_not_apply() -> None:
    outcomes = [P, P, F, E, N, W, S]
    results = [result(f"i{at}", one) for at, one in enumerate(outcomes)]
    results.append(result("when", S, skipped_by=SkippedBy.WHEN))
    results.append(result("check", S, skipped_by=SkippedBy.CHECK))
    seen = shares.tally(results)
    assert (seen.passed, seen.counted, seen.open, seen.waived) == (2, 5, 1, 1)
    assert seen.told() == "33 to 50 % (2 of 6, 1 not asked for)"
    assert shares.tally([]).told() == "nothing to count"


@pytest.mark.parametrize(
    ("outcomes", "target", "met"),
    [
        ([P, F], 50, True),
        ([P, F], 51, False),
        ([P, S], 50, True),
        ([P, S], 51, None),
        ([F, S], 51, False),
        ([W], 1, None),
        ([], 0, None),
    ],
)
def test_a_target_is_met_or_missed_only_where_open_lines_cannot_change_it(
    outcomes: list[Outcome], target: int, met: bool | None
) -> None:
    assert shares.tally(result(f"i{at}", o) for at, o in enumerate(outcomes)).met(target) is met


def test_a_phase_holds_those_before_it_and_lines_without_one_are_of_the_first() -> None:
    results = [result("a"), result("b", phase="mvp"), result("c", phase="next")]
    phases = ["mvp", "next"]
    assert [one.id for one in shares.up_to(results, "mvp", phases)] == ["a", "b"]
    assert [one.id for one in shares.up_to(results, "next", phases)] == ["a", "b", "c"]


def test_a_document_of_thousands_of_claims_costs_no_more_than_its_first() -> None:
    many = 5_000
    lines = [line(f"i{at}", ticked=True) for at in range(many)]
    results = [result(f"i{at}", F) for at in range(many)]
    headings = tuple(declared(f"H{at}", ("mvp", 60)) for at in range(many))
    figures = tuple(stat("tables", at) for at in range(many))
    seen = told(lines, results, headings=headings, statistics=figures)
    assert len(of_kind("tick", seen)) == many
    assert len(of_kind("contradiction", seen)) == MOST - 1


OUTCOMES = st.lists(st.sampled_from(list(Outcome)), max_size=20)


@given(OUTCOMES, st.integers(0, 100))
def test_the_bounds_hold_whatever_the_open_lines_turn_out_to_be(
    outcomes: list[Outcome], target: int
) -> None:
    results = [result(f"i{at}", one) for at, one in enumerate(outcomes)]
    seen = shares.tally(results)
    best = shares.tally(
        result(one.id, P) if one.outcome is S else one for one in results
    )  # all that is open passes
    worst = shares.tally(result(one.id, F) if one.outcome is S else one for one in results)
    assert (seen.least, seen.most) == (worst.least, best.least)
    if seen.met(target) is not None:
        assert best.met(target) is seen.met(target)
        assert worst.met(target) is seen.met(target)
