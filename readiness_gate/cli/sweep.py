"""Decides the merge halves of many pull requests, then writes what changed: statuses first.

What a status says is compared with the list, so that nothing is read again for a verdict that
stands. Each write costs a reading before it and GitHub's second between writes, and a workflow's
token has 1,000 requests an hour: `WRITES` pull requests are written in one run, the rest is named
and left to the next sweep. Verdicts that are no longer green go first: a wrong green merges.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from readiness_gate.cli.evaluation import Gate, evaluate_case, plan_case
from readiness_gate.cli.policies import PoliciesRead, read_policies
from readiness_gate.cli.publication import (
    not_written,
    only_refused,
    publication_of,
)
from readiness_gate.cli.shared_head import with_twins
from readiness_gate.cli.subject import Case
from readiness_gate.cli.sweep_writes import (
    Swept,
    due,
    observed,
    stands,
    urgency,
    write_comments,
    write_statuses,
)
from readiness_gate.engine.evaluate import Subject
from readiness_gate.engine.policy import Policy
from readiness_gate.errors import ForgeError, GateError, NoConfiguration
from readiness_gate.forge.base import Forge, Standing
from readiness_gate.forge.events import requested
from readiness_gate.model.outcome import Conclusion, Half
from readiness_gate.model.pull_request import PullRequest
from readiness_gate.model.report import Report

WRITES = 100
"""Pull requests whose status and comment one run writes: seven requests and two points each."""
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


def evaluate_all(
    gate: Gate, standing: Iterable[Standing], *, refresh: Collection[int] = ()
) -> ReEvaluated:
    """Evaluate the merge half of each and write what changed.

    Of `refresh` no verdict is written: their comment is looked at, where a verdict stands.
    """
    if gate.forge is None:
        raise ForgeError("there is no GitHub to ask")
    everyone = [Swept(one) for one in standing]
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
    changed = [one for one in decided if one.number not in refresh and due(gate, one)]
    changed.sort(key=lambda one: urgency(gate, one))
    chosen, left = changed[:WRITES], changed[WRITES:]
    tried = write_statuses(gate, chosen)
    left = [*chosen[tried:], *left]
    heads = {one.pull_request.head_sha for one in chosen[:tried]}
    further = [
        one
        for one in decided
        if one not in changed
        and (one.pull_request.head_sha in heads or (one.number in refresh and stands(gate, one)))
    ]
    # Where nothing is enforced no status can tell whether the comment still says what holds.
    further += [one for one in decided if observed(gate, one)][: WRITES - len(chosen)]
    write_comments(gate, [*chosen[:tried], *further])
    return _summed_up(gate, everyone, left)


def _add_labels(forge: Forge, everyone: Sequence[Swept], read: PoliciesRead) -> None:
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


def _decide(gate: Gate, one: Swept, read: PoliciesRead, since: datetime) -> None:
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


def _join_twins(decided: Sequence[Swept]) -> None:
    """Make of every report what is to be said, worst of all where a head is shared."""
    by_head: dict[str, list[Swept]] = defaultdict(list)
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


def _conclusion(one: Swept) -> Conclusion | None:
    return one.report.conclusions.merge if one.report is not None else Conclusion.ERROR


def _summed_up(gate: Gate, everyone: Sequence[Swept], left: Sequence[Swept]) -> ReEvaluated:
    failed: list[str] = []
    refused: list[str] = []
    moved: list[Swept] = []
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
