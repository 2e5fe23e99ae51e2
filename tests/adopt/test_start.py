"""`init`: what is asked of a repository without a checklist, by what it holds."""

from pathlib import Path

import pytest
import yaml

from readiness_gate.adopt.start import starting_configuration
from readiness_gate.checks import CHECKS
from tests.adopt.builders import CLINIC, SHOP, facts_of, planned


@pytest.mark.parametrize("repository", [SHOP, CLINIC])
def test_every_item_is_complete_and_valid(repository: Path) -> None:
    text = starting_configuration(facts_of(repository), CHECKS)
    items = planned(text, "")
    assert {"no-secrets", "stack-healthy", "health", "migrations", "no-orphans"} <= set(items)
    assert not [item.id for item in items.values() if item.todo]


def test_an_empty_repository_is_asked_what_any_is(tmp_path: Path) -> None:
    text = starting_configuration(facts_of(tmp_path), CHECKS)
    assert list(yaml.safe_load(text)["items"]) == ["no-secrets"]
    planned(text, "")


def test_a_dockerfile_and_a_pipeline_are_looked_at(tmp_path: Path) -> None:
    files = {
        "Dockerfile": "FROM python:3.13\n",
        ".github/workflows/ci.yml": "on: pull_request\njobs: {}\n",
        "CHANGELOG.md": "# Changelog\n",
    }
    items = planned(starting_configuration(facts_of(tmp_path, files), CHECKS), "")
    assert {"dockerfile", "pipeline", "changelog"} <= set(items)
