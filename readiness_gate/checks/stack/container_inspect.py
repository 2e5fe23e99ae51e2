"""`container-inspect`: the containers that run are what they are said to be.

What is judged is the engine's own description of every replica; of ports and limits what the
project declares, since the gate takes host ports away. `non-root` is about the user that the
container starts as: a program that starts as root and then changes its user does not meet it.
"""

from typing import Annotated, Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.config.values import Flag, OneOrMany
from readiness_gate.matchers.field import Expectation, JsonPath
from readiness_gate.matchers.threshold import Unit, threshold
from readiness_gate.model.outcome import CheckClass, Family, Need
from readiness_gate.model.written import Written


def _size(text: str) -> str:
    threshold(text, Unit.SIZE)
    return text


def _number(text: str) -> str:
    threshold(text, Unit.NUMBER)
    return text


class ContainerInspectOptions(CheckOptions):
    """Which services, and what is asserted of each of their containers."""

    services: OneOrMany = Field(
        default=(), description="Services to look at; default all that stay up."
    )
    user: Expectation = Field(default=None, description="What the configured user has to be.")
    non_root: Flag | None = Field(
        default=None, description="Whether it has to start as a user other than root."
    )
    privileged: Flag | None = Field(
        default=None, description="Whether the container has to be privileged; mostly false."
    )
    read_only: Flag | None = Field(
        default=None, description="Whether the root file system has to be read-only."
    )
    no_new_privileges: Flag | None = Field(
        default=None, description="Whether programs must not gain privileges."
    )
    capabilities: Expectation = Field(
        default=None,
        description="What the list of capabilities has to be, the engine's default ones included; "
        "names without CAP_.",
    )
    memory: Annotated[str, Written(after=_size)] = Field(
        default="", description="What the declared memory limit has to be, such as <=512MB."
    )
    cpus: Annotated[str, Written(after=_number)] = Field(
        default="", description="What the declared limit of processors has to be, such as <=2."
    )
    pids: Annotated[str, Written(after=_number)] = Field(
        default="", description="What the declared limit of processes has to be, such as <=200."
    )
    restart: Expectation = Field(
        default=None,
        description="What the restart policy has to be: no, always, on-failure, unless-stopped.",
    )
    health_check: Flag | None = Field(
        default=None, description="Whether there has to be a health check."
    )
    mounts: dict[str, Expectation] = Field(
        default_factory=dict,
        min_length=1,
        description="What has to be mounted at a path: volume, bind or tmpfs, with ` (ro)` behind "
        "it where it is read-only; {exists: false} where nothing may be.",
    )
    binds: Flag | None = Field(
        default=None, description="Whether folders of the host may be mounted; mostly false."
    )
    ports: Expectation = Field(
        default=None,
        description="What the list of published ports has to be, as HOST_IP:PORT:PORT/tcp or "
        "PORT:PORT/tcp; {have-len: 0} for none.",
    )
    exposed: Expectation = Field(
        default=None, description="What the list of exposed ports has to be, such as [8000/tcp]."
    )
    jsonpath: dict[JsonPath, Expectation] = Field(
        default_factory=dict,
        min_length=1,
        description="What values of the engine's description (docker inspect) have to be, by "
        "JSONPath.",
    )

    @model_validator(mode="after")
    def _asserts_something(self) -> Self:
        if not self.model_fields_set - {"services"}:
            raise ValueError("assert something: user, capabilities, memory, mounts, ports …")
        return self


CHECK = Check(
    id="container-inspect",
    title="Containers run as they are meant to",
    family=Family.STACK,
    check_class=CheckClass.READ,
    needs=frozenset({Need.STACK}),
    options=ContainerInspectOptions,
    remediation="Change the service in the compose file, or its image, so that the assertions "
    "hold.",
    example={
        "services": "backend",
        "non-root": True,
        "privileged": False,
        "capabilities": {"not": {"contain-element": "NET_ADMIN"}},
        "memory": "<=512MB",
        "restart": {"or": ["always", "unless-stopped", "on-failure"]},
        "mounts": {"/data": "volume"},
        "ports": {"have-len": 0},
    },
)
