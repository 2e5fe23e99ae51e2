import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.matchers.threshold import Unit, threshold


@pytest.mark.parametrize(
    ("text", "unit", "actual"),
    [
        ("<200ms", Unit.DURATION, 0.199),
        ("<= 1h30m", Unit.DURATION, 5400.0),
        (">80%", Unit.PERCENT, 80.1),
        (">=80 %", Unit.PERCENT, 80.0),
        ("<500MB", Unit.SIZE, 499_999_999),
        ("== 0", Unit.NUMBER, 0),
        ("!=0", Unit.NUMBER, 1),
        ("===3", Unit.NUMBER, 3),
    ],
)
def test_a_number_within_the_limit(text: str, unit: Unit, actual: float) -> None:
    assert threshold(text, unit).explain(actual) is None


@pytest.mark.parametrize(
    ("text", "unit", "actual", "says"),
    [
        ("<200ms", Unit.DURATION, 0.2, "expected <200ms, got 200 ms"),
        ("<20s", Unit.DURATION, 61.25, "expected <20s, got 61.2 s"),
        (">80%", Unit.PERCENT, 80.0, "expected >80%, got 80.0 %"),
        ("<1kB", Unit.SIZE, 1000, "expected <1kB, got 1000 bytes"),
        ("<5", Unit.NUMBER, 5, "expected <5, got 5"),
        ("<5", Unit.NUMBER, None, "expected <5, got nothing"),
        ("!=5", Unit.NUMBER, math.nan, "expected !=5, got nothing"),
    ],
)
def test_a_number_beyond_it(text: str, unit: Unit, actual: float | None, says: str) -> None:
    assert threshold(text, unit).explain(actual) == says


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("200ms", Unit.DURATION),
        ("<200", Unit.DURATION),
        ("<", Unit.DURATION),
        ("", Unit.NUMBER),
        (">80", Unit.PERCENT),
        ("<200ms", Unit.NUMBER),
        ("<>5", Unit.NUMBER),
        ("<nan", Unit.NUMBER),
    ],
)
def test_what_is_no_comparison_of_the_unit_is_refused(text: str, unit: Unit) -> None:
    with pytest.raises(ValueError, match=r"is not? "):
        threshold(text, unit)


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_below_and_not_below_share_every_number(limit: int, actual: int) -> None:
    below = threshold(f"<{limit}", Unit.NUMBER).explain(actual) is None
    not_below = threshold(f">={limit}", Unit.NUMBER).explain(actual) is None
    assert below != not_below


@given(st.text(max_size=20))
def test_any_text_is_a_threshold_or_refused(text: str) -> None:
    for unit in Unit:
        try:
            limit = threshold(text, unit)
        except ValueError:
            continue
        assert limit.explain(None) is not None
