"""`rollback-drill`: the images of before run on the migrated database, and then forward again.

Each service gets the image that the base tip builds (or one that is named, such as the last
release), started as the compose files of the pull request say and on the database as it is after
the upgrade. It has to become healthy and to answer the smoke requests; then the present images
come back and answer them too. Both ways are timed.
"""

from typing import Annotated

from pydantic import Field, JsonValue, field_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.disrupting import Method, about_a_status
from readiness_gate.checks.options.header import HeaderName, HeaderValue
from readiness_gate.checks.options.target_url import TargetUrl
from readiness_gate.checks.place import ImageName
from readiness_gate.config.values import Duration, Flag, Name
from readiness_gate.matchers.field import Expectation
from readiness_gate.model.outcome import CheckClass, Family, Need

_GOOD: JsonValue = {"lt": 400}


class SmokeOptions(CheckOptions):
    """One request that has to be answered on both sides."""

    url: TargetUrl = Field(
        description="A path below stack.base-url, or a URL such as http://backend:8000/items."
    )
    method: Method = Field(default="GET", description="Method of the request.")
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, description="Headers to send."
    )
    request_body: str = Field(default="", description="Body to send, as it is.")
    status: Expectation = Field(default=_GOOD, description="What its status has to be.")
    timeout: Annotated[Duration, Field(gt=0)] = Field(
        default=10.0, description="How long one answer may take."
    )
    insecure: Flag = Field(default=False, description="Whether any TLS certificate will do.")

    @field_validator("status")
    @classmethod
    def _is_about_a_status(cls, value: JsonValue) -> JsonValue:
        if value is None:
            raise ValueError("null asserts nothing")
        return about_a_status(value)


class RollbackDrillOptions(CheckOptions):
    """What goes back, and what has to work."""

    smoke: tuple[SmokeOptions, ...] = Field(
        min_length=1, max_length=50, description="Requests that have to be answered on both sides."
    )
    services: tuple[Name, ...] = Field(
        default=(),
        description="Services that go back; default: all whose image the stack builds.",
    )
    images: dict[Name, ImageName] = Field(
        default_factory=dict,
        description="Images to go back to, by service, such as the last release; default: what "
        "the base tip builds.",
    )
    within: Annotated[Duration, Field(gt=0)] = Field(
        default=120.0, description="How long each way may take, until all requests are answered."
    )


CHECK = Check(
    id="rollback-drill",
    title="The release before runs on the migrated database, and forward again",
    family=Family.STACK,
    check_class=CheckClass.DISRUPT,
    needs=frozenset({Need.STACK, Need.IMAGES}),
    options=RollbackDrillOptions,
    remediation="Migrate in two releases: first add what the new code needs, and remove what the "
    "old code needs only when nobody runs it any more.",
    example={"smoke": [{"url": "/health"}, {"url": "/items", "status": 200}], "within": "2m"},
)
