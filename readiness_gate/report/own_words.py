"""Sentences of the catalogue itself: the only ones of a report that may stand outside of code.

What a report says comes from the repository under test, or holds names out of it, so it is shown
as code (DESIGN 1.3). A check's own advice and title are constants of this program, and read
better as prose.
"""

import re
from functools import cache

from readiness_gate.checks.catalogue import described
from readiness_gate.report.escape import Safe, cell, cell_or_dash
from readiness_gate.report.page import RERUN

_NUMBER = re.compile("[0-9]{1,6}")


@cache
def own_words() -> frozenset[str]:
    """Return every title and piece of advice that the catalogue has as a constant."""
    said = {text for check in described() for text in (check["title"], check["remediation"])}
    return frozenset(said | set(RERUN.values()))


def advice(text: str) -> Safe:
    """Return advice as prose where it is the catalogue's own, as code elsewhere."""
    return Safe(text) if text in own_words() else cell_or_dash(text)


def titled(text: str) -> Safe:
    """Return the title of an item, as `advice` does."""
    return Safe(text) if text in own_words() else cell(text, 160)


def datum(text: str) -> Safe:
    """Return a cell of evidence: a short number as it is, anything else as code."""
    # Seven digits could be read as the start of a commit's SHA, and linked.
    return Safe(text) if _NUMBER.fullmatch(text) else cell(text, 120)
