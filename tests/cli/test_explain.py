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
