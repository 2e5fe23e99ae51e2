"""One evaluation, step by step: plan, facts, run, results, conclusions, report."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from readiness_gate.checks.base import Check, CheckContext, MergeFacts, StepRecord
from readiness_gate.doors.clock import Clock, Deadline
from readiness_gate.engine.assemble import Circumstance, assemble, conclusions
from readiness_gate.engine.bind import BoundCheck
from readiness_gate.engine.execute import of_exception
from readiness_gate.engine.plan import PlannedItem, Scope, half_of, plan
from readiness_gate.engine.policy import Policy
from readiness_gate.engine.results import OtherHalf, results, unnecessary
from readiness_gate.engine.run import Executed, Execution, Listener
from readiness_gate.engine.run import run as run_checks
from readiness_gate.engine.steps import Step
from readiness_gate.engine.sums import summed_up
from readiness_gate.model.outcome import ErrorClass, Half
from readiness_gate.model.pull_request import MergeGroup, PullRequest
from readiness_gate.model.report import ApiUsage, Report
from readiness_gate.model.result import cannot_tell

NO_GITHUB = cannot_tell(
    ErrorClass.CONFIGURATION,
    "no facts of GitHub",
    remediation="Give --snapshot FILE, or set GITHUB_TOKEN and GITHUB_REPOSITORY.",
)


@dataclass(frozen=True)
class Subject:
    """What is evaluated: a pull request, a merge group, a commit, or just the working tree."""

    repository: str | None
    pull_request: PullRequest | None
    merge_group: MergeGroup | None
    head_sha: str | None
    base_sha: str | None
    tested_sha: str | None

    @property
    def draft(self) -> bool:
        """Whether the merge half waits for the author to mark it as ready for review."""
        return self.pull_request is not None and self.pull_request.draft


@dataclass(frozen=True)
class Means:
    """With what it is evaluated; everything that touches the world was opened by `cli/`."""

    catalogue: Sequence[Check[Any]]
    clock: Clock
    deadline: Deadline
    listener: Listener
    stopped: Callable[[], bool]
    steps: Sequence[Step]
    context: Callable[[Mapping[str, StepRecord], MergeFacts | None], CheckContext]
    """Returns the context that all checks share; the engine adds what differs by item."""
    merge_facts: Callable[[], MergeFacts] | None
    """Reads GitHub's facts, once; `None` where there is no GitHub."""
    other_half: Callable[[], OtherHalf | None]
    usage: Callable[[], ApiUsage]


def planned(
    policy: Policy, scope: Scope, catalogue: Sequence[Check[Any]]
) -> tuple[PlannedItem, ...]:
    """Return the items of a run.

    Raises:
        ConfigurationError: the configuration binds what does not exist.
    """
    return plan(policy.loaded, policy.checklist, catalogue, scope)


def evaluate(
    policy: Policy,
    items: Sequence[PlannedItem],
    halves: frozenset[Half],
    subject: Subject,
    means: Means,
) -> Report:
    """Return the report over the halves; whatever goes wrong in it is an `error` item."""
    started = means.clock.now()
    mine = [item for item in items if item.half in halves]
    facts, broken = _facts(mine, means)
    execution = _run(mine, facts, broken, means)
    found = results(
        items,
        execution.executed,
        waivers=policy.waivers,
        other_half=_other_half(mine, means),
        halves=halves,
    )
    decided = conclusions(items, found, halves, draft=subject.draft)
    notes = unnecessary(found, policy.waivers)
    about = _about(subject, started, means)
    return assemble(policy, found, decided, facts, execution.spans, about, notes)


def _other_half(items: Sequence[PlannedItem], means: Means) -> OtherHalf | None:
    """Return the half that was not computed, where an item sums it up; else nobody asks."""
    wanted = any(summed_up(item.checks) for item in items if item.skipped is None)
    return means.other_half() if wanted else None


def _facts(items: Sequence[PlannedItem], means: Means) -> tuple[MergeFacts | None, Executed | None]:
    wanted = any(item.half is Half.MERGE and item.skipped is None for item in items)
    if not wanted:
        return None, None
    if means.merge_facts is None:
        return None, Executed(NO_GITHUB)
    try:
        return means.merge_facts(), None
    except Exception as error:
        return None, Executed(of_exception(error))


def _run(
    items: Sequence[PlannedItem],
    facts: MergeFacts | None,
    broken: Executed | None,
    means: Means,
) -> Execution:
    runnable = [item for item in items if broken is None or item.half is not Half.MERGE]

    titles = {item.id: item.title for item in items}

    def context(bound: BoundCheck, records: Mapping[str, StepRecord]) -> CheckContext:
        shared = means.context(records, facts)
        return replace(shared, item_id=bound.item, item_title=titles[bound.item])

    execution = run_checks(
        runnable,
        means.steps,
        context,
        clock=means.clock,
        deadline=means.deadline,
        listener=means.listener,
        stopped=means.stopped,
    )
    if broken is not None:
        for item in items:
            for bound in item.checks:
                if half_of(bound.check) is Half.MERGE:
                    execution.executed[bound.key] = broken
    return execution


def _about(subject: Subject, started: datetime, means: Means) -> Circumstance:
    return Circumstance(
        repository=subject.repository,
        pull_request=subject.pull_request.reference.number if subject.pull_request else None,
        head_sha=subject.head_sha,
        base_sha=subject.base_sha,
        tested_sha=subject.tested_sha,
        draft=subject.draft,
        started_at=started,
        finished_at=means.clock.now(),
        api=means.usage(),
    )
