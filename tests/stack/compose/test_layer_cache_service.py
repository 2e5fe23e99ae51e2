"""Layers go to the runner's cache and come back from it: a real engine, BuildKit's own client."""

import gc
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from readiness_gate.stack.base import Leftovers
from readiness_gate.stack.compose.driver import ComposeStack
from readiness_gate.stack.compose.layer_cache import LayerCache
from tests.stack.compose.layer_cache_service import BASE, token
from tests.stack.compose.own_engine import NewerEngine, own_engine, require_means
from tests.stack.compose.real import compose_stack

pytestmark = [
    pytest.mark.docker,
    pytest.mark.slow,
    pytest.mark.timeout(600),
    # The docker package forgets the socket of a kept connection that is refused later.
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
]

TIMEOUT = 180.0
IMAGE = "debian:trixie-slim"
COMPOSE = "services: {api: {build: {context: ., network: none}, network_mode: none}}\n"
RANDOM = f"FROM {IMAGE}\nRUN head -c 30 /dev/urandom | base64 > /random\n"


@dataclass(frozen=True)
class Bench:
    """An engine, and the cache service in its network."""

    engine: NewerEngine
    folder: Path
    address: str

    @property
    def requests(self) -> list[str]:
        log = self.folder / "requests.log"
        return log.read_text().splitlines() if log.exists() else []

    def content(self, image: str) -> str:
        done = self.engine.docker("run", "--rm", "--network=none", image, "cat", "/random")
        return done.stdout.decode().strip()


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    require_means()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="newer-engine-") as name:
        folder = Path(name)
        kept = folder / "kept"
        kept.mkdir()
        service = [
            sys.executable,
            "-m",
            "tests.stack.compose.layer_cache_service",
            str(port),
            str(kept),
        ]
        engine = NewerEngine(folder, service)
        engine.unpack()
        with own_engine(folder, engine):
            engine.load(IMAGE)
            yield Bench(engine, kept, f"http://127.0.0.1:{port}/")


def opened(bench: Bench, folder: Path, cache: LayerCache | None) -> ComposeStack:
    root = folder / "project"
    root.mkdir(exist_ok=True)
    (root / "docker-compose.yml").write_text(COMPOSE)
    (root / "Dockerfile").write_text(RANDOM)
    allowed = frozenset({"build-network", "network-mode"})
    return compose_stack(
        root, folder / "scratch", host=bench.engine.host, allow=allowed, cache=cache
    )


def built(bench: Bench, folder: Path, cache: LayerCache | None) -> str:
    """Return what the step of the Dockerfile wrote, on a machine that has built nothing before."""
    bench.engine.docker("builder", "prune", "--all", "--force")
    stack = opened(bench, folder, cache)
    try:
        (image,) = stack.build(TIMEOUT)
        return bench.content(image.name)
    finally:
        assert stack.tear_down(TIMEOUT) == Leftovers()
        shutil.rmtree(folder / "scratch")
        del stack
        gc.collect()


def test_a_step_that_another_machine_did_is_not_done_again(bench: Bench, tmp_path: Path) -> None:
    cache = LayerCache(bench.address, token())
    first = built(bench, tmp_path, cache)
    sent = bench.requests
    assert any(line.startswith(f"POST {BASE}/caches 201") for line in sent), sent
    assert any(line.startswith("PATCH ") for line in sent), sent
    assert all(line.endswith(" True") for line in sent if BASE in line), sent
    assert built(bench, tmp_path, cache) == first
    assert any(line.startswith("GET /blobs/") for line in bench.requests[len(sent) :])
    # The layer came from the cache, and not from what the engine still had.
    assert built(bench, tmp_path, None) != first


def test_a_cache_that_is_away_or_only_read_fails_no_build(bench: Bench, tmp_path: Path) -> None:
    reads = LayerCache(bench.address, token(permission=1))
    before = len(bench.requests)
    assert built(bench, tmp_path, reads)
    asked = bench.requests[before:]
    assert f"POST {BASE}/caches 403 True" in asked
    assert not [one for one in asked if one.startswith("PATCH ")]
    assert built(bench, tmp_path, LayerCache("http://127.0.0.1:9/", token()))
