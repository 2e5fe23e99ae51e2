"""`command`: a program ends as it must, and prints what it must."""

from typing import Annotated

from pydantic import Field, JsonValue, field_validator

from readiness_gate.checks.base import Check
from readiness_gate.checks.place import PlacedOptions, placed_needs
from readiness_gate.config.values import Duration
from readiness_gate.matchers.field import DurationLimit, Expectation
from readiness_gate.model.outcome import CheckClass, Family, Need


class CommandOptions(PlacedOptions):
    """The command, where it runs, and what is asserted of it."""

    exit_code: Expectation = Field(default=0, description="What the exit code has to be.")
    stdout: Expectation = Field(
        default=None, description="What it has to print, without the newlines at the end."
    )
    stderr: Expectation = Field(default=None, description="The same, of the stream for errors.")
    duration: DurationLimit = Field(default="", description="How long it may take, such as <30s.")
    retry: int = Field(
        default=0, ge=0, le=100, description="How often to try again while something does not hold."
    )
    retry_interval: Annotated[Duration, Field(gt=0)] = Field(
        default=1.0, description="Time between two tries."
    )

    @field_validator("exit_code")
    @classmethod
    def _is_about_a_number(cls, value: JsonValue) -> JsonValue:
        if isinstance(value, str | bool | list):
            raise ValueError("an exit code is one number, such as 0")
        return value


CHECK = Check(
    id="command",
    title="A command succeeds",
    family=Family.STACK,
    check_class=CheckClass.EXERCISE,
    needs=frozenset({Need.STACK}),
    options=CommandOptions,
    remediation="Make the command end as asserted; what it printed stands beside it.",
    refine_needs=placed_needs,
)
