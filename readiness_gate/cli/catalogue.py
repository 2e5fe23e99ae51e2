"""`readiness-gate checks`: the catalogue, for people and for machines (DESIGN 1.4)."""

import json
from typing import Any

from readiness_gate.checks import CHECKS
from readiness_gate.checks.base import Check
from readiness_gate.cli.console import Console
from readiness_gate.cli.formats import require_format


def describe(check: Check[Any]) -> dict[str, Any]:
    """Return one entry: `{id, family, class, needs, title, options}`."""
    return {
        "id": check.id,
        "family": check.family.value,
        "class": check.check_class.value,
        "needs": sorted(need.value for need in check.needs),
        "title": check.title,
        "options": check.options.model_json_schema(by_alias=True),
    }


def command(console: Console, *, output_format: str) -> int:
    """Print the catalogue as text or JSON; return 0.

    Raises:
        ConfigurationError: the format is unknown.
    """
    require_format(output_format)
    if output_format == "json":
        console.out(json.dumps([describe(check) for check in CHECKS], indent=2))
        return 0
    width = max(len(check.id) for check in CHECKS)
    family = None
    for check in CHECKS:
        if check.family is not family:
            family = check.family
            console.out(f"{family.value}:")
        console.out(f"  {check.id:<{width}}  {check.title} ({check.check_class})")
    return 0
