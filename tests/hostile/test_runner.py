import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.doors.settings import OUTPUTS
from readiness_gate.model.outcome import Conclusion
from readiness_gate.publish import outputs
from readiness_gate.publish.statuses import describe
from readiness_gate.report.files import write
from readiness_gate.report.json_report import from_json, to_json
from readiness_gate.report.junit import to_junit
from readiness_gate.report.redact import redacted
from readiness_gate.report.sarif import to_sarif
from readiness_gate.report.text import to_text
from tests.hostile.corpus import ATTACKS, CANARY
from tests.hostile.reading import invisible
from tests.hostile.reports import full_of
from tests.hostile.runner import Command, commands
from tests.hostile.runner import outputs as outputs_of


@pytest.mark.parametrize("name", ATTACKS)
def test_annotations_say_what_they_should_and_nothing_else(name: str) -> None:
    lines = outputs.annotations(full_of(ATTACKS[name]).items)
    assert len(lines) == 8
    found = commands("\n".join(lines))
    assert len(found) == len(lines)
    assert {one.name for one in found} <= {"error", "notice"}
    assert all(set(one.properties) <= {"title", "file", "line"} for one in found)


@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.parametrize("color", [True, False])
def test_text_in_a_log_is_no_command(name: str, color: bool) -> None:
    text = to_text(full_of(ATTACKS[name]), color=color, width=60, verbose=True)
    assert commands(text) == []
    assert not invisible(text.replace("\x1b", ""))
    assert ("\x1b" in text) is color


@pytest.mark.parametrize("name", ATTACKS)
def test_untrusted_output_is_printed_and_not_obeyed(name: str) -> None:
    after = "::warning::after"
    log = f"{outputs.untrusted(ATTACKS[name])}\n{after}"
    assert commands(log) == [Command("warning", {}, "after")]


@given(st.text())
def test_no_text_ends_the_pause_of_commands(text: str) -> None:
    assert commands(outputs.untrusted(f"::error::x\n{text}")) == []


@pytest.mark.parametrize("name", ATTACKS)
def test_outputs_come_back_as_they_were(name: str, tmp_path: Path) -> None:
    file = tmp_path / "output"
    text = ATTACKS[name]
    values = outputs.step_outputs(full_of(text), report_path=text, comment_url=text)
    outputs.write_outputs(file, values)
    read = outputs_of(file.read_bytes().decode("utf-8", "replace"))
    assert tuple(read) == OUTPUTS
    assert read["verdict"] == "blocked"


def test_a_value_that_holds_its_delimiter_is_refused() -> None:
    with pytest.raises(outputs.OutputRefused, match="delimiter"):
        outputs.output_lines("report", "a\nsecret-word\nb", delimiter="secret-word")


@pytest.mark.parametrize("name", ATTACKS)
def test_a_status_description_is_one_short_line(name: str) -> None:
    items = full_of(ATTACKS[name]).items
    for conclusion in Conclusion:
        text = describe(items, conclusion)
        assert 0 < len(text) <= 140
        assert "\n" not in text
        assert not invisible(text)


@pytest.mark.parametrize("name", ATTACKS)
def test_files_and_machine_formats_stay_readable(name: str, tmp_path: Path) -> None:
    report = redacted(full_of(ATTACKS[name][:20_000]), [])
    path = write(tmp_path, "out", report, comment="text", logs={ATTACKS[name]: "log"})
    assert from_json((tmp_path / path).read_bytes()) == report
    written = sorted(one.relative_to(tmp_path).as_posix() for one in tmp_path.rglob("*"))
    assert written[:2] == ["out", "out/comment.md"]
    assert len(written) == 5
    root = ElementTree.fromstring(to_junit(report))
    assert len(list(root.iter("testcase"))) == len(report.items)
    sarif = json.loads(to_sarif(report))
    uris = [
        place["physicalLocation"]["artifactLocation"]["uri"]
        for result in sarif["runs"][0]["results"]
        for place in result["locations"]
    ]
    assert all(uri.isascii() and " " not in uri for uri in uris)


def test_a_secret_is_hidden_in_every_channel() -> None:
    report = redacted(full_of(f"before {CANARY} after"), [CANARY])
    # Ids hold the report together and come from the configuration at the base.
    in_ids = sum((one.id + one.check).count(CANARY) for one in report.items)
    assert report.model_dump_json().count(CANARY) == in_ids
    assert to_json(report).count(CANARY) == in_ids
