"""Orders of pull requests that a document tells, and what each of them depends on."""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Sequence as Lines

from readiness_gate.checklist.document import Command, Dependency, Step
from readiness_gate.checklist.wording import plain

_CAP = 2_000
_NUMBERS = (
    r"(?:(?:PR|pull request)s?\s*)?#\d{1,9}"
    r"(?:\s*(?:,|and|&|и|,\s*and)\s*(?:(?:PR|pull request)\s*)?#\d{1,9}){0,20}"
)
_AFTER = re.compile(
    rf"(?:depends? on|requires?|needs|after|blocked by|зависит от|после)\s+({_NUMBERS})",
    re.IGNORECASE,
)
_DEPENDS = re.compile(
    r"#(\d{1,9})[^#\n.;]{0,60}?(?:depends? on|requires?|needs|after|blocked by|зависит от|после)"
    rf"\s+({_NUMBERS})",
    re.IGNORECASE,
)
_ARROWS = re.compile(
    r"(?:#\d{1,9}|<[A-Z][A-Z0-9_]{1,40}>)(?:\s*(?:→|->|=>|➜|⇒|>)\s*(?:PR\s*)?"
    r"(?:#\d{1,9}|<[A-Z][A-Z0-9_]{1,40}>)){1,200}"
)
_REFERENCE = re.compile(r"#(\d{1,9})|<([A-Z][A-Z0-9_]{1,40})>")
_MERGE = re.compile(r"^gh\s+pr\s+merge\s+(?:#?(\d{1,9})|(<[^<>\s]{1,40}>|\$\w{1,40}))")
_LISTED = re.compile(
    r"^\W{0,4}(?:merge\s+)?(?:(?:PR|pull request)\W{0,2})?(?:#(\d{1,9})|<([A-Z][A-Z0-9_]{1,40})>)",
    re.IGNORECASE,
)
_PULL_REQUEST = re.compile(r"\b(?:PR|pull request|MR)\W{0,3}#?(\d{1,9})\b", re.IGNORECASE)


def merges(commands: Iterable[Command]) -> tuple[Step, ...]:
    """Return the steps of `gh pr merge …` lines."""
    return tuple(
        Step(
            number=int(match[1]) if match[1] else None,
            line=one.line,
            title=re.sub(r"^\d+[.)]\s*", "", one.comment),
            after=after(one.comment),
            placeholder=(match[2] or "").strip("<>$"),
        )
        for one in commands
        if (match := _MERGE.match(one.text))
    )


def listed(lines: Lines[tuple[int, str]]) -> tuple[Step, ...]:
    """Return the steps of a numbered list of pull requests, none where a line names none."""
    steps = []
    for number, text in lines:
        match = _LISTED.match(text[:_CAP])
        if match is None:
            return ()
        named = int(match[1]) if match[1] else None
        steps.append(
            Step(
                named,
                number,
                plain(text[match.end() : _CAP]).strip(" :-()"),
                after(text[match.end() : _CAP]),
                match[2] or "",
            )
        )
    return tuple(steps)


def arrows(text: str, *, line: int) -> tuple[Step, ...]:
    """Return the steps of `#14 → #15 → #17`."""
    if "#" not in text or not (match := _ARROWS.search(text[:_CAP])):
        return ()
    return tuple(
        Step(int(one[1]) if one[1] else None, line, placeholder=one[2] or "")
        for one in _REFERENCE.finditer(match[0])
    )


def after(text: str) -> tuple[int, ...]:
    """Return the numbers that a text says it depends on."""
    return tuple(
        dict.fromkeys(
            int(one[1])
            for match in _AFTER.finditer(text[:_CAP])
            for one in _REFERENCE.finditer(match[1])
            if one[1]
        )
    )


def dependencies(text: str, *, line: int) -> Iterator[Dependency]:
    """Yield the statements `#17 depends on #14`."""
    if text.count("#") < 2:
        return
    for match in _DEPENDS.finditer(text[:_CAP]):
        named = tuple(int(one[1]) for one in _REFERENCE.finditer(match[2]) if one[1])
        yield Dependency(int(match[1]), named, line)


def pull_requests(text: str) -> tuple[int, ...]:
    """Return the numbers of the pull requests that an item's text names."""
    return tuple(dict.fromkeys(int(one[1]) for one in _PULL_REQUEST.finditer(text)))
