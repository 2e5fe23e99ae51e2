"""`readiness-gate checks`: the catalogue, for people and for machines (DESIGN 1.4)."""

import json

from readiness_gate.checks.catalogue import described
from readiness_gate.cli.console import Console
from readiness_gate.cli.formats import require_format

CONTRACT = ("id", "family", "class", "needs", "title", "options")
"""Keys of an entry of the JSON output, in order."""


def command(console: Console, *, output_format: str) -> int:
    """Print the catalogue as text with an example for each check, or as JSON; return 0.

    Raises:
        ConfigurationError: the format is unknown.
    """
    require_format(output_format)
    known = described()
    if output_format == "json":
        console.out(json.dumps([{key: one[key] for key in CONTRACT} for one in known], indent=2))
        return 0
    width = max(len(one["id"]) for one in known)
    family = None
    for one in known:
        if one["family"] != family:
            family = one["family"]
            console.out(f"{family}:")
        console.out(f"  {one['id']:<{width}}  {one['title']} ({one['class']})")
        console.out(f"  {'':<{width}}    {one['example']}")
    return 0
