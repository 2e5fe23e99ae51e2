"""Expressions of strangers."""

import pytest

from readiness_gate.expressions import compiled


@pytest.mark.parametrize("pattern", ["(", "(?=x)", r"(a)\1", "\ud800", "x{9999}"])
def test_what_is_no_re2_expression_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="no RE2 expression"):
        compiled(pattern)


def test_the_reason_is_a_text() -> None:
    with pytest.raises(ValueError, match=r"no RE2 expression: invalid perl operator: \(\?=$"):
        compiled("(?=x)")


def test_lines_have_ends_of_their_own_only_where_that_is_asked_for() -> None:
    assert compiled("^b$").search("a\nb\nc") is None
    assert compiled("^b$", by_line=True).search("a\nb\nc") is not None


def test_a_hostile_expression_is_linear() -> None:
    assert compiled("(a+)+$").search("a" * 200_000 + "!") is None
