import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.checks.api_patterns import matches


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("GET /orders", "GET /orders", True),
        ("GET /orders", "GET /orders/1", False),
        ("GET /orders*", "GET /orders/1", True),
        ("* /orders", "POST /orders", True),
        ("* /a/*/b", "GET /a/x/b", True),
        ("* /a/*/b", "GET /a/b", False),
        ("GET *ab", "GET /ab", True),
        ("GET /a*a", "GET /a", False),
    ],
)
def test_a_star_stands_for_any_text(pattern: str, name: str, fits: bool) -> None:
    assert matches(name, [pattern]) is fits


@given(st.lists(st.text("ab/"), min_size=1, max_size=5))
def test_what_stands_between_stars_is_found_in_order(parts: list[str]) -> None:
    assert matches("".join(parts), ["*".join(parts)])
    assert matches("x".join(parts), ["*".join(parts)])
