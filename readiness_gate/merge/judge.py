"""From edges to one result: the worst state decides, every edge is shown. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from readiness_gate.merge.edges import Wording, outcome_of, wording
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.pull_request import Edge, EdgeSource, EdgeState, Fact, Issue, Reference
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed, pending

_SHOWN = 50
_ERROR_CLASSES = {
    EdgeState.NOT_LISTED: ErrorClass.CONFIGURATION,
    EdgeState.UNREACHABLE: ErrorClass.INFRASTRUCTURE,
    EdgeState.UNKNOWN: ErrorClass.INCONCLUSIVE,
}


@dataclass(frozen=True)
class Outlook:
    """What the words of a result need to know beside the edges."""

    home: str
    base_branch: str
    facts: Mapping[Reference, Fact]
    notes: tuple[str, ...] = ()
    """Further lines for the reader."""


def judge(
    edges: Sequence[Edge], outlook: Outlook, *, problems: Sequence[str] = (), nothing: str
) -> CheckResult:
    """Return the result over `edges`; `problems` fail whatever the edges say.

    `nothing` is the summary where there is neither an edge nor a problem.
    """
    details = "\n".join(
        (*problems, *(_line(edge, outlook) for edge in edges[:_SHOWN]), *outlook.notes)
    )
    evidence = (_table(edges, outlook),) if edges else ()
    failing = _of(edges, Outcome.FAILED)
    if problems or failing:
        says = [*problems, *_says(failing, outlook)]
        advice = _advice(failing, outlook) or None
        return failed(_first(says), details=details, evidence=evidence, remediation=advice)
    unread = _of(edges, Outcome.ERROR)
    if unread:
        return cannot_tell(
            _ERROR_CLASSES[unread[0].state],
            _first(_says(unread, outlook)),
            details=details,
            evidence=evidence,
            remediation=_advice(unread, outlook),
        )
    waiting = _of(edges, Outcome.PENDING)
    if waiting:
        return pending(
            _first(_says(waiting, outlook)),
            waiting_for=_waiting_for(waiting, outlook),
            details=details,
            evidence=evidence,
            remediation=_advice(waiting, outlook),
        )
    if not edges:
        return passed(nothing, details=details)
    return passed(_first(_says(edges, outlook), at_most=5), details=details, evidence=evidence)


def _of(edges: Iterable[Edge], outcome: Outcome) -> list[Edge]:
    return [edge for edge in edges if outcome_of(edge.state) is outcome]


def _says(edges: Iterable[Edge], outlook: Outlook) -> list[str]:
    return list(dict.fromkeys(_wording(edge, outlook).says for edge in edges))


def _first(says: Sequence[str], *, at_most: int = 3) -> str:
    more = len(says) - at_most
    return "; ".join(says[:at_most]) + (f"; and {more} more" if more > 0 else "")


def _advice(edges: Iterable[Edge], outlook: Outlook) -> str:
    steps = list(dict.fromkeys(_wording(edge, outlook).next_step for edge in edges))
    text = _first(steps, at_most=5)
    return text[:1].upper() + text[1:] + "." if text else ""


def _waiting_for(edges: Sequence[Edge], outlook: Outlook) -> str:
    wishes = []
    for edge in edges:
        done = "completed" if isinstance(outlook.facts.get(edge.dependency), Issue) else "merged"
        wishes.append(f"{edge.dependency.short(outlook.home)} to be {done}")
    unique = list(dict.fromkeys(wishes))
    return ", ".join(unique[:5]) + (f" and {len(unique) - 5} more" if len(unique) > 5 else "")


def _line(edge: Edge, outlook: Outlook) -> str:
    own = edge.waiting.short(outlook.home)
    return f"{own} waits: {_wording(edge, outlook).says} (stated by {_sources(edge)})"


def _sources(edge: Edge) -> str:
    return ", ".join(source.value for source in EdgeSource if source in edge.sources)


def _table(edges: Sequence[Edge], outlook: Outlook) -> TableEvidence:
    return TableEvidence(
        title="Dependencies",
        columns=("pull request", "waits for", "state", "stated by", "next step"),
        rows=tuple(
            (
                edge.waiting.short(outlook.home),
                edge.dependency.short(outlook.home),
                edge.state.value,
                _sources(edge),
                _wording(edge, outlook).next_step,
            )
            for edge in edges[:_SHOWN]
        ),
        omitted=max(0, len(edges) - _SHOWN),
    )


def _wording(edge: Edge, outlook: Outlook) -> Wording:
    return wording(
        edge,
        home=outlook.home,
        fact=outlook.facts.get(edge.dependency),
        base_branch=outlook.base_branch,
    )
