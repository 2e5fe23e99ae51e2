"""Decides whether an item applies to this event (DESIGN 1.5, `when`)."""

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from readiness_gate.config.schema import When
from readiness_gate.doors.workspace import matches


class Circumstances(NamedTuple):
    """What `when` may ask about."""

    event: str
    base_branch: str | None
    labels: tuple[str, ...]
    draft: bool
    changed_files: Callable[[], Sequence[str] | None]
    """Asked only when a condition names paths; `None` where nothing is compared with a base."""


def excluded(when: When | None, circumstances: Circumstances) -> str | None:
    """Return why the item does not apply, `None` where every condition holds.

    Raises:
        ForgeError: the changed files could not be read.
    """
    if when is None:
        return None
    reason = _first_broken(when, circumstances)
    if reason is None:
        return None
    return f"{when.reason}: {reason}" if when.reason else reason


def _first_broken(when: When, seen: Circumstances) -> str | None:
    if when.event and seen.event not in when.event:
        return f"the event is {seen.event or 'none'}"
    if when.draft is not None and when.draft != seen.draft:
        return "the pull request is a draft" if seen.draft else "the pull request is no draft"
    if when.branches and not any(
        fnmatchcase(seen.base_branch or "", pattern) for pattern in when.branches
    ):
        return f"the base branch is {seen.base_branch or 'unknown'}"
    if when.labels and not set(when.labels) & set(seen.labels):
        return f"none of the labels {', '.join(when.labels)}"
    changed = seen.changed_files() if when.paths else None
    # What is not known excludes nothing.
    if changed is not None and not any(
        matches(name, pattern) for name in changed for pattern in when.paths
    ):
        return f"no changed file matches {', '.join(when.paths)}"
    return None
