"""What the words of a line say beside its text: severity, phase, ticks, markup."""

import re
from typing import NamedTuple

from readiness_gate.checklist.ids import item_id
from readiness_gate.model.outcome import Severity

TICKED = "✅☑✔🗹"
UNTICKED = "☐⬜❌❎🔲"
_SEVERITY = re.compile(r"\b(critical|high|medium|low)\b", re.IGNORECASE)
_COLOURED = re.compile(r"[🔴🟠🟡🟢🔵⚪]\ufe0f?\s*(critical|high|medium|low)\b", re.IGNORECASE)
_PHASE_NAME = r"(mvp|phase[ -]?\d{1,2}\+?)"
_PHASE_LAST = re.compile(rf"\s*\(([^()]*,\s*)?{_PHASE_NAME}\)\s*$", re.IGNORECASE)
_PHASE_FIRST = re.compile(rf"^{_PHASE_NAME}\s*[:\N{{EN DASH}}\N{{EM DASH}}-]\s+", re.IGNORECASE)
_PHASE_ALONE = re.compile(rf"^\W*{_PHASE_NAME}\b", re.IGNORECASE)
_STATUS = re.compile(rf"\s*[{TICKED}✓🔴🟠🟡🟢🔵⚪🔄]\ufe0f?\s*[A-Z][A-Z /-]{{0,20}}$")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
_MARKUP = re.compile(r"\*\*|__|~~|`+|<!--.*?-->")
_SINGLE = re.compile(r"(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)")


class Tags(NamedTuple):
    """A line without its tags, and what they said."""

    text: str
    severity: Severity | None
    phase: str | None


def tags(raw: str) -> Tags:
    """Return the plain text of an item's Markdown with severity and phase taken out."""
    text = plain(raw)
    severity = None
    if coloured := _COLOURED.search(text):
        severity = Severity(coloured[1].lower())
    text = _STATUS.sub("", text)
    phase = None
    if last := _PHASE_LAST.search(text):
        phase = phase_id(last[2])
        rest = (last[1] or "").rstrip(", ")
        text = text[: last.start()] + (f" ({rest})" if rest else "")
    elif first := _PHASE_FIRST.match(text):
        phase = phase_id(first[1])
        text = text[first.end() :]
    return Tags(text.strip(), severity, phase)


def plain(raw: str) -> str:
    """Return Markdown without emphasis, code marks, links' addresses and comments, on one line."""
    text = _LINK.sub(r"\1", _MARKUP.sub("", raw))
    return " ".join(_SINGLE.sub("", text).split())


def heading(raw: str) -> str:
    """Return the words of a heading: without icons, numbers in front, figures behind an icon."""
    text = plain(raw)
    text = re.sub(r"^[^\w(]+", "", text)
    text = re.sub(r"^\d+(\.\d+)*[.)]?\s+", "", text)
    return re.split(r"\s*[^\w\s()&/,.:'+#-]", text, maxsplit=1)[0].strip() or plain(raw)


def heading_severity(text: str) -> Severity | None:
    """Return the severity that a heading states for its section (`# CRITICAL`, `High priority`)."""
    if len(text.split()) > 3:
        return None
    found = _SEVERITY.match(text)
    return Severity(found[1].lower()) if found else None


def heading_phase(text: str) -> str | None:
    """Return the phase that a heading names for its section (`## Phase 2`)."""
    found = _PHASE_ALONE.match(text)
    return phase_id(found[1]) if found else None


def phase_id(name: str) -> str:
    """Return `phase-2` for `Phase 2+`, `Phase-2`, `phase2`."""
    return re.sub(r"^phase-?", "phase-", item_id(name))
