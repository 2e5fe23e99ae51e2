"""How many warnings a test runner tells of, read out of what it printed."""

import re

_SUMMARY = re.compile(
    r"^=*[ ]?(?P<counts>[^\n]{0,300}\b(?:passed|failed|skipped|errors?|no tests ran)\b[^\n]{0,300})"
    r" in [0-9.]+s\b",
    re.MULTILINE,
)
_COUNT = re.compile(r"([0-9]{1,9}) warnings?\b")
_LINE = re.compile(
    r"^[ \t]*(?:\[?warn(?:ing)?\b\]?[: \t].*|.*\b[A-Za-z]*Warning: .*)$",
    re.IGNORECASE | re.MULTILINE,
)


def told_warnings(output: str) -> int:
    """Return pytest's own count where its last line is there, else the lines that are warnings.

    Such a line begins with `warning` or `[WARN]`, or names a class (`DeprecationWarning: …`).
    """
    summaries = list(_SUMMARY.finditer(output))
    if summaries:
        count = _COUNT.search(summaries[-1]["counts"])
        return int(count[1]) if count else 0
    return sum(1 for _ in _LINE.finditer(output))
