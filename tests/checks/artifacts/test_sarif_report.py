import json
from pathlib import Path
from typing import Any

import pytest

from readiness_gate.checks.artifacts.sarif_report import CHECK
from readiness_gate.model.outcome import Outcome
from tests.fakes.artifacts import is_unclear, never_passes, run, run_change, write
from tests.fakes.checkout import Checkout
from tests.fakes.options import refusal

HEAD = "a" * 40
RULES = [
    {"id": "sql", "properties": {"security-severity": "8.8"}},
    {"id": "style", "defaultConfiguration": {"level": "note"}},
]


def finding(rule: str = "sql", line: int = 1, **more: Any) -> dict[str, Any]:
    place = {"artifactLocation": {"uri": "app/a.py"}, "region": {"startLine": line}}
    said = {"ruleId": rule, "message": {"text": "why"}, "locations": [{"physicalLocation": place}]}
    return said | more


def sarif(*found: dict[str, Any], **run: Any) -> str:
    tool = {"driver": {"name": "Scanner", "rules": RULES}}
    return json.dumps({"version": "2.1.0", "runs": [{"tool": tool, "results": found, **run}]})


def test_a_run_without_findings_passes(tmp_path: Path) -> None:
    write(tmp_path, out__a_dot_sarif=sarif(finding("style")))
    result = run(CHECK, tmp_path, "tools: scanner")
    assert (result.outcome, result.summary) == (Outcome.PASSED, "0 findings of Scanner")


def test_a_finding_is_told_with_severity_and_place(tmp_path: Path) -> None:
    write(tmp_path, s_dot_sarif=sarif(finding("style"), finding(line=7)), app__a_dot_py="x\n")
    result = run(CHECK, tmp_path, "severity: high")
    assert result.outcome is Outcome.FAILED
    assert result.summary == "1 finding of Scanner, first app/a.py:7: high: sql: why"
    (place,) = result.evidence
    assert place.kind == "location"
    assert (place.path, place.line) == ("app/a.py", 7)


@pytest.mark.parametrize(
    ("found", "text", "outcome"),
    [
        (finding(), "severity: critical", Outcome.PASSED),
        (finding(), "ignore: [sql]", Outcome.PASSED),
        (finding(), "maximum: 1", Outcome.PASSED),
        (finding(kind="pass"), "{}", Outcome.PASSED),
        (finding(baselineState="absent"), "{}", Outcome.PASSED),
        (finding(baselineState="unchanged"), "new: true", Outcome.PASSED),
        (finding(baselineState="new"), "new: true", Outcome.FAILED),
        (finding("style"), "level: note", Outcome.FAILED),
        (finding("unknown-rule"), "{}", Outcome.FAILED),
        (finding("unknown-rule", level="strange"), "level: error", Outcome.FAILED),
        (finding("sql/part"), "severity: high", Outcome.FAILED),
        (finding(suppressions=[{"status": "rejected"}]), "{}", Outcome.FAILED),
    ],
)
def test_what_counts(tmp_path: Path, found: dict[str, Any], text: str, outcome: Outcome) -> None:
    write(tmp_path, s_dot_sarif=sarif(found))
    assert run(CHECK, tmp_path, text).outcome is outcome


def test_what_is_suppressed_does_not_count_and_is_shown(tmp_path: Path) -> None:
    excuse = [{"kind": "inSource", "justification": "a fixture"}]
    write(tmp_path, s_dot_sarif=sarif(finding(suppressions=excuse)))
    result = run(CHECK, tmp_path, "{}")
    assert (result.outcome, result.summary) == (
        Outcome.PASSED,
        "0 findings of Scanner, 1 suppressed",
    )
    (table,) = result.evidence
    assert table.kind == "table"
    assert table.rows == (("sql", "app/a.py:1", "a fixture"),)


def test_without_states_new_is_what_is_on_lines_of_the_change(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path / "work")
    base = checkout.commit({"app/a.py": "1\n2\n"})
    checkout.commit({"app/a.py": "1\nnew\n"})
    write(checkout.root, s_dot_sarif=sarif(finding(line=1)))
    assert run_change(CHECK, checkout, "new: true", base=base).outcome is Outcome.PASSED
    assert run(CHECK, checkout.root, "new: true").outcome is Outcome.SKIPPED
    write(checkout.root, s_dot_sarif=sarif(finding(line=1), finding(line=2)))
    result = run_change(CHECK, checkout, "new: true", base=base)
    assert result.summary.startswith("1 new finding of Scanner, first app/a.py:2")
    write(checkout.root, s_dot_sarif=sarif(finding(line=1, locations=[])))
    assert run_change(CHECK, checkout, "new: true", base=base).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("report", "words"),
    [
        ('{"version": "2.1.0", "runs": []}', "it holds no run"),
        ('{"version": "1.0.0", "runs": []}', "version 1.0.0"),
        (sarif(invocations=[{"executionSuccessful": False}]), "did not succeed"),
        (sarif(results=None), "reports no results"),
        (sarif(versionControlProvenance=[{"revisionId": "b" * 40}]), "is about commit bbbb"),
    ],
)
def test_a_report_that_proves_nothing_cannot_be_told(
    tmp_path: Path, report: str, words: str
) -> None:
    write(tmp_path, s_dot_sarif=report)
    is_unclear(run(CHECK, tmp_path, "{}", head=HEAD), words)


def test_a_report_of_this_commit_counts(tmp_path: Path) -> None:
    write(tmp_path, s_dot_sarif=sarif(versionControlProvenance=[{"revisionId": HEAD}]))
    assert run(CHECK, tmp_path, "{}", head=HEAD).outcome is Outcome.PASSED


def test_a_scanner_that_did_not_run_fails(tmp_path: Path) -> None:
    write(tmp_path, s_dot_sarif=sarif())
    result = run(CHECK, tmp_path, "tools: CodeQL")
    assert result.outcome is Outcome.FAILED
    assert result.summary == "there is no run of CodeQL, only of Scanner"


def test_what_is_no_report_is_never_a_pass(tmp_path: Path) -> None:
    never_passes(CHECK, tmp_path, "path: s.sarif", "s.sarif")


def test_options_that_are_refused() -> None:
    assert "level" in refusal(CHECK, "level: bad")
    assert "maximum" in refusal(CHECK, "maximum: -1")
