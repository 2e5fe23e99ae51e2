"""All that a check may know: doors, target, GitHub's facts, and what the gate did itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from readiness_gate.model.outcome import Half

if TYPE_CHECKING:  # what a check does not use it does not load
    from pathlib import Path

    from readiness_gate.doors.clock import Clock
    from readiness_gate.doors.git import Git
    from readiness_gate.doors.programs import Programs
    from readiness_gate.doors.sink import Sinks
    from readiness_gate.doors.sockets import Sockets
    from readiness_gate.doors.web import Web
    from readiness_gate.doors.workspace import Workspace
    from readiness_gate.forge.base import Facts
    from readiness_gate.merge.around import Around
    from readiness_gate.migrations.run import AlembicProject, MigrationRun
    from readiness_gate.model.attestation import Attestation
    from readiness_gate.model.pull_request import (
        Edge,
        Fact,
        MergeGroup,
        PullRequest,
        Reference,
    )
    from readiness_gate.stack.base import BuiltImage, ServiceHealth, Stack


def _nothing_around() -> Around:
    from readiness_gate.merge.around import Around  # noqa: PLC0415

    return Around()


def _sockets() -> Sockets:
    from readiness_gate.doors.sockets import TargetSockets  # noqa: PLC0415

    return TargetSockets()


def _sinks() -> Sinks:
    from readiness_gate.doors.sink_server import TargetSinks  # noqa: PLC0415

    return TargetSinks()


@dataclass(frozen=True)
class MergeFacts:
    """GitHub's facts for the merge half, read once per pull request."""

    home: str
    pull_request: PullRequest | None
    """`None` in a merge group and on a laptop without a pull request."""
    merge_group: MergeGroup | None
    order: tuple[tuple[Reference, ...], ...]
    """The declared order: groups that may merge in any order, each after all before it."""
    edges: tuple[Edge, ...]
    """Every edge that leaves this pull request (in a merge group: each member), with its state."""
    findings: tuple[GraphFinding, ...]
    parsed: tuple[str, ...]
    """What the body was read to depend on, echoed to the reader."""
    warnings: tuple[str, ...]
    facts: Mapping[Reference, Fact]
    further_bases: frozenset[str] = frozenset()
    """Branches that the base branch will itself be merged into (a stack)."""
    followers: frozenset[Reference] = frozenset()
    """Everything that waits for this pull request, directly or through others."""
    around: Around = field(default_factory=_nothing_around)
    """The graph around this pull request, for the reader."""
    landing: tuple[str, ...] = ()
    """What to mind when it merges."""
    migrations: tuple[str, ...] = ()
    """What merging in the declared order does to the histories of migrations: who rebases."""


@dataclass(frozen=True)
class GraphFinding:
    """Something wrong with the graph itself: `cycle`, `contradiction`, `self-reference`."""

    kind: str
    message: str
    members: tuple[Reference, ...]


@dataclass(frozen=True)
class StepRecord:
    """What the gate did itself and how it ended: `images`, `databases`, `seed`, `stack`."""

    name: str
    succeeded: bool
    summary: str
    log: str = ""
    infrastructure: bool = False
    configuration: bool = False
    seconds: float = 0.0
    images: tuple[BuiltImage, ...] = ()
    health: tuple[ServiceHealth, ...] = ()
    advice: str = ""
    """What ends the problem, where the error itself knows it better than the check."""


@dataclass(frozen=True)
class DatabaseAccess:
    """How checks reach one configured database."""

    name: str
    dialect: str
    """SQLAlchemy's backend name: `postgresql`, `sqlite`, `mysql`, `mariadb`."""
    url: str
    """SQLAlchemy URL, reachable from the gate; holds a password, never shown."""
    owned: bool
    """Whether it is the stack's own; on somebody else's the gate only reads."""
    service: str | None
    migrations_directory: str | None
    """Folder of the revision files in the workspace, `None` where no migrations are configured."""
    run: MigrationRun | None
    """`None` where no upgrade was asked for or none took place."""
    alembic: AlembicProject | None = None
    """Where its migrations run inside the target, `None` where none are configured."""
    before: str = ""
    """URL of a copy from before the upgrade, with the rows of then; empty where there is none."""


@dataclass(frozen=True)
class OwnRun:
    """By what the gate knows itself among checks and statuses; empty outside Actions."""

    status_prefix: str = "readiness"
    workflow: str = ""
    """The workflow's name."""
    job: str = ""
    """The job's id, which is its check run's name unless the workflow names it otherwise."""
    run: int | None = None
    """Id of the workflow run."""
    runner: str = ""
    """Name of the runner that the gate's own job is on; no other job is on it meanwhile."""
    halves: frozenset[Half] = frozenset()
    """The halves that have planned items, each with a status of its own."""


@dataclass(frozen=True)
class CheckContext:
    """All that a check may know. What the item did not ask for in `needs` may be `None`."""

    item_id: str
    item_title: str
    home: str
    workspace: Workspace
    clock: Clock
    web: Web
    programs: Programs
    timeout: float
    """Seconds that this check may take."""
    git: Git | None = None
    base_sha: str | None = None
    """Tip of the branch that is merged into; `None` where there is no pull request or group."""
    head_sha: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    """The environment of the gate itself, for what asks for it by name; values are never shown."""
    merge: MergeFacts | None = None
    github: Facts | None = None
    """Further facts of GitHub, asked for where a check needs them."""
    own: OwnRun = OwnRun()
    policy_files: tuple[str, ...] = ()
    """Globs of the files that the configuration names, itself included: who changes them changes
    what the gate asks for."""
    stack: Stack | None = None
    base_url: str | None = None
    endpoints: Mapping[str, str] = field(default_factory=dict)
    """Base URLs of a deployed copy's services, by name; empty where the gate has its own target."""
    only_read: bool = False
    """Whether the target is somebody else's system."""
    allowed: frozenset[str] = frozenset()
    """Ids of checks that its environment lets do more than read; of a running check its own."""
    steps: Mapping[str, StepRecord] = field(default_factory=dict)
    databases: Mapping[str, DatabaseAccess] = field(default_factory=dict)
    """Filled once they are reached; what needs no connection reads `migrations`."""
    migrations: Mapping[str, str] = field(default_factory=dict)
    """Alembic's configuration file of each database that has migrations, as configured."""
    attestations: Sequence[Attestation] = ()
    ticks: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """File and line of every ticked line of the checklist at the base, by the item's id."""
    roles: Mapping[str, Sequence[str]] = field(default_factory=dict)
    base_tree: Callable[[], Path | None] = lambda: None
    """Returns the tree of the base tip, read once; `None` on a laptop that has no base."""
    inside_container: bool = False
    """Whether the gate runs in the action's container, where host commands are refused."""
    scratch: str = ""
    """A folder for files of this check, removed afterwards."""
    sockets: Sockets = field(default_factory=_sockets)
    """Ports of the target that are spoken to without HTTP."""
    sinks: Sinks = field(default_factory=_sinks)
    """Where the target sends something to the gate."""
