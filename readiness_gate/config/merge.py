"""The section `merge`: the declared order and dependencies of pull requests."""

import re
from typing import Annotated, Any

from pydantic import Field, field_validator

from readiness_gate.config.values import REPOSITORY, PullRequestNumber, Text
from readiness_gate.model.record import Record
from readiness_gate.model.written import Written

_NUMBER = {"type": "integer", "minimum": 1}
_REFERENCE_PATTERN = f"^({REPOSITORY})?#[1-9][0-9]{{0,9}}$"
_REFERENCE = re.compile(_REFERENCE_PATTERN)


def _groups(value: Any) -> Any:
    if not isinstance(value, list | tuple):
        return value
    return [entry if isinstance(entry, list | tuple) else [entry] for entry in value]


def _after(value: Any) -> Any:
    if isinstance(value, str) and _REFERENCE.fullmatch(value):
        # `"#14"` is the same pull request as the bare number.
        return int(value[1:]) if value.startswith("#") else value
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    raise ValueError("write a number such as 14, or owner/repo#14")


Group = Annotated[tuple[PullRequestNumber, ...], Field(min_length=1)]
Order = Annotated[
    tuple[Group, ...],
    Written(
        before=_groups,
        schema={
            "type": "array",
            "items": {"anyOf": [_NUMBER, {"type": "array", "items": _NUMBER, "minItems": 1}]},
        },
    ),
]
Dependency = Annotated[
    int | str,
    Written(
        before=_after,
        schema={"anyOf": [_NUMBER, {"type": "string", "pattern": _REFERENCE_PATTERN}]},
    ),
]


class DependsOnConfig(Record):
    """One declared dependency: a pull request and what has to be merged before it."""

    pull_request: PullRequestNumber = Field(description="Number of the pull request that waits.")
    after: Annotated[tuple[Dependency, ...], Field(min_length=1)] = Field(
        description="What it waits for: numbers of this repository, or owner/repo#number."
    )


class MergeConfig(Record):
    """The order in which pull requests merge, and what else they wait for."""

    order: Order = Field(
        default=(),
        description="Numbers in the order of merging; each waits for all before it. "
        "A list inside merges in any order.",
    )
    keywords: tuple[Text, ...] = Field(
        default=(), description="Further words that name a dependency in a pull request's body."
    )
    depends_on: tuple[DependsOnConfig, ...] = Field(
        default=(), description="Dependencies beside the order and the bodies."
    )
    repositories: tuple[Annotated[str, Field(pattern=f"^{REPOSITORY}$")], ...] = Field(
        default=(), description="Other repositories (owner/repo) that references may point to."
    )

    trunks: tuple[Text, ...] = Field(
        default=(),
        description="Long-lived branches beside the default one; a pull request from one, such as "
        "a release, is no layer of a stack that others wait for.",
    )

    @field_validator("order")
    @classmethod
    def _each_number_once(cls, value: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, ...], ...]:
        seen: set[int] = set()
        for number in (number for group in value for number in group):
            if number in seen:
                raise ValueError(f"#{number} stands in the order twice")
            seen.add(number)
        return value
