from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.load.pace import most_users, starts, users_at
from readiness_gate.load.plan import Stage

STAGES = st.lists(
    st.builds(Stage, st.floats(0.1, 5), st.integers(0, 40).map(float)), min_size=1, max_size=4
).map(tuple)


def test_a_constant_rate_starts_evenly() -> None:
    found = list(starts(4, (Stage(2.0, 4.0),)))
    assert found == pytest.approx([n / 4 for n in range(8)])


def test_a_rising_rate_starts_ever_faster() -> None:
    found = list(starts(0, (Stage(2.0, 10.0),)))
    gaps = [later - sooner for sooner, later in pairwise(found)]
    assert len(found) == 10
    assert gaps == sorted(gaps, reverse=True)


def test_a_falling_rate_starts_ever_slower() -> None:
    found = list(starts(10, (Stage(2.0, 0.0),)))
    assert len(found) == 10
    assert found[1] == pytest.approx(0.1, abs=0.01)
    assert found[-1] < 2.0


def test_a_second_stage_goes_on_where_the_first_ended() -> None:
    found = list(starts(10, (Stage(1.0, 10.0), Stage(1.0, 10.0))))
    assert found == pytest.approx([n / 10 for n in range(20)])


@given(st.integers(0, 40).map(float), STAGES)
def test_starts_ascend_and_are_as_many_as_the_rate_says(
    start: float, stages: tuple[Stage, ...]
) -> None:
    found = list(starts(start, stages))
    level, expected = start, 0.0
    for stage in stages:
        expected += (level + stage.target) / 2 * stage.duration
        level = stage.target
    assert abs(len(found) - expected) <= 1
    assert all(sooner <= later + 1e-9 for sooner, later in pairwise(found))
    assert all(0 <= one <= sum(stage.duration for stage in stages) + 1e-6 for one in found)


def test_users_go_up_and_down_and_are_none_at_the_end() -> None:
    stages = (Stage(2.0, 10.0), Stage(1.0, 10.0), Stage(2.0, 0.0))
    assert [users_at(0, stages, second) for second in (0, 1, 2.5, 4, 5)] == [0, 5, 10, 5, 0]
    assert most_users(0, stages) == 10
