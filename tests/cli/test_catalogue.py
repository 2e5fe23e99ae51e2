"""`checks`: the catalogue with an example for each, that can be copied as it stands."""

import json

import pytest

from readiness_gate.checks import CHECKS
from readiness_gate.checks.catalogue import described
from readiness_gate.cli.catalogue import CONTRACT, command
from readiness_gate.cli.console import Console
from readiness_gate.config.load import load_config
from readiness_gate.doors import records, yaml

ENTRIES = {one["id"]: one for one in described()}


def printed(capsys: pytest.CaptureFixture[str], output_format: str) -> str:
    assert command(Console(color=False, verbose=False), output_format=output_format) == 0
    return capsys.readouterr().out


def test_every_check_stands_with_its_example(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, "text").splitlines()
    for one in ENTRIES.values():
        at = next(number for number, line in enumerate(lines) if one["title"] in line)
        assert lines[at].split()[0] == one["id"]
        assert lines[at + 1].strip() == one["example"]


@pytest.mark.parametrize("check_id", list(ENTRIES))
def test_an_example_is_an_item_of_the_configuration(check_id: str) -> None:
    text = f"version: 1\nitems:\n  {ENTRIES[check_id]['example']}\n"
    ((_, item),) = load_config(text.encode()).config.items.items()
    assert item.check == check_id
    read = yaml.load(text.encode(), name="readiness.yml").data
    ((_, plain),) = read["items"].items()
    given = plain.get("with", {}) if isinstance(plain, dict) else {}
    records.read(yaml.load(json.dumps(given).encode(), name="with"), CHECKS[check_id].options)


def test_machines_get_the_keys_of_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    assert [tuple(one) for one in json.loads(printed(capsys, "json"))] == [CONTRACT] * len(ENTRIES)
