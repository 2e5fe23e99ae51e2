"""`volume-persistence`: what a service wrote is there after its containers were replaced.

A marker is written, the service is recreated, then the whole stack goes down and up with its
named volumes kept; after each the marker has to be read again. The marker is a file below `path`,
or what `write` stores through the service itself and `read` prints. Volumes that have no name
survive the first and not the second; a folder of the machine survives on that machine alone.
"""

from pathlib import PurePosixPath
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.place import CommandLine
from readiness_gate.config.values import Name
from readiness_gate.model.outcome import CheckClass, Family, Need
from readiness_gate.model.written import Written

MARKER = "{marker}"
_ACCEPT = Literal["named", "bind"]


def _absolute(text: str) -> str:
    place = PurePosixPath(text)
    if not text.startswith("/") or ".." in place.parts or "\0" in text:
        raise ValueError("a path inside the container starts with / and has no ..")
    return str(place)


Folder = Annotated[str, Written(after=_absolute, schema={"type": "string", "pattern": "^/"})]


class VolumePersistenceOptions(CheckOptions):
    """The service, and where its data is."""

    service: Name = Field(description="The service that keeps data.")
    path: Folder = Field(
        description="Folder inside its container that holds the data, such as "
        "/var/lib/postgresql/data."
    )
    write: CommandLine | None = Field(
        default=None,
        description="Command inside the service that stores {marker}, instead of a file.",
    )
    read: CommandLine | None = Field(
        default=None, description="Command inside the service that prints the marker again."
    )
    accept: tuple[_ACCEPT, ...] = Field(
        default=("named",),
        min_length=1,
        description="Which mounts will do: a named volume, or a bind of a folder of the machine "
        "too (with `write` and `read`, as no file is left in it).",
    )

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.write is None) != (self.read is None):
            raise ValueError("write and read belong together")
        if self.write is not None and not any(MARKER in word for word in self.write):
            raise ValueError(f"write has to store {MARKER}, which the gate replaces")
        if "bind" in self.accept and self.write is None:
            raise ValueError("accept: [bind] needs write and read")
        return self


CHECK = Check(
    id="volume-persistence",
    title="Data survives new containers, down and up",
    family=Family.STACK,
    check_class=CheckClass.DISRUPT,
    needs=frozenset({Need.STACK}),
    options=VolumePersistenceOptions,
    remediation="Keep the data in a named volume that covers the whole path.",
    example={"service": "db", "path": "/var/lib/postgresql/data"},
)
