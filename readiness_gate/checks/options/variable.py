"""What is required of the variables of an environment."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from readiness_gate.config.stack import EnvironmentName
from readiness_gate.config.values import Flag, OneOrMany
from readiness_gate.model.record import Record


class Variable(Record):
    """What is required of one variable's value."""

    min_length: int | None = Field(default=None, ge=1, description="Characters, at least.")
    entropy: float | None = Field(
        default=None, gt=0, le=8, description="Shannon entropy, bits a character, at least."
    )
    not_: OneOrMany = Field(
        default=(), alias="not", description="Values that count as placeholders, in any case."
    )
    empty: Flag = Field(default=False, description="Whether it may be set to nothing.")
    secret: Flag = Field(
        default=False,
        description="Whether it is one: at least 16 characters and 3 bits a character, no "
        "placeholder, not the value that the example has.",
    )


def _required(value: Any) -> Any:
    if isinstance(value, str):
        return {value: {}}
    if isinstance(value, list | tuple):
        return {name: {} for name in value}
    if isinstance(value, dict):
        return {name: {} if rule is None else rule for name, rule in value.items()}
    return value


Required = Annotated[
    dict[EnvironmentName, Variable],
    BeforeValidator(_required, json_schema_input_type=list[str] | dict[str, Variable | None]),
]
