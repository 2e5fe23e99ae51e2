from pathlib import Path

import pytest

from readiness_gate.cli import validate
from readiness_gate.cli.console import Console
from readiness_gate.doors.settings import from_environment

CHECKLIST = (
    "## High\n\n- [ ] The API answers <!-- id: api -->\n- [ ] Legal agrees <!-- id: legal -->\n"
)


def said(folder: Path, items: str, capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    (folder / ".github").mkdir()
    (folder / "LIST.md").write_text(CHECKLIST, "utf-8")
    config = f"version: 1\nchecklist: LIST.md\nitems: {items}\n"
    (folder / ".github/readiness.yml").write_text(config, "utf-8")
    settings = from_environment({"GITHUB_WORKSPACE": str(folder)})
    assert validate.command(settings, Console(color=False), output_format="text") == 0
    written = capsys.readouterr()
    return written.out, written.err


def test_a_misspelt_id_is_told_beside_the_line_that_it_leaves_unproven(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, err = said(tmp_path, "{apy: {check: file-exists, with: {path: LIST.md}}}", capsys)
    assert [line.split()[:2] for line in out.splitlines()] == [
        ["api", "attestation"], ["legal", "attestation"], ["apy", "file-exists"],
    ]  # fmt: skip
    assert "note: items.apy is no line of the checklist, did you mean 'api'?" in err
    assert "bound to no check, so waiting for somebody's signature before a deploy: api, leg" in err


def test_an_item_beside_the_checklist_is_no_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bound = "{check: file-exists, with: {path: LIST.md}}"
    _, err = said(tmp_path, f"{{api: {bound}, legal: attestation, smoke-tests: {bound}}}", capsys)
    assert err == ".github/readiness.yml: valid, 3 items\n"
