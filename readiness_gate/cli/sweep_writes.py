"""What a sweep writes of its verdicts: what differs from what stands, statuses before comments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from readiness_gate.cli.evaluation import Gate
from readiness_gate.cli.publication import Publication, Published, Said, Told, could_not_begin
from readiness_gate.errors import GateError
from readiness_gate.forge.base import CommitStatus, Standing
from readiness_gate.forge.events import requested
from readiness_gate.model.outcome import Conclusion, Half
from readiness_gate.model.pull_request import PullRequest
from readiness_gate.model.report import Report
from readiness_gate.publish.comment import SETTLE
from readiness_gate.publish.statuses import StatusWrite, context_of, fitting

_IN_A_ROW = 3
"""Writes that GitHub does not answer, after which the others are left to the next sweep."""


@dataclass(eq=False)
class Swept:
    """A pull request on its way through a sweep: first decided, then perhaps written."""

    standing: Standing
    publication: Publication | None = None
    report: Report | None = None
    error: GateError | None = None
    """Why there is no report."""
    told: Told | None = None
    speaks_for_it: bool = False
    """Whether another pull request with its head writes the status of both."""
    written: tuple[StatusWrite, ...] = ()
    published: Published | None = None

    @property
    def pull_request(self) -> PullRequest:
        """The pull request as the list has it."""
        return self.standing.pull_request

    @property
    def number(self) -> int:
        """Its number."""
        return self.pull_request.reference.number


def due(gate: Gate, one: Swept) -> bool:
    """Return whether something else stands on its head than what is to be said."""
    if not gate.settings.may_write or one.speaks_for_it:
        return False
    standing = one.standing.statuses
    said = one.told.said if one.told is not None else (_of_error(gate, one),)
    own = gate.graphs.listed().identity if gate.graphs is not None else None
    return any(_differs(each, standing, own) for each in said if each.write)


def stands(gate: Gate, one: Swept) -> bool:
    """Return whether any verdict of the merge half stands on its head."""
    return context_of(gate.settings.status_prefix, Half.MERGE) in (one.standing.statuses or {})


def observed(gate: Gate, one: Swept) -> bool:
    """Return whether only its comment says what was found, because nothing is enforced."""
    if not gate.settings.may_write or one.publication is None or one.told is None:
        return False
    return not one.publication.write and not one.told.report.preview


def _differs(said: Said, standing: Mapping[str, CommitStatus] | None, own: str | None) -> bool:
    if standing is None:
        return True
    before = standing.get(said.context)
    if before is None:
        return said.conclusion is not None
    if own is not None and before.creator != own:
        return True  # whoever may write can write our contexts too (notes on security S-20)
    conclusion = said.conclusion or Conclusion.SUCCESS  # nothing planned
    return (before.state, before.description) != (conclusion, said.description)


def _of_error(gate: Gate, one: Swept) -> Said:
    context = context_of(gate.settings.status_prefix, Half.MERGE)
    message = one.error.message if one.error is not None else ""
    return Said(context, Conclusion.ERROR, fitting(message), write=True)


def urgency(gate: Gate, one: Swept) -> tuple[int, int]:
    """Sort what has to lose its green first, then what has no status, then the rest."""
    context = context_of(gate.settings.status_prefix, Half.MERGE)
    before = (one.standing.statuses or {}).get(context)
    if before is None:
        return 1, one.number
    said = one.told.said[0].conclusion if one.told is not None else Conclusion.ERROR
    revoked = before.state is Conclusion.SUCCESS and said is not Conclusion.SUCCESS
    return (0 if revoked else 2), one.number


def write_statuses(gate: Gate, chosen: Sequence[Swept]) -> int:
    """Write the statuses; return how many were tried before GitHub no longer answered."""
    unanswered = 0
    for tried, one in enumerate(chosen):
        if unanswered == _IN_A_ROW:
            return tried
        if one.publication is not None and one.told is not None:
            one.written = one.publication.write_statuses(one.told)
            lost = any(status.became == "failed" for status in one.written)
            unanswered = unanswered + 1 if lost else 0
        elif one.error is not None:
            event = requested(mode="merge", pull_request=one.number)
            could_not_begin(gate, replace(event, head_sha=one.pull_request.head_sha), one.error)
    return len(chosen)


def write_comments(gate: Gate, chosen: Sequence[Swept]) -> None:
    """Write the comments, then look at all of them once more.

    Another writer that had read before us may have written after us; one wait serves them all.
    """
    written: list[Swept] = []
    unanswered = 0
    for at, one in enumerate(chosen):
        if unanswered == _IN_A_ROW:
            silent = ", ".join(f"#{other.number}" for other in chosen[at:])
            gate.console.problem(f"comments not written, GitHub does not answer: {silent}")
            break
        moved = any(status.became in {"moved", "stale", "failed"} for status in one.written)
        if one.publication is None or one.told is None or moved:
            continue
        one.published = one.publication.write_comment(one.told, one.written, rounds=1)
        became = one.published.comment.became if one.published.comment is not None else "off"
        unanswered = unanswered + 1 if became == "failed" else 0
        if became == "written":
            written.append(one)
    if written:
        gate.doors.clock.sleep(SETTLE)
    for one in written:
        if one.publication is not None and one.told is not None:
            one.publication.write_comment(one.told, one.written, rounds=1)
