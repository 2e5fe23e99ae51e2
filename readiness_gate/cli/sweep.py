"""Decides the merge halves of many pull requests, then writes what changed: statuses first.

What a status says is compared with the list, so that nothing is read again for a verdict that
stands. Each write costs a reading before it and GitHub's second between writes, and a workflow's
token has 1,000 requests an hour: `WRITES` pull requests are written in one run, the rest is named
and left to the next sweep. Verdicts that are no longer green go first: a wrong green merges.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from readiness_gate.cli.evaluation import Gate, evaluate_case, plan_case
from readiness_gate.cli.policies import PoliciesRead, read_policies
from readiness_gate.cli.publication import (
    Publication,
    Published,
    Said,
    Told,
    could_not_begin,
    not_written,
    only_refused,
    publication_of,
)
from readiness_gate.cli.shared_head import with_twins
from readiness_gate.cli.subject import Case
from readiness_gate.engine.evaluate import Subject
from readiness_gate.engine.policy import Policy
from readiness_gate.errors import ForgeError, GateError, NoConfiguration
from readiness_gate.forge.base import CommitStatus, Forge, Standing
from readiness_gate.forge.events import requested
from readiness_gate.model.outcome import Conclusion, Half
from readiness_gate.model.pull_request import PullRequest
from readiness_gate.model.report import Report
from readiness_gate.publish.comment import SETTLE
from readiness_gate.publish.statuses import StatusWrite, context_of, fitting

WRITES = 100
"""Pull requests whose status and comment one run writes: seven requests and two points each."""
_IN_A_ROW = 3
"""Writes that GitHub does not answer, after which the others are left to the next sweep."""
_MERGE = frozenset({Half.MERGE})


@dataclass(frozen=True)
class ReEvaluated:
    """What became of other pull requests; one that failed never skips the next."""

    reports: tuple[Report, ...]
    failed: tuple[str, ...]
    """`#17: why`, for each that could not be evaluated or written."""
    refused: tuple[str, ...] = ()
    """`#17: why`, for each that was evaluated, and that the token may not write."""
    left: tuple[int, ...] = ()
    """Numbers whose changed verdict is left to the next sweep."""

    @property
    def exit_code(self) -> int:
        """Return 0 when every one was decided and said, or is named as left; else 3."""
        return 3 if self.failed or self.refused else 0

    @property
    def exit_code_beside(self) -> int:
        """Return the same for those that are re-evaluated beside an event's own pull request.

        What a fork's token may not write is left to the next sweep.
        """
        return 3 if self.failed else 0


@dataclass(eq=False)
class _One:
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
        return self.standing.pull_request

    @property
    def number(self) -> int:
        return self.pull_request.reference.number


def evaluate_all(
    gate: Gate, standing: Iterable[Standing], *, refresh: Collection[int] = ()
) -> ReEvaluated:
    """Evaluate the merge half of each and write what changed.

    Of `refresh` no verdict is written: their comment is looked at, where a verdict stands.
    """
    if gate.forge is None:
        raise ForgeError("there is no GitHub to ask")
    everyone = [_One(one) for one in standing]
    listed = gate.graphs.read_at if gate.graphs is not None else None
    since = listed or gate.doors.clock.now()
    if gate.facts is not None:
        gate.facts.expect([one.pull_request for one in everyone])
    read = read_policies(gate, gate.forge, {one.pull_request.base_branch for one in everyone})
    _add_labels(gate.forge, everyone, read)
    for one in everyone:
        _decide(gate, one, read, since)
    decided = [one for one in everyone if one.report is not None or one.error is not None]
    _join_twins(decided)
    due = [one for one in decided if one.number not in refresh and _due(gate, one)]
    due.sort(key=lambda one: _urgency(gate, one))
    chosen, left = due[:WRITES], due[WRITES:]
    tried = _write_statuses(gate, chosen)
    left = [*chosen[tried:], *left]
    heads = {one.pull_request.head_sha for one in chosen[:tried]}
    further = [
        one
        for one in decided
        if one not in due
        and (one.pull_request.head_sha in heads or (one.number in refresh and _stands(gate, one)))
    ]
    # Where nothing is enforced no status can tell whether the comment still says what holds.
    further += [one for one in decided if _observed(gate, one)][: WRITES - len(chosen)]
    _write_comments(gate, [*chosen[:tried], *further])
    return _summed_up(gate, everyone, left)


def _add_labels(forge: Forge, everyone: Sequence[_One], read: PoliciesRead) -> None:
    """Read the labels of those whose policy speaks of any; the list has none."""
    counting = {branch for branch, (policy, _) in read.known.items() if _labels_count(policy)}
    asked = {one.number: one for one in everyone if one.pull_request.base_branch in counting}
    if not asked:
        return
    try:
        labels = forge.labels(list(asked))
    except ForgeError as error:
        for one in asked.values():
            one.error = error
        return
    for number, one in asked.items():
        labelled = replace(one.pull_request, labels=labels.get(number, ()))
        one.standing = replace(one.standing, pull_request=labelled)


def _labels_count(policy: Policy) -> bool:
    # Whatever names them, a `when` or an option of a check, has the word in it.
    return "label" in policy.loaded.config.model_dump_json(exclude_unset=True).lower()


def _decide(gate: Gate, one: _One, read: PoliciesRead, since: datetime) -> None:
    """Evaluate it; whatever goes wrong is its own error and nobody else's."""
    branch = one.pull_request.base_branch
    if isinstance(read.refused.get(branch), NoConfiguration):
        gate.console.note(f"note: #{one.number}: its base branch has no configuration")
        return
    try:
        if one.error is not None:
            raise one.error
        if branch in read.refused:
            raise read.refused[branch]
        case = _case(gate, one.pull_request, *read.known[branch])
        event = requested(mode="merge", pull_request=one.number)
        one.publication = publication_of(gate, case, event, _MERGE, since=since)
        one.report = evaluate_case(gate, case, plan_case(gate, case), _MERGE, quiet=True)
    except Exception as error:
        # Nothing else of the fan-out is skipped because one failed, whatever it was.
        one.error = error if isinstance(error, GateError) else GateError(f"internal: {error!r}")


def _case(gate: Gate, pull_request: PullRequest, policy: Policy, base_sha: str) -> Case:
    subject = Subject(
        repository=gate.forge.repository if gate.forge is not None else None,
        pull_request=pull_request,
        merge_group=None,
        head_sha=pull_request.head_sha,
        base_sha=base_sha,
        tested_sha=None,
    )
    return Case(subject, policy, "pull_request", pull_request.base_branch, pull_request.labels)


def _join_twins(decided: Sequence[_One]) -> None:
    """Make of every report what is to be said, worst of all where a head is shared."""
    by_head: dict[str, list[_One]] = defaultdict(list)
    for one in decided:
        if one.error is not None or (one.publication is not None and one.publication.write):
            by_head[one.pull_request.head_sha].append(one)
    for one in decided:
        if one.report is None or one.publication is None:
            continue
        twins = by_head.get(one.pull_request.head_sha, [one])
        others = [_conclusion(twin) for twin in twins if twin is not one]
        shared = with_twins(one.report, [twin.number for twin in twins], others)
        one.told = one.publication.verdict(shared)
    for twins in by_head.values():
        # They all say the same of the commit, so one of them writes it.
        speaker = next((one for one in twins if one.told is not None), twins[0])
        for one in twins:
            one.speaks_for_it = one is not speaker


def _conclusion(one: _One) -> Conclusion | None:
    return one.report.conclusions.merge if one.report is not None else Conclusion.ERROR


def _due(gate: Gate, one: _One) -> bool:
    """Return whether something else stands on its head than what is to be said."""
    if not gate.settings.may_write or one.speaks_for_it:
        return False
    standing = one.standing.statuses
    said = one.told.said if one.told is not None else (_of_error(gate, one),)
    return any(_differs(each, standing) for each in said if each.write)


def _stands(gate: Gate, one: _One) -> bool:
    return context_of(gate.settings.status_prefix, Half.MERGE) in (one.standing.statuses or {})


def _observed(gate: Gate, one: _One) -> bool:
    if not gate.settings.may_write or one.publication is None or one.told is None:
        return False
    return not one.publication.write and not one.told.report.preview


def _differs(said: Said, standing: Mapping[str, CommitStatus] | None) -> bool:
    if standing is None:
        return True
    before = standing.get(said.context)
    if before is None:
        return said.conclusion is not None
    conclusion = said.conclusion or Conclusion.SUCCESS  # nothing planned
    return (before.state, before.description) != (conclusion, said.description)


def _of_error(gate: Gate, one: _One) -> Said:
    context = context_of(gate.settings.status_prefix, Half.MERGE)
    message = one.error.message if one.error is not None else ""
    return Said(context, Conclusion.ERROR, fitting(message), write=True)


def _urgency(gate: Gate, one: _One) -> tuple[int, int]:
    """Sort what has to lose its green first, then what has no status, then the rest."""
    context = context_of(gate.settings.status_prefix, Half.MERGE)
    before = (one.standing.statuses or {}).get(context)
    if before is None:
        return 1, one.number
    said = one.told.said[0].conclusion if one.told is not None else Conclusion.ERROR
    revoked = before.state is Conclusion.SUCCESS and said is not Conclusion.SUCCESS
    return (0 if revoked else 2), one.number


def _write_statuses(gate: Gate, chosen: Sequence[_One]) -> int:
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


def _write_comments(gate: Gate, chosen: Sequence[_One]) -> None:
    """Write the comments, then look at all of them once more.

    Another writer that had read before us may have written after us; one wait serves them all.
    """
    written: list[_One] = []
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


def _summed_up(gate: Gate, everyone: Sequence[_One], left: Sequence[_One]) -> ReEvaluated:
    failed: list[str] = []
    refused: list[str] = []
    moved: list[_One] = []
    for one in everyone:
        if one.error is not None:
            failed.append(f"#{one.number}: {one.error.message}")
            continue
        comment = one.published.comment if one.published is not None else None
        notes = not_written(one.written, comment)
        if any(status.became in {"moved", "stale"} for status in one.written):
            moved.append(one)
        elif notes:
            kept = refused if only_refused(one.written) else failed
            kept.append(f"#{one.number}: {'; '.join(notes)}")
    reasons: dict[str, list[str]] = defaultdict(list)
    for line in failed:
        name, _, why = line.partition(": ")
        reasons[why].append(name)
    for why, names in reasons.items():
        gate.console.problem(f"{', '.join(names)}: {why}")
    _note(gate, (line.partition(":")[0] for line in refused), "this token may not write")
    if gate.forge is not None:
        usage = gate.forge.usage
        gate.console.note(f"asked of GitHub: {usage.requests} requests, {usage.points} points")
    _note(gate, (f"#{one.number}" for one in moved), "it changed while it was evaluated")
    _note(gate, (f"#{one.number}" for one in left), f"one run writes {WRITES}")
    return ReEvaluated(
        tuple(one.told.report for one in everyone if one.told is not None),
        tuple(failed),
        tuple(refused),
        tuple(sorted(one.number for one in (*left, *moved))),
    )


def _note(gate: Gate, names: Iterable[str], why: str) -> None:
    listed = ", ".join(names)
    if listed:
        gate.console.note(f"note: left to the next sweep, {why}: {listed}")
