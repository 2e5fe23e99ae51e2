# ruff: noqa: RUF001 - words of other languages
"""When something is done, and whether it applies: what headings and brackets say about it."""

import re
from typing import NamedTuple

from readiness_gate.model.outcome import Stage

_CONDITION = re.compile(
    r"[(\[]\s*((?:if|when|where|only if)\b[^()\[\]]{1,60}|optional(?:ly)?|n/?a if\b[^()\[\]]{1,60}"
    r"|если\b[^()\[\]]{1,60}|при необходимости|опционально|falls\b[^()\[\]]{1,60}|optionnel)"
    r"\s*[)\]]|[^,(]\s((?:if|when) (?:applicable|needed|necessary|required|used|any\b.{0,40}"
    r"|issues\b.{0,40}))\s*$",
    re.IGNORECASE,
)
_STEPS = r"(deploy(?:ment|ing|s)?|release|launch|go-?live|rollout|cut-?over)"
_DEPLOYED = r"(деплоя|релиза|выката|выкатки|запуска|внедрения)"
_CADENCES: tuple[tuple[re.Pattern[str], str, Stage], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), name, stage)
    for pattern, name, stage in (
        (
            r"\bfirst\s+(?:(\d{1,3})\s+)?(minute|hour|day|week|month)s?\b",
            "first",
            Stage.POST_DEPLOY,
        ),
        (r"\bперв(?:ый|ая|ые|ое)\s+()(час|день|неделя|месяц)\b", "first", Stage.POST_DEPLOY),
        (r"^(day|week|month|день|неделя|месяц)\s+(\d{1,3})\b", "nth", Stage.POST_DEPLOY),
        (r"\b(?:hourly|every hour|ежечасно)\b", "hourly", Stage.SCHEDULED),
        (r"\b(?:daily|every day|nightly|ежедневн\w+|каждый день)\b", "daily", Stage.SCHEDULED),
        (r"\b(?:weekly|every week|еженедельн\w+)\b", "weekly", Stage.SCHEDULED),
        (r"\b(?:monthly|every month|ежемесячн\w+)\b", "monthly", Stage.SCHEDULED),
        (r"\b(?:quarterly|every quarter|ежеквартальн\w+)\b", "quarterly", Stage.SCHEDULED),
        (r"\b(?:yearly|annual(?:ly)?|every year|ежегодн\w+)\b", "yearly", Stage.SCHEDULED),
        (
            (
                rf"\bpost[ -]?{_STEPS}\b|\bafter\s+(?:the\s+|each\s+|every\s+)?{_STEPS}\b"
                rf"|\bпосле\s+(?:каждого\s+)?{_DEPLOYED}\b"
            ),
            "after-deploy",
            Stage.POST_DEPLOY,
        ),
        (
            (
                rf"\bpre[ -]?{_STEPS}\b|\bbefore\s+(?:the\s+|each\s+|every\s+|any\s+)?{_STEPS}\b"
                r"|\bперед\s+(?:каждым\s+)?(?:деплоем|релизом|выкаткой|запуском)\b"
            ),
            "before-deploy",
            Stage.PRE_DEPLOY,
        ),
    )
)
_ENGLISH = {"час": "hour", "день": "day", "неделя": "week", "месяц": "month"}
_OWN_CADENCE = re.compile(
    r"[(,]\s*(hourly|daily|nightly|weekly|monthly|quarterly|annual(?:ly)?|yearly)\s*[),]",
    re.IGNORECASE,
)
_SAME = {"annual": "yearly", "annually": "yearly", "nightly": "daily"}


class Cadence(NamedTuple):
    """When something is done again or for the first time, and the stage that this is."""

    name: str
    stage: Stage


def cadence(text: str) -> Cadence | None:
    """Return the cadence that a heading states: `Weekly`, `Short-term (first hour)`, `Day 1`."""
    for pattern, name, stage in _CADENCES:
        if not (found := pattern.search(text)):
            continue
        if name == "first":
            count, unit = found[1], _ENGLISH.get(found[2].lower(), found[2].lower())
            several = count and count != "1"
            return Cadence(f"first-{count}-{unit}s" if several else f"first-{unit}", stage)
        if name == "nth":
            unit = _ENGLISH.get(found[1].lower(), found[1].lower())
            return Cadence(f"{unit}-{found[2]}", stage)
        return Cadence(name, stage)
    return None


def own_cadence(text: str) -> str | None:
    """Return the cadence in an item's brackets: `Backup testing (monthly)`."""
    found = _OWN_CADENCE.search(text)
    return _SAME.get(found[1].lower(), found[1].lower()) if found else None


def condition(text: str) -> str | None:
    """Return on what an item or a section depends, `if applicable`, in lower case."""
    found = _CONDITION.search(text)
    return " ".join((found[1] or found[2]).lower().split()) if found else None
