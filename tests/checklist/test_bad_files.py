"""Files that nobody meant as a checklist: read as they are, or refused with line and reason."""

import time

import pytest

from readiness_gate.checklist.document import Checklist
from readiness_gate.checklist.markdown import SIZE_CAP, read_checklists
from readiness_gate.errors import ConfigurationError
from readiness_gate.report import escape
from tests.hostile import reading
from tests.hostile.corpus import ATTACKS


def read(text: str) -> Checklist:
    return read_checklists([("docs/READY.md", text.encode(errors="surrogatepass"))])


def test_a_binary_file_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"docs/A\.md:1: has a zero byte, it is no text"):
        read_checklists([("docs/A.md", b"\x89PNG\r\x1a\0\0\0\rIHDR")])


def test_ten_megabytes_are_not_too_many() -> None:
    assert SIZE_CAP >= 10_000_000
    filler = "<!-- " + "x" * 10_000_000 + " -->\n\n- [ ] still found\n"
    assert [line.line for line in read(filler).lines] == [3]


def test_items_without_words_are_told_and_left_out() -> None:
    found = read("- [ ]\n- [x] <!-- nothing -->\n- [ ] ``\n\n```\n[ ]\n```\n\n- [ ] words\n")
    assert [line.text for line in found.lines] == ["words"]
    assert found.warnings == tuple(
        f"docs/READY.md:{line}: a box without words is left out" for line in (1, 2, 3, 6)
    )


def test_thousands_of_equal_lines_have_ids_of_their_own_and_know_the_first() -> None:
    lines = read("- [ ] Same words\n" * 3_000).lines
    assert len({line.id for line in lines}) == 3_000
    assert lines[0].same_as is None
    assert {line.same_as for line in lines[1:]} == {"same-words"}
    assert (lines[1].id, lines[2999].id) == ("same-words-2", "same-words-3000")


def test_equal_words_of_two_files_are_linked_and_a_pin_is_no_hindrance() -> None:
    found = read_checklists(
        [("a.md", b"- [ ] Backups work <!-- id: BK-1 -->"), ("b.md", b"- [x] Backups **work**")]
    )
    assert [(line.id, line.same_as) for line in found.lines] == [
        ("BK-1", None),
        ("backups-work", "BK-1"),
    ]


@pytest.mark.parametrize(
    "opening",
    ["<!-- note", "<pre>", "<script>", "<style>", "<![CDATA[", "<?php", "<!DOCTYPE x", "<div>"],
)
def test_html_that_is_never_closed_hides_nothing(opening: str) -> None:
    found = read(f"- [ ] before\n\n{opening}\n\n## Later\n\n- [ ] after\n")
    assert [(line.text, line.section) for line in found.lines] == [
        ("before", ()),
        ("after", ("Later",)),
    ]


def test_several_openings_are_all_made_harmless() -> None:
    found = read("<!-- a\n\n<pre>\n\n<!-- b\n\n# Title\n\n- [ ] found\n")
    assert found.lines[0].section == ("Title",)
    assert len(found.warnings) == 2


def test_boxes_below_the_librarys_depth_are_found() -> None:
    deep = "".join("  " * depth + f"- [ ] level {depth}\n" for depth in range(120))
    assert [line.text for line in read(deep).lines] == [f"level {depth}" for depth in range(120)]
    quoted = "> " * 150 + "- [ ] far inside\n"
    assert [line.text for line in read(quoted).lines] == ["far inside"]


def test_warnings_of_a_file_end_somewhere() -> None:
    warnings = read("- [ ]\n" * 100).warnings
    assert len(warnings) == 22
    assert warnings[-2:] == (
        "docs/READY.md: 80 more such lines",
        "docs/READY.md: no line can be ticked",
    )


def said(found: Checklist) -> list[str]:
    """Every text of a document that a report may show."""
    (document,) = found.documents
    texts = [*found.warnings, *(one.message for one in document.notices)]
    for item in found.lines:
        texts += [item.text, item.category, item.condition or "", *item.section, *item.options]
        texts += [text for one in item.fields for text in (one.label, one.text, *one.values)]
        texts += [one.text for one in item.commands] + [one.text for one in item.thresholds]
    texts += [one.text for one in document.claims] + [one.text for one in document.decisions]
    texts += [one.text for one in document.placeholders]
    texts += [text for one in document.sign_offs for text in (one.role, one.name, one.date)]
    return [text for text in texts if text]


@pytest.mark.parametrize("name", ATTACKS)
def test_nothing_that_is_read_can_act_in_a_comment(name: str) -> None:
    attack = ATTACKS[name].replace("\0", "")[:50_000]  # a zero byte is refused
    line = " ".join(attack.split())[:5_000]
    found = read(
        f"# {line}\n\n- [ ] item {line}\n  - **Fix:** {line}\n  - {line}\n\n"
        f"```\n[ ] boxed {line}\n    make {line}\n```\n\n"
        f"Technical Lead: {line} Date: {line}\n\nDecision: GO {line}\n\n{attack}\n"
    )
    assert all(set(one.id) <= LETTERS for one in found.lines)
    assert all("\n" not in text for text in said(found))
    for text in said(found):
        shown = reading.read(f"| a |\n|---|\n| {escape.cell(text)} |\n")
        assert shown.outside == "a"
        assert len(shown.code) == 1


LETTERS = set("abcdefghijklmnopqrstuvwxyz0123456789-")


LINES = {
    "blank-behind-a-role": "a:" + " " * 1990 + "x",
    "roles": "a b c d e f " * 5 + ": " + "y " * 900,
    "blank-field": "- [ ] a\n  - **" + "a" * 60 + " " * 1900 + "x",
    "relations": "- [ ] " + "< " * 900,
    "numbers": "- [ ] " + "1 " * 900,
    "thousands": "- [ ] " + "1,000" * 300,
    "dependencies": "#1 depends on " + "#2, " * 400,
    "references": "#1 " * 600,
    "conditions": "- [ ] " + "(if " * 400,
    "choices": "decision: " + "[ ] " * 480,
    "blanks": "[your " * 300,
    "counted": "- [ ] " + "99 foreign " * 170,
    "headings": "# " + "mvp 1" * 390,
    "links": "- [ ] " + "[a]((" * 380,
    "code": "- [ ] " + "`a b` " * 330,
    "ticks": "- [ ] " + "`" * 1990,
    "assignments": "```\n" + "A=1 " * 490 + "\n```",
    "damaged": "- [ ] " + "Ã " * 900,
}


@pytest.mark.parametrize("name", LINES)
def test_lines_that_try_every_pattern_are_read_quickly(name: str) -> None:
    line = LINES[name] + "\n"
    started = time.process_time()
    read(line * (100_000 // len(line)))
    assert time.process_time() - started < 5.0
