import threading

import pytest

from readiness_gate.checks.at_once import at_once


def test_all_are_under_way_together_and_come_back_in_order() -> None:
    together = threading.Barrier(5, timeout=5)

    def work(number: int) -> int:
        together.wait()
        return number * 2

    assert at_once(work, 5) == [0, 2, 4, 6, 8]


def test_what_goes_wrong_in_one_is_raised_after_all_have_ended() -> None:
    ended: list[int] = []

    def work(number: int) -> None:
        if number == 1:
            raise ValueError("wrong")
        ended.append(number)

    with pytest.raises(ValueError, match="wrong"):
        at_once(work, 3)
    assert sorted(ended) == [0, 2]
