"""Every example of the page on reading is read as the page says."""

import re

import pytest

from readiness_gate.checklist import document
from readiness_gate.checklist.markdown import SIZE_CAP, read_document
from readiness_gate.model.outcome import Severity, Stage
from tests.contracts.sources import ROOT

PAGE = (ROOT / "docs/reading.md").read_text("utf-8")
ROWS = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| `")]


def read(text: str) -> document.Document:
    return read_document("a.md", f"{text}\n".encode())


def test_there_are_rows() -> None:
    assert len(ROWS) == 10


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row[0]))
def test_an_example_is_what_the_page_says(row: list[str]) -> None:
    example, meaning = row[0].strip("`"), row[1]
    found = read(example)
    assert [item.text for item in found.items] == (
        ["Backups work"] if "item" in meaning.split(",")[0] and "no item" not in meaning else []
    )
    assert all(item.ticked == ("ticked" in meaning) for item in found.items)
    assert bool(found.claims) == ("claim" in meaning)
    assert bool(found.decisions) == ("decision" in meaning)


def test_the_icons_that_are_named_are_boxes() -> None:
    for icon in "☑✔⬜☐🔲":
        assert f"`{icon}`" in PAGE
        (item,) = read(f"- {icon} Backups work").items
        assert item.ticked == (icon in "☑✔")


def test_the_words_of_a_line_say_what_the_page_says() -> None:
    named = {
        code
        for row in re.findall(r"^\| in it .*$", PAGE, re.MULTILINE)
        for code in re.findall(r"`([^`]*)`", row)
    }
    assert {
        "[P1] Keys",
        "Keys (high)",
        "Keys (Phase 2)",
        "Redis (optional)",
        "PR #14 merged",
    } <= named
    for one in named:
        (item,) = read(one if one.startswith("- ") else f"- [ ] {one}").items
        says = (
            item.own_severity,
            item.own_phase,
            item.condition,
            item.thresholds,
            item.pull_requests,
        )
        assert sum(map(bool, says)) == 1, one
    assert read("- [ ] Keys (high)").items[0].severity is Severity.HIGH


def test_a_cadence_above_is_a_stage() -> None:
    for heading, stage in [
        ("Daily", Stage.SCHEDULED),
        ("First hour", Stage.POST_DEPLOY),
        ("Week 1", Stage.POST_DEPLOY),
        ("Post-launch", Stage.POST_DEPLOY),
    ]:
        assert f"`{heading}`" in PAGE
        assert read(f"## {heading}\n\n- [ ] a b").items[0].stage is stage


def test_the_size_is_the_one_that_is_said() -> None:
    assert f"{SIZE_CAP // 1024**2} MB" in PAGE
