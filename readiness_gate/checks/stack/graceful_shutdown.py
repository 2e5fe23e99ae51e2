"""`graceful-shutdown`: a stop signal ends the service in its grace, and no request is lost.

One replica gets its stop signal (SIGTERM, or what image and compose file say) while requests are
under way. It has to end by itself before the grace is over, with an exit code that is expected,
and to answer what it had begun. A request that found nobody listening any more was not begun: a
load balancer sends it elsewhere. What takes a moment to answer proves it; `slowed-by` makes a
quick URL take that moment.

Behind a load balancer nobody can tell whose request it was, so that all replicas get the signal at
once: every request under way is then one of theirs.
"""

from typing import Annotated

from pydantic import Field, JsonValue, field_validator

from readiness_gate.checks.base import Check
from readiness_gate.checks.disrupting import RequestOptions
from readiness_gate.config.values import Duration, Name
from readiness_gate.matchers.field import Expectation
from readiness_gate.model.outcome import CheckClass, Family, Need

_CLEAN: JsonValue = {"or": [0, 143]}


class GracefulShutdownOptions(RequestOptions):
    """The requests, and how the service has to end."""

    grace: Annotated[Duration, Field(gt=0)] | None = Field(
        default=None,
        description="How long it may take; default: its stop_grace_period, which is 10s if unset.",
    )
    exit_code: Expectation = Field(
        default=_CLEAN,
        description="What its exit code has to be; 143 is the end by SIGTERM itself.",
    )
    slowed_by: Name | None = Field(
        default=None,
        description="Dependency that is frozen for half a second again and again meanwhile, so "
        "that a quick url takes long enough to be under way.",
    )
    log: Expectation = Field(
        default=None, description="What the last lines of its log have to be, as text."
    )

    @field_validator("exit_code")
    @classmethod
    def _is_about_an_exit_code(cls, value: JsonValue) -> JsonValue:
        if value is None or isinstance(value, str | bool | list):
            raise ValueError("an exit code is a number such as 0, or words such as {or: [0, 143]}")
        return value


CHECK = Check(
    id="graceful-shutdown",
    title="A service ends in its grace and answers what it began",
    family=Family.STACK,
    check_class=CheckClass.DISRUPT,
    needs=frozenset({Need.STACK}),
    options=GracefulShutdownOptions,
    remediation="Handle the stop signal: take no new requests, answer those under way, end with 0.",
    example={"url": "/slow", "grace": "10s"},
)
