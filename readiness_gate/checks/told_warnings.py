"""How many warnings a test runner tells of, read out of what it printed."""

import re

_LONGEST = 400
"""Characters of a line that may be pytest's last; no expression sees a longer one."""
_SUMMARY = re.compile(r"\b(?:passed|failed|skipped|errors?|no tests ran)\b.* in [0-9.]+s\b")
_COUNT = re.compile(r"([0-9]{1,9}) warnings?\b")
_BEGINS = re.compile(r"\[?warn(?:ing)?\b\]?[: \t]", re.IGNORECASE)


def told_warnings(output: str) -> int:
    """Return pytest's own count where its last line is there, else the lines that are warnings.

    Such a line begins with `warning` or `[WARN]`, or names a class (`DeprecationWarning: …`).
    """
    lines = output.splitlines()
    for line in reversed(lines):
        if len(line) <= _LONGEST and _SUMMARY.search(line):
            count = _COUNT.search(line)
            return int(count[1]) if count else 0
    return sum(1 for line in lines if _BEGINS.match(line.lstrip()) or "Warning: " in line)
