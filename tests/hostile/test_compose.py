"""Hostile compose files through compose itself and the policy: refused before anything starts."""

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from readiness_gate.doors.clock import SystemClock
from readiness_gate.doors.exchange import TargetWeb
from readiness_gate.doors.programs import HostPrograms
from readiness_gate.doors.workspace import Workspace
from readiness_gate.errors import StackError
from readiness_gate.stack.compose.command_line import DockerAccess
from readiness_gate.stack.compose.driver import ComposeStack
from readiness_gate.stack.compose.preparation import ComposeSettings
from tests.hostile.compose import SNIPPETS, Snippet
from tests.stack.compose.fake_engine import InMemoryEngine
from tests.stack.compose.real import HOME

pytestmark = pytest.mark.docker


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "outside/of/checkout"
    root.mkdir(parents=True)
    (root / "Dockerfile").write_text("FROM redis:8\n")
    (root / "link").symlink_to("/etc")
    (root / "x.json").write_text("{}")
    return root


def refusal(checkout: Path, text: str, *allow: str) -> StackError | None:
    """Return what stops a compose file before anything is built; `None` where nothing does."""
    (checkout / "docker-compose.yml").write_text(text)
    engine = InMemoryEngine()
    with tempfile.TemporaryDirectory() as scratch:
        stack = ComposeStack(
            ComposeSettings(allow=frozenset(allow)),
            project="rg-local-1-hostile",
            workspace=Workspace(checkout),
            scratch=Path(scratch),
            programs=HostPrograms(os.environ),
            clock=SystemClock(),
            web=TargetWeb(),
            access=DockerAccess(configuration=HOME / ".docker"),
            deadline=datetime.now(UTC),
            passed_on={},
            engine=engine,
        )
        try:
            stack.prepare()
        except StackError as error:
            return error
        finally:
            assert engine.calls == []
    return None


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda one: one.name)
def test_it_is_refused_with_its_key_path_and_the_name_that_allows_it(
    snippet: Snippet, checkout: Path
) -> None:
    found = refusal(checkout, snippet.text)
    assert found is not None
    assert not found.infrastructure
    if not snippet.allow:
        return
    assert f"{snippet.path}" in found.message
    assert f"(stack.allow: {snippet.allow})" in found.message
    allowed = refusal(checkout, snippet.text, snippet.allow)
    said = "" if allowed is None else allowed.message
    assert f"(stack.allow: {snippet.allow})" not in said


def test_there_are_enough() -> None:
    assert len(SNIPPETS) >= 40
    assert len({one.text for one in SNIPPETS}) == len(SNIPPETS)
