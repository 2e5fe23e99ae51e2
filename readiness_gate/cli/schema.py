"""`readiness-gate schema`: JSON Schemas for editors and for readers of the report."""

import json
from typing import Any

from readiness_gate.checklist import attestations, waivers
from readiness_gate.checks import CHECKS
from readiness_gate.cli.console import Console
from readiness_gate.config.json_schema import json_schema
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.report import Report


def command(console: Console, chosen: list[str]) -> int:
    """Print one schema; that of the configuration where nothing was chosen. Return 0.

    Raises:
        ConfigurationError: more than one was chosen.
    """
    if len(chosen) > 1:
        raise ConfigurationError(f"schema: one at a time, not {' and '.join(chosen)}")
    console.out(json.dumps(_schema(chosen[0] if chosen else "configuration"), indent=2))
    return 0


def _schema(name: str) -> dict[str, Any]:
    if name == "report":
        return Report.model_json_schema(by_alias=True)
    if name == "waivers":
        return waivers.json_schema()
    if name == "attestations":
        return attestations.json_schema()
    return json_schema({check.id: check.options for check in CHECKS.values()})
