from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.load.plan import Plan, Request, Stage


def plan(*weights: int) -> Plan:
    return Plan(
        "constant-vus",
        tuple(
            Request(f"r{n}", "GET", f"http://127.0.0.1/{n}", weight)
            for n, weight in enumerate(weights)
        ),
        5,
        (Stage(10, 5),),
    )


def test_what_is_written_is_read_again() -> None:
    request = Request(
        "a", "POST", "http://h/%C3%A4", 3, {"X": "1"}, b"\x00\xff", frozenset({201, 429})
    )
    written = Plan(
        "ramping-arrival-rate",
        (request,),
        0,
        (Stage(1, 5), Stage(2, 0)),
        warm_up=1,
        verify=False,
        identities=({"Authorization": "Bearer x"},),
    )
    assert Plan.of_json(written.as_json()) == written


def test_weights_are_spread_evenly() -> None:
    assert plan(5, 1, 1).order() == (0, 0, 1, 0, 2, 0, 0)


def test_equal_weights_take_turns_however_large_they_are() -> None:
    assert plan(500, 500).order() == (0, 1)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=6))
def test_each_comes_as_often_as_its_weight(weights: list[int]) -> None:
    order = plan(*weights).order()
    times = sum(weights) // len(order)
    assert [order.count(n) * times for n in range(len(weights))] == weights


def test_it_knows_how_long_it_may_take() -> None:
    one = plan(1)
    assert (one.duration, one.longest, one.is_open) == (10, 20, False)
