from pathlib import Path

import pytest

from readiness_gate.doors.settings import OUTPUTS
from readiness_gate.model.evidence import LocationEvidence
from readiness_gate.model.outcome import Outcome
from readiness_gate.publish import outputs
from readiness_gate.report.page import SUMMARY_LIMIT
from tests.hostile.runner import Command, commands
from tests.hostile.runner import outputs as outputs_of
from tests.report.builders import BLOCKED, item


def test_every_output_of_the_action_is_written(tmp_path: Path) -> None:
    file = tmp_path / "output"
    file.write_text("earlier=1\n")
    values = outputs.step_outputs(BLOCKED, report_path="out/report.json", comment_url="https://c")
    outputs.write_outputs(file, values)
    read = outputs_of(file.read_text().removeprefix("earlier=1\n"))
    assert tuple(read) == OUTPUTS
    assert read == {
        "verdict": "blocked",
        "passed": "3",
        "failed": "3",
        "errors": "3",
        "pending": "1",
        "waived": "1",
        "skipped": "1",
        "report": "out/report.json",
        "comment-url": "https://c",
    }


def test_delimiters_are_random() -> None:
    one, other = (outputs.output_lines("a", "b") for _ in range(2))
    assert one != other


def test_without_files_nothing_happens() -> None:
    outputs.write_outputs(None, {"a": "b"})
    outputs.write_summary(None, "text")


def test_the_summary_is_appended_up_to_githubs_limit(tmp_path: Path) -> None:
    file = tmp_path / "summary"
    file.write_text("before\n")
    outputs.write_summary(file, "line é\n" * 400_000)
    data = file.read_bytes()
    assert SUMMARY_LIMIT - 20 < len(data) <= SUMMARY_LIMIT
    assert data.startswith(b"before\nline")
    assert data.decode().split("\n")[-1] in {"line é", ""}


def test_annotations_point_at_their_place_worst_first() -> None:
    found = commands("\n".join(outputs.annotations(BLOCKED.items)))
    assert [one.name for one in found] == ["error", "error", "error", "notice"]
    assert found[1].properties["file"] == "docker-compose.yml"
    assert found[1].properties["line"] == "41"
    assert found[0].properties["title"] == "no-orphans: No orphaned rows"


def test_there_are_at_most_ten_annotations() -> None:
    items = [item(f"item-{at}", Outcome.FAILED) for at in range(40)]
    assert len(outputs.annotations(items)) == 10


def test_places_that_the_pull_request_changes_come_first() -> None:
    items = [
        item("one", Outcome.FAILED, evidence=[place("old.py", at) for at in range(1, 30)]),
        item("two", Outcome.FAILED, evidence=[place("old.py", 40), place("new.py", 7)]),
        item("three", Outcome.FAILED, evidence=[place("old.py", 41), place("new.py", 8)]),
    ]
    found = commands("\n".join(outputs.annotations(items, changed={"new.py"})))
    told = [(one.properties["file"], one.properties["line"]) for one in found]
    assert told[:5] == [
        ("old.py", "1"), ("new.py", "7"), ("new.py", "8"), ("old.py", "2"), ("old.py", "40"),
    ]  # fmt: skip
    assert len(told) == 10
    last = [item("a", Outcome.FAILED, evidence=[*items[0].evidence, place("new.py", 9)])]
    first = commands("\n".join(outputs.annotations(last, changed={"new.py"})))[0]
    assert first.properties["file"] == "new.py"


def place(path: str, line: int) -> LocationEvidence:
    return LocationEvidence(path=path, line=line)


def test_kinds_have_ten_each_and_further_places_come_after_the_first_ones() -> None:
    places = [LocationEvidence(path="a.py", line=line) for line in range(1, 30)]
    items = [
        item("many", Outcome.FAILED, evidence=places),
        item("other", Outcome.FAILED),
        *[item(f"waits-{at}", Outcome.PENDING) for at in range(12)],
    ]
    found = commands("\n".join(outputs.annotations(items)))
    assert [one.name for one in found] == ["error"] * 10 + ["notice"] * 10
    titles = [one.properties["title"].partition(":")[0] for one in found[:10]]
    assert titles == ["many", "other", *["many"] * 8]
    lines = [one.properties["line"] for one in found[:10] if "line" in one.properties]
    assert lines == [str(line) for line in range(1, 10)]


def test_what_does_not_block_is_a_warning_where_it_has_a_place() -> None:
    places = [LocationEvidence(path="a.py", line=line) for line in range(1, 30)]
    beside = item("a", Outcome.FAILED, blocking=False, evidence=places)
    found = commands("\n".join(outputs.annotations([beside])))
    assert [one.name for one in found] == ["warning"] * 10
    assert outputs.annotations([item("a", Outcome.FAILED, blocking=False)]) == ()
    assert outputs.annotations([item("a", Outcome.ERROR, blocking=False, evidence=places)]) == ()


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("token", ["token"]),
        ("two\nlines", ["two", "lines"]),
        ("100%\r\n", ["100%"]),
        ("", []),
        ("\n \n", []),
    ],
)
def test_a_value_is_masked_line_by_line(value: str, masked: list[str]) -> None:
    assert commands("\n".join(outputs.mask(value))) == [
        Command("add-mask", {}, one) for one in masked
    ]
