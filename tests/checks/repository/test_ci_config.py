from pathlib import Path

import pytest

from readiness_gate.checks.repository.ci_config import CHECK
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.fakes.context import context
from tests.fakes.options import options, refusal

ROOT = Path(__file__).resolve().parents[3]
SHA = "0123456789abcdef0123456789abcdef01234567"
CI = f"""\
name: Tests
on:
  pull_request:
  push: {{branches: [main]}}
permissions: {{}}
concurrency: {{group: a}}
jobs:
  unit:
    name: Unit tests
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@{SHA} # v5
      - uses: ./.github/actions/own
      - uses: docker://alpine@sha256:0
      - run: |
          pip install .
          pytest -q "${{{{ matrix.name }}}}"
  deploy:
    needs: [unit]
    uses: acme/flows/.github/workflows/deploy.yml@{SHA}
"""
DEPENDABOT = """\
version: 2
updates:
  - {package-ecosystem: pip, directory: /, schedule: {interval: weekly}}
  - {package-ecosystem: github-actions, directories: [/], schedule: {interval: daily}}
"""
ALL = (
    "rules: [permissions, pinned-actions, timeouts, concurrency, no-script-injection, "
    "no-untrusted-checkout]"
)


def run(tree: Path, text: str = "{}", ci: str = CI, **files: str) -> CheckResult:
    (tree / ".github/workflows").mkdir(parents=True, exist_ok=True)
    (tree / ".github/workflows/ci.yml").write_text(ci)
    for name, content in files.items():
        (tree / name.replace("__", "/").replace("_", ".")).write_text(content)
    return CHECK.run(context(workspace=tree), options(CHECK, text))


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        ALL,
        "workflows: [ci.yml, Tests]",
        "{triggers: [pull_request, push], jobs: [Unit tests, deploy], steps: [pytest -q, own]}",
        "{path: .github/workflows/ci.yml, steps: 'pip install'}",
        "updates: [pip, github-actions]",
    ],
)
def test_a_sound_configuration_passes(tmp_path: Path, text: str) -> None:
    result = run(tmp_path, text, CI, _github__dependabot_yml=DEPENDABOT)
    assert (result.outcome, result.summary) == (
        Outcome.PASSED,
        "1 workflow: all that is asserted holds",
    )


def test_our_own_workflows_are_read() -> None:
    text = "{rules: [permissions, pinned-actions, timeouts], updates: [pip, github-actions]}"
    result = CHECK.run(context(workspace=ROOT), options(CHECK, text))
    assert result.outcome is Outcome.PASSED, result.details


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("workflows: gone.yml", "there is no workflow gone.yml"),
        ("triggers: merge_group", "no workflow is started by merge_group"),
        ("jobs: e2e", "there is no job e2e"),
        ("steps: playwright", "no step has 'playwright'"),
        ("updates: pip", "neither Dependabot nor Renovate is configured"),
        ("path: .github/workflows/gone.yml", "no file at .github/workflows/gone.yml"),
    ],
)
def test_what_is_not_there_fails(tmp_path: Path, text: str, cause: str) -> None:
    result = run(tmp_path, text)
    assert (result.outcome, result.summary) == (Outcome.FAILED, cause)


def test_steps_are_sought_under_the_triggers(tmp_path: Path) -> None:
    nightly = CI.replace("pytest", "make").replace("  pull_request:\n", "  schedule: []\n")
    (tmp_path / ".github/workflows").mkdir(parents=True)
    (tmp_path / ".github/workflows/nightly.yaml").write_text(nightly)
    text = "{triggers: [pull_request], steps: [make]}"
    assert run(tmp_path, text).summary == "no step has 'make' under pull_request"
    assert run(tmp_path, "{triggers: schedule, steps: [make]}").outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("rule", "gone", "put", "cause"),
    [
        ("permissions", "permissions: {}\n", "", "7: job unit has whatever permissions"),
        ("permissions", "permissions: {}", "permissions: write-all", " permissions are write-all"),
        ("pinned-actions", f"checkout@{SHA}", "checkout@v5", "13: actions/checkout@v5 is not pi"),
        ("pinned-actions", "@sha256:0", ":3", "15: docker://alpine:3 is not pinned"),
        ("pinned-actions", f"yml@{SHA}", "yml@main", "19: acme/flows/.github/workflows/deploy"),
        ("timeouts", "    timeout-minutes: 10\n", "", "8: job unit has no timeout-minutes"),
        ("concurrency", "concurrency: {group: a}\n", "", "7: job unit has no concurrency group"),
        ("no-script-injection", "matrix.name", "github.event.issue.title", "16: a script of job"),
        ("no-script-injection", "matrix.name", "github.head_ref", "16: a script of job unit is"),
        (
            "no-untrusted-checkout",
            f"checkout@{SHA} # v5",
            "checkout@v5\n        with: {ref: '${{ github.event.pull_request.head.sha }}'}",
            "13: code of a pull request is checked out under pull_request_target",
        ),
    ],
)
def test_a_rule_that_does_not_hold_is_placed(
    tmp_path: Path, rule: str, gone: str, put: str, cause: str
) -> None:
    assert gone in CI
    ci = CI.replace(gone, put)
    if rule == "no-untrusted-checkout":
        ci = ci.replace("  pull_request:", "  pull_request_target:")
    result = run(tmp_path, f"rules: [{rule}]", ci)
    assert result.outcome is Outcome.FAILED
    assert result.summary.startswith(f".github/workflows/ci.yml:{cause}")
    assert result.evidence


@pytest.mark.parametrize(
    ("ci", "cause"),
    [
        ("", "a workflow file holds one document"),
        ("[]", "a workflow is a mapping"),
        ("jobs: {a: {runs-on: b, steps: [{run: c}]}}", "there is no trigger"),
        ("on: push", "there are no jobs"),
        ("on: push\njobs: {a: b}", "job a is no mapping"),
        ("on: push\njobs: {a: {steps: [{run: c}]}}", "job a has no runs-on"),
        ("on: push\njobs: {a: {runs-on: b}}", "job a has no steps"),
        ("on: push\njobs: {a: {runs-on: b, steps: [c]}}", "has not either uses or run"),
        ("on: push\njobs: {a: {uses: b, needs: c}}", "job a needs c, which is none"),
        ("on: push\njobs: {a: {uses: b}, a: {uses: c}}", "is here twice"),
        ("on: [", "not YAML"),
    ],
)
def test_what_is_no_workflow_fails(tmp_path: Path, ci: str, cause: str) -> None:
    result = run(tmp_path, "{}", ci)
    assert result.outcome is Outcome.FAILED
    assert cause in result.summary


def test_no_workflow_fails(tmp_path: Path) -> None:
    result = CHECK.run(context(workspace=tmp_path), options(CHECK, "{}"))
    assert result.summary == "there is no workflow in .github/workflows"


def test_hostile_files_cannot_be_told(tmp_path: Path) -> None:
    assert run(tmp_path, "{}", "[" * 9_000).error_class is ErrorClass.INCONCLUSIVE
    assert run(tmp_path, "{}", "#" * 1_100_000).outcome is Outcome.ERROR
    assert run(tmp_path, "path: ../ci.yml").error_class is ErrorClass.CONFIGURATION


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (DEPENDABOT.replace("pip", "npm"), "no bot keeps pip up to date"),
        (DEPENDABOT.replace("version: 2", "version: 1"), "1: version is not 2"),
        (DEPENDABOT.replace("directory: /, ", ""), "3: an update has no directory"),
        (
            DEPENDABOT.replace(
                "{interval: weekly}",
                "{interval: weekly}, open-pull-requests-limit: 0",
            ),
            "no bot keeps pip up to date",
        ),
        ("version: 2", "there is no list of updates"),
    ],
)
def test_what_dependabot_does_not_keep_fails(tmp_path: Path, content: str, cause: str) -> None:
    result = run(tmp_path, "updates: pip", CI, _github__dependabot_yml=content)
    assert result.outcome is Outcome.FAILED
    assert cause in result.summary


@pytest.mark.parametrize(
    ("content", "outcome"),
    [
        ('{"extends": ["config:recommended"]}', Outcome.PASSED),
        ('{"enabledManagers": ["pep621", "dockerfile"]}', Outcome.PASSED),
        ('{"enabledManagers": ["npm"]}', Outcome.FAILED),
        ('{"dockerfile": {"enabled": false}}', Outcome.FAILED),
        ('{"enabled": false}', Outcome.FAILED),
        ("[]", Outcome.FAILED),
        ("{// JSON5\n}", Outcome.ERROR),
        ("[" * 100_000, Outcome.ERROR),
    ],
)
def test_renovate_keeps_what_it_is_not_told_to_leave(
    tmp_path: Path, content: str, outcome: Outcome
) -> None:
    result = run(tmp_path, "updates: [pip, docker]", CI, renovate_json=content)
    assert result.outcome is outcome


@pytest.mark.parametrize("text", ["rules: [gone]", "steps: ['']", "gone: 1"])
def test_wrong_options_are_refused(text: str) -> None:
    assert refusal(CHECK, text)
