"""Expressions that a configuration or a project wrote: RE2 alone, in linear time (S-15)."""

from typing import Any


def compiled(pattern: str, *, by_line: bool = False) -> Any:
    """Return the compiled expression; with `by_line`, `^` and `$` stand at every line's ends.

    Raises:
        ValueError: it is no RE2 expression.
    """
    import re2  # noqa: PLC0415 - most configurations need no expression

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(f"(?m){pattern}" if by_line else pattern, options)
    except (re2.error, UnicodeError) as error:
        # RE2 says why in bytes.
        why = next((one.decode() for one in error.args if isinstance(one, bytes)), error)
        raise ValueError(f"{pattern[:80]!r} is no RE2 expression: {why}") from None
