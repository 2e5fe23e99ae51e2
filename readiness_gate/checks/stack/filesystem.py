"""`filesystem`: files inside the running services are there, with their rights and content.

The words are goss's. Files are read through the engine's archive, so that images without a shell
can be judged too; what lies in memory (`tmpfs`, `/proc`, `/dev`) is not shown by it, and is
refused rather than taken for absent. A link is followed, unless it is asked about itself
(`filetype: symlink`, `linked-to`).
"""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.config.values import Flag, OneOrMany, Text
from readiness_gate.matchers.field import Expectation
from readiness_gate.model.outcome import CheckClass, Family, Need
from readiness_gate.model.written import Written


def _mode(value: Any) -> Any:
    if isinstance(value, str) and value.isascii() and value.isdecimal() and 3 <= len(value) <= 5:
        digits = value.lstrip("0").rjust(4, "0")
        if set(digits) <= set("01234567") and len(digits) == 4:
            return digits
    if isinstance(value, str):
        raise ValueError('write octal rights, such as "0644"')
    if isinstance(value, int):
        raise ValueError('write the rights in quotes, such as "0644": a number loses its zero')
    return value


def _place(path: str) -> str:
    if "\0" in path or ".." in path.split("/"):
        raise ValueError("a path does not climb")
    return path if path == "/" else path.rstrip("/")


Mode = Annotated[
    str,
    Written(
        before=_mode, schema={"type": "string", "pattern": "^[0-7]{3,5}$", "examples": ["0644"]}
    ),
]

Place = Annotated[Text, Written(after=_place)]


class FileExpectation(CheckOptions):
    """What is asserted of one path."""

    exists: Flag = Field(default=True, description="Whether anything is there.")
    filetype: Literal["file", "directory", "symlink"] | None = Field(
        default=None, description="What it is."
    )
    mode: Mode | None = Field(default=None, description='Its rights, such as "0644".')
    owner: Expectation = Field(default=None, description="Name of its user, else the number.")
    group: Expectation = Field(default=None, description="Name of its group, else the number.")
    uid: Expectation = Field(default=None, description="Number of its user.")
    gid: Expectation = Field(default=None, description="Number of its group.")
    size: Expectation = Field(default=None, description="Its size in bytes, such as {gt: 0}.")
    linked_to: Expectation = Field(
        default=None, description="Where a link leads, as an absolute path."
    )
    contents: Expectation = Field(
        default=None,
        description="Its content as text; a list of patterns for its lines: foo, !foo, /re/.",
    )
    sha256: Expectation = Field(default=None, description="Hash of its content.")
    writable: Flag | None = Field(
        default=None,
        description="Whether the user that the container starts as may write to it: rights, "
        "read-only mounts and a read-only root file system are judged.",
    )

    @model_validator(mode="after")
    def _is_about_something(self) -> Self:
        if not self.exists and self.model_fields_set - {"exists"}:
            raise ValueError("nothing more can be said of what is not there")
        return self

    @property
    def asks_of_the_link(self) -> bool:
        """Whether a link itself is meant, and not what it leads to."""
        return self.filetype == "symlink" or "linked_to" in self.model_fields_set

    @property
    def reads(self) -> bool:
        """Whether the content is asked for."""
        return bool({"contents", "sha256"} & self.model_fields_set)


class FilesystemOptions(CheckOptions):
    """Which services, and what is asserted of which path in each of them."""

    services: OneOrMany = Field(
        default=(), description="Services to look into; default all that stay up."
    )
    files: dict[Place, FileExpectation] = Field(
        min_length=1,
        description="Assertions by absolute path; {} asserts that something is there. Processes: "
        "below the checkout, from the program's folder.",
    )


CHECK = Check(
    id="filesystem",
    title="Files inside the services are as they must be",
    family=Family.STACK,
    check_class=CheckClass.READ,
    needs=frozenset({Need.STACK}),
    options=FilesystemOptions,
    remediation="Change the image, the mount or the program so that the file is as asserted.",
    example={
        "services": "backend",
        "files": {
            "/data/uploads": {"filetype": "directory", "writable": True},
            "/app/config.yml": {"mode": "0640", "owner": "app", "contents": ["!/password: ./"]},
            "/app/.env": {"exists": False},
        },
    },
)
