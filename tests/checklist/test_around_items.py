"""One document after another: what stands around its items, read from whole files."""

from readiness_gate.checklist.document import (
    ClaimKind,
    Decision,
    Dependency,
    Document,
    Share,
)
from readiness_gate.checklist.markdown import read_checklists, read_document


def read(text: str) -> Document:
    return read_document("docs/READY.md", text.encode())


MERGES = """\
# Ready

## Sequence

```bash
# Keep to this order:
git checkout main && git pull

# 1. Types (no dependencies)
gh pr merge 14 --squash

# 2. CI (depends on #14)
gh pr merge 17 --squash

# 3. This one
gh pr merge <THIS_PR_NUMBER> --squash

# 4. Boards (depends on #17)
gh pr merge 10 --squash
```

1. **Roll back:**
   ```bash
   git checkout <PREVIOUS_TAG>
   ```
"""


def test_an_order_in_a_fence_with_dependencies_and_a_placeholder() -> None:
    found = read(MERGES)
    (order,) = found.sequences
    assert [(one.number, one.placeholder, one.line, one.after) for one in order.steps] == [
        (14, "", 10, ()),
        (17, "", 13, (14,)),
        (None, "THIS_PR_NUMBER", 16, ()),
        (10, "", 19, (17,)),
    ]
    assert order.section == ("Ready", "Sequence")
    assert found.dependencies == (Dependency(17, (14,), 13), Dependency(10, (17,), 19))
    assert [(one.text, one.line) for one in found.placeholders] == [
        ("<THIS_PR_NUMBER>", 16),
        ("<PREVIOUS_TAG>", 24),
    ]
    assert len(found.commands) == 6
    assert not found.items


LAUNCH = """\
## Launch

### Go/No-Go
```
STATUS:
[ ] Components: ✅ Ready
[ ] Team: ✅ Ready

DECISION: [ ] GO or [ ] NO-GO

Sign-off:
Technical Lead: _________________ Date: _______
Security Officer: ________________ Date: _______
```

## ✨ Success

✅ System is **stable** - no errors
✅ Users are **happy**

## Complete!

1. ✅ **Celebrate** - well done
2. ✅ **Notify** - tell others

**Status**: Ready for Use
"""


def test_a_go_or_no_go_with_its_signatures_and_closing_claims() -> None:
    found = read(LAUNCH)
    assert [(one.text, one.ticked) for one in found.items] == [
        ("Components: ✅ Ready", False),
        ("Team: ✅ Ready", False),
        ("System is stable - no errors", True),
        ("Users are happy", True),
    ]
    section = ("Launch", "Go/No-Go")
    text = "DECISION: [ ] GO or [ ] NO-GO"
    assert found.decisions == (Decision(9, section, ("GO", "NO-GO"), None, text),)
    assert [(one.role, one.line, one.signed) for one in found.sign_offs] == [
        ("Technical Lead", 12, False),
        ("Security Officer", 13, False),
    ]
    assert [(one.kind, one.text) for one in found.claims] == [
        (ClaimKind.STEP, "Celebrate - well done"),
        (ClaimKind.STEP, "Notify - tell others"),
        (ClaimKind.STATUS, "Status: Ready for Use"),
    ]


FIGURES = """\
# Keys

## ✅ Done

- ✅ The schema is whole (88 tables, 99 FK constraints)

## Figures

- **Tables**: 88
- **CASCADE policies**: ~45
- **Orphaned rows**: 0 ✅
- Remember the figures
"""


def test_figures_of_lines_and_of_items_in_their_order() -> None:
    found = read(FIGURES)
    (item,) = found.items
    assert [
        (one.label, one.value, one.relation, one.line, one.item) for one in found.statistics
    ] == [
        ("tables", 88, "==", 5, item.id),
        ("fk constraints", 99, "==", 5, item.id),
        ("Tables", 88, "==", 9, None),
        ("CASCADE policies", 45, "~", 10, None),
        ("Orphaned rows", 0, "==", 11, None),
    ]
    assert [(one.kind, one.text) for one in found.claims] == [(ClaimKind.HEADING, "Done")]


def test_a_matrix_names_phases_and_headings_declare_shares() -> None:
    found = read(
        "## Security ✅ MVP 60% → Phase 1 100%\n\n### API\n- [ ] Keys (Phase 3)\n\n## Sign-off\n\n"
        "| Category | MVP | Phase 1 |\n|---|---|---|\n| Security | 60% | 100% |\n"
        "| Scaling | 99%+ | - |\n| **Overall** | **38%** | **80%** |\n"
    )
    assert found.phases == ("mvp", "phase-1", "phase-3")
    (heading,) = found.headings
    assert (heading.category, heading.line) == ("Security", 1)
    assert heading.shares == (Share("mvp", 60, "60%"), Share("phase-1", 100, "100%"))
    (matrix,) = found.matrices
    assert [(row.category, len(row.shares), row.overall) for row in matrix.rows] == [
        ("Security", 2, False),
        ("Scaling", 1, False),
        ("Overall", 2, True),
    ]
    assert [(item.category, item.phase) for item in found.items] == [("Security", "phase-3")]


def test_a_table_of_words_is_neither_matrix_nor_sign_off_nor_items() -> None:
    found = read("| Role | Duty |\n|---|---|\n| Lead | reviews 80% |\n\n| a | b |\n|---|---|\n")
    assert (found.matrices, found.sign_offs, found.items) == ((), (), ())


def test_a_fence_belongs_to_the_list_right_above_it_and_to_nothing_else() -> None:
    found = read(
        "- [ ] One\n\n```sh\nmake one\n```\n\n- [ ] Two\n\nWords.\n\n```sh\nmake two\n```\n\n"
        "- [ ] Three\n\n## Next\n\n```sh\nmake three\n```\n"
    )
    assert [[one.text for one in item.commands] for item in found.items] == [["make one"], [], []]
    assert [one.text for _, one in found.commands] == ["make two", "make three"]


def test_code_of_a_program_is_no_command() -> None:
    found = read("- [ ] One\n  ```python\n  import os\n  make = 1\n  ```\n")
    assert found.items[0].commands == ()
    assert found.commands == ()


def test_a_heading_with_a_box_is_an_item_and_a_section() -> None:
    found = read("## [x] Backups <!-- id: BK-1 -->\n\n- [ ] Restore works\n")
    assert [(item.id, item.ticked, item.section) for item in found.items] == [
        ("BK-1", True, ()),
        ("restore-works", False, ("Backups",)),
    ]


def test_documents_keep_what_is_theirs_and_share_ids() -> None:
    found = read_checklists([("a.md", b"- [ ] Same (MVP)\n"), ("b.md", b"- [x] Same (Phase 1)\n")])
    first, second = found.documents
    assert [one.path for one in found.documents] == ["a.md", "b.md"]
    assert (first.phases, second.phases, found.phases) == (
        ("mvp",),
        ("phase-1",),
        ("mvp", "phase-1"),
    )
    assert (second.items[0].id, second.items[0].same_as) == ("same-2", "same")
    assert found.lines == (*first.items, *second.items)
