"""The JSON Schema that editors use: what the loader takes, it takes; typos it does not."""

from typing import Any, Literal

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from jsonschema.exceptions import ValidationError  # type: ignore[import-untyped]
from pydantic import Field

from readiness_gate.checklist import attestations, waivers
from readiness_gate.checks import CHECKS
from readiness_gate.config.json_schema import json_schema
from readiness_gate.doors.yaml import load
from readiness_gate.model.record import Record
from tests.config.design import WHOLE


class _Pair(Record):
    name: str


class _Cors(Record):
    url: str = Field(description="Where to ask.")
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    pairs: tuple[_Pair, ...] = ()


class _Scan(Record):
    depth: Literal["history", "tree"] = "tree"


class _Coverage(Record):
    total: str = ""


OPTIONS: dict[str, type[Record]] = {
    "cors": _Cors,
    "secret-scan": _Scan,
    "junit-report": _Scan,
    "coverage-report": _Coverage,
}
SCHEMA = json_schema(OPTIONS)
VALIDATOR: Any = Draft202012Validator(SCHEMA)


def data(text: str) -> Any:
    return load(text, name="gate.yml").data


def test_it_is_itself_valid_and_takes_the_documented_file() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    VALIDATOR.validate(data(WHOLE))


@pytest.mark.parametrize(
    "text",
    [
        "{version: 1, item: {}}",
        "{version: 2}",
        "{version: 1, items: {a: cros}}",
        "{version: 1, items: {a: cors}}",
        "{version: 1, items: {a: {check: cors}}}",
        "{version: 1, items: {a: {check: cors, with: {ulr: /}}}}",
        "{version: 1, items: {a: {check: cors, with: {url: /, depth: tree}}}}",
        "{version: 1, items: {a: {check: cors, with: {url: /, pairs: [{nmae: x}]}}}}",
        "{version: 1, items: {a: {check: secret-scan, with: {depth: all}}}}",
        "{version: 1, items: {a: {checks: [{check: cors, with: {ulr: /}}]}}}",
        "{version: 1, items: {a: {severity: hihg}}}",
        "{version: 1, items: {a b: secret-scan}}",
        "{version: 1, stack: {wait_timeout: 3s}}",
        "{version: 1, stack: {wait-timeout: 3}}",
        "{version: 1, merge: {order: [[]]}}",
    ],
)
def test_typos_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        VALIDATOR.validate(data(text))


@pytest.mark.parametrize(
    "text",
    [
        "{version: 1, items: {a: secret-scan}}",
        "{version: 1, items: {a: {check: cors, with: {url: /, pairs: [{name: x}]}}}}",
        "{version: 1, items: {a: {checks: [secret-scan, {check: cors, with: {url: /}}]}}}",
        "{version: 1, items: {a: {todo: later}}}",
        "{version: 1, checklist: [a.md, b.md]}",
    ],
)
def test_what_the_loader_takes_is_taken(text: str) -> None:
    VALIDATOR.validate(data(text))


def undescribed(name: str, definition: dict[str, Any]) -> list[str]:
    return [
        f"{name}.{key}"
        for key, value in definition.get("properties", {}).items()
        if not value.get("description")
    ]


def test_every_key_of_the_configuration_is_described() -> None:
    schema = json_schema({})
    missing = undescribed("", schema)
    for name, definition in schema["$defs"].items():
        missing += undescribed(name, definition)
    assert missing == []


def test_every_option_of_the_catalogue_is_described_and_the_schema_valid() -> None:
    schema = json_schema({check.id: check.options for check in CHECKS.values()})
    Draft202012Validator.check_schema(schema)
    options = {key: value for key, value in schema["$defs"].items() if key.startswith("with.")}
    assert [found for key, value in options.items() for found in undescribed(key, value)] == []
    assert schema["$defs"]["ItemConfig"]["properties"]["check"]["enum"] == list(CHECKS)


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        (
            waivers.json_schema(),
            "[{id: a, reason: r, requested-by: x, approved-by: y, expires: 2026-06-30}]",
            "[{id: a, reason: r, requested-by: x, approved-by: y, expires: soon}]",
        ),
        (
            attestations.json_schema(),
            "[{id: a, by: x, evidence: e, date: 2026-06-30, scope: pull-request 3}]",
            "[{id: a, by: x, evidence: e, date: 2026-06-30, scope: everything}]",
        ),
    ],
    ids=["waivers", "attestations"],
)
def test_the_lists_of_people_have_schemas_too(schema: dict[str, Any], good: str, bad: str) -> None:
    Draft202012Validator.check_schema(schema)
    assert undescribed("entry", schema["items"]) == []
    Draft202012Validator(schema).validate(data(good))
    with pytest.raises(ValidationError):
        Draft202012Validator(schema).validate(data(bad))
