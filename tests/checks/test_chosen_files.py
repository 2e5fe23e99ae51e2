"""`scope: diff`: what a check finds in files that the change leaves alone does not count."""

from collections.abc import Mapping
from dataclasses import dataclass
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
READS = "import os\nos.environ['{name}']\n"


@dataclass(frozen=True)
class Case:
    """A check with options for the files of `FOLDER`, and what they may say or not."""

    check: Check[Any]
    options: str
    bad: str
    good: str
    ending: str = "py"


CASES = (
    Case(file_content.CHECK, "path: FILES\nabsent: breakpoint", "breakpoint()\n", "x = 1\n"),
    Case(source_rule.CHECK, "path: FILES\nrules: [debug-flag]", "breakpoint()\n", "x = 1\n"),
    Case(code_metric.CHECK, "path: FILES\nmetric: markers\nlimit: <1", "# TODO: it\n", "x = 1\n"),
    Case(
        code_metric.CHECK,
        "path: FILES\nmetric: type-hints\nlimit: '>=100%'",
        "def f(a): ...\n",
        "def f() -> int: ...\n",
    ),
    Case(
        config_value.CHECK,
        "path: FILES\njsonpath: {$.debug: {exists: false}}",
        '{"debug": 1}',
        "{}",
        "json",
    ),
    Case(
        kubernetes_manifest.CHECK,
        "path: FILES\nrules: [pinned-image]",
        MANIFEST.format(image="api"),
        MANIFEST.format(image="api:1"),
        "yaml",
    ),
    Case(doc_sections.CHECK, "path: FILES\ncomplete: true", "# A\n\nTODO\n", "# A\n\nA.\n", "md"),
    Case(
        env_contract.CHECK,
        "file: .env.ci\ncode: FILES",
        READS.format(name="OTHER"),
        READS.format(name="SET"),
    ),
)
each_case = pytest.mark.parametrize(
    ("folder", "case"), [(f"case-{at}", case) for at, case in enumerate(CASES)]
)


@dataclass(frozen=True)
class Change:
    """A checkout of a head, and where its change starts."""

    checkout: Checkout
    base: str
    head: str


@pytest.fixture(scope="module")
def changes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Change]:
    """Return changes by name; each case has a folder of its own in all of them."""
    origin = Checkout(tmp_path_factory.mktemp("origin") / "checkout")
    before: dict[str, str | bytes | None] = {".env.ci": "SET=1\n"}
    for at, case in enumerate(CASES):
        before[f"case-{at}/old.{case.ending}"] = case.bad
        before[f"case-{at}/own.{case.ending}"] = case.good
    base = origin.commit(before)

    def changed(name: str, files: Mapping[str, str | bytes | None]) -> Change:
        checkout = Checkout(tmp_path_factory.mktemp(name) / "checkout")
        checkout.run("fetch", "-q", str(origin.root), base)
        checkout.run("reset", "-q", "--hard", base)
        return Change(checkout, base, checkout.commit(files))

    pairs = [(f"case-{at}", case) for at, case in enumerate(CASES)]
    return {
        "fine": changed("fine", {f"{at}/own.{one.ending}": f"{one.good}\n" for at, one in pairs}),
        "wrong": changed("wrong", {f"{at}/new.{one.ending}": one.bad for at, one in pairs}),
        "elsewhere": changed("elsewhere", {"other.txt": "x"}),
    }


def run(
    case: Case, files: str, change: Change, *, base: str | None = None, without: bool = False
) -> CheckResult:
    text = case.options.replace("FILES", f"'{files}'")
    given = options(case.check, f"{text}\nscope: diff")
    assert case.check.refine_needs is not None
    assert Need.GIT in case.check.refine_needs(given)
    tree = context(
        workspace=change.checkout.root,
        git=change.checkout.git,
        base_sha=None if without else base or change.base,
        head_sha=change.head,
    )
    return case.check.run(tree, given)


@each_case
def test_of_a_change_only_its_files_are_looked_at(
    folder: str, case: Case, changes: Mapping[str, Change]
) -> None:
    files = f"{folder}/*.{case.ending}"
    assert run(case, files, changes["fine"]).outcome is Outcome.PASSED
    result = run(case, files, changes["wrong"])
    assert result.outcome is Outcome.FAILED
    told = f"{result.summary}{result.details}{result.evidence}"
    assert f"new.{case.ending}" in told
    assert f"old.{case.ending}" not in told


@each_case
def test_a_change_of_other_files_is_said(
    folder: str, case: Case, changes: Mapping[str, Change]
) -> None:
    result = run(case, f"{folder}/*.{case.ending}", changes["elsewhere"])
    assert result.outcome is Outcome.PASSED
    if case.check is not env_contract.CHECK:
        assert result.summary == "the change touches none of 2 files"


@each_case
def test_without_a_change_it_is_every_file(
    folder: str, case: Case, changes: Mapping[str, Change]
) -> None:
    result = run(case, f"{folder}/*.{case.ending}", changes["fine"], without=True)
    assert result.outcome is Outcome.FAILED


@each_case
def test_a_base_that_is_not_here_cannot_be_told(
    folder: str, case: Case, changes: Mapping[str, Change]
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        run(case, f"{folder}/*.{case.ending}", changes["fine"], base="1" * 40)
    assert "fetch-depth: 0" in refused.value.advice


@each_case
def test_a_folder_that_no_change_can_touch_is_refused(
    folder: str, case: Case, changes: Mapping[str, Change]
) -> None:
    with pytest.raises(ConfigurationError, match=f"{folder} is not a regular file"):
        run(case, folder, changes["wrong"])


@pytest.mark.parametrize(
    ("check", "text", "told"),
    [
        (source_rule.CHECK, "{rules: [route-authentication]}", "all modules together"),
        (source_rule.CHECK, "{rules: [debug-flag, sqlite-foreign-keys]}", "all modules together"),
        (file_content.CHECK, "{path: a, contains: x}", "in another file"),
        (file_content.CHECK, "{path: a, contains: x, every: true, max-count: 1}", "in all files"),
        (kubernetes_manifest.CHECK, "{path: a, rules: [network-policy]}", "all objects together"),
        (kubernetes_manifest.CHECK, "{path: a, kinds: {Pod: 1}}", "all objects together"),
        (env_contract.CHECK, "{file: a, required: A}", "which of `code`"),
    ],
)
def test_what_a_part_cannot_tell_is_refused(check: Check[Any], text: str, told: str) -> None:
    assert told in refusal(check, f"{text[:-1]}, scope: diff}}")
