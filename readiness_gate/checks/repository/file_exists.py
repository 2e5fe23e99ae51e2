"""`file-exists`: files and folders that must, or must not, be in the checkout."""

from typing import Literal, Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.config.values import Flag, OneOrMany
from readiness_gate.model.outcome import CheckClass, Family, Need


class FileExistsOptions(CheckOptions):
    """Which paths are looked for."""

    path: OneOrMany = Field(
        default=(), description="A path or pattern below the checkout; `**` crosses folders."
    )
    paths: OneOrMany = Field(default=(), description="The same, for several.")
    absent: Flag = Field(default=False, description="Whether none of them may be there.")
    filetype: Literal["file", "directory"] | None = Field(
        default=None, description="What it has to be; default either."
    )

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if not self.wanted:
            raise ValueError("name at least one path")
        return self

    @property
    def wanted(self) -> tuple[str, ...]:
        """Every path or pattern once."""
        return tuple(dict.fromkeys((*self.path, *self.paths)))


CHECK = Check(
    id="file-exists",
    title="Files are there",
    family=Family.REPOSITORY,
    check_class=CheckClass.READ,
    needs=frozenset({Need.WORKSPACE}),
    options=FileExistsOptions,
    remediation="Add the missing file.",
)
