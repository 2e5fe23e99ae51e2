"""The options of `docs/checklists.yml` run on the shop, in one run of the whole gate.

What GitHub alone answers is asked in `tests/contracts/test_checklists_run.py`, as files are.
"""

import json
from pathlib import Path

import pytest
import yaml

from readiness_gate.checks import CHECKS
from readiness_gate.model.outcome import Family
from tests import checklist_table
from tests.e2e.command_line import call
from tests.e2e.leftovers import left_behind
from tests.e2e.repository import CONFIG, SHOP, shop

pytestmark = [pytest.mark.docker, pytest.mark.slow, pytest.mark.timeout(1_600)]

BINDINGS = checklist_table.source()["bindings"]
TARGET = (Family.STACK, Family.NETWORK, Family.DATABASE)
SIGNED = ".github/readiness-attestations.yml"
SECONDS = 1_500


def configuration() -> str:
    """Return the shop's configuration with an item for each binding that needs the target."""
    config = yaml.safe_load((SHOP / CONFIG).read_text("utf-8"))
    items = {
        name: {
            "check": one["check"],
            "with": dict(checklist_table.options_of(one)),
            "stage": "pre-merge",
            "timeout": "60s",
        }
        for name, one in BINDINGS.items()
        if one["check"] in CHECKS and CHECKS[one["check"]].family in TARGET
    }
    kept = {key: config[key] for key in ("version", "stack", "databases")}
    return json.dumps({**kept, "items": items}, indent=1)  # YAML without aliases


def test_every_option_of_the_checklists_runs_on_the_shop(tmp_path: Path) -> None:
    checkout = shop(tmp_path / "shop", base={CONFIG: configuration(), SIGNED: None})
    done = call(checkout.folder, "run", "--half", "checks", seconds=SECONDS)
    assert done.exit_code in {0, 1, 3}, done.said
    items = {one["id"]: one for one in done.report["items"]}
    wanted = set(yaml.safe_load(configuration())["items"])
    assert wanted <= set(items)
    for name in sorted(wanted):
        one = items[name]
        assert one["summary"], one
        assert one["class"] != "internal", one
    answered = {items[name]["check"] for name in wanted if items[name]["outcome"] == "passed"}
    assert answered >= {"image-build", "stack-health", "http", "migrations-applied"}
    assert left_behind(done.project_prefix) == {}
