"""One list of checks, many places that repeat it: modules, pages, tests, schema (DESIGN 2, 3)."""

import ast
import json
import re
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from readiness_gate.checks import CHECKS
from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.config.values import NAME
from readiness_gate.doors import records, yaml
from readiness_gate.doors.records import record_schema
from readiness_gate.engine.steps import REPORTER
from readiness_gate.migrations.probe import source
from readiness_gate.model.outcome import CheckClass, Family, Need
from tests import generated_docs
from tests.contracts.sources import PACKAGE, ROOT, modules

_ORDER = """
merge-order dependencies-merged pull-request-merged status-checks review-approval
branch-protection deployment-status code-alerts changed-files workflow-recency artifact-exists
gate-files-unchanged attestation rollup
file-exists file-content config-value env-contract secret-scan dependency-declared source-rule
code-metric doc-sections doc-freshness changelog dockerfile-lint compose-model
kubernetes-manifest alert-rules dashboard-file ci-config
junit-report coverage-report lint-report sarif-report performance-report
preflight image-build stack-health container-inspect filesystem resource-budget
graceful-shutdown rolling-update volume-persistence log-assert fault-injection rollback-drill
command test-run
http http-scenario openapi input-validation authorization-matrix default-credentials rate-limit
cors tls security-headers metrics promql load addr dns redis
migrations-heads migrations-applied migrations-drift migrations-reversible migrations-lint
migrations-data-safety foreign-key-enforcement foreign-key-policy foreign-key-index
orphaned-rows schema query-plan sql backup-restore backup-recency connection-pool
"""
ORDER = tuple(_ORDER.split())
"""Every id of the catalogue, built or to come, in its order."""
IDS = list(CHECKS)
SHARED = {
    "stack/test_placed_for_real": "where a command runs, for all checks that run one",
    "database/test_every_engine": "each check on each engine: passes, fails, cannot tell",
    "database/test_connections_of_their_own": "what projects open beside SQLAlchemy in rehearsals",
    "database/test_histories_of_all_kinds": "several databases, and users that may little",
}
each_check = pytest.mark.parametrize("check", CHECKS.values(), ids=IDS)


def snake(check_id: str) -> str:
    return check_id.replace("-", "_")


def test_ids_are_unique_and_in_the_order_of_the_catalogue() -> None:
    assert len(ORDER) == 82
    assert len(IDS) == len(set(IDS))
    assert [id_ for id_ in ORDER if id_ in IDS] == IDS


def work_among_the_runs(check: Check[Any]) -> Callable[..., object] | None:
    """What `checks/runs/` has for a check, nothing where its own module does the work."""
    name = f"readiness_gate.checks.runs.{snake(check.id)}"
    run: Callable[..., object] | None = import_module(name).run if find_spec(name) else None
    return run


def test_every_module_that_holds_a_check_is_in_the_list() -> None:
    holding = {
        module.name
        for module in modules()
        if module.room == "checks"
        for node in module.tree.body
        if isinstance(node, ast.Assign)
        and any(isinstance(one, ast.Name) and one.id == "CHECK" for one in node.targets)
    }
    assert holding == {f"checks/{check.family}/{snake(check.id)}" for check in CHECKS.values()}


@each_check
def test_an_id_is_its_module_and_its_family_the_folder(check: Check[Any]) -> None:
    module = import_module(f"readiness_gate.checks.{check.family}.{snake(check.id)}")
    assert module.CHECK is check
    assert CHECKS[check.id] is check


@each_check
def test_what_a_check_does_stands_beside_its_options_or_among_the_runs(check: Check[Any]) -> None:
    elsewhere = work_among_the_runs(check)
    assert (check.work is None) == (elsewhere is not None)
    work = check.work or elsewhere
    assert work is not None
    assert (work.__doc__ or "").strip()
    _, options = signature(work).parameters.values()
    assert options.annotation in {check.options, check.options.__name__}


def test_every_module_of_the_runs_is_of_a_check() -> None:
    found = {path.stem for path in (PACKAGE / "checks/runs").glob("*.py")}
    helping = {"__init__", "connection_load"}
    assert found - helping <= {snake(check.id) for check in CHECKS.values()}


@each_check
def test_every_check_has_a_test_module(check: Check[Any]) -> None:
    assert (ROOT / f"tests/checks/{check.family}/test_{snake(check.id)}.py").is_file()


def test_every_test_module_is_about_a_check() -> None:
    folder = ROOT / "tests/checks"
    known = {f"{check.family}/test_{snake(check.id)}" for check in CHECKS.values()}
    found = {
        path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("test_*.py")
    }
    # A second module may carry a longer name: test_http_served.py beside test_http.py.
    strays = {name for name in found if not any(name.startswith(one) for one in known)}
    # What several checks share lies in the room itself, and so does its test.
    shared = {one.stem for one in (PACKAGE / "checks").glob("*.py")}
    strays = {name for name in strays if name.removeprefix("test_") not in shared}
    assert strays == set(SHARED)


def test_every_check_has_a_page_and_no_page_is_out_of_date() -> None:
    assert generated_docs.outdated() == [], "run `make docs`"
    folder = ROOT / "docs/checks"
    assert {path.stem for path in folder.glob("*.md")} == {*IDS, "README"}


@each_check
def test_words_of_a_check(check: Check[Any]) -> None:
    assert check.title
    assert not check.title.endswith(".")
    assert check.remediation.endswith(".")
    assert check.title[0].isupper()
    assert (check.options.__doc__ or "").strip()


@each_check
def test_options_are_strict_and_described(check: Check[Any]) -> None:
    assert issubclass(check.options, CheckOptions)
    assert check.options.model_config["strict"] is True
    schema = record_schema(check.options)
    for name, record in {"": schema, **schema.get("$defs", {})}.items():
        if "properties" not in record:
            continue
        assert record["additionalProperties"] is False, name
        undescribed = [
            key for key, value in record["properties"].items() if not value.get("description")
        ]
        assert undescribed == [], name


@each_check
def test_the_example_of_a_page_is_valid(check: Check[Any]) -> None:
    item = yaml.load(generated_docs.example(check.id), name="page").data["items"]
    [bound] = item.values()
    given = {} if isinstance(bound, str) else bound.get("with") or {}
    records.read(yaml.load(json.dumps(given), name="with"), check.options)


@each_check
def test_an_unknown_option_is_refused(check: Check[Any]) -> None:
    with pytest.raises(ValidationError, match="unknown-option"):
        check.options.model_validate({"unknown-option": 1})


@each_check
def test_option_names_are_kebab_case(check: Check[Any]) -> None:
    schema = record_schema(check.options)
    for record in (schema, *schema.get("$defs", {}).values()):
        for key in record.get("properties", {}):
            assert key == key.lower().replace("_", "-")


@each_check
def test_a_check_of_the_merge_half_needs_no_checkout_and_no_stack(check: Check[Any]) -> None:
    if check.family is Family.MERGE:
        assert check.needs <= {Need.GITHUB}
        assert check.check_class is CheckClass.READ
        assert check.refine_needs is None


def test_the_reporters_of_the_steps_are_checks() -> None:
    assert set(REPORTER.values()) <= set(IDS)


def test_ids_are_names_that_a_file_and_a_comment_can_carry() -> None:
    assert all(re.fullmatch(NAME, id_) for id_ in ORDER)


def test_probes_travel_with_the_package_as_data() -> None:
    probes = sorted((PACKAGE / "probes").glob("*.py"))
    assert probes
    for probe in probes:
        assert source(probe.name) == Path(probe).read_bytes()
