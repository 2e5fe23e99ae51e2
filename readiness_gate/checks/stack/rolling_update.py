"""`rolling-update`: the replicas of a service are replaced one by one, and no request is lost.

Requests go on from before the first to after the last replacement. Where they go straight to the
service, the gate stands in for the load balancer: a replica takes no new requests from right
before its stop signal, and its successor takes some once it is healthy. A replica that has to be
killed after its grace is not replaced gracefully, whatever became of the requests.
"""

from typing import Annotated, Literal

from pydantic import Field

from readiness_gate.checks.base import Check
from readiness_gate.checks.disrupting import RequestOptions
from readiness_gate.config.values import Duration
from readiness_gate.model.outcome import CheckClass, Family, Need

ADVICE = (
    "Answer what is under way before the end (graceful-shutdown), give the service a health check "
    "that tells when it can take requests, and let the load balancer find new replicas."
)


class RollingUpdateOptions(RequestOptions):
    """The requests, and how replicas are replaced, in the words of `deploy.update_config`."""

    order: Literal["start-first", "stop-first"] | None = Field(
        default=None,
        description="Whether the new replica starts before the old one is stopped; default: "
        "start-first for a single replica, stop-first for several.",
    )
    delay: Annotated[Duration, Field(ge=0)] = Field(
        default=0.0, description="Time between two replacements."
    )
    grace: Annotated[Duration, Field(gt=0)] | None = Field(
        default=None,
        description="How long a replica may take to end before it is killed, which fails; "
        "default: its stop_grace_period.",
    )


CHECK = Check(
    id="rolling-update",
    title="Replicas are replaced one by one and no request is lost",
    family=Family.STACK,
    check_class=CheckClass.DISRUPT,
    needs=frozenset({Need.STACK}),
    options=RollingUpdateOptions,
    remediation=ADVICE,
    example={"url": "/items", "order": "start-first"},
)
