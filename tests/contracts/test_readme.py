"""The README says what the code does: its examples are valid, its tables are the catalogue."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from readiness_gate.checks import CHECKS
from tests.contracts.readme_comments import README, ROOT

PROGRAM = Path(sys.executable).parent / "readiness-gate"

TEXT = README.read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


def gate(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PROGRAM), *arguments],
        cwd=folder,
        env={"COLUMNS": "80", "TERM": "dumb"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_configuration_is_valid(tmp_path: Path) -> None:
    (tmp_path / ".github").mkdir()
    (tmp_path / "docs").mkdir()
    (tmp_path / ".github" / "readiness.yml").write_text(blocks("yaml")[1])
    (tmp_path / "docs" / "PRODUCTION_READINESS.md").write_text("- [ ] Something to prove\n")
    done = gate(tmp_path, "validate")
    assert done.returncode == 0, done.stderr


def test_the_workflow_is_that_of_the_shop() -> None:
    # PyYAML reads the key `on` as true, as YAML 1.1 has it.
    readme = yaml.safe_load(blocks("yaml")[0])
    shop = yaml.safe_load((ROOT / "examples/shop/.github/workflows/readiness.yml").read_text())
    assert readme["permissions"] == shop["permissions"] == {}
    assert readme["jobs"]["readiness"]["permissions"] == shop["jobs"]["readiness"]["permissions"]
    for event, told in readme[True].items():
        assert told == shop[True][event]
    used = [step["uses"] for step in readme["jobs"]["readiness"]["steps"]]
    assert used == [step["uses"] for step in shop["jobs"]["readiness"]["steps"]]


def test_the_help_is_that_of_the_command() -> None:
    (shown,) = (block for block in blocks("text") if block.startswith("Usage:"))
    assert gate(ROOT, "--help").stdout.strip() == shown.strip()


def test_the_table_of_checks_is_the_catalogue() -> None:
    rows = re.findall(r"^\| (\w+) \| \[`([a-z-]+)`\]\((\S+)\) \| (.*) \|$", TEXT, re.MULTILINE)
    assert rows == [
        (check.family.value, check.id, f"docs/checks/{check.id}.md", check.title)
        for check in CHECKS.values()
    ]


@pytest.mark.parametrize("page", [README, ROOT / "docs" / "README.md"], ids=lambda page: page.name)
def test_a_link_leads_to_a_file(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
    assert [to for to in targets if not (page.parent / to).is_file()] == []
