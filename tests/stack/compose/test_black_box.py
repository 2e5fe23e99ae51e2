import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from readiness_gate.errors import StackError
from readiness_gate.stack.compose.base import Inspection
from readiness_gate.stack.compose.black_box import BlackBox
from readiness_gate.stack.compose.watch import ComposeWatch
from tests.stack.compose.fake_engine import InMemoryEngine


def event(service: str, action: str, *, code: str = "", at: int = 5) -> Inspection:
    attributes = {"com.docker.compose.service": service, **({"exitCode": code} if code else {})}
    return {
        "Action": action,
        "Actor": {"ID": f"id of {service}", "Attributes": attributes},
        "timeNano": at * 10**9,
    }


class Telling(InMemoryEngine):
    """Tells its events at the first call, and holds the line until it is shut."""

    def __init__(self, *streams: Sequence[Inspection], broken: bool = False) -> None:
        super().__init__()
        self.streams = list(streams)
        self.broken = broken
        self.since: list[float] = []
        self.told = threading.Event()
        self.shut = threading.Event()

    def follow(
        self, labels: Sequence[str], since: float, hear: Callable[[Inspection | None], bool]
    ) -> None:
        self.since.append(since)
        hear(None)
        for one in self.streams.pop(0) if self.streams else ():
            hear(one)
        self.told.set()
        if self.broken:
            raise StackError("connection reset", infrastructure=True)
        self.shut.wait(10.0)

    def stop_following(self) -> None:
        self.shut.set()


@pytest.fixture
def listening() -> Iterator[Callable[[Telling], BlackBox]]:
    boxes: list[BlackBox] = []

    def function(engine: Telling) -> BlackBox:
        box = BlackBox(engine, "rg-1")
        boxes.append(box)
        box.open()
        assert engine.told.wait(5.0)
        return box

    yield function
    for box in boxes:
        box.close()


def test_it_keeps_the_last_exit_and_every_memory_kill(listening: Any) -> None:
    box = listening(
        Telling(
            [event("api", "oom"), event("api", "die", code="137"), event("job", "die", code="0")]
        )
    )
    assert box.exits() == {"api": (137, True), "job": (0, False)}


def test_a_signal_is_no_exit(listening: Any) -> None:
    assert listening(Telling([event("api", "kill"), event("api", "stop")])).exits() == {}


def test_a_change_ends_the_pause_at_once_and_is_told_once(listening: Any) -> None:
    box = listening(Telling([event("api", "start")]))
    began = time.monotonic()
    box.pause(5.0)
    assert time.monotonic() - began < 1.0
    assert box.changed() == {"id of api"}
    assert box.changed() == frozenset()


def test_a_stream_that_broke_is_opened_again_from_where_it_ended() -> None:
    later = int(time.time()) + 100
    engine = Telling([event("api", "start", at=later)], broken=True)
    box = BlackBox(engine, "rg-1")
    box.open()
    assert engine.told.wait(5.0)
    end = time.monotonic() + 5.0
    while len(engine.since) < 2 and time.monotonic() < end:
        box.pause(0.05)
        box.changed()
        time.sleep(0.02)
    engine.broken = False
    box.close()
    assert engine.since[1] == later


def test_it_can_be_closed_before_it_was_opened() -> None:
    BlackBox(InMemoryEngine(), "rg-1").close()


def container(engine: InMemoryEngine, name: str, **state: Any) -> None:
    labels = {
        "com.docker.compose.project": "rg-1",
        "com.docker.compose.oneoff": "False",
        "com.docker.compose.service": "api",
        "com.docker.compose.container-number": "1",
    }
    engine.add(
        "containers",
        name,
        labels,
        Config={"Labels": labels},
        State={"Status": "running", **state},
        Status="Up 2 seconds (health: starting)",
    )


def test_a_container_is_asked_again_only_when_something_was_heard_of_it() -> None:
    class Counting(Telling):
        asked = 0

        def container(self, name: str) -> Inspection:
            self.asked += 1
            return super().container(name)

    engine = Counting()
    container(engine, "one")
    watch = ComposeWatch(engine, "rg-1")
    watch.replicas()
    assert engine.told.wait(5.0)
    watch.replicas()
    before = engine.asked
    watch.replicas()
    assert engine.asked == before
    engine.all_containers["one"]["Status"] = "Up 3 seconds (healthy)"
    watch.replicas()
    assert engine.asked == before + 1
    watch.finish()


def test_a_container_that_is_being_started_is_not_asked_until_it_is() -> None:
    class Slow(Telling):
        asked = 0
        begun = threading.Event()

        def container(self, name: str) -> Inspection:
            self.asked += 1
            return super().container(name)

        def start(self, container: str) -> None:
            self.begun.wait(10.0)
            self.all_containers[container]["State"] = {"Status": "running"}

    engine = Slow()
    container(engine, "one", Status="created")
    watch = ComposeWatch(engine, "rg-1")
    (replica,) = watch.replicas()["api"]
    watch.start(replica)
    before = engine.asked
    assert watch.replicas()["api"][0].status == "created"
    assert engine.asked == before
    engine.begun.set()
    end = time.monotonic() + 5.0
    while watch.replicas()["api"][0].status != "running" and time.monotonic() < end:
        watch.pause(0.02)
    assert engine.asked == before + 1
    watch.finish()
