"""`report.json`: the report as data, and its JSON Schema (DESIGN 1.6)."""

from typing import Any

from readiness_gate.model.report import Report


def to_json(report: Report) -> str:
    """Return the report as indented JSON with kebab-case keys, one line end at the end."""
    return f"{report.model_dump_json(by_alias=True, indent=2)}\n"


def from_json(text: str | bytes) -> Report:
    """Return the report that `to_json` wrote.

    Raises:
        ValueError: unknown keys, wrong types or values (pydantic's `ValidationError`).
    """
    return Report.model_validate_json(text)


def schema() -> dict[str, Any]:
    """Return the JSON Schema of `report.json`, as `schema --report` prints it."""
    return Report.model_json_schema(by_alias=True, mode="serialization")
