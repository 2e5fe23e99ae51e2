"""An engine that dies and comes back under the gate: a clear finding, and nothing is left."""

import gc
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from readiness_gate.errors import StackError
from readiness_gate.stack.base import Leftovers
from readiness_gate.stack.compose.driver import ComposeStack
from tests.stack.compose.own_engine import OwnEngine, own_engine, require_means
from tests.stack.compose.real import STACKS, compose_stack

pytestmark = [
    pytest.mark.docker,
    pytest.mark.slow,
    # The docker package forgets the socket of a kept connection that is refused later.
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
]

TIMEOUT = 60.0


@pytest.fixture(scope="module")
def engine() -> Iterator[OwnEngine]:
    require_means()
    with (
        tempfile.TemporaryDirectory(prefix="second-engine-") as folder,
        own_engine(Path(folder)) as started,
    ):
        started.load("redis:8")
        yield started


@pytest.fixture
def stack(engine: OwnEngine, tmp_path: Path) -> Iterator[ComposeStack]:
    opened = compose_stack(
        STACKS / "worker-without-health-check", tmp_path / "scratch", host=engine.host
    )
    opened.build(TIMEOUT)
    opened.start(None, TIMEOUT)
    yield opened
    if not engine.answers():
        engine.start()
    assert opened.tear_down(TIMEOUT) == Leftovers()
    del opened
    gc.collect()


def test_an_engine_that_dies_while_the_gate_waits_is_the_platform_s_fault(
    engine: OwnEngine, stack: ComposeStack
) -> None:
    killer = threading.Timer(1.0, engine.kill)
    killer.start()
    began = time.monotonic()
    with pytest.raises(StackError) as found:
        stack.wait(None, TIMEOUT, 30.0)
    killer.join()
    assert found.value.infrastructure
    assert "does not answer" in found.value.message
    assert time.monotonic() - began < 20.0


def test_an_engine_that_was_restarted_after_the_wait_is_told(
    engine: OwnEngine, stack: ComposeStack
) -> None:
    (found,) = stack.wait(None, TIMEOUT, 0.5)
    assert found.healthy
    assert stack.disturbance() == ""
    engine.kill(signal.SIGTERM)
    assert "does not answer" in stack.disturbance()
    engine.start()
    assert stack.disturbance().startswith("the container engine was restarted")
