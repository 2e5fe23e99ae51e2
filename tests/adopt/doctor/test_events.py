from pathlib import Path

import pytest

from readiness_gate.adopt.doctor import events
from tests.adopt.doctor.builders import gates, hardened, said, shop, swap

MERGE_GROUP = "  merge_group:\n    types: [checks_requested]\n"


def test_the_ready_made_workflows_have_every_event(tmp_path: Path) -> None:
    assert said(events.findings(gates(tmp_path, hardened()))) == []


def test_one_step_lacks_nothing_but_a_sweep(tmp_path: Path) -> None:
    assert said(events.findings(gates(tmp_path, shop()))) == ["sweep-missing readiness.yml:3"]


def test_missing_types_are_named_with_the_whole_line(tmp_path: Path) -> None:
    files = shop(("      - edited\n", ""), ("      - closed\n", ""))
    first, _ = events.findings(gates(tmp_path, files))
    assert (first.rule, first.severity, first.line) == ("event-types", "error", 4)
    assert first.message == "pull_request does not start the gate for edited, closed"
    assert first.change.startswith("pull_request:\n  types: [opened, synchronize, ")
    assert first.change.endswith("edited, closed]")


def test_githubs_own_types_are_three_of_them(tmp_path: Path) -> None:
    text = "name: x\non: pull_request\njobs:\n  a:\n    runs-on: x\n    steps:\n"
    text += "      - uses: readiness-gate/readiness-gate@v1\n"
    (found, *_) = events.findings(gates(tmp_path, {"a.yml": text}))
    assert found.rule == "event-types"
    assert "ready_for_review, converted_to_draft, edited, labeled, unlabeled, closed" in (
        found.message
    )


def test_the_trusted_workflow_needs_all_types_too(tmp_path: Path) -> None:
    files = hardened(merge=swap("      - closed\n", ""))
    assert said(events.findings(gates(tmp_path, files))) == ["event-types readiness-merge.yml:7"]


@pytest.mark.parametrize("name", ["checks", "merge"])
def test_a_queue_waits_for_a_half_without_merge_group(name: str, tmp_path: Path) -> None:
    files = hardened(**{name: swap(MERGE_GROUP, "")})
    (found,) = events.findings(gates(tmp_path, files))
    assert (found.rule, found.severity) == ("merge-group", "error")
    assert found.file.endswith(f"readiness-{name}.yml")
    assert found.change == "merge_group:\n  types: [checks_requested]"


def test_a_path_filter_leaves_a_required_status_waiting(tmp_path: Path) -> None:
    files = shop(("  pull_request:\n", "  pull_request:\n    paths: [src/**]\n"))
    found = said(events.findings(gates(tmp_path, files)))
    assert "path-filter readiness.yml:5" in found


def test_a_branch_filter_leaves_stacked_ones_out(tmp_path: Path) -> None:
    files = shop(("  pull_request:\n", "  pull_request:\n    branches: [main]\n"))
    found = said(events.findings(gates(tmp_path, files)))
    assert "branch-filter readiness.yml:5" in found


@pytest.mark.parametrize("event", ["pull_request_target", "workflow_run", "issue_comment"])
def test_code_of_a_pull_request_never_runs_under_a_trusted_event(
    event: str, tmp_path: Path
) -> None:
    files = shop(("  merge_group:\n", f"  {event}:\n  merge_group:\n"))
    found = [one for one in events.findings(gates(tmp_path, files)) if one.rule != "event-types"]
    assert said(found) == ["event-for-mode readiness.yml:17", "sweep-missing readiness.yml:3"]
    assert found[0].message.startswith(f"mode run refuses {event}: it holds a writing token")


def test_a_job_that_looks_at_the_event_is_taken_at_its_word(tmp_path: Path) -> None:
    files = shop(
        ("  merge_group:\n", "  issue_comment:\n  merge_group:\n"),
        ("    name: Production", "    if: github.event_name != 'issue_comment'\n    name: Prod"),
    )
    assert said(events.findings(gates(tmp_path, files))) == ["sweep-missing readiness.yml:3"]


def test_publish_under_another_event_publishes_nothing(tmp_path: Path) -> None:
    files = hardened(publish=swap("  workflow_run:\n", "  push:\n  workflow_run:\n"))
    (found,) = events.findings(gates(tmp_path, files))
    assert found.rule == "event-for-mode"
    assert "mode publish refuses push" in found.message


def test_a_half_that_nobody_computes_is_said(tmp_path: Path) -> None:
    files = {name: text for name, text in hardened().items() if "merge" not in name}
    found = list(events.findings(gates(tmp_path, files)))
    assert {one.rule for one in found} == {"half-missing", "sweep-missing"}
    assert found[0].message == "no workflow computes the half merge"
