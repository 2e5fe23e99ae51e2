"""The whole history of revisions, with Alembic's own map of it; pure.

The map's traps are taken before it is built (notes on databases 2.6): a duplicate id is only a
warning there, a missing parent a bare `KeyError`, and some cycles are never left again.
"""

import graphlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from readiness_gate.migrations.reading import HistoryFinding, RevisionFile, read_revision


@dataclass(frozen=True)
class History:
    """Revisions of one project. `heads`, `bases` and `order` are empty while findings stand."""

    revisions: tuple[RevisionFile, ...]
    findings: tuple[HistoryFinding, ...] = ()
    heads: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    """Every revision, parents before children."""

    def find(self, revision: str) -> RevisionFile | None:
        """Return the file of a revision id, `None` where there is none."""
        return next((each for each in self.revisions if each.revision == revision), None)

    def branch_points(self) -> tuple[str, ...]:
        """Return the revisions that more than one other names as its parent."""
        parents = [parent for each in self.revisions for parent in each.down_revision]
        return tuple(sorted({name for name in parents if parents.count(name) > 1}))

    def merge_points(self) -> tuple[str, ...]:
        """Return the revisions with several parents."""
        return tuple(each.revision for each in self.revisions if len(each.down_revision) > 1)


def read(files: Mapping[str, bytes]) -> History:
    """Return the history of revision files, given as path → content."""
    answers = [read_revision(path, files[path]) for path in sorted(files)]
    return assemble(
        [each for each in answers if isinstance(each, RevisionFile)],
        [each for each in answers if isinstance(each, HistoryFinding)],
    )


def assemble(revisions: Iterable[RevisionFile], findings: Iterable[HistoryFinding] = ()) -> History:
    """Return the history of revisions that are already read; order of the input is irrelevant."""
    known = tuple(sorted(revisions, key=lambda each: (each.revision, each.path)))
    found = [*findings, *_invalid_ids(known), *_duplicates(known)]
    if not any(each.kind in {"unreadable", "not-static", "no-revision"} for each in found):
        found += _missing_parents(known)
    if not found:
        found = _cycles(known)
    if found or not known:
        return History(known, tuple(found))
    return _mapped(known)


def _invalid_ids(revisions: tuple[RevisionFile, ...]) -> list[HistoryFinding]:
    return [
        HistoryFinding(
            "invalid-id",
            f"revision {each.revision!r} contains one of @ - +, which Alembic refuses",
            each.path,
            each.line,
        )
        for each in revisions
        if set("@-+") & set(each.revision)
    ]


def _duplicates(revisions: tuple[RevisionFile, ...]) -> list[HistoryFinding]:
    first: dict[str, RevisionFile] = {}
    findings = []
    for each in revisions:
        if each.revision in first:
            message = (
                f"revision {each.revision} is declared twice: "
                f"{first[each.revision].path} and {each.path}"
            )
            findings.append(HistoryFinding("duplicate", message, each.path, each.line))
        first.setdefault(each.revision, each)
    return findings


def _missing_parents(revisions: tuple[RevisionFile, ...]) -> list[HistoryFinding]:
    names = {each.revision for each in revisions}
    names |= {label for each in revisions for label in each.branch_labels}
    return [
        HistoryFinding(
            "missing-parent",
            f"revision {each.revision} names {parent} as its {word}, which is not there",
            each.path,
            each.line,
        )
        for each in revisions
        for word, parents in (
            ("down_revision", each.down_revision),
            ("depends_on", each.depends_on),
        )
        for parent in parents
        if parent not in names
    ]


def _cycles(revisions: tuple[RevisionFile, ...]) -> list[HistoryFinding]:
    owners = {label: each.revision for each in revisions for label in each.branch_labels}
    graph = {
        each.revision: [owners.get(name, name) for name in (*each.down_revision, *each.depends_on)]
        for each in revisions
    }
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        path = " → ".join(reversed(error.args[1]))
        first = next(each for each in revisions if each.revision == error.args[1][0])
        message = f"revisions form a cycle: {path}"
        return [HistoryFinding("cycle", message, first.path, first.line)]
    return []


def _mapped(revisions: tuple[RevisionFile, ...]) -> History:
    # Alembic brings SQLAlchemy along; whoever only asks for a version must not wait for them.
    from alembic.script.revision import (  # noqa: PLC0415
        Revision,
        RevisionError,
        RevisionMap,
    )

    try:
        graph = RevisionMap(
            lambda: [
                Revision(
                    each.revision,
                    each.down_revision or None,
                    dependencies=each.depends_on or None,
                    branch_labels=each.branch_labels or None,
                )
                for each in revisions
            ]
        )
        heads, bases = tuple(sorted(graph.heads)), tuple(sorted(graph.bases))
        order = tuple(each.revision for each in graph.iterate_revisions("heads", "base"))[::-1]
    except RevisionError as error:
        return History(revisions, (HistoryFinding("branch-label", str(error)),))
    return History(revisions, (), heads, bases, order)
