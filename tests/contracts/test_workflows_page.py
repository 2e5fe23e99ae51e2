"""docs/workflows.md against the ready-made workflows and the doctor."""

import re

import yaml

from readiness_gate.adopt.doctor import permissions
from tests.contracts.sources import PACKAGE, ROOT

PAGE = (ROOT / "docs/workflows.md").read_text("utf-8")
READY = sorted((ROOT / "examples/hardened/.github/workflows").iterdir())


def table_of_permissions() -> dict[str, dict[str, str]]:
    rows = re.findall(r"^\| `(\w+)` \| ((?:`[a-z-]+: \w+`(?:, )?)+) \|$", PAGE, re.MULTILINE)
    return {
        mode: dict(one.strip("`").split(": ") for one in cell.split(", ")) for mode, cell in rows
    }


def test_the_table_of_permissions_is_the_doctors() -> None:
    assert table_of_permissions() == permissions.NEEDED


def test_the_ready_made_workflows_have_at_least_these_and_write_no_more() -> None:
    for path in READY:
        workflow = yaml.safe_load(path.read_text("utf-8"))
        assert workflow["permissions"] == {}
        (job,) = workflow["jobs"].values()
        modes = [step["with"]["mode"] for step in job["steps"] if "mode" in step.get("with", {})]
        for mode in modes:
            needed = permissions.NEEDED[mode]
            assert job["permissions"].items() >= needed.items()
            writes = {scope for scope, level in job["permissions"].items() if level == "write"}
            may = {scope for scope, level in needed.items() if level == "write"}
            assert writes - may <= ({"actions"} if mode == "merge" else set())


def test_every_ready_made_workflow_is_told() -> None:
    for path in READY:
        assert f"examples/hardened/.github/workflows/{path.name}" in PAGE


def test_every_rule_of_the_doctor_is_told() -> None:
    sources = [*(PACKAGE / "adopt" / "doctor").glob("*.py"), PACKAGE / "cli" / "doctor.py"]
    said = "\n".join(path.read_text("utf-8") for path in sources)
    rules = set(re.findall(r'rule="([a-z-]+)"', said))
    rules |= {"path-filter", "branch-filter", "context-name"}  # one of two
    rules |= set(re.findall(r'_finding\(\s*"([a-z-]+)"', said))
    rules |= set(re.findall(r'_plain\(\s*"([a-z-]+)"', said))
    rules |= set(re.findall(r'_of_rules\(\s*"([a-z-]+)"', said)) | {"not-required"}
    table = PAGE.partition("| rule | says |")[2]
    told = {rule for line in table.splitlines() for rule in re.findall(r"`([a-z-]+)`", line)}
    assert len(rules) > 25
    assert rules - told == set()
    assert told - rules - {"publish"} == set()


def test_the_artifact_that_is_shown_is_that_of_the_ready_made_workflow() -> None:
    (block,) = re.findall(r"^```yaml\n(- if.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    (shown,) = yaml.safe_load(block)
    checks = yaml.safe_load(READY[0].read_text("utf-8"))
    upload = checks["jobs"]["checks"]["steps"][-1]
    assert {key: upload[key] for key in shown} == shown


def test_a_waiting_run_is_replaced_only_by_one_that_makes_up_for_it() -> None:
    (merge,) = (path for path in READY if path.name == "readiness-merge.yml")
    workflow = yaml.safe_load(merge.read_text("utf-8"))
    group = workflow["concurrency"]["group"]
    # A comment of the same number would put a merge, or a command, out of the queue.
    assert "issue.number" not in group
    assert "github.event.action != 'closed' && github.event.pull_request.number" in group
    assert group.endswith("|| github.run_id }}")
    assert "'/readiness')" in workflow["jobs"]["merge"]["if"]
    others = [ROOT / "examples/shop/.github/workflows/readiness.yml", READY[0]]
    for path in others:
        group = yaml.safe_load(path.read_text("utf-8"))["concurrency"]["group"]
        assert group.endswith("-${{ github.event.changes.base && github.run_id }}")
