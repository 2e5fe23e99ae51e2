from readiness_gate.model.outcome import Half, Outcome, Severity
from readiness_gate.report.groups import Counts, counts, grouped, of_half
from tests.report.builders import behind, item, report


def ids(rows: object) -> list[str]:
    return [getattr(row, "item", row).id for row in rows]  # type: ignore[attr-defined]


def test_every_item_stands_in_exactly_one_place() -> None:
    items = [
        *(item(outcome.value, outcome) for outcome in Outcome),
        *(item(f"{outcome.value}-free", outcome, blocking=False) for outcome in Outcome),
        behind("one", "failed"),
        behind("two", "one"),
        behind("three", "failed-free"),
    ]
    found = grouped(items)
    rows = [*found.fixes, *found.waiting, *found.unknown]
    placed = [
        *ids(rows),
        *(one.id for row in rows for one in row.consequences),
        *ids(found.not_blocking),
        *ids(found.waived),
        *ids(found.skipped),
        *ids(found.passed),
    ]
    assert sorted(placed) == sorted(one.id for one in items)


def test_consequences_stand_under_the_first_cause() -> None:
    items = [item("boot", Outcome.FAILED), behind("smoke", "boot"), behind("report", "smoke")]
    found = grouped(items)
    assert ids(found.fixes) == ["boot"]
    assert [one.id for one in found.fixes[0].consequences] == ["smoke", "report"]
    assert found.unknown == ()


def test_a_consequence_without_its_cause_stands_for_itself() -> None:
    assert ids(grouped([behind("smoke", "absent")]).unknown) == ["smoke"]


def test_causes_in_a_circle_hide_nothing() -> None:
    found = grouped([behind("a", "b"), behind("b", "a")])
    rows = [*found.unknown]
    assert sorted([*ids(rows), *(one.id for row in rows for one in row.consequences)]) == ["a", "b"]


def test_what_blocks_is_not_hidden_under_what_does_not() -> None:
    found = grouped([item("boot", Outcome.FAILED, blocking=False), behind("smoke", "boot")])
    assert ids(found.unknown) == ["smoke"]
    assert not found.ready


def test_the_worst_comes_first_and_equals_keep_their_order() -> None:
    items = [
        item("low", Outcome.FAILED, severity=Severity.LOW),
        item("high-b", Outcome.FAILED),
        item("critical", Outcome.FAILED, severity=Severity.CRITICAL),
        item("high-a", Outcome.FAILED),
    ]
    assert ids(grouped(items).fixes) == ["critical", "high-b", "high-a", "low"]


def test_several_lines_of_one_finding_share_a_row_under_the_worst() -> None:
    said = {"check": "orphaned-rows", "summary": "84 orphaned rows"}
    items = [
        item("line-of-july", Outcome.FAILED, **said),
        item("other", Outcome.FAILED),
        item("line-of-may", Outcome.FAILED, severity=Severity.CRITICAL, **said),
    ]
    rows = grouped(items).fixes
    assert [[one.id for one in row.items] for row in rows] == [
        ["line-of-may", "line-of-july"],
        ["other"],
    ]


def test_what_does_not_block_leaves_a_half_ready() -> None:
    assert grouped([item("a"), item("b", Outcome.FAILED, blocking=False)]).ready


def test_counts_are_over_all_items() -> None:
    items = [item(outcome.value, outcome) for outcome in Outcome]
    assert counts([*items, behind("x", "failed")]) == Counts(1, 1, 2, 1, 1, 1)


def test_a_half_has_its_own_items_only() -> None:
    both = report(item("a"), item("b", half=Half.MERGE))
    assert [one.id for one in of_half(both, Half.MERGE)] == ["b"]
