"""What the whole-stack tests share: the action's files, exported once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import act_run, runner
from tests.e2e.leftovers import docker


@pytest.fixture(scope="session")
def action(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give the action of this checkout to the local runner, and remove what it built."""
    yield act_run.export_action(tmp_path_factory.mktemp("action") / "readiness-gate")
    act_run.remove_action_image()


@pytest.fixture(scope="session")
def image(action: Path) -> Iterator[str]:
    """Build the action's image, and remove it in the end."""
    yield runner.build_image(action)
    docker("image", "rm", "--force", runner.IMAGE)
