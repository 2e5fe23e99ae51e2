import socket
from collections.abc import Callable, Mapping, Sequence

import pytest

from readiness_gate.doors.programs import Completed
from readiness_gate.doors.web import Answer, NoAnswer
from readiness_gate.errors import StackError
from readiness_gate.stack.base import Address
from readiness_gate.stack.ready import Readiness, ReadyProbe, Ways
from readiness_gate.stack.replica import Replica
from tests.fakes.stack import completed
from tests.stack.fakes import FakeClock


class OneAnswer:
    """A target that always gives the same status, or none."""

    def __init__(self, status: int | None = 200) -> None:
        self.status = status
        self.asked = 0

    def request(self, method: str, url: str, **_: object) -> Answer:
        self.asked += 1
        if self.status is None:
            raise NoAnswer("connection refused")
        return Answer(method, url, self.status, (), b"", 0.01)


def probe(
    readiness: Readiness,
    *,
    web: OneAnswer | None = None,
    clock: FakeClock | None = None,
    log: Callable[[], str] = lambda: "",
    logs: Mapping[str, str] | None = None,
    run: Callable[[Sequence[str], float], Completed] = lambda *_: completed(),
) -> ReadyProbe:
    return ReadyProbe(
        readiness,
        web=web or OneAnswer(),
        clock=clock or FakeClock(),
        ways=lambda replica, _of: Ways(
            url=lambda target: f"http://web:8000{target}",
            address=lambda port: Address("127.0.0.1", port),
            log=(lambda: logs[replica.id]) if logs else log,
            run=run,
        ),
    )


def replicas(*ids: str) -> list[Replica]:
    return [Replica(id=one, name=one, service="web", number=n) for n, one in enumerate(ids, 1)]


A = replicas("a")


@pytest.mark.parametrize(
    ("status", "says"),
    [(200, ""), (302, ""), (404, "answers 404"), (503, "answers 503"), (None, "refused")],
)
def test_http(status: int | None, says: str) -> None:
    reason = probe(Readiness(http="/health"), web=OneAnswer(status)).reason(A)
    assert says in reason
    assert bool(reason) is bool(says)


def test_tcp() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert probe(Readiness(tcp=port)).reason(A) == ""
    assert f"port {port}: Connection refused" in probe(Readiness(tcp=port)).reason(A)


def test_log() -> None:
    assert probe(Readiness(log="ready"), log=lambda: "now ready\n").reason(A) == ""
    assert "does not say 'ready'" in probe(Readiness(log="ready")).reason(A)


def test_all_that_is_given_must_hold() -> None:
    both = Readiness(http="/health", log="ready")
    assert "log" in probe(both).reason(A)
    assert "503" in probe(both, web=OneAnswer(503), log=lambda: "ready").reason(A)


def test_it_asks_at_most_four_times_a_second_and_not_again_once_it_held() -> None:
    clock, web = FakeClock(), OneAnswer(503)
    asked = probe(Readiness(http="/"), web=web, clock=clock)
    for _ in range(10):
        asked.reason(A)
        clock.sleep(0.1)
    assert web.asked <= 5
    web.status = 200
    clock.sleep(1.0)
    assert asked.reason(A) == ""
    before = web.asked
    clock.sleep(1.0)
    assert asked.reason(A) == ""
    assert web.asked == before


def test_a_restarted_container_is_asked_again() -> None:
    clock, web = FakeClock(), OneAnswer()
    asked = probe(Readiness(http="/"), web=web, clock=clock)
    assert asked.reason(replicas("first")) == ""
    web.status = 503
    clock.sleep(1.0)
    assert "503" in asked.reason(replicas("second"))


def test_an_address_that_is_not_known_yet_is_a_reason_to_wait() -> None:
    def gone() -> str:
        raise StackError("worker has no container")

    assert probe(Readiness(log="x"), log=gone).reason(A) == "worker has no container"


@pytest.mark.parametrize(
    ("done", "says"),
    [
        (completed(), ""),
        (
            completed(3, stderr="no\nroute"),
            "not ready: pg_isready -q ends with exit code 3: no route",
        ),
        (completed(1), "not ready: pg_isready -q ends with exit code 1"),
        (completed(None), "not ready: pg_isready -q did not end within 5 s"),
    ],
)
def test_command(done: Completed, says: str) -> None:
    asked = probe(Readiness(command=["pg_isready", "-q"]), run=lambda *_: done)
    assert asked.reason(A) == says


def test_every_replica_has_to_be_ready() -> None:
    clock, logs = FakeClock(), {"a": "ready", "b": "not yet"}
    asked = probe(Readiness(log="ready"), clock=clock, logs=logs)
    both = replicas("a", "b")
    assert asked.reason(both) == "replica 2 of 2: not ready: its log does not say 'ready'"
    logs["b"] = "ready"
    clock.sleep(1.0)
    assert asked.reason(both) == ""
