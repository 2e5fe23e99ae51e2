"""One compose project of the gate: its model, and where its containers are found.

What lifecycle, commands, addresses and readings of the driver share; each of them is a module
beside this one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from readiness_gate.doors.clock import Clock
from readiness_gate.doors.workspace import Workspace
from readiness_gate.errors import StackError
from readiness_gate.stack.compose.base import COMPOSE_PROJECT, Engine, Inspection, NotThere
from readiness_gate.stack.compose.command_line import CommandLine
from readiness_gate.stack.compose.images import write_model
from readiness_gate.stack.compose.layer_cache import LayerCache
from readiness_gate.stack.compose.model import Service
from readiness_gate.stack.compose.preparation import ComposeSettings, Preparation, Prepared
from readiness_gate.stack.compose.watch import ComposeWatch
from readiness_gate.stack.progress import Tell


@dataclass
class ComposeProject:
    """What every part of the driver asks: the prepared model, services, containers."""

    name: str
    settings: ComposeSettings
    workspace: Workspace
    scratch: Path
    host: str
    clock: Clock
    engine: Engine
    command_line: CommandLine
    preparation: Preparation
    watch: ComposeWatch
    cache: LayerCache | None = None
    """Where the runner keeps layers."""
    tell: Tell | None = None
    """Hears what is waited for."""
    touched: bool = False
    """Whether anything may be on the engine; nobody's engine need answer before."""
    found: Prepared | None = field(default=None, init=False)
    preparing: Lock = field(default_factory=Lock, init=False, repr=False)
    """Held by who prepares: checks of the platform ask side by side, before the step does."""

    def touch(self) -> None:
        """Leave a mark on the engine before anything else of this project is on it.

        A gate that is killed while it builds leaves images alone, and those carry no owner: their
        labels would make another image of the same layers. The mark tells a janitor whose they
        are; the teardown removes it with the project's volumes.
        """
        if not self.touched:
            self.touched = True
            labels = {**self.prepared().labels, COMPOSE_PROJECT: self.name}
            self.engine.create_volume(f"{self.name}_owner", labels)

    @property
    def model(self) -> Path:
        """Return the file that is built and started."""
        return self.scratch / "model.json"

    def prepared(self) -> Prepared:
        """Read, judge and rewrite the model at the first call.

        Raises:
            StackError: there is no engine or no valid model, or the policy refuses it.
        """
        with self.preparing:
            if self.found is None:
                prepared = self.preparation.prepare(self.workspace)
                write_model(prepared.isolated.only(prepared.model.services).data, self.model)
                self.found = prepared
            return self.found

    def service(self, name: str) -> Service:
        """Return a service, also one that no profile enables.

        Raises:
            StackError: there is no such service.
        """
        services = self.prepared().model.all_services
        if name not in services:
            raise StackError(
                f"no service {name!r} in the compose files: there are {', '.join(services)}",
                advice="Correct the name in the configuration, or in the compose files.",
            )
        return services[name]

    def named(self, services: Sequence[str] | None) -> tuple[str, ...]:
        """Return the names as they are, or of all enabled services for `None`.

        Raises:
            StackError: one of them is not enabled.
        """
        enabled = self.prepared().model.services
        if services is None:
            return tuple(enabled)
        unknown = [service for service in services if service not in enabled]
        if unknown:
            raise StackError(
                f"no service {unknown[0]!r} is enabled: there are {', '.join(enabled)}",
                advice="Correct the name in the configuration, or enable it by stack.profiles.",
            )
        return tuple(services)

    def containers(self, service: str) -> list[Inspection]:
        """Return the inspections of a service's containers by number, ended ones too."""
        self.service(service)
        return self.watch.inspections(service)

    def running(self, service: str) -> str:
        """Return the id of the first running container of a service.

        Raises:
            NotThere: none runs.
        """
        for inspection in self.containers(service):
            if (inspection.get("State") or {}).get("Status") == "running":
                return str(inspection["Id"])
        raise NotThere(f"service {service} is not running")
