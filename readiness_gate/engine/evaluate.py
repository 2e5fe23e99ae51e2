"""One evaluation, step by step: plan, facts, run, results, conclusions, report."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from readiness_gate.checks.base import Check
from readiness_gate.checks.context import CheckContext, MergeFacts, StepRecord
from readiness_gate.doors.clock import Clock, Deadline
from readiness_gate.engine.assemble import Circumstance, assemble, conclusions
from readiness_gate.engine.bind import BoundCheck
from readiness_gate.engine.execute import of_exception
from readiness_gate.engine.plan import PlannedItem, Scope, plan
from readiness_gate.engine.policy import Policy
from readiness_gate.engine.results import OtherHalf, results, unnecessary
from readiness_gate.engine.run import Executed, Execution, Listener, span
from readiness_gate.engine.run import run as run_checks
from readiness_gate.engine.steps import Step
from readiness_gate.engine.sums import summed_up
from readiness_gate.model.outcome import ErrorClass, Half
from readiness_gate.model.pull_request import MergeGroup, PullRequest, Reference
from readiness_gate.model.report import ApiUsage, Report, Span
from readiness_gate.model.result import cannot_tell

_MERGE_SECONDS = 60.0
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
    def pull_requests(self) -> tuple[Reference, ...]:
        """The pull request, or every member of the merge group."""
        if self.merge_group is not None:
            return self.merge_group.members
        return (self.pull_request.reference,) if self.pull_request is not None else ()

    @property
    def draft(self) -> bool:
        """Whether the merge half waits for the author to mark it as ready for review."""
        return self.pull_request is not None and self.pull_request.draft


@dataclass(frozen=True)
class Means:
    """With what it is evaluated; everything that touches the world was opened by `cli/`."""

    catalogue: Mapping[str, Check[Any]]
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
    release: Callable[[], bool] = lambda: False
    """Removes what the checks half had booted; returns whether there was anything."""


def planned(
    policy: Policy, scope: Scope, catalogue: Mapping[str, Check[Any]]
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
    origin = means.clock.monotonic()
    worked = _run([item for item in mine if item.half is Half.CHECKS], None, means, origin)
    gone = _release(means, origin)
    # Facts last: they are written right after, and what GitHub said before a long boot is stale.
    merge = [item for item in mine if item.half is Half.MERGE]
    facts, broken = _facts(merge, means)
    decided_by = _run(merge, facts, means, origin) if broken is None else _all(merge, broken)
    found = results(
        items,
        {**worked.executed, **decided_by.executed},
        waivers=policy.waivers,
        other_half=_other_half(mine, means),
        halves=halves,
    )
    draft = _draft(subject, facts)
    decided = conclusions(items, found, halves, draft=draft)
    notes = unnecessary(found, policy.waivers)
    about = _about(subject, started, means, draft=draft)
    spans = [*worked.spans, *gone, *decided_by.spans]
    return assemble(policy, found, decided, facts, spans, about, notes)


def _draft(subject: Subject, facts: MergeFacts | None) -> bool:
    known = facts.pull_request if facts is not None else None
    return known.draft if known is not None else subject.draft


def _other_half(items: Sequence[PlannedItem], means: Means) -> OtherHalf | None:
    """Return the half that was not computed, where an item sums it up; else nobody asks."""
    wanted = any(summed_up(item.checks) for item in items if item.skipped is None)
    return means.other_half() if wanted else None


def _release(means: Means, origin: float) -> list[Span]:
    """Remove the target before GitHub is asked; its time is part of the timeline."""
    began = means.clock.monotonic()
    if not means.release():
        return []
    ended = means.clock.monotonic()
    return [span("teardown", "teardown", began - origin, ended - origin)]


def _facts(items: Sequence[PlannedItem], means: Means) -> tuple[MergeFacts | None, Executed | None]:
    if all(item.skipped is not None for item in items):
        return None, None
    if means.merge_facts is None:
        return None, Executed(NO_GITHUB)
    try:
        return means.merge_facts(), None
    except Exception as error:
        return None, Executed(of_exception(error))


def _run(
    items: Sequence[PlannedItem], facts: MergeFacts | None, means: Means, origin: float
) -> Execution:
    titles = {item.id: item.title for item in items}

    def context(bound: BoundCheck, records: Mapping[str, StepRecord]) -> CheckContext:
        shared = means.context(records, facts)
        return replace(
            shared,
            item_id=bound.item,
            item_title=titles[bound.item],
            allowed=shared.allowed & {bound.check.id},
        )

    deadline = means.deadline
    if facts is not None:
        # A slow half must not take the time of the one that only asks GitHub.
        deadline = Deadline(means.clock, max(deadline.remaining(), _MERGE_SECONDS))
    return run_checks(
        items,
        means.steps,
        context,
        clock=means.clock,
        deadline=deadline,
        listener=means.listener,
        stopped=means.stopped,
        origin=origin,
    )


def _all(items: Sequence[PlannedItem], broken: Executed) -> Execution:
    return Execution(executed={one.key: broken for item in items for one in item.checks})


def _about(subject: Subject, started: datetime, means: Means, *, draft: bool) -> Circumstance:
    return Circumstance(
        repository=subject.repository,
        pull_request=subject.pull_request.reference.number if subject.pull_request else None,
        head_sha=subject.head_sha,
        base_sha=subject.base_sha,
        tested_sha=subject.tested_sha,
        draft=draft,
        started_at=started,
        finished_at=means.clock.now(),
        api=means.usage(),
    )
