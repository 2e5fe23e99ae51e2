"""`docs/checklists.yml`: every line of the five checklists leads to a check that there is."""

import json
from typing import Any

import pytest

from readiness_gate.checklist.ids import distinct
from readiness_gate.checks import CHECKS
from readiness_gate.doors import records, yaml
from tests import checklist_table
from tests.contracts.test_catalogue import IDS, ORDER

READ = checklist_table.source()
BINDINGS: dict[str, dict[str, Any]] = READ["bindings"]
LISTS: list[dict[str, Any]] = READ["lists"]
each_binding = pytest.mark.parametrize("name", list(BINDINGS))


@each_binding
def test_a_binding_names_a_check_of_the_catalogue(name: str) -> None:
    binding = BINDINGS[name]
    assert set(binding) <= {"check", "with", "partly"}
    assert binding["check"] in ORDER
    assert checklist_table.family(binding["check"])


@each_binding
def test_options_are_valid(name: str) -> None:
    check = CHECKS.get(BINDINGS[name]["check"])
    if check is None:
        assert "with" not in BINDINGS[name], "what is not built proves no options"
        return
    given = checklist_table.options_of(BINDINGS[name])
    records.read(yaml.load(json.dumps(given), name=name), check.options)


def test_every_line_leads_to_a_binding_and_every_binding_is_used() -> None:
    used = {name for one in LISTS for name in one["items"].values()}
    assert used == set(BINDINGS)


def test_the_lists_are_whole() -> None:
    assert [one["lines"] for one in LISTS] == [28, 25, 190, 286, 80]
    assert all(len(one["items"]) <= one["lines"] for one in LISTS)
    assert sum(len(one["items"]) for one in LISTS) >= 537
    for one in LISTS:
        ids = list(one["items"])
        assert list(distinct((line, False) for line in ids)) == ids


def test_most_checks_of_files_and_reports_are_built() -> None:
    built = {one["check"] for one in BINDINGS.values()} & set(IDS)
    assert {"junit-report", "coverage-report", "lint-report", "sarif-report"} <= built


def test_the_page_is_what_is_written_from_it() -> None:
    written = (checklist_table.ROOT / checklist_table.PAGE).read_text("utf-8")
    assert written == checklist_table.page(), "run `make docs`"
