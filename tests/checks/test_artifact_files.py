"""Reports of other jobs: of this commit, and not the ones that somebody committed."""

from pathlib import Path
from typing import Any

import pytest

from readiness_gate.checks.artifacts import (
    coverage_report,
    junit_report,
    lint_report,
    performance_report,
    sarif_report,
)
from readiness_gate.checks.base import Check
from readiness_gate.model.outcome import Outcome
from tests.fakes.artifacts import is_unclear
from tests.fakes.checkout import Checkout
from tests.fakes.context import context
from tests.fakes.options import options

JUNIT = (
    '<testsuite><properties><property name="GITHUB_SHA" value="{commit}"/></properties>'
    '<testcase name="a"/></testsuite>'
)
SARIF = (
    '{{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"name": "s"}}}}, "results": [],'
    ' "versionControlProvenance": [{{"revisionId": "{commit}"}}]}}]}}'
)
BENCHMARK = (
    '{{"commit_info": {{"id": "{commit}"}}, "benchmarks": [{{"name": "a",'
    ' "stats": {{"mean": 0.1, "rounds": 5}}}}]}}'
)
WITH_COMMIT = [
    (junit_report.CHECK, JUNIT, "path: r"),
    (sarif_report.CHECK, SARIF, "path: r"),
    (performance_report.CHECK, BENCHMARK, "{path: r, metrics: {a.mean: <1s}}"),
]
EVERY = [
    *WITH_COMMIT,
    (coverage_report.CHECK, "SF:a.py\nDA:1,1\nend_of_record\n", "{path: r, total: '>1%'}"),
    (lint_report.CHECK, "Success: no issues found in 3 source files\n", "path: r"),
]
each_that_tells = pytest.mark.parametrize(("check", "report", "text"), WITH_COMMIT)
each_check = pytest.mark.parametrize(("check", "report", "text"), EVERY)


@each_that_tells
def test_a_report_of_another_commit_is_refused(
    tmp_path: Path, check: Check[Any], report: str, text: str
) -> None:
    checkout = Checkout(tmp_path / "checkout")
    head = checkout.commit({"a.py": "x = 1\n"})
    known = context(workspace=checkout.root, git=checkout.git, head_sha=head)
    (checkout.root / "r").write_text(report.format(commit=head))
    assert check.run(known, options(check, text)).outcome is Outcome.PASSED
    (checkout.root / "r").write_text(report.format(commit="b" * 40))
    is_unclear(check.run(known, options(check, text)), f"r is about commit {'b' * 12}, not about")


@each_check
def test_a_report_that_is_committed_is_not_one_of_ci(
    tmp_path: Path, check: Check[Any], report: str, text: str
) -> None:
    checkout = Checkout(tmp_path / "checkout")
    before = checkout.commit({"a.py": "x = 1\n"})
    plain = report.format(commit=before) if "commit}" in report else report
    head = checkout.commit({"r": plain})
    known = context(workspace=checkout.root, git=checkout.git, head_sha=head)
    result = check.run(known, options(check, text))
    is_unclear(result, "r is committed, so it is not what CI wrote for this commit")
    assert "out of git" in (result.remediation or "")
    dotted = options(check, text.replace("path: r", "path: ./r"))
    is_unclear(check.run(known, dotted), "is committed")


@each_check
def test_one_that_ci_wrote_over_it_counts(
    tmp_path: Path, check: Check[Any], report: str, text: str
) -> None:
    checkout = Checkout(tmp_path / "checkout")
    head = checkout.commit({"a.py": "x = 1\n", "r": "an older one"})
    plain = report.format(commit=head) if "commit}" in report else report
    (checkout.root / "r").write_text(plain)
    known = context(workspace=checkout.root, git=checkout.git, head_sha=head)
    assert check.run(known, options(check, text)).outcome is Outcome.PASSED


@each_check
def test_without_a_repository_reports_are_read(
    tmp_path: Path, check: Check[Any], report: str, text: str
) -> None:
    plain = report.format(commit="c" * 40) if "commit}" in report else report
    (tmp_path / "r").write_text(plain)
    git = Checkout(tmp_path / "elsewhere").git
    known = context(workspace=tmp_path, git=git)
    assert check.run(known, options(check, text)).outcome is Outcome.PASSED
