"""Lines around the items: who signs, go or no-go, orders of merges, what is left to fill in."""

import re
from collections.abc import Iterator

from readiness_gate.checklist.document import (
    Decision,
    FieldKind,
    Placeholder,
    Share,
    SignOff,
)
from readiness_gate.checklist.wording import phase_id, plain

_CAP = 2_000
_BLANK = re.compile(
    r"^[\s_.\N{HORIZONTAL ELLIPSIS}\N{EM DASH}-]*$|^\W*(?:tbd|tbc|n/?a|name|date)\W*$",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"^\s*(?:[-*]\s+)?([^\W\d_][\w /&.()-]{1,60}?)\s*:\s*(_{3,}|[^:|]{0,80}?)\s*"
    r"(?:[,|;]?\s*(?:date|дата)\s*:\s*(\S[^|]{0,40}|))?$",
    re.IGNORECASE,
)
_SIGNERS = re.compile(
    r"\b(?:lead|officer|manager|owner|director|engineer|architect|head|cto|ciso|cso|ceo|dpo|legal"
    r"|security|operations|qa|reviewer|approver|sponsor|руководитель|директор|ответственный)\b",
    re.IGNORECASE,
)
_GO = r"\bno[ -]?go\b|\bgo\b"
_DECISION = re.compile(
    r"^\W{0,6}(?:(?:final\s+)?(?:decision|verdict|outcome|решение)\s*:"
    r"|go\s*/\s*no[ -]?go\s*:)(.*)$",
    re.IGNORECASE,
)
_CHOICE = re.compile(
    rf"(?:\[([ xX✓✔])\]|([✅☑❌☐⬜]))?[^\w✅☑❌☐⬜\[\]]{{0,3}}({_GO})", re.IGNORECASE
)
_ONLY_GO = re.compile(rf"^\W*(?:{_GO})\W*$", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"\[(?:contact(?: info\w*)?|tbd|tbc|todo|your [^\[\]]{1,40}|insert [^\[\]]{1,40}"
    r"|add [^\[\]]{1,40}|name|date|link|e-?mail|phone|url|version|team name|fill[^\[\]]{0,40}"
    r"|placeholder[^\[\]]{0,40}|\.\.\.|…)\](?!\()"
    r"|<[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+>|<(?:your|my)[-_ ][a-z_ -]{1,40}>"
    r"|<(?:timestamp|version|tag|name|number|date|hash|sha|url|host|domain|project|branch)>"
    r"|\bTB[DC]\b",
    re.IGNORECASE,
)
_CODE = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)")
_FIELD = re.compile(r"^(?:\*\*|__)\s*([^*_:]{1,60}?)\s*(?::\s*(?:\*\*|__)|(?:\*\*|__)\s*:)\s*(.*)$")
_BARE_FIELD = re.compile(
    r"^((?:problem|issue|risk|impact|fix|solution|verification|verify|how to (?:verify|test)"
    r"|test|status|owner|evidence|notes?|files?|acceptance|команда|проблема|риск|решение|проверка"
    r"|статус|ответственный)[\w ]{0,20}):\s+(.+)$",
    re.IGNORECASE,
)
_KINDS: tuple[tuple[FieldKind, str], ...] = (
    (FieldKind.FILES, r"files?\b|файлы"),
    (FieldKind.RISK, r"risk|impact|риск|последстви"),
    (FieldKind.PROBLEM, r"problem|issue|finding|проблем"),
    (FieldKind.VERIFICATION, r"verif|how to test|acceptance|test|check|провер"),
    (FieldKind.FIX, r"fix|solution|action|remed|mitigation|решени|исправ"),
    (FieldKind.STATUS, r"status|state|статус"),
    (FieldKind.OWNER, r"owner|assignee|responsible|team|who|ответствен"),
    (FieldKind.EVIDENCE, r"evidence|proof|link|доказ"),
    (FieldKind.NOTE, r"note|comment|next|замеч"),
)
_SHARES = re.compile(
    r"\b(mvp|(?:phase|milestone|wave)[ -]?\d{1,2}\+?)\s*:?\s*(\d{1,3}(?:\.\d+)?)\s?%(\+)?",
    re.IGNORECASE,
)
_SHARE_ALONE = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d+)?)\s?%(\+)?")
_STATUS = re.compile(
    r"^[*_]{0,2}((?:[\w+]+ ){0,3}(?:status|статус))[*_]{0,2}\s*:[*_]{0,2}\s*(\S.*)$", re.IGNORECASE
)


def field_of(text: str) -> tuple[FieldKind, str, str] | None:
    """Return kind, label and Markdown of a labelled line, `**Fix:** …`."""
    match = _FIELD.match(text) or _BARE_FIELD.match(text)
    if match is None:
        return None
    label = plain(match[1])
    for kind, pattern in _KINDS:
        if re.search(pattern, label, re.IGNORECASE):
            return kind, label, match[2]
    return FieldKind.OTHER, label, match[2]


def sign_off(text: str, *, line: int, section: tuple[str, ...]) -> SignOff | None:
    """Return the signature line `Technical Lead: ____ Date: ____`."""
    match = _SIGNATURE.match(text[:_CAP])
    if match is None or not ("___" in text or (match[3] is not None and _SIGNERS.search(match[1]))):
        return None
    if match[1].strip().lower() in {"date", "дата", "signature", "name"}:
        return None
    name, date = filled(match[2]), filled(match[3] or "")
    return SignOff(plain(match[1]), line, section, name, date, bool(name))


def filled(text: str) -> str:
    """Return what stands in a blank, empty where nothing does."""
    text = plain(text)
    return "" if _BLANK.match(text) else text.strip("_ ")


def decision(text: str, *, line: int, section: tuple[str, ...]) -> Decision | None:
    """Return the line `DECISION: [ ] GO or [ ] NO-GO`."""
    match = _DECISION.match(text[:_CAP])
    if match is None:
        return None
    found = list(_CHOICE.finditer(match[1]))
    if not found and not re.match(r"^\W*go\s*/", text, re.IGNORECASE):
        return None
    options = tuple(dict.fromkeys(_go(one[3]) for one in found))
    boxed = [one for one in found if one[1] or one[2]]
    chosen = [_go(one[3]) for one in boxed if (one[1] or one[2]) not in " ❌☐⬜"]
    if not boxed and len(options) == 1:
        chosen = list(options)
    return Decision(
        line, section, options, chosen[0] if len(chosen) == 1 else None, plain(text[:_CAP])
    )


def go(text: str) -> str | None:
    """Return `GO` or `NO-GO` where a box says nothing else."""
    return _go(text) if _ONLY_GO.match(text) else None


def placeholders(
    text: str, *, line: int, section: tuple[str, ...], fenced: bool
) -> Iterator[Placeholder]:
    """Yield what somebody still has to fill in."""
    text = text[:_CAP]
    if not fenced:
        text = _CODE.sub(" ", text)
    for match in _PLACEHOLDER.finditer(text):
        yield Placeholder(match[0], line, section)


def shares(raw: str) -> tuple[Share, ...]:
    """Return the percentages that a heading declares, the phase empty where none is named."""
    text = plain(raw[:_CAP])
    named = [
        Share(phase_id(one[1]), float(one[2]), f"{one[2]}%{one[3] or ''}")
        for one in _SHARES.finditer(text)
    ]
    if named:
        return tuple(named)
    alone = _SHARE_ALONE.search(text)
    return (Share("", float(alone[1]), f"{alone[1]}%{alone[2] or ''}"),) if alone else ()


def percentage(cell: str) -> tuple[float, str] | None:
    """Return the percentage that a cell holds and nothing else, and how it is written."""
    match = re.fullmatch(r"(\d{1,3}(?:\.\d{1,3})?)\s?%(\+)?", plain(cell[:80]))
    return (float(match[1]), f"{match[1]}%{match[2] or ''}") if match else None


def status(text: str) -> str | None:
    """Return the words of a line such as `**Status**: Ready for Use`."""
    match = _STATUS.match(text[:_CAP])
    return f"{plain(match[1])}: {plain(match[2])}" if match else None


def _go(text: str) -> str:
    return "NO-GO" if text.lower().lstrip("*_ ").startswith("no") else "GO"
