"""What disrupts, on a real engine: it really happens, and `recover` puts it back."""

import re
import threading
import time
from collections.abc import Iterator, Sequence

import pytest

from readiness_gate.doors.exchange import TargetWeb
from readiness_gate.doors.web import NoAnswer
from readiness_gate.errors import StackError
from readiness_gate.stack.compose.disruption import ComposeDisruption
from readiness_gate.stack.compose.driver import ComposeStack
from readiness_gate.stack.disruption import Fault, Mount, MountKind
from readiness_gate.stack.urls import reachable
from tests.stack.compose.real import Opened, opener

pytestmark = [pytest.mark.docker, pytest.mark.slow]

TIMEOUT = 60.0


@pytest.fixture(scope="module")
def opened() -> Iterator[Opened]:
    with opener() as function:
        yield function


@pytest.fixture(scope="module")
def stack(opened: Opened) -> ComposeStack:
    stack = opened("disrupted")
    stack.build(TIMEOUT)
    stack.start(None, TIMEOUT)
    assert all(one.healthy for one in stack.wait(None, TIMEOUT, 0.2))
    return stack


@pytest.fixture
def operated(stack: ComposeStack) -> Iterator[ComposeDisruption]:
    """Give what disrupts a healthy stack, and hold it to putting back what a test did."""
    operations = stack.disruption()
    before = {service: len(operations.replicas(service)) for service in stack.services}
    assert before == {"api": 2, "store": 1}
    yield operations
    health = operations.recover(TIMEOUT, 0.2)
    assert all(one.healthy for one in health), health
    assert {service: len(operations.replicas(service)) for service in stack.services} == before


def status(stack: ComposeStack, path: str, timeout: float = 5.0) -> int:
    url = reachable(stack, f"http://api:8000{path}")
    return TargetWeb().request("GET", url, timeout=timeout).status


def test_a_stop_signal_and_the_same_container_again(
    stack: ComposeStack, operated: ComposeDisruption
) -> None:
    first, second = operated.replicas("api")
    process = operated.first_process(first)
    assert process.command[:2] == ("python3", "/srv/api.py")
    assert (process.signal, process.grace, process.has_init) == ("SIGTERM", 5.0, False)
    assert process.handles_signal is True
    operated.terminate(first)
    ended = operated.ended(first, 5.0)
    assert (ended.exit_code, ended.killed) == (0, False)
    assert ended.seconds < 3
    time.sleep(0.5)
    assert operated.replicas("api") == (second,), "restart: always answered to the stop signal"
    operated.start(first)
    assert operated.wait("api", TIMEOUT).healthy
    assert operated.replicas("api") == (first, second)


def test_one_that_does_not_listen_is_killed_after_its_grace(operated: ComposeDisruption) -> None:
    process = operated.first_process(operated.replicas("store")[0])
    assert (process.has_init, process.handles_signal) == (True, None)
    (replica,) = operated.replicas("store")
    operated.inflict(Fault.PAUSE, "store")
    operated.terminate(replica)
    ended = operated.ended(replica, 0.5)
    assert ended.seconds < 5


@pytest.mark.parametrize("fault", [Fault.PAUSE, Fault.STOP, Fault.DISCONNECT])
def test_a_fault_takes_the_dependency_away_and_heals(
    stack: ComposeStack, operated: ComposeDisruption, fault: Fault
) -> None:
    assert status(stack, "/ready") == 200
    lives = operated.lives("api")
    operated.inflict(fault, "store")
    assert status(stack, "/ready") == 503
    assert status(stack, "/live") == 200
    operated.heal("store")
    assert operated.wait("store", TIMEOUT).healthy
    assert status(stack, "/ready") == 200
    assert operated.lives("api") == lives


def test_latency_makes_answers_late_and_loses_none(
    stack: ComposeStack, operated: ComposeDisruption
) -> None:
    operated.inflict(Fault.LATENCY, "store", latency=0.4)
    seconds = []
    for _ in range(12):
        begun = time.monotonic()
        assert status(stack, "/ready") == 200
        seconds.append(time.monotonic() - begun)
    operated.heal("store")
    assert max(seconds) > 0.2
    assert max(seconds) < 0.8
    assert status(stack, "/ready") == 200


def test_one_more_replica_and_one_less(stack: ComposeStack, operated: ComposeDisruption) -> None:
    first, second = operated.replicas("api")
    third = operated.add("api", TIMEOUT)
    assert operated.wait("api", TIMEOUT).healthy
    assert set(operated.replicas("api")) == {first, second, third}
    address = operated.address(third, 8000)
    url = f"http://{address.host}:{address.port}/live"
    assert TargetWeb().request("GET", url, timeout=5.0).status == 200
    operated.terminate(first)
    operated.ended(first, 5.0)
    operated.remove(first)
    assert operated.replicas("api") == (second, third)


def unnamed_volumes(replicas: Sequence[str]) -> set[str]:
    import docker  # noqa: PLC0415

    client = docker.APIClient()
    mounts = [one for name in replicas for one in client.inspect_container(name)["Mounts"]]
    return {one["Name"] for one in mounts if re.fullmatch("[0-9a-f]{64}", one.get("Name", ""))}


def volumes() -> set[str]:
    import docker  # noqa: PLC0415

    return {one["Name"] for one in docker.APIClient().volumes()["Volumes"] or ()}


def test_mounts_and_what_survives(stack: ComposeStack, operated: ComposeDisruption) -> None:
    mounts = {mount.path: mount for mount in operated.mounts("api")}
    assert {path: mount.kind for path, mount in mounts.items()} == {
        "/anonymous": MountKind.ANONYMOUS,
        "/data": MountKind.NAMED,
        "/scratch": MountKind.MEMORY,
        "/served": MountKind.BIND,
    }
    assert mounts["/data"] == Mount(MountKind.NAMED, "/data", f"{stack.project}_data")
    for path in ("/data/marker", "/anonymous/marker", "/srv/marker"):
        operated.write("api", path, b"here")
    before = operated.replicas("api")
    unnamed = unnamed_volumes(before)
    assert unnamed

    operated.recreate("api", TIMEOUT)
    assert operated.wait("api", TIMEOUT).healthy
    assert len(operated.replicas("api")) == len(before)
    assert stack.copy_out("api", "/data/marker") == b"here"
    with pytest.raises(StackError):
        stack.copy_out("api", "/srv/marker")

    operated.down_and_up(TIMEOUT)
    assert all(one.healthy for one in stack.wait(None, TIMEOUT, 0.2))
    assert stack.copy_out("api", "/data/marker") == b"here"
    with pytest.raises(StackError):
        stack.copy_out("api", "/anonymous/marker")
    assert unnamed & volumes() == set()


def test_another_image_and_back(stack: ComposeStack, operated: ComposeDisruption) -> None:
    own = stack.image("api")
    other = f"{stack.project}-other"
    import docker  # noqa: PLC0415

    client = docker.APIClient()
    client.tag(own, other)
    try:
        operated.recreate("api", TIMEOUT, other)
        assert operated.wait("api", TIMEOUT).healthy
        images = {
            client.inspect_container(name)["Config"]["Image"] for name in operated.replicas("api")
        }
        assert images == {other}
        assert all(one.healthy for one in operated.recover(TIMEOUT, 0.2))
        images = {
            client.inspect_container(name)["Config"]["Image"] for name in operated.replicas("api")
        }
        assert images == {own}
    finally:
        client.remove_image(other)
        client.close()


def test_everything_at_once_is_put_back(stack: ComposeStack, operated: ComposeDisruption) -> None:
    first, _ = operated.replicas("api")
    operated.inflict(Fault.LATENCY, "store", latency=0.2)
    operated.add("api", TIMEOUT)
    operated.terminate(first)
    operated.ended(first, 5.0)
    operated.remove(first)
    operated.inflict(Fault.DISCONNECT, "api")
    with pytest.raises((StackError, NoAnswer)):
        status(stack, "/live", timeout=1.0)


def test_what_does_not_run_cannot_be_hurt(operated: ComposeDisruption) -> None:
    operated.inflict(Fault.STOP, "store")
    with pytest.raises(StackError, match="does not run"):
        operated.inflict(Fault.PAUSE, "store")


def test_a_frozen_stack_is_removed(opened: Opened) -> None:
    stack = opened("disrupted")
    stack.build(TIMEOUT)
    stack.start(None, TIMEOUT)
    assert all(one.healthy for one in stack.wait(None, TIMEOUT, 0.0))
    stack.disruption().inflict(Fault.PAUSE, "api")
    stack.disruption().inflict(Fault.LATENCY, "store", latency=0.5)
    assert not stack.tear_down(TIMEOUT)
    deadline = time.monotonic() + 5
    while any(t.name == "freezer" for t in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
