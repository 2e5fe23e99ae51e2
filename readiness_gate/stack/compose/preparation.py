"""From compose files to a judged, isolated model, and where the gate stands beside it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from readiness_gate.doors.workspace import Workspace
from readiness_gate.errors import StackError
from readiness_gate.stack.base import NotAtTheBase
from readiness_gate.stack.compose.base import Engine
from readiness_gate.stack.compose.command_line import CommandLine
from readiness_gate.stack.compose.files import Refusal, compose_files, scan
from readiness_gate.stack.compose.host_path import linked_workspace
from readiness_gate.stack.compose.isolation import Isolated, isolate
from readiness_gate.stack.compose.limits import memory_for
from readiness_gate.stack.compose.model import ComposeModel
from readiness_gate.stack.compose.normalise import Source, normalise
from readiness_gate.stack.compose.own_container import OwnContainer, find_own_container, host_path
from readiness_gate.stack.compose.place import (
    LOOPBACK,
    machine_of,
    publishing_address,
    require_no_mounts,
)
from readiness_gate.stack.compose.policy import refusals
from readiness_gate.stack.compose.reach import Reach, find_reach
from readiness_gate.stack.owner import own_identity
from readiness_gate.stack.project import KEPT, Owner, labels
from readiness_gate.stack.ready import Readiness

_SHOWN_REFUSALS = 5


@dataclass(frozen=True)
class ComposeSettings:
    """What the section `stack` says to this driver."""

    files: Sequence[str] = ()
    profiles: Sequence[str] = ()
    env_file: str | None = None
    allow: frozenset[str] = frozenset()
    one_shot: Mapping[str, bool | None] = field(default_factory=dict)
    ready: Mapping[str, Readiness] = field(default_factory=dict)
    base_url: str | None = None
    way_back: bool = False
    """Whether an item waits for what the services send to the gate."""


@dataclass(frozen=True)
class Preparation:
    """What prepares: the same for the pull request's tree and for the base's."""

    settings: ComposeSettings
    project: str
    scratch: Path
    engine: Engine
    command_line: CommandLine
    deadline: datetime
    host: str
    keep: bool = False
    """The stack outlives the gate: no janitor takes it before its deadline."""

    def prepare(self, workspace: Workspace) -> "Prepared":
        """Read, judge and rewrite the model of a tree; starts nothing.

        Raises:
            StackError: there is no engine or no valid model, or the policy refuses it.
        """
        names = compose_files(workspace, self.settings.files)
        refuse(r for r in scan(workspace, names) if r.allow not in self.settings.allow)
        self.engine.version()
        own = find_own_container(self.engine)
        root = workspace.root
        known_as = root if own is None else linked_workspace(root, host_path(own, root))
        settings = self.settings
        source = Source(workspace, known_as, names, settings.profiles, settings.env_file)
        model = ComposeModel(normalise(self.command_line, source, self.scratch), settings.profiles)
        if not model.services:
            raise StackError(
                f"{', '.join(names)}: no service is enabled",
                advice="Name a profile under stack.profiles.",
            )
        reach = find_reach(self.engine, own, self.host)
        if machine_of(self.host) != LOOPBACK:
            require_no_mounts(model.data, self.host)
        prepared = Prepared(
            source, model, self._isolated(model, own, reach), reach, own, self._labels(own)
        )
        self.judge(prepared, model.services)
        return prepared

    def prepare_base(self, tree: Path, service: str) -> "Prepared":
        """Do the same for one service of the base tip's tree, which the engine never mounts.

        Raises:
            NotAtTheBase: its model has no such service.
            StackError: as `prepare`.
        """
        workspace = Workspace(tree)
        names = compose_files(workspace, self.settings.files)
        refuse(r for r in scan(workspace, names) if r.allow not in self.settings.allow)
        settings = self.settings
        source = Source(workspace, workspace.root, names, settings.profiles, settings.env_file)
        data = normalise(self.command_line, source, self.scratch)
        if service not in data["services"]:
            raise NotAtTheBase(f"service {service} is not in the base's compose files")
        name = f"{service}-base"
        services = {name: {**data["services"][service], "depends_on": {}}}
        model = ComposeModel({**data, "services": services}, ["*"])
        isolated = self._isolated(model, None, Reach.DIRECT)
        prepared = Prepared(source, model, isolated, Reach.DIRECT, None)
        self.judge(prepared, [name])
        return prepared

    def judge(self, prepared: "Prepared", services: Iterable[str]) -> None:
        """Apply the policy to services and to all that is declared beside them.

        Raises:
            StackError: naming the key path of what is refused.
        """
        data = prepared.model.data
        chosen = {name: data["services"][name] for name in services}
        refuse(
            refusals(
                {**data, "services": chosen},
                root=prepared.source.workspace.root,
                project_directory=prepared.source.directory,
                allow=self.settings.allow,
            )
        )

    def _labels(self, own: OwnContainer | None) -> Mapping[str, str]:
        owner = own_identity().owner if own is None else Owner("container", own.id)
        return labels(self.project, KEPT if self.keep else owner, self.deadline)

    def _isolated(self, model: ComposeModel, own: OwnContainer | None, reach: Reach) -> Isolated:
        return isolate(
            model.data,
            project=self.project,
            labels=self._labels(own),
            publish=reach is Reach.PUBLISHED,
            address=publishing_address(self.host),
            first=model.services,
            memory=memory_for(self.engine.machine()),
            way_back=self.settings.way_back and reach is not Reach.JOINED,
        )


@dataclass(frozen=True)
class Prepared:
    """A model that may run, and the way to reach it."""

    source: Source
    model: ComposeModel
    isolated: Isolated
    """All services, also those that are only run by name."""
    reach: Reach
    own: OwnContainer | None
    labels: Mapping[str, str] = field(default_factory=dict)
    """What everything of the project carries."""


def refuse(found: Iterable[Refusal]) -> None:
    """Raise where the policy found something, the first few in words and all in the log."""
    refused = [str(refusal) for refusal in found]
    if not refused:
        return
    more = len(refused) - _SHOWN_REFUSALS
    shown = "; ".join(refused[:_SHOWN_REFUSALS]) + (f"; and {more} more" if more > 0 else "")
    raise StackError(
        f"the compose policy refuses {shown}",
        advice="Change the compose file, or allow the name under stack.allow at the base.",
        log="\n".join(refused),
    )
