"""`docs/artifacts.md`: what it shows can be planned, and names every check of the family."""

import re
from typing import Any

import pytest
import yaml

from readiness_gate.checklist.markdown import read_checklists
from readiness_gate.checks import CHECKS
from readiness_gate.config.load import load_config
from readiness_gate.engine.plan import plan
from readiness_gate.model.outcome import Family
from tests.contracts.sources import ROOT
from tests.engine.builders import scope

PAGE = (ROOT / "docs/artifacts.md").read_text("utf-8")
WORKFLOW, CONFIGURATION = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
JOBS: dict[str, Any] = yaml.safe_load(WORKFLOW)["jobs"]
MINE = [check.id for check in CHECKS.values() if check.family is Family.ARTIFACTS]


def test_the_configuration_that_is_shown_can_be_planned() -> None:
    loaded = load_config(CONFIGURATION, name="page", check_ids=CHECKS)
    planned = plan(loaded, read_checklists([]), CHECKS, scope())
    assert {item.check_id for item in planned} >= set(MINE) - {"junit-report", "coverage-report"}


def test_the_gate_needs_every_job_that_uploads_and_downloads_before_it_runs() -> None:
    uploading = {
        name
        for name, job in JOBS.items()
        if any("upload-artifact" in step.get("uses", "") for step in job["steps"])
    }
    gate = JOBS["readiness"]
    assert uploading
    assert set(gate["needs"]) == uploading
    uses = [step["uses"].partition("@")[0] for step in gate["steps"]]
    assert uses.index("actions/download-artifact") < uses.index("readiness-gate/readiness-gate")


@pytest.mark.parametrize("check_id", MINE)
def test_every_check_of_the_family_is_explained(check_id: str) -> None:
    assert f"(checks/{check_id}.md)" in PAGE
    assert re.search(rf"check: {check_id}\b", CONFIGURATION)
