"""New lines of a checklist put into a configuration that people have edited: nothing else moves.

Text goes in at places that the strict loader names; afterwards the file is loaded again and has to
say everything that it said before.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from readiness_gate.adopt import yaml_text
from readiness_gate.adopt.configuration import entry
from readiness_gate.adopt.proposal import Proposal
from readiness_gate.config.load import SIZE_CAP
from readiness_gate.doors import yaml
from readiness_gate.errors import ConfigurationError

_CHECKLIST = re.compile(r"^(checklist:\s*)([^#\n]*?)(\s*(?:#.*)?)$")
_BRACES = "is written in braces: write one item a line, below `items:`"


@dataclass(frozen=True)
class Updated:
    """The new text, and what came in."""

    text: str
    added: tuple[str, ...] = ()
    """Ids of the items that are new."""


def update(text: str, proposals: Sequence[Proposal], paths: Sequence[str], *, name: str) -> Updated:
    """Return a configuration with an item for every proposal whose id it does not have.

    `paths` are the checklist's files; those that it does not name are added.

    Raises:
        ConfigurationError: the file is no configuration, or is written in a way in which nothing
            can be put in.
    """
    document = yaml.load(text, name=name, cap=SIZE_CAP)
    before = document.data
    if not isinstance(before, dict):
        raise document.error((), "has to be a mapping that starts with version: 1")
    lines = text.splitlines(keepends=True)
    ending = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    if lines and not lines[-1].endswith(("\n", "\r")):
        lines[-1] += ending
    known = before.get("items") or {}
    new = [one for one in proposals if one.item.id not in known]
    if not isinstance(known, dict):
        raise document.error(("items",), "has to be a mapping of ids")
    if new:
        lines = _with_items(document, lines, proposals, ending)
    lines = _with_paths(document, lines, paths, ending)
    written = "".join(lines)
    if written == text or not (new or written.rstrip() != text.rstrip()):
        return Updated(text)
    _require_kept(before, written, name)
    return Updated(written, tuple(one.item.id for one in new))


def _with_items(
    document: yaml.Document, lines: list[str], proposals: Sequence[Proposal], ending: str
) -> list[str]:
    known: Mapping[str, Any] = document.data.get("items") or {}
    if not known:
        return _first_items(document, lines, proposals, ending)
    starts = {id_: document.key_position(("items", id_)) for id_ in known}
    columns = {at.column for at in starts.values()}
    own = document.key_position(("items",)).line
    if len(columns) != 1 or any(at.line == own for at in starts.values()):
        raise document.error(("items",), _BRACES)
    indent = columns.pop() - 1
    ends = {id_: _end(lines, at.line - 1, indent) for id_, at in starts.items()}
    into: dict[int, list[str]] = {}
    place = max(ends.values())
    at = None
    for one in proposals:
        if one.item.id in known:
            at = ends[one.item.id]
        else:
            into.setdefault(place if at is None else at, []).extend(_entry(one, indent, ending))
    written: list[str] = []
    for number, line in enumerate(lines):
        written += [line, *into.get(number, ())]
    return written


def _first_items(
    document: yaml.Document, lines: list[str], proposals: Sequence[Proposal], ending: str
) -> list[str]:
    block = [line for one in proposals for line in _entry(one, 2, ending)]
    if "items" not in document.data:
        return [*lines, ending, f"items:{ending}", *block]
    at = document.key_position(("items",)).line - 1
    found = re.match(
        r"^items:\s*?(?:\s\{\s*\}|\snull|\s~)?(\s*(?:#.*)?)$", lines[at].rstrip("\r\n")
    )
    if found is None:
        raise document.error(("items",), _BRACES)
    return [*lines[:at], f"items:{found[1]}{ending}", *block, *lines[at + 1 :]]


def _entry(proposal: Proposal, indent: int, ending: str) -> list[str]:
    more = " " * max(0, indent - 2)
    less = max(0, 2 - indent)
    return [f"{more}{line[less:]}{ending}" for line in entry(proposal)]


def _end(lines: Sequence[str], start: int, indent: int) -> int:
    """Return the number of the last line of an item that starts in line `start`, from 0."""
    end = start
    for number in range(start + 1, len(lines)):
        line = lines[number]
        words = line.strip()
        if not words:
            continue
        deeper = len(line) - len(line.lstrip(" ")) > indent
        if deeper or (words[0] in "}]" and not words.startswith("#")):
            end = number
        else:
            break
    return end


def _with_paths(
    document: yaml.Document, lines: list[str], paths: Sequence[str], ending: str
) -> list[str]:
    named = document.data.get("checklist")
    known = named if isinstance(named, list) else [named] if named else []
    missing = [path for path in paths if path not in known]
    if not missing:
        return lines
    wanted = [*known, *missing]
    value = yaml_text.flow(wanted[0] if len(wanted) == 1 else wanted)
    if "checklist" not in document.data:
        at = document.key_position(("version",)).line if "version" in document.data else 0
        return [*lines[:at], f"checklist: {value}{ending}", *lines[at:]]
    at = document.key_position(("checklist",)).line - 1
    found = _CHECKLIST.match(lines[at].rstrip("\r\n"))
    if found is None or not found[2]:
        raise document.error(
            ("checklist",), f"does not name {', '.join(missing)}: add it by hand, on one line"
        )
    return [*lines[:at], f"{found[1]}{value}{found[3]}{ending}", *lines[at + 1 :]]


def _require_kept(before: Mapping[str, Any], written: str, name: str) -> None:
    after = yaml.load(written, name=name, cap=SIZE_CAP).data
    kept = {key: value for key, value in after.items() if key not in {"items", "checklist"}}
    was = {key: value for key, value in before.items() if key not in {"items", "checklist"}}
    items = {key: after["items"].get(key) for key in before.get("items") or {}}
    if kept != was or items != (before.get("items") or {}):
        raise ConfigurationError(
            f"{name}: nothing can be added without changing what is there",
            advice="Write each item on lines of its own, below `items:`.",
        )
