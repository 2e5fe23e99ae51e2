"""Quantities as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.units import Rate, duration, rate, size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("200ms", 0.2),
        ("5s", 5.0),
        ("3m", 180.0),
        ("1h", 3600.0),
        ("2d", 172_800.0),
        ("1.5s", 1.5),
        ("1h30m", 5400.0),
        ("5 s", 5.0),
        ("0s", 0.0),
    ],
)
def test_durations_are_seconds(text: str, seconds: float) -> None:
    assert duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text",
    ["", "5", "s", "-5s", "5S", "5 seconds", "1h 30m x", "5s\n", "\N{ARABIC-INDIC DIGIT FIVE}s"],
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        duration(text)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("0B", 0),
        ("500MB", 500_000_000),
        ("2GiB", 2_147_483_648),
        ("1.5KiB", 1536),
        ("1kB", 1000),
        ("1KB", 1000),
        ("1.001kB", 1001),
        ("1 TB", 10**12),
    ],
)
def test_sizes_are_bytes_decimal_and_binary(text: str, count: int) -> None:
    assert size(text) == count


@pytest.mark.parametrize("text", ["", "500", "5mb", "-1MB", "1MBx", "1e3MB", "MB"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="size"):
        size(text)


def test_rates_are_a_count_in_a_period() -> None:
    assert rate("1000/day") == Rate(1000, 86_400)
    assert rate("20 / minute") == Rate(20, 60)
    assert rate("5/s") == Rate(5, 1)


@pytest.mark.parametrize("text", ["", "5", "5/", "5/week", "/s", "-5/s", "5/s/s"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="rate"):
        rate(text)


@given(st.text())
def test_any_text_is_a_quantity_or_a_short_error(text: str) -> None:
    for read in (duration, size, rate):
        message = ""
        try:
            read(text)
        except ValueError as error:
            message = str(error)
        assert len(message) < 400
