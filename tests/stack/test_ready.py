import socket
from collections.abc import Callable

import pytest

from readiness_gate.doors.web import Answer, NoAnswer
from readiness_gate.errors import StackError
from readiness_gate.stack.base import Address
from readiness_gate.stack.ready import Readiness, ReadyProbe
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
) -> ReadyProbe:
    return ReadyProbe(
        readiness,
        web=web or OneAnswer(),
        clock=clock or FakeClock(),
        url=lambda target: f"http://web:8000{target}",
        address=lambda port: Address("127.0.0.1", port),
        log=log,
    )


@pytest.mark.parametrize(
    ("status", "says"),
    [(200, ""), (302, ""), (404, "answers 404"), (503, "answers 503"), (None, "refused")],
)
def test_http(status: int | None, says: str) -> None:
    reason = probe(Readiness(http="/health"), web=OneAnswer(status)).reason("a")
    assert says in reason
    assert bool(reason) is bool(says)


def test_tcp() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert probe(Readiness(tcp=port)).reason("a") == ""
    assert f"port {port}: Connection refused" in probe(Readiness(tcp=port)).reason("a")


def test_log() -> None:
    assert probe(Readiness(log="ready"), log=lambda: "now ready\n").reason("a") == ""
    assert "does not say 'ready'" in probe(Readiness(log="ready")).reason("a")


def test_all_that_is_given_must_hold() -> None:
    both = Readiness(http="/health", log="ready")
    assert "log" in probe(both).reason("a")
    assert "503" in probe(both, web=OneAnswer(503), log=lambda: "ready").reason("a")


def test_it_asks_at_most_four_times_a_second_and_not_again_once_it_held() -> None:
    clock, web = FakeClock(), OneAnswer(503)
    asked = probe(Readiness(http="/"), web=web, clock=clock)
    for _ in range(10):
        asked.reason("a")
        clock.sleep(0.1)
    assert web.asked <= 5
    web.status = 200
    clock.sleep(1.0)
    assert asked.reason("a") == ""
    before = web.asked
    clock.sleep(1.0)
    assert asked.reason("a") == ""
    assert web.asked == before


def test_a_restarted_container_is_asked_again() -> None:
    clock, web = FakeClock(), OneAnswer()
    asked = probe(Readiness(http="/"), web=web, clock=clock)
    assert asked.reason("first") == ""
    web.status = 503
    clock.sleep(1.0)
    assert "503" in asked.reason("second")


def test_an_address_that_is_not_known_yet_is_a_reason_to_wait() -> None:
    def gone() -> str:
        raise StackError("worker has no container")

    assert probe(Readiness(log="x"), log=gone).reason("a") == "worker has no container"
