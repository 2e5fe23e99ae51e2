# ruff: noqa: E501, RUF001 - one row of the table is one line; dashes are input
"""Lines that can be ticked, found wherever people write them."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness_gate.checklist.document import Checklist, Item
from readiness_gate.checklist.markdown import SIZE_CAP, read_checklists
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.outcome import Severity


def read(text: str | bytes) -> Checklist:
    data = text.encode() if isinstance(text, str) else text
    return read_checklists([("docs/READY.md", data)])


def lines(text: str | bytes) -> tuple[Item, ...]:
    return read(text).lines


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("- [ ] one\n* [x] two\n+ [X] three", [("one", 1, False), ("two", 2, True), ("three", 3, True)]),
        ("1. [ ] one\n2) [x] two", [("one", 1, False), ("two", 2, True)]),
        ("- a\n  - [ ] deep\n    - [x] deeper", [("deep", 2, False), ("deeper", 3, True)]),
        ("```bash\n[ ] pip install\n    python -c 'x'\n[x] done\n```", [("pip install", 2, False), ("done", 4, True)]),
        ("```\n- [ ] in a fence\n```", [("in a fence", 2, False)]),
        ("text\n\n    [ ] indented code\n", [("indented code", 3, False)]),
        ("- ✅ done\n- ❌ not done\n- ☐ open\n- ☑ closed", [("done", 1, True), ("not done", 2, False), ("open", 3, False), ("closed", 4, True)]),
        ("✅ System is **stable** - no errors  \n✅ System is **fast**  \n", [("System is stable - no errors", 1, True), ("System is fast", 2, True)]),
        ("[ ] bare\n[x] lines", [("bare", 1, False), ("lines", 2, True)]),
        ("> - [ ] quoted", [("quoted", 1, False)]),
        ("<details>\n<summary>s</summary>\n- [ ] in HTML\n</details>", [("in HTML", 3, False)]),
        ("- [ ] first line\n  goes on", [("first line goes on", 1, False)]),
        ("\ufeff- [ ] after a mark", [("after a mark", 1, False)]),
        ("- [ ] windows\r\n- [x] ends\r\n", [("windows", 1, False), ("ends", 2, True)]),
    ],
)  # fmt: skip
def test_boxes_are_found(text: str, found: list[tuple[str, int, bool]]) -> None:
    assert [(line.text, line.line, line.ticked) for line in lines(text)] == found


@pytest.mark.parametrize(
    "text",
    [
        "- plain",
        "- [x](https://example.org) a link",
        "- [ ]",
        "DECISION: [ ] GO or [ ] NO-GO",
        "1. ✅ **Celebrate** - you did it",
        "## ✅ Completed steps",
        "| a |\n|---|\n| ✅ yes |",
        "<!-- - [ ] commented out -->",
        "- [ ] ``",
        "```python\n  ✓ Test of the classification\n```",
        "",
    ],
)
def test_what_is_no_box_is_left_alone(text: str) -> None:
    assert lines(text) == ()


def test_a_file_without_a_box_is_warned_about() -> None:
    assert read("# Nothing").warnings == ("docs/READY.md: no line can be ticked",)


SECTIONS = """\
# Production Readiness

## 🔐 Security ✅ MVP 60% → Phase 1 100%

### 3. Hardening 🔒
- [ ] **PR #14** merged by [us](https://example.org) with `strict`

## Operations
- [ ] Backups (hourly, Phase 1)
- [ ] Phase 2: Handle 5000 users
- [ ] Alerts (MVP)
- [ ] Calls (Phase 1)
"""


def test_a_line_knows_its_headings_without_icons_and_its_plain_text() -> None:
    first = lines(SECTIONS)[0]
    assert first.section == ("Production Readiness", "Security", "Hardening")
    assert first.text == "PR #14 merged by us with strict"
    assert first.id == "pr-14-merged-by-us-with-strict"
    assert lines(SECTIONS)[1].section == ("Production Readiness", "Operations")


def test_phase_tags_leave_the_text_and_name_the_phase() -> None:
    assert [(line.text, line.phase) for line in lines(SECTIONS)[1:]] == [
        ("Backups (hourly)", "phase-1"),
        ("Handle 5000 users", "phase-2"),
        ("Alerts", "mvp"),
        ("Calls", "phase-1"),
    ]
    assert read(SECTIONS).phases == ("phase-1", "phase-2", "mvp")


def test_the_matrix_orders_the_phases_and_others_follow() -> None:
    matrix = "\n| Area | MVP | Phase 1 | Phase 2+ |\n|---|---|---|---|\n| x | 1 | 2 | 3 |\n"
    assert read(SECTIONS + "- [ ] Late (Phase 3)\n" + matrix).phases == (
        "mvp",
        "phase-1",
        "phase-2",
        "phase-3",
    )


def test_severity_comes_from_the_heading_and_a_tag_wins() -> None:
    text = (
        "# CRITICAL\n- [x] **Keys** ✅ COMPLETED\n- [ ] **Clean up** 🔴 CRITICAL\n"
        "- [ ] **Search** 🟠 HIGH\n# 🟡 Medium priority\n- [ ] Docs\n# Highlights\n- [ ] None\n"
    )
    assert [(line.text, line.severity) for line in lines(text)] == [
        ("Keys", Severity.CRITICAL),
        ("Clean up", Severity.CRITICAL),
        ("Search", Severity.HIGH),
        ("Docs", Severity.MEDIUM),
        ("None", None),
    ]


def test_ticking_and_tagging_do_not_change_an_id() -> None:
    open_line, done = "- [ ] Rotate keys", "- [x] **Rotate keys** (Phase 1) ✅ COMPLETED"
    assert lines(open_line)[0].id == lines(done)[0].id == "rotate-keys"


def test_repeated_lines_are_numbered_over_all_files() -> None:
    found = read_checklists([("a.md", b"- [ ] Same\n- [ ] Same"), ("b.md", b"- [ ] Same")])
    assert [(line.path, line.id) for line in found.lines] == [
        ("a.md", "same"),
        ("a.md", "same-2"),
        ("b.md", "same-3"),
    ]


def test_a_pinned_id_wins_and_leaves_the_text() -> None:
    (line,) = lines("- [ ] Text may change <!-- id: SEC-04 -->")
    assert (line.id, line.text, line.pinned) == ("SEC-04", "Text may change", True)


def test_a_pin_that_is_used_twice_names_both_places() -> None:
    with pytest.raises(ConfigurationError) as caught:
        read("- [ ] a <!-- id: x -->\n- [ ] b <!-- id: x -->")
    assert caught.value.message == "docs/READY.md:2:1: id 'x' is already at docs/READY.md:1"


@pytest.mark.parametrize("pin", ["", "a/b", "-x", "ä", "x" * 81])
def test_a_pin_that_is_no_id_is_refused(pin: str) -> None:
    with pytest.raises(ConfigurationError, match="is no id"):
        read(f"- [ ] a <!-- id: {pin} -->")


@pytest.mark.parametrize("codec", ["cp1252", "cp1254", "mac_roman"])
def test_a_file_that_was_saved_in_the_wrong_encoding_reads_like_the_right_one(codec: str) -> None:
    text = "## Готово\n- ✅ Данные – чистые\n"
    damaged = b"".join(
        (chr(byte) if byte in {0x81, 0x8D, 0x8E, 0x8F, 0x90, 0x9D, 0x9E} and codec != "mac_roman"
         else bytes([byte]).decode(codec)).encode()
        for byte in text.encode()
    )  # fmt: skip
    assert damaged.decode() != text
    assert lines(damaged) == lines(text)


def test_bytes_that_are_not_text_do_not_stop_the_reader() -> None:
    found = read(b"- [ ] caf\xe9 open\n- [x] fine\n")
    assert [line.ticked for line in found.lines] == [False, True]
    assert found.warnings == ("docs/READY.md: 1 places are not UTF-8",)


def test_a_box_deep_down_is_not_lost() -> None:
    deep = "".join("  " * depth + f"- [ ] level {depth}\n" for depth in range(30))
    assert len(lines(deep)) == 30


def test_a_file_over_the_cap_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="more than"):
        read(b"x" * (SIZE_CAP + 1))


@pytest.mark.parametrize(
    "text",
    [
        "- [ ] ",
        "[",
        "- [ ] a\n",
        "<!-- id: ",
        "- [ ] x" + "**" * 40_000 + "\n",
        "- [ ] x" + "(" * 60_000 + "\n",
        "- [ ] x" + "[a](" * 20_000 + "\n",
        "- [ ] x" + "[" * 60_000 + "\n",
        "- [ ]" + " " * 60_000 + "x\n",
        "- [ ] x" + "<!--" * 20_000 + "\n",
        "- [ ] x" + " (Phase" * 10_000 + "\n",
        "- [ ] x" + "✅ A" * 20_000 + "\n",
        "> ",
        "- ",
        "`",
        "|a",
        "Ð",
    ],
    ids=lambda text: repr(text[:12]),
)
def test_hostile_files_are_read_quickly(text: str) -> None:
    started = time.process_time()
    read(text * (500_000 // len(text.encode()) or 1))
    assert time.process_time() - started < 10.0


MARKS = ["- [ ] ", "- [x] ", "✅ ", "```\n", "# ", "\n", "  ", "|", "---", "<!-- id: a -->", "a"]


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(), st.lists(st.sampled_from(MARKS)).map(lambda m: "".join(m).encode())))
def test_any_bytes_are_a_checklist_or_a_configuration_error(data: bytes) -> None:
    try:
        found = read(data)
    except ConfigurationError:
        return
    ids = [line.id for line in found.lines]
    assert len(ids) == len(set(ids))
    assert all(line.text for line in found.lines)
