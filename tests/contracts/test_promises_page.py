"""`docs/promises.md`: every promise about what runs stands beside YAML that binds."""

import re

import pytest
import yaml as plain_yaml

from readiness_gate.checks import CHECKS
from readiness_gate.doors import records, yaml
from readiness_gate.model.outcome import Family
from tests import promises_table
from tests.checklist_table import ROOT

WRITTEN = (ROOT / promises_table.PAGE).read_text("utf-8")
ROWS = re.findall(
    r"^\| ([1-5]) \| ([\w-]+) \| \[`([a-z-]+)`\].*?: `(.*)` \|$", WRITTEN, re.MULTILINE
)


def test_the_page_is_what_is_written_from_the_checklists() -> None:
    assert promises_table.page() == WRITTEN, "run `make docs`"


def test_every_promise_has_a_row() -> None:
    assert len(ROWS) == len(list(promises_table.promises())) > 150
    bound = {check for _, _, check, _ in ROWS}
    network = {check.id for check in CHECKS.values() if check.family is Family.NETWORK}
    assert bound <= set(CHECKS)
    assert len(network & bound) >= 12


@pytest.mark.parametrize("text", sorted({re.sub(r"^[\w-]+: ", "", row[3]) for row in ROWS}))
def test_the_yaml_of_a_row_binds(text: str) -> None:
    item = plain_yaml.safe_load(text.replace("\\|", "|"))
    check = CHECKS[item["check"]]
    given = plain_yaml.safe_dump(item.get("with", {}))
    records.read(yaml.load(given.encode(), name="with.yml"), check.options)
