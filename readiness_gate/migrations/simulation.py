"""Revisions of pull requests, merged one after another on paper: who makes two heads; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from readiness_gate.migrations.history import History, assemble
from readiness_gate.migrations.reading import RevisionFile


@dataclass(frozen=True)
class Branch:
    """The revisions that one pull request adds or changes."""

    name: str
    """What a reader knows it by, such as `#14`."""
    revisions: tuple[RevisionFile, ...]


def simulate(base: Iterable[RevisionFile], branches: Sequence[Branch]) -> tuple[str, ...]:
    """Return a line for each branch that, merged in this order, breaks the history.

    A branch that makes a second head counts as repaired for those after it: its first revision
    follows the head that it meets.
    """
    standing = {each.path: each for each in base}
    owners: dict[str, str] = {}
    lines: list[str] = []
    for branch in branches:
        if not branch.revisions:
            continue
        before = assemble(standing.values())
        standing |= {each.path: each for each in branch.revisions}
        after = assemble(standing.values())
        if after.findings and not before.findings:
            lines.append(f"{branch.name} would break the history: {after.findings[0].message}")
        elif len(after.heads) > max(1, len(before.heads)):
            lines.append(_two_heads(branch, before, after, owners))
            standing |= {each.path: each for each in _follow(branch, before)}
        owners |= {each.revision: branch.name for each in branch.revisions}
    return tuple(lines)


def _two_heads(branch: Branch, before: History, after: History, owners: dict[str, str]) -> str:
    own = {each.revision for each in branch.revisions}
    met = ", ".join(_named(one, owners) for one in before.heads)
    mine = ", ".join(one for one in after.heads if one in own)
    first = ", ".join(each.revision for each in _first(branch))
    return (
        f"{branch.name} would make {len(after.heads)} heads of migrations, {met} and {mine}: it "
        f"rebases, down_revision of {first} becomes {', '.join(before.heads)}"
    )


def _named(revision: str, owners: dict[str, str]) -> str:
    return f"{revision} of {owners[revision]}" if revision in owners else revision


def _first(branch: Branch) -> list[RevisionFile]:
    own = {each.revision for each in branch.revisions}
    return [each for each in branch.revisions if not own & set(each.down_revision)]


def _follow(branch: Branch, before: History) -> list[RevisionFile]:
    return [replace(each, down_revision=before.heads) for each in _first(branch)]
