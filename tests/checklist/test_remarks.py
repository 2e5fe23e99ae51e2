"""What a document says around its items: who signs, go or no-go, orders, blanks, labelled lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.checklist import orders, remarks
from readiness_gate.checklist.document import Command, Dependency, FieldKind, Share
from readiness_gate.checklist.markdown import read_document


@pytest.mark.parametrize(
    ("text", "options", "chosen"),
    [
        ("DECISION: [ ] GO or [ ] NO-GO", ("GO", "NO-GO"), None),
        ("Decision: [x] GO / [ ] NO-GO", ("GO", "NO-GO"), "GO"),
        ("**Decision:** ☐ Go ☑ No go", ("GO", "NO-GO"), "NO-GO"),
        ("Final decision: NO-GO", ("NO-GO",), "NO-GO"),
        ("GO / NO-GO: ________", (), None),
        ("Go/No-Go: GO", ("GO",), "GO"),
        ("Decision: [x] GO [x] NO-GO", ("GO", "NO-GO"), None),
    ],
)
def test_a_line_that_decides(text: str, options: tuple[str, ...], chosen: str | None) -> None:
    found = remarks.decision(text, line=1, section=())
    assert found is not None
    assert (found.options, found.chosen) == (options, chosen)


@pytest.mark.parametrize(
    "text", ["Decision: later", "Outcome: all goes well", "We go on: no", "GO"]
)
def test_a_line_that_does_not_decide(text: str) -> None:
    assert remarks.decision(text, line=1, section=()) is None


def test_go_and_no_go_on_lines_of_their_own_are_one_decision_and_no_items() -> None:
    found = read_document("a.md", b"## Launch\n\n- [ ] GO\n- [x] NO-GO\n\n- [ ] Going on holiday\n")
    assert [(one.options, one.chosen) for one in found.decisions] == [(("GO", "NO-GO"), "NO-GO")]
    assert [item.text for item in found.items] == ["Going on holiday"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Technical Lead: ____________ Date: ______", ("Technical Lead", "", "", False)),
        ("- Security Officer: ____", ("Security Officer", "", "", False)),
        ("QA Lead: Q. Person, Date: 2025-02-01", ("QA Lead", "Q. Person", "2025-02-01", True)),
        ("Project Manager: TBD Date: TBD", ("Project Manager", "", "", False)),
    ],
)
def test_a_line_for_a_signature(text: str, found: tuple[str, str, str, bool]) -> None:
    one = remarks.sign_off(text, line=1, section=())
    assert one is not None
    assert (one.role, one.name, one.date, one.signed) == found


@pytest.mark.parametrize(
    "text", ["Date: ______", "Owner: DevOps", "Timeline: MVP", "See: http://a"]
)
def test_other_lines_are_for_no_signature(text: str) -> None:
    assert remarks.sign_off(text, line=1, section=()) is None


def test_the_order_of_merge_commands_with_what_each_depends_on() -> None:
    steps = orders.merges(
        [
            Command("gh pr merge 14 --squash", 3, "1. Type fixes (no dependencies)"),
            Command("git pull", 4),
            Command("gh pr merge <THIS_PR_NUMBER>", 5, "2. This one"),
            Command("gh pr merge 10", 6, "3. Boards (depends on #17, #14)"),
        ]
    )
    assert [(one.number, one.placeholder, one.title, one.after) for one in steps] == [
        (14, "", "Type fixes (no dependencies)", ()),
        (None, "THIS_PR_NUMBER", "This one", ()),
        (10, "", "Boards (depends on #17, #14)", (17, 14)),
    ]


def test_a_numbered_list_that_names_no_pull_request_is_no_order() -> None:
    assert orders.listed([(1, "Merge PR #1"), (2, "have a coffee")]) == ()
    assert read_document("a.md", b"1. fix #1\n2. fix #2\n").sequences == ()


def test_an_ordered_list_of_boxes_is_an_order_too() -> None:
    found = read_document("a.md", b"1. [x] PR #4 merged\n2. [ ] PR #5 merged (after #4)\n")
    (order,) = found.sequences
    assert [(one.number, one.after) for one in order.steps] == [(4, ()), (5, (4,))]
    assert [item.pull_requests for item in found.items] == [(4,), (5,)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("PR #17 depends on #14 and #15", [Dependency(17, (14, 15), 1)]),
        ("#3 (blocked by #2)", [Dependency(3, (2,), 1)]),
        ("PR #17 зависит от #14", [Dependency(17, (14,), 1)]),
        ("Fixes #12. Depends on #9.", []),
        ("#1 and #2", []),
    ],
)
def test_statements_of_dependence(text: str, found: list[Dependency]) -> None:
    assert list(orders.dependencies(text, line=1)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("- Team: [Contact info]", ["[Contact info]"]),
        ("git checkout <PREVIOUS_TAG>", ["<PREVIOUS_TAG>"]),
        ("psql < backup_<timestamp>.sql", ["<timestamp>"]),
        ("Owner: TBD", ["TBD"]),
        ("[your team] and [insert link here]", ["[your team]", "[insert link here]"]),
        ("[name](https://example.org)", []),
        ("write `[name]` there", []),
        ("[ ] a box, [x] another, [RFC 1]", []),
        ("<details>", []),
    ],
)
def test_what_is_left_to_fill_in(text: str, found: list[str]) -> None:
    assert [
        one.text for one in remarks.placeholders(text, line=1, section=(), fenced=False)
    ] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("**Problem:** it leaks", (FieldKind.PROBLEM, "Problem", "it leaks")),
        ("**Clinic Risk**: data", (FieldKind.RISK, "Clinic Risk", "data")),
        ("__Fix__: do it", (FieldKind.FIX, "Fix", "do it")),
        ("**How to verify:** run", (FieldKind.VERIFICATION, "How to verify", "run")),
        ("**Files to modify:** a.py", (FieldKind.FILES, "Files to modify", "a.py")),
        ("Verification: run `make`", (FieldKind.VERIFICATION, "Verification", "run `make`")),
        ("Проверка: запустить", (FieldKind.VERIFICATION, "Проверка", "запустить")),
        ("**Colour:** blue", (FieldKind.OTHER, "Colour", "blue")),
    ],
)
def test_a_labelled_line(text: str, found: tuple[FieldKind, str, str]) -> None:
    assert remarks.field_of(text) == found


@pytest.mark.parametrize("text", ["**Bold** words", "X-Frame-Options: DENY", "plain", "**: x"])
def test_a_line_without_a_label(text: str) -> None:
    assert remarks.field_of(text) is None


def test_what_a_heading_declares() -> None:
    assert remarks.shares("Security ✅ MVP 60% → Phase 1 100%") == (
        Share("mvp", 60.0, "60%"),
        Share("phase-1", 100.0, "100%"),
    )
    assert remarks.shares("Testing (85%+)") == (Share("", 85.0, "85%+"),)
    assert remarks.shares("Testing") == ()


def test_bullets_under_a_field_are_its_own() -> None:
    found = read_document(
        "a.md",
        b"- [ ] Policies\n  - **Problem:** some are missing:\n    - files: SET NULL\n"
        b"    - users: CASCADE\n  - **Fix:** add them\n  - plain\n",
    )
    (item,) = found.items
    assert [(one.label, one.values) for one in item.fields] == [
        ("Problem", ("files: SET NULL", "users: CASCADE")),
        ("Fix", ()),
    ]
    assert item.options == ("plain",)


@given(st.text())
def test_any_line_is_looked_at(text: str) -> None:
    remarks.decision(text, line=1, section=())
    remarks.sign_off(text, line=1, section=())
    orders.arrows(text, line=1)
    remarks.field_of(text)
    remarks.shares(text)
    list(orders.dependencies(text, line=1))
    list(remarks.placeholders(text, line=1, section=(), fenced=True))
