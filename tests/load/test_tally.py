import pytest

from readiness_gate.load.tally import IN_VAIN, Counted, Tally


def counted(name: str = "a", **more: object) -> Counted:
    one = Counted(name, unexpected={429: 2, 500: 1}, expected=8, received=80)
    one.problem(IN_VAIN)
    for seconds in range(8):
        one.latency.record(seconds / 10)
    for key, value in more.items():
        setattr(one, key, value)
    return one


def test_refused_requests_are_neither_judged_nor_failed() -> None:
    one = counted()
    assert (one.requests, one.refused, one.judged, one.failed) == (12, 2, 10, 2)
    assert one.in_vain == 1


def test_the_whole_is_all_together() -> None:
    whole = Tally((counted(), counted("b"))).whole
    assert (whole.requests, whole.refused, whole.failed, whole.received) == (24, 4, 4, 160)
    assert whole.latency.count == 16


def test_problems_of_many_kinds_stay_bounded() -> None:
    one = Counted("a")
    for number in range(1000):
        one.problem(f"problem {number}")
    assert len(one.problems) == 21
    assert one.requests == 1000


def test_what_is_written_is_read_again() -> None:
    written = Tally((counted(), counted("b")), 2.0, 30, 4, processor=0.5, peak_memory=9)
    read = Tally.of_json(written.as_json())
    assert read.as_json() == written.as_json()
    assert read.whole.failed == written.whole.failed
    assert read.processor_share == 0.25


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"endpoints": [{}], "late": {}}', "null"])
def test_what_is_no_tally_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no tally|no histogram|Expecting value"):
        Tally.of_json(text)
