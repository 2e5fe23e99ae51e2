"""How much has to be there at least, out of a sentence that may tell how much may be missing."""

import re

from readiness_gate.adopt.options.wanted import Wanted, number
from readiness_gate.checklist.document import Threshold
from readiness_gate.checklist.quantities import thresholds

_MISSING = re.compile(
    r"\b(?:without|lack\w*|miss(?:es|ing)?|absent|uncovered|undocumented|untyped|unannotated"
    r"|untested|not (?:yet )?(?:covered|documented|typed|annotated|tested)"
    r"|no (?:docstrings?|type hints?|annotations?|coverage|tests?)"
    r"|без|не покрыт\w*|отсутств\w*|не хватает)\b",
    re.IGNORECASE,
)
_TURNED = re.compile(
    r"\b(?:not|never|cannot|\w+n't|drop\w*|fall\w*|decreas\w*|declin\w*|regress\w*|reduc\w*|lower"
    r"|fail\w*|block\w*|reject\w*|exceed\w*|не (?:падает|снижа\w+|опуска\w+|ниже|больше|выше))\b",
    re.IGNORECASE,
)
"""Words that turn a relation round, or speak of a change."""
_REST = {"<": ">", "<=": ">="}
_FLOORS = {">": ">", ">=": ">=", "==": ">="}
UNCLEAR = "say how much is enough"


def promised(wanted: Wanted) -> Threshold | None:
    """Return the first percentage of an item, `None` where it tells none."""
    own = wanted.threshold("%")
    return own or next((one for one in thresholds(wanted.told) if one.unit == "%"), None)


def floor(wanted: Wanted, share: Threshold) -> str | None:
    """Return the least share, `>=80%`; `None` where the words may mean something else.

    What may be missing is the rest: less than 20 % without is more than 80 % with.
    """
    told = _line(wanted, share)
    missing = bool(_MISSING.search(told))
    if _TURNED.search(_MISSING.sub("", told)):
        return None
    relation = (_REST if missing else _FLOORS).get(share.relation)
    least = round(100 - share.value, 6) if missing else share.value
    # Zero holds whatever is there, and more than all never does.
    if relation is None or least <= 0 or least > 100 or (relation == ">" and least == 100):
        return None
    return f"{relation}{number(least)}%"


def _line(wanted: Wanted, share: Threshold) -> str:
    lines = wanted.told.splitlines()
    return next((one for one in lines if share.text in one), wanted.told)
