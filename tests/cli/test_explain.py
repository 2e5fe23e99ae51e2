import json
from pathlib import Path

import pytest

from readiness_gate.cli import explain
from readiness_gate.cli.console import Console
from readiness_gate.doors.settings import from_environment
from readiness_gate.errors import ConfigurationError

CONFIG = """\
version: 1
stack: {base-url: http://backend:8000}
items:
  health-answers: {check: http, with: {url: /health, status: 200}}
"""


def explained(folder: Path, subject: str) -> int:
    (folder / ".github").mkdir()
    (folder / ".github/readiness.yml").write_text(CONFIG, "utf-8")
    settings = from_environment({"GITHUB_WORKSPACE": str(folder)})
    return explain.command(settings, Console(color=False), subject=subject)


def test_an_item_is_explained_with_the_options_that_were_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explained(tmp_path, "health-answers") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "  severity high, stage pre-merge, half checks, blocks"
    assert lines[2] == '  http {"url":"/health","status":200}'


def test_a_check_is_explained_without_an_item(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explained(tmp_path, "file-exists") == 0
    assert capsys.readouterr().out.startswith("file-exists: ")


@pytest.mark.parametrize(
    ("subject", "meant"), [("helth-answers", "health-answers"), ("htp", "http")]
)
def test_a_misspelt_id_is_answered_with_the_nearest_item_or_check(
    tmp_path: Path, subject: str, meant: str
) -> None:
    with pytest.raises(ConfigurationError, match=f"did you mean '{meant}'"):
        explained(tmp_path, subject)


CHECKLIST = "# L\n\n- [x] CORS restricted\n- [ ] No orphaned rows\n- [ ] Cake is ordered\n"
BOUND = """\
version: 1
checklist: LIST.md
items:
  cors-restricted: {check: cors, with: {url: /, deny: ["https://evil.example"]}}
  no-orphaned-rows: {check: file-exists, with: {path: LIST.md}, todo: choose a database}
"""


def told(folder: Path, subject: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    (folder / ".github").mkdir(exist_ok=True)
    (folder / ".github/readiness.yml").write_text(BOUND, "utf-8")
    (folder / "LIST.md").write_text(CHECKLIST, "utf-8")
    settings = from_environment({"GITHUB_WORKSPACE": str(folder)})
    assert explain.command(settings, Console(color=False), subject=subject) == 0
    return capsys.readouterr().out.splitlines()


def test_the_line_and_the_reason_of_its_binding_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = told(tmp_path, "cors-restricted", capsys)
    assert lines[-3:] == [
        "LIST.md:3: [x] CORS restricted",
        'bound as import proposes (0.95 sure): "cors": Only the declared origins read answers',
        "last run: none that is known here",
    ]


def test_a_binding_by_hand_stands_beside_what_import_would_propose(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = told(tmp_path, "no-orphaned-rows", capsys)
    assert "to finish: choose a database" in lines
    assert lines[-2].startswith('bound by hand; import proposes orphaned-rows: "orphaned": ')


def test_what_the_last_run_said_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = {
        "finished-at": "2026-01-05T12:00:00Z",
        "items": [{"id": "cake-is-ordered", "outcome": "pending", "summary": "nobody signed"}],
    }
    (tmp_path / "readiness-report").mkdir()
    (tmp_path / "readiness-report/report.json").write_text(json.dumps(report), "utf-8")
    lines = told(tmp_path, "cake-is-ordered", capsys)
    assert lines[-1] == "last run, 2026-01-05T12:00:00Z: pending: nobody signed"


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"items": 3, "finished-at": 1}', '{"items": [1]}']
)
def test_a_report_that_is_none_tells_nothing(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "readiness-report").mkdir()
    (tmp_path / "readiness-report/report.json").write_text(text, "utf-8")
    assert told(tmp_path, "cors-restricted", capsys)[-1] == "last run: none that is known here"
