"""A changelog in the form of Keep a Changelog 1.1: versions, dates, groups and their entries."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

GROUPS = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
_VERSION = re.compile(r"##(?!#)[ \t]+\[?v?([^\]\s]{1,80})\]?(?:\([^)]*\))?(.*)")
_GROUP = re.compile(r"###(?!#)[ \t]+(.{1,100}?)[ \t]*#*[ \t]*")
_ENTRY = re.compile(r"[ \t]{0,3}[-*+][ \t]+\S")
_DATE = re.compile(r"[ \t]*(?:[-\u2013\u2014][ \t]*)?\(?([0-9]{4}-[0-9]{2}-[0-9]{2})\)?(?=\s|$)")
_FENCE = re.compile(r"[ \t]{0,3}(?:```|~~~)")


@dataclass
class Release:
    """One `##` section."""

    name: str
    """The version as written, or `Unreleased`."""
    line: int
    date: date | None
    wrong_date: bool = False
    yanked: bool = False
    entries: list[int] = field(default_factory=list)
    """Lines of its entries."""
    unknown_groups: list[tuple[int, str]] = field(default_factory=list)
    last_line: int = 0

    @property
    def unreleased(self) -> bool:
        """Whether it collects what is not released yet."""
        return self.name.casefold() == "unreleased"


def read_changelog(text: str) -> tuple[Release, ...]:
    """Return the sections in the order of the file; code blocks are no sections."""
    return tuple(_releases(text))


def _releases(text: str) -> Iterator[Release]:
    current: Release | None = None
    fenced = False
    number = 0
    for number, line in enumerate(text.splitlines(), start=1):
        if _FENCE.match(line):
            fenced = not fenced
        if fenced:
            continue
        if heading := _VERSION.fullmatch(line):
            if current is not None:
                current.last_line = number - 1
                yield current
            current = _release(heading, number)
        elif current is not None:
            _within(current, line, number)
    if current is not None:
        current.last_line = number
        yield current


def _within(release: Release, line: str, number: int) -> None:
    if group := _GROUP.fullmatch(line):
        if group[1].strip().title() not in GROUPS:
            release.unknown_groups.append((number, group[1].strip()))
    elif _ENTRY.match(line):
        release.entries.append(number)


def _release(heading: re.Match[str], number: int) -> Release:
    rest = heading[2]
    found = _DATE.match(rest)
    try:
        day = date.fromisoformat(found[1]) if found else None
    except ValueError:
        return Release(heading[1], number, None, wrong_date=True)
    return Release(heading[1], number, day, yanked="[YANKED]" in rest.upper())
