"""`backup-recency`: backups are made, kept, of a plausible size, and encrypted.

They are listed out of a folder of the checkout, or by a command in a service, an image or on the
host. That one can be restored is for `backup-restore` to prove.
"""

from typing import Annotated, Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.place import PlacedOptions, placed_needs
from readiness_gate.config.values import Duration, Flag, Text
from readiness_gate.matchers.field import Expectation
from readiness_gate.model.outcome import CheckClass, Family, Need


class ListCommand(PlacedOptions):
    """A command that lists backups: `SIZE TIME NAME` a line, or JSON like S3's."""


class BackupRecencyOptions(CheckOptions):
    """Where backups are listed, and what is expected of them."""

    folder: Text | None = Field(default=None, description="Folder of the checkout that has them.")
    list: ListCommand | None = Field(
        default=None, description="Command that lists them, and where it runs."
    )
    name: Text = Field(default="*", description="Glob on their names; others are not counted.")
    within: Annotated[Duration, Field(gt=0)] = Field(
        default=26 * 3600.0, description="Age that the newest may have."
    )
    count: Expectation | None = Field(default=None, description="How many there have to be.")
    retention: Annotated[Duration, Field(gt=0)] | None = Field(
        default=None, description="Age that the oldest has to have, so that as much is kept."
    )
    size_share: Annotated[float, Field(gt=0, le=1)] = Field(
        default=0.5,
        description="Least size of the newest, as a share of the median of those before it.",
    )
    encrypted: Flag = Field(default=False, description="Whether every one has to be encrypted.")

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        if (self.folder is None) == (self.list is None):
            raise ValueError("write one of folder and list")
        return self


def _needs(options: BackupRecencyOptions) -> frozenset[Need]:
    return frozenset({Need.WORKSPACE}) if options.list is None else placed_needs(options.list)


CHECK = Check(
    id="backup-recency",
    title="Backups are recent, kept and encrypted",
    family=Family.DATABASE,
    check_class=CheckClass.READ,
    needs=frozenset({Need.WORKSPACE}),
    options=BackupRecencyOptions,
    remediation="Look why the backup did not run, and make one now.",
    refine_needs=_needs,
    example={
        "list": {
            "command": ["find", "/backups", "-type", "f", "-printf", "%s %T@ %p\\n"],
            "in": {"service": "backup"},
        },
        "within": "26h",
        "count": {"ge": 7},
        "retention": "30d",
    },
)
