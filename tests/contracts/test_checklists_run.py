"""The options of `docs/checklists.yml` run on both examples, for all that needs no stack."""

import json
import os
import shutil
from typing import Any

import pytest

from readiness_gate.checks import CHECKS
from readiness_gate.checks.context import CheckContext
from readiness_gate.doors import records, yaml
from readiness_gate.doors.clock import SystemClock
from readiness_gate.doors.git import HostGit
from readiness_gate.doors.programs import HostPrograms
from readiness_gate.engine.bind import BoundCheck
from readiness_gate.model.outcome import ErrorClass, Family, Need, Outcome
from readiness_gate.model.result import CheckResult
from tests import checklist_table
from tests.checks.merge.builders import facts
from tests.engine.builders import result_of
from tests.fakes.checkout import Checkout
from tests.fakes.context import context
from tests.fakes.facts import FakeFacts
from tests.formats.performance_reports import AXE, BENCHMARK, LIGHTHOUSE
from tests.merge.builders import pull

REPORTS = {
    "reports/junit.xml": "<testsuite>"
    + "".join(f'<testcase name="test_{at}"/>' for at in range(12))
    + "</testsuite>",
    "reports/coverage.xml": '<coverage><packages><package><classes><class filename="a.py"><lines>'
    '<line number="1" hits="1"/></lines></class></classes></package></packages></coverage>',
    "reports/mypy.txt": "Success: no issues found in 18 source files\n",
    "reports/eslint.json": '[{"filePath": "cart.js", "messages": []}]',
    "reports/flake8.txt": "0\n",
    "reports/duplication.xml": '<checkstyle version="4.3"><file name="a.py"/></checkstyle>',
    "reports/scan/a.sarif": '{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "scan"}}, '
    '"results": []}]}',
    "reports/benchmark.json": BENCHMARK,
    "reports/lighthouse.json": LIGHTHOUSE,
    "reports/axe.json": AXE,
}
"""What jobs of the CI would have left behind."""
BINDINGS: dict[str, dict[str, Any]] = checklist_table.source()["bindings"]
EXAMPLES = ("shop", "clinic")
_NOT_COPIED = ("__pycache__", "readiness-report", ".env", ".*_cache", "*.db")
_SECONDS = 20.0


def bound(name: str, *families: Family) -> BoundCheck | None:
    """Return the check of a binding with its options, `None` where it is of another family."""
    check = CHECKS.get(BINDINGS[name]["check"])
    if check is None or check.family not in families:
        return None
    given = yaml.load(json.dumps(checklist_table.options_of(BINDINGS[name])), name=name)
    return BoundCheck(check, records.read(given, check.options), name)


FILES = (Family.REPOSITORY, Family.ARTIFACTS)
READ = {name: one for name in BINDINGS if (one := bound(name, *FILES)) is not None}
ASKED = {
    name: one
    for name in BINDINGS
    if (one := bound(name, Family.MERGE)) is not None and one.check.id != "rollup"
}
"""What GitHub is asked for; a roll-up is computed by the engine."""


@pytest.fixture(scope="module")
def checkouts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, CheckContext]:
    """Return a context for each example: a pull request that adds all of it."""
    found = {}
    for name in EXAMPLES:
        checkout = Checkout(tmp_path_factory.mktemp(name) / "checkout")
        base = checkout.commit({})
        source = checklist_table.ROOT / "examples" / name
        ignored = shutil.ignore_patterns(*_NOT_COPIED)
        shutil.copytree(source, checkout.root, ignore=ignored, dirs_exist_ok=True)
        programs = HostPrograms({"PATH": os.environ["PATH"]})
        found[name] = context(
            workspace=checkout.root,
            git=HostGit(programs, checkout.root),
            programs=programs,
            clock=SystemClock(),
            base_sha=base,
            head_sha=checkout.commit({}),
            timeout=_SECONDS,
        )
        for path, text in REPORTS.items():  # after the commit: a committed report is none
            (checkout.root / path).parent.mkdir(parents=True, exist_ok=True)
            (checkout.root / path).write_text(text)
    return found


def is_an_answer(result: CheckResult) -> bool:
    """Return whether a check looked and judged; what it misses counts."""
    return result.outcome in {Outcome.PASSED, Outcome.FAILED}


@pytest.mark.parametrize("example", EXAMPLES)
@pytest.mark.parametrize("name", list(READ))
def test_options_that_are_given_run_on_the_examples(
    name: str, example: str, checkouts: dict[str, CheckContext]
) -> None:
    result = result_of(READ[name], checkouts[example])
    told = f"{result.summary}\n{result.details}"
    assert result.summary, told
    if not is_an_answer(result) and result.outcome is not Outcome.SKIPPED:
        assert result.outcome is Outcome.ERROR, told
        assert result.error_class in {ErrorClass.INCONCLUSIVE, ErrorClass.CONFIGURATION}, told
        assert "did not end" not in result.summary, told


def test_what_reads_files_needs_nothing_else() -> None:
    assert all(one.needs <= {Need.WORKSPACE, Need.GIT} for one in READ.values())


@pytest.mark.parametrize("name", list(ASKED))
def test_options_of_the_merge_half_run_on_the_pull_requests_of_the_shop(name: str) -> None:
    numbers = (14, 15, 17, 16, 21, 10)
    merge = facts(*(pull(number) for number in numbers), at=17)
    known = context(merge=merge, github=FakeFacts(), head_sha="a" * 40)
    result = result_of(ASKED[name], known)
    assert result.summary
    assert result.error_class is not ErrorClass.INTERNAL, result
    assert result.outcome is not Outcome.PASSED or name in {"order", "merged-17"}, result


def test_each_check_of_files_and_reports_judges_something_of_the_shop(
    checkouts: dict[str, CheckContext],
) -> None:
    judged = {
        READ[name].check.id
        for name in READ
        if is_an_answer(result := result_of(READ[name], checkouts["shop"]))
        and "is missing" not in result.summary
        and not result.summary.startswith("no ")
    }
    every = {
        check
        for check, module in CHECKS.items()
        if module.family in {Family.REPOSITORY, Family.ARTIFACTS}
    }
    assert judged == every


def test_of_the_shop_only_a_frontend_that_it_lacks_cannot_be_told(
    checkouts: dict[str, CheckContext],
) -> None:
    unclear = [name for name in READ if not is_an_answer(result_of(READ[name], checkouts["shop"]))]
    assert unclear == ["markup-rule"]


def test_bindings_of_files_and_reports_all_have_options() -> None:
    assert len(READ) >= 50
    assert {one.check.family for one in READ.values()} == {Family.REPOSITORY, Family.ARTIFACTS}
    assert [name for name in READ if "with" not in BINDINGS[name]] == []
