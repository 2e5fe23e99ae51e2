"""Whether a declared order was kept, judged afterwards by the moments of merging. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from readiness_gate.model.pull_request import Fact, PullRequest, Reference

Groups = Sequence[Sequence[Reference]]


@dataclass(frozen=True)
class Kept:
    """What the moments of merging say of an order."""

    broken: tuple[str, ...]
    """One line for each that merged before something that it comes after."""
    untimed: tuple[Reference, ...]
    """Merged, but nobody says when."""
    merged: tuple[tuple[Reference, datetime], ...]
    """In the declared order."""


def kept(groups: Groups, facts: Mapping[Reference, Fact], *, home: str) -> Kept:
    """Return whether everything that is merged merged after all of the groups before it.

    Members that are not merged are left out; whether they may be is another question.
    """
    broken: list[str] = []
    untimed: list[Reference] = []
    merged: list[tuple[Reference, datetime]] = []
    latest: tuple[datetime, Reference] | None = None
    for group in groups:
        of_group: list[tuple[datetime, Reference]] = []
        for one in group:
            fact = facts.get(one)
            if not isinstance(fact, PullRequest) or not fact.merged:
                continue
            if fact.merged_at is None:
                untimed.append(one)
                continue
            of_group.append((fact.merged_at, one))
            merged.append((one, fact.merged_at))
            if latest is not None and fact.merged_at < latest[0]:
                first, second = one.short(home), latest[1].short(home)
                broken.append(
                    f"{first} merged at {_moment(fact.merged_at)}, before {second} "
                    f"({_moment(latest[0])}), which comes first"
                )
        latest = max((latest, *of_group) if latest is not None else of_group, default=None)
    return Kept(tuple(broken), tuple(untimed), tuple(merged))


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"
