"""Opens whole stacks of `tests/stacks/` on a real engine, alone in this process."""

import os
import secrets
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from readiness_gate.doors.clock import SystemClock
from readiness_gate.doors.exchange import TargetWeb
from readiness_gate.doors.programs import HostPrograms
from readiness_gate.doors.workspace import Workspace
from readiness_gate.stack.base import Leftovers
from readiness_gate.stack.compose.command_line import DockerAccess
from readiness_gate.stack.compose.driver import ComposeStack
from readiness_gate.stack.compose.layer_cache import LayerCache
from readiness_gate.stack.compose.preparation import ComposeSettings

STACKS = Path(__file__).parents[2] / "stacks"
HOME = Path(os.environ.get("HOME", "/root"))

Opened = Callable[..., ComposeStack]


def unique_project() -> str:
    return f"rg-local-{os.getpid()}-{secrets.token_hex(4)}"


def compose_stack(
    root: Path,
    scratch: Path,
    *,
    project: str = "",
    host: str = "",
    configuration: Path = HOME / ".docker",
    passed_on: Mapping[str, str] | None = None,
    cache: LayerCache | None = None,
    **settings: Any,
) -> ComposeStack:
    return ComposeStack(
        ComposeSettings(**settings),
        project=project or unique_project(),
        workspace=Workspace(root),
        scratch=scratch,
        programs=HostPrograms(os.environ),
        clock=SystemClock(),
        web=TargetWeb(),
        access=DockerAccess(host, configuration=configuration),
        deadline=datetime.now(UTC) + timedelta(minutes=10),
        passed_on=passed_on or {},
        cache=cache,
    )


@contextmanager
def opener() -> Iterator[Opened]:
    """Give a function that opens stacks; at the end nothing of them may be left."""
    with ExitStack() as cleanup:

        def opened(name: str | Path, **settings: Any) -> ComposeStack:
            scratch = Path(cleanup.enter_context(tempfile.TemporaryDirectory()))
            stack = compose_stack(STACKS / name, scratch, **settings)
            cleanup.callback(_require_nothing_left, stack)
            return stack

        yield opened


def _require_nothing_left(stack: ComposeStack) -> None:
    assert stack.tear_down(60.0) == Leftovers()
