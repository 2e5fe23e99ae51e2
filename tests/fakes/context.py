"""One line of set-up for the test of a check: `context(stack=FakeStack(), timeout=5)`."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from readiness_gate.checks.context import (
    CheckContext,
    DatabaseAccess,
    MergeFacts,
    OwnRun,
    StepRecord,
)
from readiness_gate.doors.clock import Clock
from readiness_gate.doors.git import Git
from readiness_gate.doors.programs import Programs
from readiness_gate.doors.sockets import Sockets, TargetSockets
from readiness_gate.doors.web import Web
from readiness_gate.doors.workspace import Workspace
from readiness_gate.forge.base import Facts
from readiness_gate.model.attestation import Attestation
from readiness_gate.stack.base import ServiceHealth, Stack
from tests.fakes.programs import FakePrograms
from tests.fakes.web import FakeWeb
from tests.forge.clock import FakeClock


def booted(*services: str) -> dict[str, StepRecord]:
    """Return the step records of a stack of the gate's own, up and healthy."""
    health = tuple(ServiceHealth(name, True, "healthy") for name in services or ("backend", "db"))
    return {
        name: StepRecord(name, True, f"{len(health)} services healthy", health=health)
        for name in ("stack", "settled")
    }


def context(
    *,
    workspace: Path | None = None,
    stack: Stack | None = None,
    web: Web | None = None,
    sockets: Sockets | None = None,
    programs: Programs | None = None,
    clock: Clock | None = None,
    git: Git | None = None,
    base_sha: str | None = None,
    head_sha: str | None = None,
    variables: Mapping[str, str] | None = None,
    merge: MergeFacts | None = None,
    github: Facts | None = None,
    own: OwnRun | None = None,
    policy_files: tuple[str, ...] = (),
    base_url: str | None = None,
    steps: Mapping[str, StepRecord] | None = None,
    databases: Mapping[str, DatabaseAccess] | None = None,
    attestations: Sequence[Attestation] = (),
    roles: Mapping[str, Sequence[str]] | None = None,
    base_tree: Callable[[], Path | None] = lambda: None,
    inside_container: bool = False,
    timeout: float = 10.0,
    scratch: str = "",
    item_id: str = "item",
    item_title: str = "Item",
) -> CheckContext:
    """Return a context; what is not given is a fake that knows nothing, or absent."""
    return CheckContext(
        item_id=item_id,
        item_title=item_title,
        home="acme/shop",
        workspace=Workspace(workspace or Path("/nonexistent/workspace")),
        clock=clock or FakeClock(),
        web=web or FakeWeb(),
        sockets=sockets or TargetSockets(),
        programs=programs or FakePrograms(),
        timeout=timeout,
        git=git,
        base_sha=base_sha,
        head_sha=head_sha,
        variables=variables or {},
        merge=merge,
        github=github,
        own=own or OwnRun(),
        policy_files=policy_files,
        stack=stack,
        base_url=base_url,
        steps=steps or {},
        databases=databases or {},
        attestations=attestations,
        roles=roles or {},
        base_tree=base_tree,
        inside_container=inside_container,
        scratch=scratch,
    )
