"""The shape of `.github/readiness.yml` (DESIGN 1.5), one record per section."""

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, Strict

from readiness_gate.config.databases import DatabaseConfig, MigrationsConfig, SeedConfig
from readiness_gate.config.items import BoundCheck, Item, ItemConfig, When
from readiness_gate.config.merge import DependsOnConfig, MergeConfig
from readiness_gate.config.stack import ProcessConfig, ReadyConfig, ServiceConfig, StackConfig
from readiness_gate.config.values import Name, OneOrMany, Text, Texts
from readiness_gate.model.outcome import Severity
from readiness_gate.model.record import Record
from readiness_gate.model.written import Written

__all__ = [
    "BoundCheck",
    "DatabaseConfig",
    "DependsOnConfig",
    "EnvironmentConfig",
    "GateConfig",
    "ItemConfig",
    "MergeConfig",
    "MigrationsConfig",
    "ProcessConfig",
    "ReadyConfig",
    "SeedConfig",
    "ServiceConfig",
    "StackConfig",
    "When",
]


def _no_boolean(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("write the number 1")
    return value


Version = Annotated[Literal[1], Written(before=_no_boolean)]
Percent = Annotated[int, Strict(), Field(ge=0, le=100)]


def _base_url(text: str) -> str:
    parts = urlsplit(text)
    plain = parts.netloc and "@" not in parts.netloc and not (parts.query or parts.fragment)
    if parts.scheme not in {"http", "https"} or not plain or parts.port == 0:
        raise ValueError("write a URL of http or https without user or query: https://api.example")
    return text


BaseUrl = Annotated[Text, Written(after=_base_url)]


class EnvironmentConfig(Record):
    """A deployed copy of the target, for the stages after the merge."""

    endpoints: dict[Name, BaseUrl] = Field(
        default_factory=dict, description="Base URL of each service there."
    )
    prometheus: BaseUrl | None = Field(default=None, description="Base URL of its Prometheus.")
    allow: Texts = Field(default=(), description="Checks that may do more than read there, by id.")


class GateConfig(Record):
    """The whole of `.github/readiness.yml`."""

    version: Version = Field(description="Version of this format.")
    checklist: OneOrMany = Field(
        default=(), description="Markdown checklist, or a list; their lines are items too."
    )
    enforce: Literal["all", "ticked", "none"] = Field(
        default="all",
        description="What may block: all items, only merge items and ticked lines, or none.",
    )
    block_on: Severity = Field(default=Severity.LOW, description="This severity and worse blocks.")
    phases: Texts = Field(
        default=(), description="Phases, first one first; default the order in the checklist."
    )
    phase: Text | None = Field(
        default=None, description="The phase that is enforced now; later ones never block."
    )
    targets: dict[str, dict[str, Percent]] = Field(
        default_factory=dict,
        description="Share of passed items in percent, by category and phase; reported against.",
    )
    roles: dict[str, OneOrMany] = Field(
        default_factory=dict,
        description="Who may sign for a role: logins, or teams such as @acme/legal.",
    )
    merge: MergeConfig | None = Field(
        default=None, description="Merge order and dependencies of pull requests."
    )
    stack: StackConfig | None = Field(
        default=None, description="The target: how it is built and started."
    )
    databases: dict[Name, DatabaseConfig] = Field(
        default_factory=dict, description="Databases of the target, by name."
    )
    environments: dict[Name, EnvironmentConfig] = Field(
        default_factory=dict, description="Deployed copies, for the stages after the merge."
    )
    items: dict[Name, Item] = Field(
        default_factory=dict, description="Items by id: what is checked, and how much it weighs."
    )
