"""`rollup`: one item that sums up others; the engine computes it after all of them.

A GO / NO-GO line sums up everything, a cell of a sign-off matrix one category up to one phase.
"""

import re
from typing import Annotated, Any

from pydantic import Field

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.config.values import OneOrMany, Text
from readiness_gate.model.outcome import CheckClass, Family
from readiness_gate.model.written import Written

_PERCENT = r"^(100|[1-9]?[0-9])%$"


def _percent(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(_PERCENT, value):
        return int(value[:-1])
    raise ValueError("write a percentage such as 50%")


Percentage = Annotated[
    int,
    Written(
        before=_percent, schema={"type": "string", "pattern": _PERCENT, "examples": ["50%", "100%"]}
    ),
]
"""A whole number out of a hundred; written `50%`."""


class RollupOptions(CheckOptions):
    """What is summed up; nothing given means every other item."""

    of: OneOrMany = Field(
        default=(), description="What to sum up: ids of items, or headings of the checklist."
    )
    items: tuple[str, ...] = Field(default=(), description="Ids of the items to sum up.")
    category: str | None = Field(default=None, description="Every item of this category.")
    phase: Text | None = Field(
        default=None, description="Items of this phase and those before it alone."
    )
    at_least: Percentage | None = Field(
        default=None,
        gt=0,
        description="How much of it has to have passed, such as 50%; default all of it.",
    )


CHECK = Check(
    id="rollup",
    title="All of its items are ready",
    family=Family.MERGE,
    check_class=CheckClass.READ,
    needs=frozenset(),
    options=RollupOptions,
    remediation="See the items that it sums up.",
)
