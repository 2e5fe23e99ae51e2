"""The merge graph around a pull request, in the order in which a reader asks. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from readiness_gate.merge.picture import mermaid
from readiness_gate.model.pull_request import EdgeSource, EdgeState, Reference
from readiness_gate.model.report import MergeReport, Report, ReportEdge, ReportMover
from readiness_gate.report.escape import Safe

_NOTHING = Safe("")
FOLDED_ABOVE = 12
"""Nodes above which the picture is folded away (DESIGN 1.3)."""
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
    picture: Safe = _NOTHING
    """The graph as Mermaid; empty where there is nothing beside this one."""
    crowded: bool = False
    """Whether the picture has so many nodes that it is folded away."""
    omitted: int = 0
    blocks: tuple[str, ...] = ()
    movers: tuple[ReportMover, ...] = ()
    landing: tuple[str, ...] = ()

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
        picture=_picture(merge, home, own),
        crowded=len(merge.nodes) > FOLDED_ABOVE,
        omitted=merge.omitted,
        blocks=tuple(short(name, home) for name in merge.blocks),
        movers=tuple(
            one.model_copy(update={"name": short(one.name, home)}) for one in merge.movers
        ),
        landing=merge.landing,
    )


def _picture(merge: MergeReport, home: str, own: str) -> Safe:
    states = {one: node.state for node in merge.nodes for one in _reference(node.name)}
    edges = [
        (waiting, dependency)
        for edge in merge.around
        for waiting in _reference(edge.waiting)
        for dependency in _reference(edge.dependency)
    ]
    if len(states) < 2:
        return _NOTHING
    drawn = mermaid(states, edges, home=home, own=list(_reference(own)))
    return Safe(f"```mermaid\n{drawn}\n```")


def _reference(name: str) -> Iterator[Reference]:
    repository, _, number = name.rpartition("#")
    if number.isascii() and number.isdigit() and len(number) < 11:
        yield Reference(repository, int(number))


def short(name: str, home: str) -> str:
    """Return `#14` for a pull request of the home repository, the name as it is for others."""
    repository, found, number = name.rpartition("#")
    same = found and repository.lower() == home.lower()
    return f"#{number}" if same else name
