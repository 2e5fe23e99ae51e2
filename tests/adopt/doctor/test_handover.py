from pathlib import Path

import pytest

from readiness_gate.adopt.doctor import handover
from tests.adopt.doctor.builders import gates, hardened, said, shop, swap


def rules(tmp_path: Path, files: dict[str, str]) -> list[str]:
    return [one.rule for one in handover.findings(gates(tmp_path, files))]


def test_the_ready_made_workflows_hand_over(tmp_path: Path) -> None:
    assert said(handover.findings(gates(tmp_path, hardened()))) == []


def test_one_step_hands_nothing_over(tmp_path: Path) -> None:
    assert said(handover.findings(gates(tmp_path, shop()))) == []


CHECKS = {
    "upload-missing": ("actions/upload-artifact@", "actions/cache@"),
    "artifact-name": ("name: readiness-report", "name: report"),
    "artifact-path": ("path: readiness-report/report.json", "path: readiness-report"),
    "upload-condition": ("if: always()", "if: success()"),
    "publish-source": ("name: Readiness checks", "name: Checks"),
    "edited-text": ("github.event.action != 'edited' || github.event.changes.base", "always()"),
    "idle-types": ("ready_for_review, edited]", "ready_for_review, edited, labeled]"),
}


@pytest.mark.parametrize("rule", CHECKS)
def test_what_keeps_the_report_from_being_found(rule: str, tmp_path: Path) -> None:
    assert rules(tmp_path, hardened(checks=swap(*CHECKS[rule]))) == [rule]


PUBLISH = {
    "publish-types": ("types: [completed]", "types: [requested]"),
    "publish-branches": ("types: [completed]", "types: [completed]\n    branches: [main]"),
    "publish-source": ("[Readiness checks]", "[Other]"),
    "artifact-name": ("mode: publish", "mode: publish\n          report-dir: other"),
}


@pytest.mark.parametrize("rule", PUBLISH)
def test_what_keeps_publish_from_starting_or_finding(rule: str, tmp_path: Path) -> None:
    assert rules(tmp_path, hardened(publish=swap(*PUBLISH[rule]))) == [rule]


def test_an_upload_that_is_not_there_is_shown_whole(tmp_path: Path) -> None:
    files = hardened(checks=swap("actions/upload-artifact@", "actions/cache@"))
    (found,) = handover.findings(gates(tmp_path, files))
    assert found.line is not None
    assert "name: readiness-report\n    path: readiness-report/report.json" in found.change


def test_a_reading_run_that_nobody_publishes_is_an_error(tmp_path: Path) -> None:
    files = {name: text for name, text in hardened().items() if "publish" not in name}
    assert rules(tmp_path, files) == ["publish-missing"]


def test_nothing_to_publish_is_an_error(tmp_path: Path) -> None:
    files = {name: text for name, text in hardened().items() if "checks" not in name}
    assert rules(tmp_path, files) == ["checks-missing"]


def test_a_workflow_without_a_name_is_known_by_its_path(tmp_path: Path) -> None:
    path = ".github/workflows/readiness-checks.yml"
    files = hardened(
        checks=swap("name: Readiness checks\n", ""),
        publish=swap("[Readiness checks]", f"[{path}]"),
    )
    assert rules(tmp_path, files) == []
