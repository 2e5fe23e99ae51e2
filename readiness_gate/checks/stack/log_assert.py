"""`log-assert`: the services' logs are structured, calm, free of secrets, and delivered.

Read at the end of a run, after everything that uses the system, and line by line: a log of any
length costs no memory. An error that is provoked has to appear; what a log store has received is
asked at its own address. `{marker}` in a request, in `appears` and in a query stands for a word
that is new in every run.
"""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.options.log_requests import (
    MARKER,
    LogStore,
    Provocation,
    line_expression,
)
from readiness_gate.config.values import Duration, Flag, OneOrMany, Text
from readiness_gate.matchers import Matcher, compile_matcher
from readiness_gate.matchers.field import Expectation
from readiness_gate.matchers.threshold import Unit, threshold
from readiness_gate.model.outcome import CheckClass, Family, Need
from readiness_gate.model.written import Written


def _percent(text: str) -> str:
    threshold(text, Unit.PERCENT)
    return text


def _number(text: str) -> str:
    threshold(text, Unit.NUMBER)
    return text


Expression = Annotated[Text, Written(after=line_expression)]


class Burst(CheckOptions):
    """When errors come faster than in the first window, the baseline."""

    window: Annotated[Duration, Field(ge=1)] = Field(default=10.0, description="Its length.")
    factor: float = Field(default=3.0, ge=1, description="How many times the baseline is a burst.")
    least: int = Field(default=5, ge=1, description="Fewer errors in a window are never one.")


class LogAssertOptions(CheckOptions):
    """Whose logs, and what is asserted of them."""

    services: OneOrMany = Field(
        default=(),
        description="Services whose logs are read; default those that are built from the "
        "checkout, else all that stay up.",
    )
    json_: Annotated[str, Written(after=_percent)] = Field(
        default="", alias="json", description="Share of the lines that are JSON, such as >=95%."
    )
    fields: dict[Text, Expectation] | OneOrMany = Field(
        default=(),
        description="Fields that every JSON line has, by name (a.b for b within a): a list, or "
        "what their values have to be.",
    )
    matches: OneOrMany = Field(
        default=(), description="Expressions (RE2), each of which has to match a line."
    )
    absent: OneOrMany = Field(default=(), description="Expressions (RE2) that match no line.")
    secrets: Flag = Field(
        default=False,
        description="Whether the lines are searched for every secret that was handed to a "
        "service: passed-on variables, those with a secret's name, passwords in addresses, "
        "compose secrets; as they are, in URLs and in base64. Without `services`, in the logs of "
        "all services, also of those that ended.",
    )
    errors: Annotated[str, Written(after=_number)] = Field(
        default="", description="How many lines may be errors, such as <=0."
    )
    error: Expression | None = Field(
        default=None,
        description="Expression (RE2) of an error in lines without a level in JSON; default "
        "ERROR, CRITICAL, FATAL, PANIC, SEVERE, level=error and tracebacks.",
    )
    burst: Burst | None = Field(
        default=None, description="When errors are a burst; {} for the usual."
    )
    provoke: Provocation | None = Field(
        default=None, description="A request whose error has to appear in a log."
    )
    store: LogStore | None = Field(
        default=None, description="Where what was logged has to have arrived."
    )

    @field_validator("matches", "absent")
    @classmethod
    def _areline_expressions(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(line_expression(one) for one in value)

    @model_validator(mode="after")
    def _asserts_something(self) -> Self:
        if not self.reads_logs and self.provoke is None and self.store is None:
            raise ValueError(
                "assert something: json, fields, matches, absent, secrets, errors, burst, "
                "provoke or store"
            )
        if self.store is not None and self.provoke is None and MARKER in str(self.store.query):
            raise ValueError("{marker} in a query needs provoke, which sends it")
        return self

    @property
    def reads_logs(self) -> bool:
        """Whether anything is asserted of all lines."""
        listed = (self.json_, self.fields, self.matches, self.absent, self.secrets, self.errors)
        return any(listed) or self.burst is not None

    @property
    def expected_fields(self) -> Mapping[str, Matcher]:
        """The fields with what they have to be."""
        if isinstance(self.fields, tuple):
            return {name: compile_matcher({"exists": True}) for name in self.fields}
        return {name: compile_matcher(raw) for name, raw in self.fields.items()}


CHECK = Check(
    id="log-assert",
    title="Logs are structured, calm and free of secrets",
    family=Family.STACK,
    check_class=CheckClass.READ,
    needs=frozenset({Need.STACK}),
    options=LogAssertOptions,
    remediation="Change what the service writes; examples of the lines stand beside it.",
    at_the_end=True,
    example={
        "services": "backend",
        "json": ">=95%",
        "fields": {"timestamp": {"exists": True}, "level": {"not": "debug"}},
        "absent": [r"password=\S"],
        "secrets": True,
        "errors": "<=0",
        "burst": {"window": "10s", "factor": 3},
    },
)
