"""`preflight`: the machine can carry the stack; looked at before anything is built.

The engine answers and is new enough, its socket may be used, Docker Compose is there in its second
generation, no variable of the compose files is without a value, and disk and memory suffice. What
the platform lacks is an error of class infrastructure, not the pull request's fault; a variable
without a value is. The disk is the one of the images; of an engine on another machine it is not
known.
"""

from typing import Annotated

from pydantic import Field, StringConstraints

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.config.values import Size
from readiness_gate.model.outcome import CheckClass, Family, Need
from readiness_gate.model.written import Written


def _range(text: str) -> str:
    from readiness_gate.formats.versions import python_range  # noqa: PLC0415 - slow to load

    python_range(text)
    return text


VersionRange = Annotated[str, Written(after=_range)]
Tool = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,79}$")]


class PreflightOptions(CheckOptions):
    """What the machine has to have."""

    engine: VersionRange = Field(
        default=">=20.10", description="Versions of the container engine that will do."
    )
    api: VersionRange = Field(default=">=1.41", description="The same of the Engine API.")
    compose: VersionRange = Field(default=">=2.20", description="The same of Docker Compose.")
    disk: Annotated[Size, Field(gt=0)] = Field(
        default=2_000_000_000, description="Free space, at least, where images are kept."
    )
    memory: Annotated[Size, Field(gt=0)] | None = Field(
        default=None, description="Memory that the machine has, at least, such as 8GB."
    )
    cpus: int | None = Field(default=None, ge=1, description="Processors, at least.")
    tools: dict[Tool, VersionRange] = Field(
        default_factory=dict,
        description="Programs of the machine with the versions that will do, such as "
        '{git: ">=2.30"}; an empty text for any. Asked with --version; not inside the action\'s '
        "container, whose programs are the gate's.",
    )


CHECK = Check(
    id="preflight",
    title="The machine can carry the stack",
    family=Family.STACK,
    check_class=CheckClass.READ,
    needs=frozenset({Need.WORKSPACE}),
    options=PreflightOptions,
    remediation="Start or update Docker, free space, or give the variable a value.",
    before_steps=True,
    example={"disk": "10GB", "memory": "4GB", "compose": ">=2.20"},
)
