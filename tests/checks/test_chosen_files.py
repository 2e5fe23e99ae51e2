"""`scope: diff`: what a check finds in files that the change leaves alone does not count."""

from pathlib import Path
from typing import Any

import pytest

from readiness_gate.checks.base import Check
from readiness_gate.checks.repository import (
    code_metric,
    config_value,
    doc_sections,
    env_contract,
    file_content,
    kubernetes_manifest,
    source_rule,
)
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.outcome import Need, Outcome
from readiness_gate.model.result import CheckResult
from tests.fakes.checkout import Checkout
from tests.fakes.context import context
from tests.fakes.options import options, refusal

MANIFEST = """\
apiVersion: v1
kind: Pod
metadata: {{name: api}}
spec: {{containers: [{{name: api, image: {image}}}]}}
"""
CASES = [
    (file_content.CHECK, "path: '*.py'\nabsent: breakpoint", "breakpoint()\n", "x = 1\n", "py"),
    (source_rule.CHECK, "rules: [debug-flag]", "breakpoint()\n", "x = 1\n", "py"),
    (code_metric.CHECK, "metric: markers\nlimit: <1", "# TODO: it\n", "x = 1\n", "py"),
    (
        code_metric.CHECK,
        "metric: type-hints\nlimit: '>=100%'",
        "def f(a): ...\n",
        "def f() -> int: ...\n",
        "py",
    ),
    (
        config_value.CHECK,
        "path: '*.json'\njsonpath: {$.debug: {exists: false}}",
        '{"debug": 1}',
        "{}",
        "json",
    ),
    (
        kubernetes_manifest.CHECK,
        "path: '*.yaml'\nrules: [pinned-image]",
        MANIFEST.format(image="api"),
        MANIFEST.format(image="api:1"),
        "yaml",
    ),
    (doc_sections.CHECK, "path: '*.md'\ncomplete: true", "# A\n\nTODO\n", "# A\n\nWord.\n", "md"),
    (
        env_contract.CHECK,
        "file: .env.ci\ncode: '*.py'",
        "import os\nos.environ['OTHER']\n",
        "import os\nos.environ['SET']\n",
        "py",
    ),
]
each_check = pytest.mark.parametrize(("check", "text", "bad", "good", "ending"), CASES)


def run(
    check: Check[Any], text: str, checkout: Checkout, base: str | None, head: str
) -> CheckResult:
    given = options(check, f"{text}\nscope: diff")
    assert check.refine_needs is not None
    assert Need.GIT in check.refine_needs(given)
    tree = context(workspace=checkout.root, git=checkout.git, base_sha=base, head_sha=head)
    return check.run(tree, given)


@each_check
def test_of_a_change_only_its_files_are_looked_at(
    tmp_path: Path, check: Check[Any], text: str, bad: str, good: str, ending: str
) -> None:
    checkout = Checkout(tmp_path / "checkout")
    base = checkout.commit({".env.ci": "SET=1\n", f"old.{ending}": bad, f"own.{ending}": good})
    fine = checkout.commit({f"own.{ending}": f"{good}\n"})
    assert run(check, text, checkout, base, fine).outcome is Outcome.PASSED
    wrong = checkout.commit({f"new.{ending}": bad})
    result = run(check, text, checkout, base, wrong)
    assert result.outcome is Outcome.FAILED
    told = f"{result.summary}{result.details}{result.evidence}"
    assert f"new.{ending}" in told
    assert f"old.{ending}" not in told


@each_check
def test_a_change_of_other_files_is_said(
    tmp_path: Path, check: Check[Any], text: str, bad: str, good: str, ending: str
) -> None:
    checkout = Checkout(tmp_path / "checkout")
    base = checkout.commit({".env.ci": "SET=1\n", f"old.{ending}": bad, f"own.{ending}": good})
    head = checkout.commit({"other.txt": "x", f"own.{ending}": None})
    result = run(check, text, checkout, base, head)
    assert result.outcome is Outcome.PASSED
    if check is not env_contract.CHECK:
        assert result.summary == "the change touches none of 1 file"


@each_check
def test_without_a_change_it_is_every_file(
    tmp_path: Path, check: Check[Any], text: str, bad: str, good: str, ending: str
) -> None:
    checkout = Checkout(tmp_path / "checkout")
    head = checkout.commit({".env.ci": "SET=1\n", f"old.{ending}": bad, f"own.{ending}": good})
    assert run(check, text, checkout, None, head).outcome is Outcome.FAILED


@each_check
def test_a_base_that_is_not_here_cannot_be_told(
    tmp_path: Path, check: Check[Any], text: str, bad: str, good: str, ending: str
) -> None:
    checkout = Checkout(tmp_path / "checkout")
    head = checkout.commit({".env.ci": "SET=1\n", f"own.{ending}": good})
    with pytest.raises(ConfigurationError) as refused:
        run(check, text, checkout, "1" * 40, head)
    assert "fetch-depth: 0" in refused.value.advice


@each_check
def test_a_folder_that_no_change_can_touch_is_refused(
    tmp_path: Path, check: Check[Any], text: str, bad: str, good: str, ending: str
) -> None:
    checkout = Checkout(tmp_path / "checkout")
    base = checkout.commit({".env.ci": "SET=1\n", f"folder/own.{ending}": good})
    head = checkout.commit({f"folder/new.{ending}": bad})
    named = text.replace(f"'*.{ending}'", "folder")
    if named == text:
        named = f"{text}\npath: folder"
    with pytest.raises(ConfigurationError, match="folder is not a regular file"):
        run(check, named, checkout, base, head)


@pytest.mark.parametrize(
    ("check", "text", "told"),
    [
        (source_rule.CHECK, "rules: [route-authentication]", "all modules together"),
        (source_rule.CHECK, "rules: [debug-flag, sqlite-foreign-keys]", "all modules together"),
        (file_content.CHECK, "{path: a, contains: x}", "in another file"),
        (file_content.CHECK, "{path: a, contains: x, every: true, max-count: 1}", "in all files"),
        (kubernetes_manifest.CHECK, "{path: a, rules: [network-policy]}", "all objects together"),
        (kubernetes_manifest.CHECK, "{path: a, kinds: {Pod: 1}}", "all objects together"),
        (env_contract.CHECK, "{file: a, required: A}", "which of `code`"),
    ],
)
def test_what_a_part_cannot_tell_is_refused(check: Check[Any], text: str, told: str) -> None:
    separate = f"{text[:-1]}, scope: diff}}" if text.startswith("{") else f"{text}\nscope: diff"
    assert told in refusal(check, separate)
