"""What the words of a line say beside its text: severity, phase, ticks, markup.

What `tags` takes out of an item's text is part of its id, so it is frozen with it.
"""

import re
import unicodedata
from typing import NamedTuple

from readiness_gate.checklist.ids import item_id
from readiness_gate.model.outcome import Severity

TICKED = "✅☑✔🗹"
UNTICKED = "☐⬜❌❎🔲"
_WORDS = {
    Severity.CRITICAL: "critical|blockers?|критично|критический|критические"
    "|kritisch|critique|crítico",
    Severity.HIGH: "high|высокий|высокая|hoch|élevée?|alta",
    Severity.MEDIUM: "medium|moderate|средний|средняя|mittel|moyenne?|media",
    Severity.LOW: "low|низкий|низкая|niedrig|basse|faible|baja",
}
_BY_WORD = {word: severity for severity, words in _WORDS.items() for word in words.split("|")}
_BY_WORD |= {"blocker": Severity.CRITICAL, "blockers": Severity.CRITICAL}
_BY_WORD |= {"élevé": Severity.HIGH, "élevée": Severity.HIGH}
_BY_WORD |= {"moyen": Severity.MEDIUM, "moyenne": Severity.MEDIUM}
_BY_WORD |= {f"p{number}": severity for number, severity in enumerate(Severity)}
_LEVEL = "|".join([*_WORDS.values(), r"p[0-3]"])
_SEVERITY = re.compile(rf"(?:priority\s*:?\s*)?({_LEVEL})(?!\w)", re.IGNORECASE)
_COLOURED = re.compile(r"[🔴🟠🟡🟢🔵⚪]\ufe0f?\s*(critical|high|medium|low)\b", re.IGNORECASE)
_LEVEL_FIRST = re.compile(rf"^(?:\[({_LEVEL})\]:?|({_LEVEL})\s*:)\s+", re.IGNORECASE)
_LEVEL_LAST = re.compile(
    rf"\s+(?:\[({_LEVEL})\]|\(({_LEVEL})(?:[ -](?:priority|severity))?\))$", re.IGNORECASE
)
_PHASE_NAME = r"(mvp|phase[ -]?\d{1,2}\+?)"
_OTHER_PHASE = r"(mvp|(?:phase|milestone|wave|фаза|этап)[ -]?\d{1,2}\+?)"
_PHASE_LAST = re.compile(rf"\s*\(([^()]*,\s*)?{_PHASE_NAME}\)\s*$", re.IGNORECASE)
_PHASE_FIRST = re.compile(rf"^{_PHASE_NAME}\s*[:\N{{EN DASH}}\N{{EM DASH}}-]\s+", re.IGNORECASE)
_PHASE_ALONE = re.compile(rf"^\W*{_OTHER_PHASE}(?!\w)", re.IGNORECASE)
_PHASE_BESIDE = re.compile(rf"[(\[]{_OTHER_PHASE}(?!\w)[^()\[\]]{{0,40}}[)\]]", re.IGNORECASE)
_STATUS = re.compile(rf"\s*[{TICKED}✓🔴🟠🟡🟢🔵⚪🔄]\ufe0f?\s*[A-Z][A-Z /-]{{0,20}}$")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\((?:[^()\s]|\([^()\s]*\))*(?:\s+(?:\"[^\"]*\"|'[^']*'))?\)")
_ODD = re.compile(r"[^\w\s()&/,.:'+#-]")
_MARKUP = re.compile(r"\*\*|__|~~|`+|<!--.*?-->")
_SINGLE = re.compile(r"(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)")
_SHARE = re.compile(
    r"\s*[:\N{EM DASH}\N{EN DASH}(-]?\s*\b(mvp|phase[ -]?\d{1,2}\+?)\s+\d", re.IGNORECASE
)
_SHARE_LAST = re.compile(
    r"(?:\s*[:\N{EM DASH}\N{EN DASH}(\[-]|\s)\s*\d{1,3}(?:\.\d{1,3})?\s?%\+?"
    r"(?:\s[a-z]{1,12})?[)\]]?$",
    re.IGNORECASE,
)


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
    if first_level := _LEVEL_FIRST.match(text):
        severity = severity or _BY_WORD[(first_level[1] or first_level[2]).lower()]
        text = text[first_level.end() :]
    phase = None
    if last := _PHASE_LAST.search(text):
        phase = phase_id(last[2])
        rest = (last[1] or "").rstrip(", ")
        text = text[: last.start()] + (f" ({rest})" if rest else "")
    elif first := _PHASE_FIRST.match(text):
        phase = phase_id(first[1])
        text = text[first.end() :]
    elif beside := _PHASE_BESIDE.search(text):
        phase = phase_id(beside[1])
    if last_level := _LEVEL_LAST.search(text):
        severity = severity or _BY_WORD[(last_level[1] or last_level[2]).lower()]
        text = text[: last_level.start()]
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
    if (share := _SHARE.search(text) or _SHARE_LAST.search(text)) and share.start():
        text = text[: share.start()]
    end = next((one.start() for one in _ODD.finditer(text) if not _mark(one[0])), len(text))
    return text[:end].strip() or plain(raw)


def _mark(char: str) -> bool:
    """Return whether a character is written into the letter before it, as vowels in Devanagari."""
    return unicodedata.category(char)[0] == "M" and char != "\ufe0f"


def severity_of(text: str) -> Severity | None:
    """Return the severity that a word or two say, `High`, `P1`, `Средний`."""
    found = _SEVERITY.match(text.strip())
    return _BY_WORD[found[1].lower()] if found else None


def heading_severity(text: str) -> Severity | None:
    """Return the severity that a heading states for its section (`# CRITICAL`, `High priority`)."""
    return severity_of(text) if len(text.split()) <= 3 else None


def heading_phase(text: str) -> str | None:
    """Return the phase that a heading names for its section (`## Phase 2`)."""
    found = _PHASE_ALONE.match(text)
    return phase_id(found[1]) if found else None


def phase_id(name: str) -> str:
    """Return `phase-2` for `Phase 2+`, `Phase-2`, `phase2`."""
    return re.sub(r"^(phase|milestone|wave)-?", r"\1-", item_id(name))
