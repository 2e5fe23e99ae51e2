"""The merge graph around a pull request, in the order in which a reader asks. Pure."""

from dataclasses import dataclass

from readiness_gate.model.pull_request import EdgeSource, EdgeState
from readiness_gate.model.report import Report, ReportEdge

_OPEN = frozenset({EdgeState.OPEN, EdgeState.DRAFT})
_DONE = frozenset({EdgeState.MERGED, EdgeState.AHEAD, EdgeState.DONE})


@dataclass(frozen=True)
class Stop:
    """One pull request of the declared order; `state` is `None` where nothing is known of it."""

    name: str
    state: EdgeState | None
    own: bool
    next: bool


@dataclass(frozen=True)
class EdgeWords:
    """One edge, its names short where they are of the home repository."""

    waiting: str
    dependency: str
    state: EdgeState
    sources: tuple[EdgeSource, ...]


@dataclass(frozen=True)
class MergeWords:
    """What the merge half shows beside its items."""

    own: str
    stops: tuple[Stop, ...]
    first: tuple[str, ...]
    """What has to merge before this one, first ones first."""
    edges: tuple[EdgeWords, ...]
    cycles: tuple[tuple[str, ...], ...]
    parsed: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def any(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.edges or self.cycles or self.parsed or self.warnings or self.stops)


def merge_words(report: Report) -> MergeWords:
    """Return the merge graph of a report; unsatisfied edges first, in the declared order."""
    home = report.repository or ""
    merge = report.merge
    place = {name: at for at, name in enumerate(merge.order)}
    states = {edge.dependency: edge.state for edge in merge.edges}
    own = f"{home}#{report.pull_request}" if report.pull_request else ""

    def key(edge: ReportEdge) -> tuple[bool, int, str]:
        return edge.state in _DONE, place.get(edge.dependency, len(place)), edge.dependency

    edges = sorted(merge.edges, key=key)
    open_ones = [edge.dependency for edge in edges if edge.state in _OPEN]
    first = tuple(dict.fromkeys(short(name, home) for name in open_ones))
    stops = tuple(
        Stop(short(name, home), states.get(name), name == own, name in open_ones[:1])
        for name in merge.order
    )
    return MergeWords(
        own=short(own, home),
        stops=stops,
        first=first,
        edges=tuple(
            EdgeWords(
                short(edge.waiting, home),
                short(edge.dependency, home),
                edge.state,
                edge.sources,
            )
            for edge in edges
        ),
        cycles=tuple(tuple(short(name, home) for name in cycle) for cycle in merge.cycles),
        parsed=merge.parsed,
        warnings=merge.warnings,
    )


def short(name: str, home: str) -> str:
    """Return `#14` for a pull request of the home repository, the name as it is for others."""
    repository, found, number = name.rpartition("#")
    same = found and repository.lower() == home.lower()
    return f"#{number}" if same else name
