"""The JSON Schema of `.github/readiness.yml`, with which editors complete checks and options."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from readiness_gate.config.schema import GateConfig
from readiness_gate.doors.records import record_schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(options_by_check: Mapping[str, type[BaseModel]]) -> dict[str, Any]:
    """Return the schema: `check` is one of the ids, and `with` has the keys of that check.

    `options_by_check` holds the options record of every check, in the catalogue's order.
    """
    schema = record_schema(GateConfig)
    definitions: dict[str, Any] = schema["$defs"]
    conditions = []
    bare = []
    for check, record in options_by_check.items():
        options = _options(definitions, check, record)
        then: dict[str, Any] = {"properties": {"with": options}}
        if definitions[f"with.{check}"].get("required"):
            then["required"] = ["with"]
        else:
            bare.append(check)
        conditions.append(
            {"if": {"properties": {"check": {"const": check}}, "required": ["check"]}, "then": then}
        )
    ids = list(options_by_check)
    for name in ("ItemConfig", "BoundCheck"):
        definition = definitions[name]
        definition["properties"]["check"] = {
            "enum": ids,
            "description": definition["properties"]["check"]["description"],
        }
        if conditions:
            definition["allOf"] = conditions
    shorthand = {"enum": bare, "description": "Id of a check that needs no options."}
    _allow_shorthand(schema["properties"]["items"], shorthand)
    _allow_roll_up_shorthand(definitions["ItemConfig"]["properties"]["checks"], shorthand)
    return {
        "$schema": DIALECT,
        "title": "readiness.yml",
        "description": "A production-readiness checklist as a gate on pull requests.",
        **{key: value for key, value in schema.items() if key != "description"},
    }


def _options(definitions: dict[str, Any], check: str, record: type[BaseModel]) -> dict[str, str]:
    schema = record_schema(record, ref=f"#/$defs/with.{check}.{{model}}")
    for name, definition in schema.pop("$defs", {}).items():
        definitions[f"with.{check}.{name}"] = definition
    definitions[f"with.{check}"] = schema
    return {"$ref": f"#/$defs/with.{check}"}


def _allow_shorthand(items: dict[str, Any], shorthand: dict[str, Any]) -> None:
    if "patternProperties" in items:
        (pattern, item), *_ = items["patternProperties"].items()
        items["patternProperties"][pattern] = {"anyOf": [shorthand, item]}
        items["additionalProperties"] = False
    else:
        items["additionalProperties"] = {"anyOf": [shorthand, items["additionalProperties"]]}


def _allow_roll_up_shorthand(checks: dict[str, Any], shorthand: dict[str, Any]) -> None:
    for branch in checks.get("anyOf", [checks]):
        if "items" in branch:
            branch["items"] = {"anyOf": [shorthand, branch["items"]]}
