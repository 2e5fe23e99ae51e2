# ruff: noqa: RUF001 - words of other languages
"""Numbers with units in a sentence: what was promised, and what somebody has counted."""

import re
from collections.abc import Iterator

from readiness_gate.checklist.document import Statistic, Threshold

_RELATIONS = {
    "<": "<", "<=": "<=", "≤": "<=", ">": ">", ">=": ">=", "≥": ">=", "=": "==", "==": "==",
    "~": "~", "≈": "~", "about": "~", "around": "~", "approximately": "~", "около": "~",
    "under": "<", "below": "<", "less than": "<", "fewer than": "<", "менее": "<", "меньше": "<",
    "at most": "<=", "max": "<=", "maximum": "<=", "up to": "<=", "no more than": "<=",
    "within": "<=", "limit": "<=", "не более": "<=", "до": "<=", "максимум": "<=",
    "over": ">", "above": ">", "more than": ">", "более": ">", "больше": ">", "свыше": ">",
    "at least": ">=", "min": ">=", "minimum": ">=", "no less than": ">=", "не менее": ">=",
    "от": ">=", "минимум": ">=",
}  # fmt: skip
_UNITS = {
    "ms": "ms", "millisecond": "ms", "мс": "ms", "s": "s", "sec": "s", "second": "s",
    "сек": "s", "секунд": "s", "m": "m", "min": "m", "minute": "m", "мин": "m", "минут": "m",
    "h": "h", "hr": "h", "hour": "h", "час": "h", "часов": "h", "d": "d", "day": "d", "дней": "d",
    "дня": "d", "week": "weeks", "недель": "weeks", "month": "months", "месяцев": "months",
    "year": "years", "лет": "years", "percent": "%", "B": "B", "bytes": "B", "kB": "kB",
    "KB": "kB", "MB": "MB", "GB": "GB", "TB": "TB", "KiB": "KiB", "MiB": "MiB", "GiB": "GiB",
    "TiB": "TiB", "МБ": "MB", "ГБ": "GB", "char": "chars", "character": "chars",
    "символов": "chars", "req": "requests", "rps": "requests/s",
}  # fmt: skip
_PERIODS = "second|minute|hour|day|week|month|year|sec|min|s|h|d"
# Words that number things instead of measuring them.
_NAMED = re.compile(
    r"(?:#|\b(?:phase|step|top|week|day|month|route|version|v|level|tier|pr|issue|layer|type|iso"
    r"|rfc|soc|oauth|web|no|section|sprint|wave|milestone|area|core|фаза|этап|шаг|раздел)[ -]?)$",
    re.IGNORECASE,
)
_NEAR = 24
"""So many characters before a number say what it numbers."""
_NUMBER = r"(?<![\w.,])(\$|€|£)?(\d{1,15}(?:,\d{3}){0,4}(?:\.\d{1,6})?)"
_BEFORE = "|".join(sorted(map(re.escape, _RELATIONS), key=len, reverse=True))
_QUANTITY = re.compile(
    rf"(?:(?<![\w<>=])({_BEFORE})\s*)?{_NUMBER}"
    r"(?:\s?[-\N{EN DASH}]\s?\$?(\d{1,15}(?:,\d{3}){0,4}))?(\+)?"
    r"(?:\s?(%)|[ -]?(?!(?:or|minimum|maximum|limit|max)\b)([A-Za-zА-Яа-яё]{1,20}))?(\+)?"
    rf"(?:\s?/\s?({_PERIODS})\b)?"
    r"(\s+(?:or (?:higher|newer|more|later|better)|minimum|maximum|limit|max|min)\b)?",
    re.IGNORECASE,
)
_PERCENTILE = re.compile(
    r"\bp(50|75|90|95|99|99\.9)\b|\b(\d{2}(?:\.\d)?)th percentile", re.IGNORECASE
)
_THINGS = (
    r"(?:concurrent |parallel |daily |active )?(?:users?|requests?|verifications?|connections?"
    r"|dashboards?|replicas?|nodes?|pods?|workers?|services?|reviewers?|approvals?|queries"
    r"|records?|rows?|tests?|attempts?|retries|tokens?|bits?|rounds?|people|persons?|engineers?"
    r"|пользовател\w+|запрос\w*|соединени\w+)"
)
_THING = re.compile(rf"\s*({_THINGS})(?!\w)", re.IGNORECASE)
_COUNTED = re.compile(
    rf"{_NUMBER}(\+)?\s+((?:orphan(?:ed)?\s+|foreign[ -]key\s+|fk\s+|foreign\s+)?"
    r"(?:tables?|keys?|fks?(?:\s+constraints)?|constraints?|records?|rows?|indexes|indices"
    r"|migrations?|endpoints?|tests?|orphans?|policies|services|users|dashboards"
    r"|таблиц\w*|записей|записи|записях|строк\w*|тест\w*|миграци\w+|политик\w*|индекс\w*))(?!\w)",
    re.IGNORECASE,
)
_STATED = re.compile(
    rf"^(\D{{2,60}}?)\s*[:=]\s*([~≈<>]=?)?\s*{_NUMBER}(\+)?\s*([%\w]{{0,20}})\W*$", re.IGNORECASE
)


def thresholds(text: str) -> tuple[Threshold, ...]:
    """Return the numbers of a text that measure something, in their order."""
    found = _PERCENTILE.search(text)
    percentile = f"p{found[1] or found[2]}" if found else None
    return tuple(_thresholds(text, percentile))


def statistics(
    text: str, *, line: int, section: tuple[str, ...], item: str | None
) -> tuple[Statistic, ...]:
    """Return what a text says was counted: `88 tables, 99 FK constraints`."""
    return tuple(
        Statistic(
            label=" ".join(match[4].lower().split()),
            value=_float(match[2]),
            relation=">=" if match[3] else "==",
            unit="",
            line=line,
            section=section,
            text=match[0],
            item=item,
        )
        for match in _COUNTED.finditer(text)
    )


def stated(text: str, *, line: int, section: tuple[str, ...]) -> Statistic | None:
    """Return the figure of a line that holds nothing else: `CASCADE policies: ~45`."""
    match = _STATED.match(text)
    if match is None or _NAMED.search(match[1]):
        return None
    relation = ">=" if match[5] else _RELATIONS.get(match[2] or "", "==")
    unit = match[6]
    return Statistic(
        label=match[1].strip(" *"),
        value=_float(match[4]),
        relation=relation,
        unit=_unit(unit) or unit,
        line=line,
        section=section,
        text=text,
    )


def _thresholds(text: str, percentile: str | None) -> Iterator[Threshold]:
    for match in _QUANTITY.finditer(text):
        before, money, number, until, plus, percent, word, late_plus, period, after = match.groups()
        if _NAMED.search(text[max(match.start(3) - _NEAR, 0) : match.start(3)]) or (
            word and word.lower() == "th"
        ):
            continue
        unit = "USD" if money == "$" else "%" if percent else _unit(word or "")
        end = match.end()
        if not unit and word and (thing := _THING.match(text, match.start(7))):
            unit, end = " ".join(thing[1].lower().split()), max(end, thing.end())
        if word == "OK" and not unit:
            unit = "status"
        relation = _relation(before, plus or late_plus, after)
        if not unit and not period and (relation is None or (word and not (plus or before))):
            continue
        if not unit and not period and word:
            end = match.start(7)
        yield Threshold(
            relation=relation or "==",
            value=_float(number),
            unit=(unit or "") + (f"/{_period(period)}" if period else ""),
            text=text[match.start() : max(end, match.start(3))].strip(),
            percentile=percentile if unit in {"ms", "s"} else None,
            until=_float(until) if until else None,
        )


def _relation(before: str | None, plus: str | None, after: str | None) -> str | None:
    if before:
        return _RELATIONS[before.lower()]
    word = (after or "").strip().lower()
    if word in {"maximum", "limit", "max"}:
        return "<="
    return ">=" if plus or word else None


def _unit(word: str) -> str:
    if word in _UNITS:
        return _UNITS[word]
    lower = word.lower()
    return _UNITS.get(lower) or _UNITS.get(lower.removesuffix("s"), "")


def _period(word: str) -> str:
    return {"s": "second", "sec": "second", "min": "minute", "h": "hour", "d": "day"}.get(
        word.lower(), word.lower()
    )


def _float(number: str) -> float:
    return float(number.replace(",", "") or 0)
