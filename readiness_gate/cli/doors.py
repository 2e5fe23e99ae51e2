"""Builds the doors once, out of the settings, and hands them in (DESIGN 2, rule 4)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from readiness_gate.doors.clock import Clock, SystemClock
from readiness_gate.doors.git import Git, HostGit
from readiness_gate.doors.programs import HostPrograms, Programs
from readiness_gate.doors.settings import Settings
from readiness_gate.doors.sockets import Sockets, TargetSockets
from readiness_gate.doors.web import Web
from readiness_gate.doors.workspace import Workspace
from readiness_gate.errors import ConfigurationError, ForgeError
from readiness_gate.forge.base import Forge

if TYPE_CHECKING:
    from readiness_gate.forge.github import GitHubForge


@dataclass(frozen=True)
class Doors:
    """Every way out, built for one command."""

    clock: Clock
    programs: Programs
    web: Web
    sockets: Sockets
    workspace: Workspace
    git: Git
    end_programs: Callable[[], None]
    """Ends whatever a program is being waited for; for an interrupted run."""


def open_doors(settings: Settings) -> Doors:
    """Return the doors of this machine."""
    from readiness_gate.doors.exchange import TargetWeb  # noqa: PLC0415 - urllib3 loads slowly

    programs = HostPrograms(settings.variables)
    workspace = Workspace(settings.workspace)
    git = HostGit(programs, workspace.root)
    return Doors(
        SystemClock(),
        programs,
        TargetWeb(),
        TargetSockets(),
        workspace,
        git,
        programs.end_all,
    )


def open_forge(settings: Settings, clock: Clock) -> Forge | None:
    """Return GitHub: recorded, or live, or `None` on a laptop that has neither.

    Raises:
        ConfigurationError: the snapshot is unreadable.
        ForgeError: a token without a repository.
    """
    if settings.snapshot is not None:
        from readiness_gate.forge.recorded import load_snapshot  # noqa: PLC0415
        from readiness_gate.forge.snapshot import SnapshotForge  # noqa: PLC0415

        try:
            text = settings.snapshot.read_text("utf-8")
        except OSError as error:
            raise ConfigurationError(f"snapshot: {error.strerror}: {settings.snapshot}") from error
        return SnapshotForge(load_snapshot(text, name=str(settings.snapshot)))
    return open_live(settings, clock) if settings.token else None


def open_live(settings: Settings, clock: Clock) -> "GitHubForge":
    """Return GitHub itself.

    Raises:
        ForgeError: there is no token, or no repository.
    """
    if not settings.token:
        raise ForgeError("there is no GitHub to ask", advice="Set GITHUB_TOKEN.")
    if settings.repository is None:
        raise ForgeError("no repository", advice="Set GITHUB_REPOSITORY, or give --repository.")
    from readiness_gate.forge.github import GitHubForge  # noqa: PLC0415 - PyGithub loads slowly

    return GitHubForge(
        repository=settings.repository,
        token=settings.token,
        api_url=settings.api_url,
        graphql_url=settings.graphql_url,
        clock=clock,
    )
