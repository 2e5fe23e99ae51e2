"""Files that no check may take for an answer, through every check that reads files."""

import os
from pathlib import Path
from typing import Any

import pytest

from readiness_gate.checks import CHECKS
from readiness_gate.engine.bind import BoundCheck
from readiness_gate.model.outcome import ErrorClass, Family, Outcome
from readiness_gate.model.result import CheckResult
from tests.engine.builders import result_of
from tests.fakes.checkout import Checkout
from tests.fakes.context import context
from tests.fakes.options import options

MANIFEST = """\
apiVersion: v1
kind: Pod
metadata: {name: api}
spec: {containers: [{name: api, image: "api:1"}]}
"""
WORKFLOW = """\
on: pull_request
permissions: {}
jobs: {a: {runs-on: ubuntu-24.04, steps: [{run: pytest}]}}
"""
SARIF = '{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "a"}}, "results": []}]}'
BENCHMARK = '{"benchmarks": [{"name": "a", "stats": {"mean": 0.1, "rounds": 5}}]}'
DASHBOARD = (
    '{"title": "A", "uid": "a", "panels":'
    ' [{"title": "P", "type": "timeseries", "targets": [{"expr": "up"}]}]}'
)
ALERTS = "groups:\n- name: g\n  rules:\n  - {alert: A, expr: up == 0}\n"
COMPOSE = "services:\n  a:\n    image: a:1\n    healthcheck: {test: [CMD, 'true']}\n"
CASES: dict[str, tuple[str, str, str]] = {
    "file-content": ("a.txt", "{path: FILE, contains: word}", "a word"),
    "config-value": ("a.json", "{path: FILE, jsonpath: {$.a: 1}}", '{"a": 1}'),
    "env-contract": (".env.ci", "{file: FILE, required: A}", "A=1\n"),
    "dependency-declared": ("requirements.txt", "{path: FILE, required: a}", "a==1\n"),
    "source-rule": ("a.py", "{path: FILE, rules: [debug-flag]}", "x = 1\n"),
    "code-metric": ("a.py", "{path: FILE, metric: docstrings, limit: '>1%'}", '"""A."""\n'),
    "doc-sections": ("a.md", "{path: FILE, headings: [Use]}", "# Use\n\nWords.\n"),
    "changelog": ("CHANGELOG.md", "{path: FILE}", "# C\n\n## [1.0.0] - 2020-01-01\n\n- A.\n"),
    "dockerfile-lint": ("Dockerfile", "{path: FILE}", 'FROM a:1\nUSER 1\nCMD ["a"]\n'),
    "compose-model": ("compose.yaml", "{path: FILE, rules: [health-check]}", COMPOSE),
    "kubernetes-manifest": ("a.yaml", "{path: FILE, rules: [pinned-image]}", MANIFEST),
    "alert-rules": ("a.yml", "{path: FILE}", ALERTS),
    "dashboard-file": ("a.json", "{path: FILE}", DASHBOARD),
    "ci-config": (".github/workflows/a.yml", "{rules: [permissions]}", WORKFLOW),
    "junit-report": ("a.xml", "{path: FILE}", "<testsuite><testcase name='a'/></testsuite>"),
    "coverage-report": ("a.info", "{path: FILE, total: '>1%'}", "SF:a\nDA:1,1\nend_of_record\n"),
    "lint-report": ("a.txt", "{path: FILE}", "Success: no issues found in 3 source files\n"),
    "sarif-report": ("a.sarif", "{path: FILE}", SARIF),
    "performance-report": ("a.json", "{path: FILE, metrics: {a.mean: <1s}}", BENCHMARK),
}
"""A file, options that name it, and content with which the check passes."""
LARGE = 65 * 1024 * 1024
each_check = pytest.mark.parametrize("check_id", list(CASES))


def run(check_id: str, root: Path, name: str | None = None, **more: Any) -> CheckResult:
    """Run as the engine does, which turns what a check raises into a result."""
    file, text, _ = CASES[check_id]
    check = CHECKS[check_id]
    given = options(check, text.replace("FILE", name or file))
    return result_of(BoundCheck(check, given, "item"), context(workspace=root, **more))


def write(root: Path, check_id: str) -> Path:
    file, _, content = CASES[check_id]
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def is_said(result: CheckResult) -> None:
    """Assert that it is not green, in words, and no fault of the gate."""
    assert result.outcome in {Outcome.FAILED, Outcome.ERROR}, result
    assert result.summary
    assert result.error_class is not ErrorClass.INTERNAL, result
    assert "/etc/passwd" not in repr(result)
    assert "root:" not in repr(result)


def test_every_check_that_reads_files_is_here() -> None:
    family = {Family.REPOSITORY, Family.ARTIFACTS}
    reading = {one for one, check in CHECKS.items() if check.family in family}
    assert reading - set(CASES) == {"file-exists", "secret-scan", "doc-freshness"}


@each_check
def test_the_file_as_it_should_be_passes(tmp_path: Path, check_id: str) -> None:
    write(tmp_path, check_id)
    result = run(check_id, tmp_path)
    assert result.outcome is Outcome.PASSED, result


@each_check
def test_a_link_out_of_the_checkout_is_not_followed(tmp_path: Path, check_id: str) -> None:
    outside = write(tmp_path / "outside", check_id)
    path = write(tmp_path / "checkout", check_id)
    path.unlink()
    for target in (outside, Path("/etc/passwd"), path, tmp_path / "nowhere"):
        path.symlink_to(target)
        is_said(run(check_id, tmp_path / "checkout"))
        path.unlink()


@each_check
@pytest.mark.parametrize(
    "content",
    [b"\0" * 5_000, bytes(range(256)) * 20, b"\xff\xfe\x00", b"", b"\x89PNG\r\n\x1a\n\0\0"],
)
def test_binary_and_empty_files_are_never_green(
    tmp_path: Path, check_id: str, content: bytes
) -> None:
    write(tmp_path, check_id).write_bytes(content)
    if check_id == "source-rule" and not content:
        assert run(check_id, tmp_path).outcome is Outcome.PASSED  # an empty module breaks no rule
        return
    is_said(run(check_id, tmp_path))


@each_check
def test_a_gigantic_file_is_refused_at_once(tmp_path: Path, check_id: str) -> None:
    path = write(tmp_path, check_id)
    with path.open("r+b") as stream:
        stream.truncate(LARGE)
    is_said(run(check_id, tmp_path))


@each_check
@pytest.mark.parametrize(
    "content",
    [
        "[" * 100_000,
        '{"a":' * 50_000,
        "- " * 50_000,
        "<a>" * 50_000,
        "(" * 50_000,
        "> " * 50_000,
        '<!DOCTYPE a [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><testsuite>&b;</testsuite>',
        "a: &a [x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n",
        '{"a": ',
        "<testsuite><testcase",
    ],
)
def test_broken_and_hostile_content_is_never_green(
    tmp_path: Path, check_id: str, content: str
) -> None:
    write(tmp_path, check_id).write_text(content)
    is_said(run(check_id, tmp_path))


@each_check
def test_a_submodule_that_is_not_checked_out_is_no_file(tmp_path: Path, check_id: str) -> None:
    path = write(tmp_path, check_id)
    path.unlink()
    path.mkdir()
    is_said(run(check_id, tmp_path))


SOUGHT = (
    "file-content", "config-value", "dependency-declared", "source-rule", "code-metric",
    "doc-sections", "kubernetes-manifest", "alert-rules", "dashboard-file",
)  # fmt: skip
"""Checks that look at every file of a pattern."""


@pytest.mark.parametrize("check_id", SOUGHT)
@pytest.mark.parametrize("target", ["file", "folder", "unentered", "submodule"])
def test_beside_a_good_file_what_a_pattern_cannot_see_is_never_green(
    tmp_path: Path, check_id: str, target: str
) -> None:
    outside, root = tmp_path / "outside", tmp_path / "checkout"
    file, _, _ = CASES[check_id]
    write(root, check_id)
    assert run(check_id, root, name=f"'**/{file}'").outcome is Outcome.PASSED
    (root / "part").mkdir()
    if target == "file":
        (root / "part" / file).symlink_to(write(outside, check_id))
    elif target == "folder":
        write(outside, check_id)
        (root / "part" / "more").symlink_to(outside)
    elif target == "unentered":
        (root / "part" / file).symlink_to(write(root / "node_modules" / "a", check_id))
    else:
        (root / ".gitmodules").write_text('[submodule "part"]\n\tpath = part\n\turl = ../a\n')
    result = run(check_id, root, name=f"'**/{file}'")
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)
    assert "part" in result.summary
    assert ("submodules" in result.summary) == (target == "submodule")


ONE_FILE = ("env-contract", "changelog", "compose-model", "ci-config")
"""Checks whose files are named, not sought."""


@pytest.mark.parametrize("check_id", [one for one in CASES if one not in ONE_FILE])
def test_names_that_are_not_utf_8_and_deep_folders_are_read(tmp_path: Path, check_id: str) -> None:
    file, _, content = CASES[check_id]
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    for _ in range(60):
        folder /= "deep"
    folder.mkdir(parents=True)
    (folder / file).write_text(content)
    result = run(check_id, tmp_path, name=f"'**/{file}'")
    assert result.outcome is Outcome.PASSED, result
    (folder / file).write_text("\0")
    is_said(run(check_id, tmp_path, name=f"'**/{file}'"))


@pytest.mark.parametrize(
    ("check_id", "text"),
    [
        ("secret-scan", "{}"),
        ("doc-freshness", "{docs: a.md, code: '*.py'}"),
        ("code-metric", "{metric: markers, ratchet: true}"),
        ("changelog", "{entry: true}"),
        ("coverage-report", "{path: r.info, changed: '>1%'}"),
        ("lint-report", "{path: r.txt, changed: true}"),
        ("sarif-report", "{path: r.sarif, new: true}"),
    ],
)
def test_a_shallow_clone_is_said_with_what_to_set(tmp_path: Path, check_id: str, text: str) -> None:
    origin = Checkout(tmp_path / "origin")
    base = origin.commit({"a.md": "# A\n", "a.py": "x = 1\n"})
    head = origin.commit({"a.py": "x = 2\n", "CHANGELOG.md": CASES["changelog"][2]})
    shallow = tmp_path / "shallow"
    origin.run("clone", "-q", "--depth", "1", f"file://{origin.root}", str(shallow))
    (shallow / "r.info").write_text("SF:a.py\nDA:1,1\nend_of_record\n")
    (shallow / "r.txt").write_text(
        "a.py:1: error: Wrong  [misc]\nFound 1 error in 1 file (checked 1 source file)\n"
    )
    (shallow / "r.sarif").write_text(
        SARIF.replace('"results": []', '"results": [{"ruleId": "a", "message": {"text": "m"}}]')
    )
    check = CHECKS[check_id]
    git = Checkout(shallow).git
    known = context(workspace=shallow, git=git, base_sha=base, head_sha=head)
    result = result_of(BoundCheck(check, options(check, text), "item"), known)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)
    assert "fetch-depth: 0" in f"{result.summary}{result.remediation}"
