"""The section `stack`: how the target is built and started."""

from typing import Annotated, Literal, Self

from pydantic import Field, Strict, StringConstraints, model_validator

from readiness_gate.config.values import Duration, Flag, Name, OneOrMany, Text, Texts
from readiness_gate.model.record import Record

EnvironmentName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,127}$")]


class ReadyConfig(Record):
    """What proves that a service without a health check is ready; all that is given must hold."""

    http: Text | None = Field(
        default=None, description="Path or URL that answers with a status below 400."
    )
    tcp: Annotated[int, Strict(), Field(ge=1, le=65_535)] | None = Field(
        default=None, description="Port that accepts a connection."
    )
    log: Text | None = Field(default=None, description="Text that the log contains.")
    command: Texts = Field(
        default=(), description="Program and arguments that end with exit code 0 in the service."
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.http or self.tcp or self.log or self.command):
            raise ValueError("name at least one of http, tcp, log, command")
        return self


class ServiceConfig(Record):
    """What the gate cannot see in the compose file of one service."""

    one_shot: Flag | None = Field(
        default=None, description="Whether the service ends by itself with exit code 0."
    )
    ready: ReadyConfig | None = Field(
        default=None, description="Proof of readiness where there is no health check."
    )


class ProcessConfig(Record):
    """One program of the process driver."""

    command: Annotated[Texts, Field(min_length=1)] = Field(
        description="Program and arguments; no shell reads them."
    )
    python: Text | None = Field(
        default=None, description="Interpreter that stands in for python and python3."
    )
    directory: Text | None = Field(
        default=None, description="Folder to start in, relative to the repository."
    )
    environment: dict[EnvironmentName, str] = Field(
        default_factory=dict, description="Variables set for this program."
    )
    ready: ReadyConfig | None = Field(default=None, description="Proof that it is ready.")
    restart: Literal["no", "on-failure", "always"] = Field(
        default="no", description="Whether it is started again when it ends, as compose does."
    )


class StackConfig(Record):
    """The target: a compose project, processes, or something that already runs."""

    driver: Literal["compose", "process", "external"] = Field(
        default="compose", description="What starts the target; external only looks at it."
    )
    files: OneOrMany = Field(
        default=(),
        description="Compose files, later ones over earlier ones; "
        "empty: the first of compose's own default names.",
    )
    profiles: Texts = Field(default=(), description="Compose profiles to enable.")
    env_file: Text | None = Field(
        default=None, description="File with the values of the compose file's variables."
    )
    environment: tuple[EnvironmentName, ...] = Field(
        default=(),
        description="Names passed on from the step's environment; nothing else is.",
    )
    wait_timeout: Annotated[Duration, Field(gt=0)] = Field(
        default=180.0, description="How long services may take to become healthy."
    )
    settle: Duration = Field(
        default=5.0, description="How long a healthy service must stay up without a restart."
    )
    services: dict[Name, ServiceConfig] = Field(
        default_factory=dict, description="Further facts, by the name of the service."
    )
    allow: Texts = Field(
        default=(), description="Exceptions from the compose policy, by the policy's names."
    )
    base_url: Text | None = Field(default=None, description="Where relative URLs in items start.")
    processes: dict[Name, ProcessConfig] = Field(
        default_factory=dict, description="Programs of the process driver, by name."
    )

    @model_validator(mode="after")
    def _driver_has_what_it_starts(self) -> Self:
        if self.driver == "process" and not self.processes:
            raise ValueError("the process driver starts what stands under processes: name one")
        if self.driver != "process" and self.processes:
            raise ValueError("processes belong to driver: process")
        if self.driver == "external" and self.base_url is None:
            raise ValueError("the external driver needs a base-url")
        return self
