"""`doctor`: what it finds in a checkout and at GitHub, from outside (DESIGN 1.4)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.outside import Command, Site, site
from tests.contracts.sources import ROOT
from tests.github_double.rules import required_checks

FOLDER = ".github/workflows"
READY = {
    f"{FOLDER}/{path.name}": path.read_text("utf-8")
    for path in (ROOT / "examples/hardened" / FOLDER).iterdir()
}
CONFIG = "version: 1\nmerge: {}\n"
BOTH = {"readiness / merge": 15368, "readiness / checks": 15368}


@pytest.fixture
def shop(command: Command, tmp_path: Path) -> Iterator[Site]:
    with site(command, tmp_path / "workspace", CONFIG, files=READY) as made:
        yield made


def offline(shop: Site, *arguments: str) -> Any:
    return shop.command(shop.folder, "doctor", *arguments)


def change(shop: Site, name: str, old: str, new: str) -> None:
    path = shop.folder / FOLDER / f"readiness-{name}.yml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_the_ready_made_workflows_have_nothing_to_repair(shop: Site) -> None:
    done = offline(shop)
    assert done.exit_code == 0, done.said
    assert done.stdout == "nothing to change (3 of 4 workflows run the gate)\n"
    assert shop.double.requests == []


def test_a_finding_has_its_place_and_the_lines_to_write(shop: Site) -> None:
    change(shop, "checks", "if: always()", "if: success()")
    done = offline(shop)
    assert done.exit_code == 1, done.said
    first, lines, last = done.stdout.splitlines()
    line = (
        READY[f"{FOLDER}/readiness-checks.yml"]
        .splitlines()
        .index("      - name: Hand the report to the trusted workflow")
    )
    assert first.startswith(f"{FOLDER}/readiness-checks.yml:{line + 1}: error: ")
    assert first.endswith("[upload-condition]")
    assert lines.strip() == "if: always()"
    assert last == "1 to repair, 0 to look at (3 of 4 workflows run the gate)"


def test_the_same_as_json(shop: Site) -> None:
    change(shop, "merge", "cancel-in-progress: false", "cancel-in-progress: true")
    done = offline(shop, "--format", "json")
    assert done.exit_code == 1
    data = done.json
    assert [one["modes"] for one in data["workflows"]] == [["checks"], ["merge"], ["publish"]]
    (found,) = data["findings"]
    assert set(found) == {"rule", "severity", "file", "line", "message", "change"}
    assert (found["rule"], found["severity"]) == ("cancel-in-progress", "error")
    assert found["file"] == f"{FOLDER}/readiness-merge.yml"


def test_the_ruleset_requires_both_contexts_of_the_gates_own_prefix(shop: Site) -> None:
    done = offline(shop, "--ruleset")
    assert done.exit_code == 0, done.said
    (rule,) = done.json["rules"]
    assert {
        one["context"]: one["integration_id"]
        for one in rule["parameters"]["required_status_checks"]
    } == BOTH
    other = offline(shop, "--ruleset", "--status-prefix", "go").json["rules"][0]["parameters"]
    assert [one["context"] for one in other["required_status_checks"]] == [
        "go / merge", "go / checks",
    ]  # fmt: skip


def test_a_repository_without_the_gate_is_told_what_to_add(
    command: Command, tmp_path: Path
) -> None:
    with site(command, tmp_path / "workspace", None) as made:
        done = offline(made)
        assert done.exit_code == 1
        assert "[config-missing]" in done.stdout
        assert "[gate-missing]" in done.stdout


def test_rules_that_require_both_are_as_they_should_be(shop: Site) -> None:
    shop.home.rules.add(required_checks(BOTH))
    shop.token = "ghp_maintainer"
    done = shop.asked("doctor")
    assert done.exit_code == 0, done.said
    assert done.stdout.startswith("nothing to change")


def test_rules_that_lack_one_are_named(shop: Site) -> None:
    shop.home.rules.add(required_checks({"readiness / merge": None, "Merge half": None}))
    shop.token = "ghp_maintainer"
    done = shop.asked("doctor", "--format", "json")
    assert done.exit_code == 1, done.said
    found = {one["rule"]: one for one in done.json["findings"]}
    assert set(found) == {"any-source", "not-required", "job-required"}
    assert found["job-required"]["file"] == f"{FOLDER}/readiness-merge.yml"
    assert found["not-required"]["file"] == ""


def test_a_workflows_token_does_not_see_everything_and_that_is_said(shop: Site) -> None:
    shop.home.rules.add(required_checks(BOTH))
    done = shop.asked("doctor")
    assert done.exit_code == 0, done.said
    assert "[rules-hidden]" in done.stdout


def test_a_token_that_is_none_leaves_the_workflows_looked_at(shop: Site) -> None:
    shop.token = "ghs_nobody"
    done = shop.asked("doctor")
    assert done.exit_code == 0, done.said
    assert "[rules-unread]" in done.stdout
