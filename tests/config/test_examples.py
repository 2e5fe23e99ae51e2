"""The examples' own files are read, and an editor's schema takes them."""

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from pydantic import ConfigDict

from readiness_gate.checklist import attestations, waivers
from readiness_gate.checklist.markdown import read_checklists
from readiness_gate.config.json_schema import json_schema
from readiness_gate.config.load import load_config
from readiness_gate.doors import yaml
from readiness_gate.model.record import Record

EXAMPLES = Path(__file__).parents[2] / "examples"


class _Anything(Record):
    model_config = ConfigDict(extra="allow")


def data(path: Path) -> Any:
    return yaml.load(path.read_bytes(), name=path.name).data


def validate(schema: dict[str, Any], path: Path) -> None:
    Draft202012Validator(schema).validate(data(path))


@pytest.mark.parametrize("example", ["clinic", "shop"])
def test_the_configuration_is_read_and_fits_the_schema(example: str) -> None:
    path = EXAMPLES / example / ".github" / "readiness.yml"
    config = load_config(path.read_bytes(), name=path.name).config
    used = {item.check for item in config.items.values() if item.check}
    used |= {bound.check for item in config.items.values() for bound in item.checks or ()}
    assert used
    validate(json_schema(dict.fromkeys(sorted(used), _Anything)), path)


@pytest.mark.parametrize("example", ["clinic", "shop"])
def test_every_item_of_the_configuration_that_names_no_check_is_a_line(example: str) -> None:
    root = EXAMPLES / example
    config = load_config((root / ".github" / "readiness.yml").read_bytes()).config
    found = read_checklists([(name, (root / name).read_bytes()) for name in config.checklist])
    lines = {line.id for line in found.lines}
    assert len(lines) == len(found.lines) > 10
    unbound = {
        name
        for name, item in config.items.items()
        if item.check is None and item.checks is None and item.todo is None
    }
    assert unbound <= lines


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("readiness-attestations.yml")), ids=str)
def test_attestations_are_read_and_fit_the_schema(path: Path) -> None:
    entries = attestations.load_attestations(path.read_bytes(), name=path.name).entries
    assert len(entries) == len(data(path) or ())
    if entries:
        validate(attestations.json_schema(), path)


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("readiness-waivers.yml")), ids=str)
def test_waivers_are_read_and_fit_the_schema(path: Path) -> None:
    entries = waivers.load_waivers(path.read_bytes(), name=path.name).entries
    assert len(entries) == len(data(path) or ())
    if entries:
        validate(waivers.json_schema(), path)
