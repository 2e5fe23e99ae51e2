"""Where a command of an item runs: in the target or on the host, never inside the gate."""

import shlex
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    model_validator,
)

from readiness_gate.checks.base import CheckOptions
from readiness_gate.config.stack import EnvironmentName
from readiness_gate.config.values import Name, Text, Texts
from readiness_gate.model.outcome import Need
from readiness_gate.model.written import Written


def _command(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    if not isinstance(value, str):
        return value
    try:
        return tuple(shlex.split(value))
    except ValueError as error:
        raise ValueError(f"cannot be split into words: {error}") from None


def _runnable(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value or not value[0].strip():
        raise ValueError("name a program")
    if any("\0" in word for word in value):
        raise ValueError("a word of a command has no NUL")
    return value


CommandLine = Annotated[
    tuple[str, ...],
    Written(
        before=_command,
        after=_runnable,
        schema={
            "anyOf": [
                {"type": "string", "minLength": 1},
                {"type": "array", "items": {"type": "string"}, "minItems": 1},
            ]
        },
    ),
]
"""Program and arguments, as a list or as one text that is split like a shell would; no shell."""
ImageName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/:@-]{0,254}$")]


class Place(CheckOptions):
    """A container of the stack; exactly one of `service`, `run` and `image`."""

    service: Name | None = Field(default=None, description="Inside this running service.")
    run: Name | None = Field(default=None, description="In a new container of this service.")
    image: ImageName | None = Field(
        default=None,
        description="In a new container of this image, with the checkout in /workspace.",
    )
    setup: Texts = Field(default=(), description="Shell lines to run first; needs `image`.")
    beside: Name | None = Field(
        default=None,
        description="Service whose networks, variables and volumes the image gets; default the "
        "service of stack.base-url, else the first.",
    )

    @model_validator(mode="after")
    def _is_one_place(self) -> Self:
        if sum(name is not None for name in (self.service, self.run, self.image)) != 1:
            raise ValueError("name exactly one of service, run and image")
        if self.image is None and (self.setup or self.beside):
            raise ValueError("setup and beside belong to image")
        return self


def _kind(value: Any) -> str:
    return "host" if isinstance(value, str) else "container"


Where = Annotated[
    Annotated[Literal["host"], Tag("host")] | Annotated[Place, Tag("container")],
    Discriminator(_kind),
]


class PlacedOptions(CheckOptions):
    """What every check that runs a command takes."""

    command: CommandLine = Field(description="Program and arguments; no shell reads them.")
    in_: Where = Field(
        alias="in",
        description="{service: NAME}, {run: NAME}, {image: NAME, setup: [...]}, or host.",
    )
    directory: Text | None = Field(
        default=None, description="Folder to run in; on the host below the checkout."
    )
    environment: dict[EnvironmentName, str] = Field(
        default_factory=dict, description="Variables to set."
    )
    needs: tuple[Literal["stack", "database"], ...] = Field(
        default=(), description="What has to be up, or migrated, before it starts."
    )

    @property
    def where(self) -> str:
        """Return the place in words."""
        place = self.in_
        if isinstance(place, str):
            return place
        if place.service is not None:
            return f"service {place.service}"
        return f"one-off {place.run}" if place.run is not None else f"image {place.image}"


def placed_needs(options: PlacedOptions) -> frozenset[Need]:
    """Return what has to be there first: the stack for its containers, nothing for the host."""
    wanted = {Need(need) for need in options.needs}
    if options.in_ == "host":
        return frozenset({Need.WORKSPACE, *wanted})
    return frozenset({Need.STACK, *wanted})
