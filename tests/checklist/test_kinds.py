"""Eight checklists of different kinds, counted by hand; `kinds/` holds them."""

from collections import Counter
from pathlib import Path

import pytest

from readiness_gate.checklist.document import (
    BoxForm,
    Checklist,
    ClaimKind,
    Decision,
    Dependency,
    Document,
    FieldKind,
    Item,
    Share,
)
from readiness_gate.checklist.markdown import read_checklists
from readiness_gate.model.outcome import Severity, Stage

KINDS = Path(__file__).parent / "kinds"


def read(name: str) -> Checklist:
    return read_checklists([(name, (KINDS / name).read_bytes())])


def document(name: str) -> Document:
    return read(name).documents[0]


def item(name: str, id_: str) -> Item:
    return next(one for one in read(name).lines if one.id == id_)


COUNTED = {
    # name: lines, ticked, by form
    "fenced.md": (12, 3, {"plain": 8, "list": 3, "icon": 1}),
    "german.md": (7, 2, {"icon": 3, "list": 4}),
    "html.md": (8, 3, {"input": 5, "list": 3}),
    "nested.md": (8, 3, {"list": 8}),
    "priorities.md": (16, 2, {"list": 16}),
    "scripts.md": (12, 3, {"list": 10, "icon": 2}),
    "table.md": (8, 2, {"cell": 7, "plain": 1}),
    "template.md": (9, 2, {"list": 8, "plain": 1}),
}


@pytest.mark.parametrize("name", COUNTED)
def test_the_boxes_of_a_kind_are_counted_as_by_hand(name: str) -> None:
    lines = read(name).lines
    forms = Counter(line.box.form.value for line in lines if line.box)
    assert (len(lines), sum(line.ticked for line in lines), dict(forms)) == COUNTED[name]


def test_there_are_eight() -> None:
    assert {path.name for path in KINDS.iterdir()} == set(COUNTED)


@pytest.mark.parametrize("name", COUNTED)
def test_every_box_is_at_its_place_in_the_file(name: str) -> None:
    data = (KINDS / name).read_bytes()
    places = set()
    for line in read(name).lines:
        assert line.box is not None
        mark = line.box.mark.encode()
        assert data[line.box.start :].startswith(mark)
        assert data[: line.box.start].count(b"\n") == line.line - 1
        places.add(line.box.start)
    assert len(places) == COUNTED[name][0]


def test_a_table_gives_severity_phase_and_owner_to_its_rows() -> None:
    lines = read("table.md").lines
    assert [line.severity for line in lines[:4]] == list(Severity)
    assert [line.phase for line in lines[4:7]] == ["mvp", "phase-2", "phase-2"]
    assert all(line.own_severity for line in lines[:4])
    assert lines[0].field(FieldKind.OWNER) == "@ops-lead"
    assert [line.text for line in lines[2:7]] == [
        "Invoices | credit notes reconcile",
        "Old exports are removed after 30 days",
        "Rotate the signing key",
        "Turn on rate limits (100/minute)",
        "Revoke old tokens",
    ]
    assert lines[4].id == "KEY-1"


def test_a_table_that_compares_ticks_nothing() -> None:
    assert not any(line.section[-1] == "Options compared" for line in read("table.md").lines)


def test_a_table_of_percentages_is_a_matrix() -> None:
    (matrix,) = document("table.md").matrices
    assert matrix.phases == ("mvp", "phase-2")
    assert [(row.category, row.overall) for row in matrix.rows] == [
        ("Billing", False),
        ("Exports", False),
        ("Total", True),
    ]
    assert matrix.rows[1].shares == (Share("mvp", 0.0, "0%"), Share("phase-2", 75.0, "75%+"))


def test_a_table_of_roles_says_who_signed() -> None:
    assert [
        (one.role, one.name, one.date, one.signed) for one in document("table.md").sign_offs
    ] == [
        ("Engineering", "A. Engineer", "2025-03-04", True),
        ("Security", "", "", False),
        ("Legal", "", "", False),
    ]


def test_html_is_read_and_what_is_commented_out_is_not() -> None:
    found = read("html.md")
    assert [line.text for line in found.lines] == [
        "Domain points to the load balancer",
        "Certificate renews by itself",
        "Status page is public",
        "Robots file is right",
        "Search console is claimed",
        "Redirects are tested",
        "Old site answers 301",
        "Sitemap is sent",
    ]
    assert found.lines[6].section == ("Launch list", "After launch")
    assert found.warnings == (
        "html.md:26: a box without words is left out",
        "html.md:30: a comment is never closed; what follows is read",
    )


def test_what_stands_under_an_item_is_its_own() -> None:
    freeze, _, tag, backup, _, metrics, _, drill = read("nested.md").lines
    assert [(one.kind, one.text) for one in freeze.fields] == [
        (FieldKind.PROBLEM, "two teams write migrations at once"),
        (FieldKind.FIX, "announce it, then run alembic heads"),
        (FieldKind.OWNER, "database team"),
    ]
    assert [one.text for one in freeze.commands] == ["alembic heads"]
    assert [(one.text, one.line, one.comment) for one in tag.commands] == [
        ("alembic current", 21, "where are we?"),
        ('git tag -a freeze -m "freeze"', 22, ""),
    ]
    assert backup.options == ("daily", "encrypted")
    assert metrics.options == ("requests per second", "error rate < 1%")
    assert [one.text for one in drill.commands] == ["./scripts/drill.sh --dry-run"]
    assert [one.text for _, one in document("nested.md").commands] == ["make report"]


def test_nested_boxes_know_the_box_around_them() -> None:
    assert [(line.id, line.parent) for line in read("nested.md").lines if line.parent] == [
        ("announce-in-the-channel", "freeze-the-schema"),
        ("tag-the-last-revision", "freeze-the-schema"),
        ("and-the-p99-1-5s", "check-the-metrics"),
    ]


def test_orders_of_merges_are_read_from_arrows_and_from_lists() -> None:
    found = document("nested.md")
    arrows, listed = found.sequences
    assert [one.number or one.placeholder for one in arrows.steps] == [31, 30, "THIS_PR_NUMBER", 28]
    assert [(one.number, one.after) for one in listed.steps] == [
        (31, ()),
        (30, (31,)),
        (28, (30, 31)),
    ]
    assert found.dependencies == (Dependency(30, (31,), 8), Dependency(28, (30, 31), 9))


def test_german_with_a_mark_windows_ends_and_paper_boxes() -> None:
    lines = read("german.md").lines
    assert [(line.line, line.ticked, line.severity, line.phase) for line in lines] == [
        (6, True, Severity.CRITICAL, "phase-1"),
        (7, False, Severity.CRITICAL, "phase-1"),
        (8, False, Severity.CRITICAL, "phase-1"),
        (11, True, Severity.HIGH, "phase-1"),
        (12, False, Severity.HIGH, "phase-1"),
        (17, False, Severity.LOW, "phase-2"),
        (18, False, Severity.LOW, "phase-2"),
    ]
    assert lines[2].condition == "falls nötig"
    assert lines[4].text == "„Spaß“ ist kein Passwort"
    assert lines[6].id == "strasse-ubung-apfel"


def test_any_script_has_ids_sections_and_duplicates() -> None:
    lines = read("scripts.md").lines
    assert len({line.id for line in lines}) == 12
    assert lines[0].section == ("发布清单", "安全")
    assert (lines[5].same_as, lines[5].id) == (lines[4].id, lines[4].id + "-2")
    assert lines[8].section[-1] == "परीक्षण"
    load, dashboards, errors = lines[9:]
    assert (load.severity, load.thresholds[0].relation, load.thresholds[0].unit) == (
        Severity.HIGH,
        "<=",
        "ms",
    )
    assert dashboards.condition == "если применимо"
    assert (errors.cadence, errors.stage) == ("daily", Stage.SCHEDULED)


def test_boxes_in_fences_of_every_kind() -> None:
    found = document("fenced.md")
    assert [one.text for one in found.items] == [
        "snapshot volume",
        "stop writers",
        "start writers",
        "compare row counts",
        "indented like code",
        "and ticked",
        "inside a fence in a fence",
        "this is a box on paper",
        "call the customer",
        "tell support",
        "the fence below is never closed",
        "so this is still inside",
    ]
    snapshot, stop = found.items[:2]
    assert [one.text for one in snapshot.commands] == ["aws ec2 create-snapshot --volume-id vol-1"]
    assert stop.options == ("api", "worker")
    assert [(one.line, one.message) for one in found.notices] == [
        (42, "a fence is never closed; all below is inside it")
    ]


def test_a_decision_and_signatures_in_prose() -> None:
    found = document("fenced.md")
    text = "Decision: [x] GO / [ ] NO-GO"
    assert found.decisions == (Decision(37, ("Cut-over sheet",), ("GO", "NO-GO"), "GO", text),)
    assert [(one.role, one.name, one.date, one.signed) for one in found.sign_offs] == [
        ("Release Manager", "R. Manager", "2025-06-01", True),
        ("Security Officer", "", "", False),
    ]


def test_an_items_own_tag_beats_its_section() -> None:
    lines = read("priorities.md").lines
    assert [(line.severity, line.phase) for line in lines] == [
        (Severity.CRITICAL, "phase-1"),
        (Severity.HIGH, "mvp"),
        (Severity.MEDIUM, None),
        (Severity.HIGH, None),
        (None, None),
        (Severity.CRITICAL, None),
        (Severity.LOW, None),
        *[(None, None)] * 7,
        (None, "phase-3"),
        (None, "phase-2"),
    ]
    assert [line.text for line in lines[:4]] == [
        "Two replicas answer at all times",
        "Timeouts under 800ms to every dependency",
        "Retries have a budget of 10%",
        "Restarts are safe",
    ]
    assert read("priorities.md").phases == ("phase-1", "mvp", "phase-3", "phase-2")


def test_cadences_conditions_and_shares_of_sections() -> None:
    lines = {line.id: line for line in read("priorities.md").lines}
    assert lines["look-at-slow-queries"].cadence == "weekly"
    assert lines["rebuild-the-suggestions-monthly"].cadence == "monthly"
    assert lines["rebuild-the-suggestions-monthly"].stage is Stage.SCHEDULED
    assert lines["no-paging"].cadence == "first-24-hours"
    assert lines["no-paging"].stage is Stage.POST_DEPLOY
    assert lines["index-is-40-60gb"].condition == "if used by partners"
    (declared,) = document("priorities.md").headings
    assert declared.category == "Reliability"
    assert declared.shares == (Share("mvp", 50.0, "50%"), Share("phase-1", 90.0, "90%"))
    assert lines["restarts-are-safe"].category == "Reliability"


def test_a_template_of_pull_requests() -> None:
    found = read("template.md")
    assert [(line.line, line.text, line.ticked) for line in found.lines] == [
        (8, "I ran make test", False),
        (9, "I read the guide and x", True),
        (11, "No docs needed", True),
        (12, "Changelog has a line", False),
        (13, "Screenshots", False),
        (15, "Ping @everyone and <img src=x onerror=alert(1)> click", False),
        (17, "[ ] nested brackets", False),
        (18, "Ask [Contact info] about [x]", False),
        (20, "Reviewer looked at it", False),
    ]
    assert found.lines[-1].box is not None
    assert found.lines[-1].box.form is BoxForm.PLAIN
    assert found.warnings == (
        "template.md:10: a box without words is left out",
        "template.md:14: a box behind other words is not read; put it first",
        "template.md:16: a box without a space behind it is not read",
    )
    assert [one.text for one in found.documents[0].placeholders] == ["[Contact info]", "[name]"]
    assert found.documents[0].dependencies == ()


def test_a_status_line_is_a_claim() -> None:
    (claim,) = document("priorities.md").claims
    assert (claim.kind, claim.text, claim.line) == (ClaimKind.STATUS, "Status: draft", 3)
