"""The requests that go on while a check disturbs the stack."""

import threading

from readiness_gate.checks import steady_requests
from readiness_gate.checks.steady_requests import Place, SteadyRequests, Wish
from readiness_gate.doors.clock import SystemClock
from readiness_gate.doors.web import Answer, NoAnswer
from readiness_gate.errors import StackError
from tests.fakes.web import FakeWeb, Request, answer

HERE = Place("http://127.0.0.1:1/", "backend-1")


def source(
    web: FakeWeb, place: Place | StackError | None = HERE, clients: int = 1
) -> SteadyRequests:
    def chosen() -> Place | None:
        if isinstance(place, StackError):
            raise place
        return place

    wish = Wish(chosen, lambda given: "" if given.status == 200 else f"got {given.status}")
    return SteadyRequests(web, SystemClock(), wish, clients=clients, pause=0.001)


def test_answers_are_counted_with_their_times_and_places() -> None:
    with source(FakeWeb([answer(200), answer(503), answer(200)])) as requests:
        assert requests.wait_for(lambda sent: len(sent) >= 3, 5.0)
    first, second, third = requests.sent[:3]
    assert [one.status for one in (first, second, third)] == [200, 503, 200]
    assert [one.problem for one in (first, second, third)] == ["", "got 503", ""]
    assert first.begun <= first.ended <= second.begun <= second.ended
    assert {one.place for one in requests.sent} == {"backend-1"}
    assert len(requests.sent) == requests.begun


def test_no_answer_no_replica_and_no_service_are_lost_requests() -> None:
    for web, place, said in (
        (FakeWeb([NoAnswer("GET: ConnectionRefusedError: [Errno 111]")]), HERE, "refused"),
        (FakeWeb(), None, "no replica was there"),
        (FakeWeb(), StackError("service api is not running"), "not running"),
    ):
        with source(web, place) as requests:
            assert requests.wait_for(lambda sent: len(sent) >= 1, 5.0)
        assert said in requests.sent[0].problem
        assert requests.sent[0].status is None


def test_held_clients_begin_nothing_until_they_are_released() -> None:
    with source(FakeWeb([answer(200)]), clients=3) as requests:
        assert requests.wait_for(lambda sent: len(sent) >= 5, 5.0)
        moment = requests.hold()
        begun = requests.begun
        assert requests.wait_for(lambda sent: len(sent) == begun, 5.0)
        assert all(one.begun <= moment for one in requests.sent)
        requests.release()
        assert requests.wait_for(lambda sent: len(sent) > begun, 5.0)


def test_the_end_waits_for_what_is_under_way_and_ends_held_clients() -> None:
    asked, free = threading.Event(), threading.Event()

    def slow(_request: Request) -> Answer:
        asked.set()
        assert free.wait(5.0)
        return answer(200)

    requests = source(FakeWeb(responder=slow))
    with requests:
        assert asked.wait(5.0)
        assert requests.wait_until_busy(5.0, already=0.02)
        requests.hold()
        free.set()
    assert len(requests.sent) == 1
    assert not requests.wait_until_busy(0.001)


def test_a_source_is_bounded() -> None:
    most = steady_requests.MOST
    steady_requests.MOST = 4
    try:
        with source(FakeWeb([answer(200)]), clients=2) as requests:
            assert requests.wait_for(lambda sent: len(sent) >= 4, 5.0)
            assert requests.exhausted
            assert not requests.wait_for(lambda sent: len(sent) > 4, 0.02)
    finally:
        steady_requests.MOST = most
