import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.load.histogram import Histogram

SECONDS = st.floats(min_value=0.000_001, max_value=3600, allow_nan=False)


def of(*seconds: float) -> Histogram:
    found = Histogram()
    for one in seconds:
        found.record(one)
    return found


def test_an_empty_one_knows_no_percentile_and_no_mean() -> None:
    assert Histogram().percentile(95) is None
    assert Histogram().mean is None


@given(st.lists(SECONDS, min_size=1, max_size=60), st.floats(0, 100))
def test_a_percentile_is_never_too_small_and_hardly_too_large(
    seconds: list[float], percent: float
) -> None:
    found = of(*seconds).percentile(percent)
    at = max(0, -(-percent * len(seconds) // 100) - 1)
    exact = sorted(seconds)[min(len(seconds) - 1, int(at))]
    assert found is not None
    assert exact - 0.000_001 <= found <= exact * 1.008 + 0.000_002


@given(st.lists(SECONDS, max_size=40), st.lists(SECONDS, max_size=40))
def test_two_together_are_as_one(first: list[float], second: list[float]) -> None:
    both = of(*first)
    both.add(of(*second))
    assert both.counts == of(*first, *second).counts
    assert both.percentile(95) == of(*first, *second).percentile(95)


@given(st.lists(SECONDS, max_size=40))
def test_what_is_written_is_read_again(seconds: list[float]) -> None:
    found = Histogram.of_data(of(*seconds).as_data())
    assert found.counts == of(*seconds).counts
    assert found.percentile(99) == of(*seconds).percentile(99)


def test_its_size_does_not_grow_with_what_is_recorded() -> None:
    dice = random.Random(6)
    found = Histogram()
    for _ in range(20_000):
        found.record(10 ** dice.uniform(-7, 6))
    assert found.count == 20_000
    assert len(found.counts) < 3_700


def test_what_takes_longer_than_the_last_bucket_is_counted_there() -> None:
    found = of(1e9)
    assert found.count == 1
    assert found.percentile(50) is not None


def test_it_tells_how_many_were_not_longer() -> None:
    found = of(0.001, 0.001, 0.3)
    assert (found.at_most(0.01), found.at_most(1)) == (2, 3)


@pytest.mark.parametrize(
    "data", [{}, {"counts": 3, "total": 0, "longest": 0}, {"counts": [["x", 1]], "total": 0}]
)
def test_what_is_no_histogram_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no histogram"):
        Histogram.of_data(data)
