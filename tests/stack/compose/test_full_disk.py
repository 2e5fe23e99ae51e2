"""An engine whose disk is full, really full: the platform's fault, and nothing is left behind."""

import gc
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from readiness_gate.errors import StackError
from readiness_gate.stack.base import Leftovers
from readiness_gate.stack.compose.driver import ComposeStack
from tests.stack.compose.own_engine import OwnEngine, own_engine, require_means
from tests.stack.compose.real import compose_stack

pytestmark = [
    pytest.mark.docker,
    pytest.mark.slow,
    # The docker package forgets the socket of a kept connection that is refused later.
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
]

TIMEOUT = 120.0
IMAGE = "debian:trixie-slim"
ROOM = 300 * 1024 * 1024
COMPOSE = """services:
  api:
    build: {context: ., network: none}
    network_mode: none
    command: [sleep, infinity]
    stop_grace_period: 1s
"""
SMALL = f"FROM {IMAGE}\nRUN head -c 1000 /dev/zero > /a\n"
LARGE = f"FROM {IMAGE}\nRUN head -c {ROOM} /dev/zero > /a\n"
COPIED = f"FROM {IMAGE}\nCOPY large /large\n"


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Put the engine's storage on a file system of its own with little room."""
    data = folder / "data"
    data.mkdir()
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "small-disk", str(data)], check=True
    )
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(data)], check=False, capture_output=True)


@pytest.fixture(scope="module")
def engine() -> Iterator[OwnEngine]:
    require_means()
    with tempfile.TemporaryDirectory(prefix="small-engine-") as name:
        folder = Path(name)
        with small_disk(folder), own_engine(folder) as started:
            started.load(IMAGE)
            yield started


@contextmanager
def filled(engine: OwnEngine) -> Iterator[None]:
    """Leave no byte, as a machine that stays for long comes to."""
    filler = engine.folder / "data" / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * 65536):
                pass
        except OSError:
            pass
    try:
        yield
    finally:
        filler.unlink()


@pytest.fixture(scope="module")
def room(engine: OwnEngine) -> int:
    """Return the bytes that are free before anything was built."""
    return shutil.disk_usage(engine.folder / "data").free


@pytest.fixture
def stack(engine: OwnEngine, room: int, tmp_path: Path) -> Iterator[ComposeStack]:
    # What a build that failed has written goes the better part of a minute after its end.
    end = time.monotonic() + 150
    while shutil.disk_usage(engine.folder / "data").free < room * 0.9 and time.monotonic() < end:
        engine.docker("builder", "prune", "--all", "--force")
        time.sleep(0.5)
    root = tmp_path / "project"
    root.mkdir()
    (root / "docker-compose.yml").write_text(COMPOSE)
    (root / "Dockerfile").write_text(SMALL)
    # That engine has no network of its own, which the steps of a build would take.
    allowed = frozenset({"build-network", "network-mode"})
    opened = compose_stack(root, tmp_path / "scratch", host=engine.host, allow=allowed)
    yield opened
    assert opened.tear_down(TIMEOUT) == Leftovers()
    del opened
    gc.collect()


def test_there_is_room_enough_for_what_these_tests_compare_with(stack: ComposeStack) -> None:
    (built,) = stack.build(TIMEOUT)
    assert built.built
    stack.start(None, TIMEOUT)
    (found,) = stack.wait(None, TIMEOUT, 0.5)
    assert found.healthy


def test_the_room_that_is_left_is_told_before_anything_is_built(
    engine: OwnEngine, stack: ComposeStack
) -> None:
    before = stack.platform().disk_free
    assert before is not None
    assert before < ROOM
    with filled(engine):
        assert stack.platform().disk_free == 0


def test_a_step_of_a_dockerfile_that_fills_the_disk(stack: ComposeStack, tmp_path: Path) -> None:
    (tmp_path / "project" / "Dockerfile").write_text(LARGE)
    with pytest.raises(StackError) as found:
        stack.build(TIMEOUT)
    assert found.value.infrastructure, found.value.log
    assert found.value.message.startswith("building api: Dockerfile line 2")
    assert found.value.message.endswith("found the disk full")


def test_files_that_do_not_fit_into_the_image(stack: ComposeStack, tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "Dockerfile").write_text(COPIED)
    with (project / "large").open("wb") as file:
        file.truncate(ROOM)
    with pytest.raises(StackError) as found:
        stack.build(TIMEOUT)
    assert found.value.infrastructure, found.value.log
    assert found.value.message == "building api: the disk of the engine is full"


def test_containers_that_cannot_be_made(engine: OwnEngine, stack: ComposeStack) -> None:
    stack.build(TIMEOUT)
    with filled(engine), pytest.raises(StackError) as found:
        stack.start(None, TIMEOUT)
    assert found.value.infrastructure, found.value.log
    assert "full" in found.value.message or "no space left" in found.value.message
