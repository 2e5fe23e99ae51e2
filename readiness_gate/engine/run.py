"""Runs a plan: steps and checks as one graph, each identical check once (DESIGN 2.1)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Literal, Protocol, cast

from readiness_gate.checks.context import CheckContext, StepRecord
from readiness_gate.doors.clock import Clock, Deadline
from readiness_gate.engine.bind import BoundCheck
from readiness_gate.engine.execute import GRACE, execute
from readiness_gate.engine.plan import PlannedItem
from readiness_gate.engine.preload import preload
from readiness_gate.engine.recovery import put_back
from readiness_gate.engine.schedule import Done, Lane, Node
from readiness_gate.engine.schedule import run as run_nodes
from readiness_gate.engine.steps import (
    MIGRATE,
    REPORTER,
    SETTLED,
    STACK,
    Step,
    reads_its_record,
    result_of,
    steps_for,
    with_predecessors,
    without,
)
from readiness_gate.engine.sums import summed_up
from readiness_gate.model.outcome import CheckClass, ErrorClass, Need, Outcome
from readiness_gate.model.report import Span
from readiness_gate.model.result import CheckResult, cannot_tell

_LANE = {
    CheckClass.READ: Lane.SHARED,
    CheckClass.EXERCISE: Lane.SINGLE,
    CheckClass.MEASURE: Lane.ALONE,
    CheckClass.DISRUPT: Lane.ALONE,
}
_WAITING = frozenset({"cors", "http", "metrics", "promql", "security-headers", "tls"})
"""Checks that wait for answers of the network, and neither compute nor hold anything meanwhile."""
SpanKind = Literal["build", "boot", "seed", "migrate", "check", "teardown", "forge"]


class Listener(Protocol):
    """Is told of progress, from any thread; what it does never changes a result."""

    def began(self, name: str) -> None:
        """A step or check begins."""
        ...

    def waiting(self, text: str) -> None:
        """A step waits for something, in one line."""
        ...

    def ended(self, name: str, outcome: str, summary: str, seconds: float) -> None:
        """A step or check ended."""
        ...


@dataclass(frozen=True)
class Executed:
    """A check that ran, or was kept from running by `cause` (a check's id)."""

    result: CheckResult
    started_at: datetime | None = None
    seconds: float = 0.0
    cause: str | None = None


@dataclass
class Execution:
    """The state of one run; written by the scheduler's threads, each its own keys."""

    records: dict[str, StepRecord] = field(default_factory=dict)
    executed: dict[str, Executed] = field(default_factory=dict)
    spans: list[Span] = field(default_factory=list)


def run(
    items: Sequence[PlannedItem],
    steps: Sequence[Step],
    context_for: Callable[[BoundCheck, Mapping[str, StepRecord]], CheckContext],
    *,
    clock: Clock,
    deadline: Deadline,
    listener: Listener,
    stopped: Callable[[], bool],
    origin: float | None = None,
) -> Execution:
    """Run every check of the items that are neither skipped nor unfinished.

    The timeline counts from `origin` on the clock, by default from now.

    Returns:
        What ran, by `BoundCheck.key`. A check without an entry was never begun.
    """
    preload(one for item in items for one in item.checks if item.skipped is None)
    begun = clock.monotonic() if origin is None else origin
    runner = _Runner(steps, context_for, clock, deadline, listener, begun)
    run_nodes(runner.nodes(items), stopped=lambda: stopped() or deadline.passed)
    return runner.state


class _Runner:
    def __init__(
        self,
        steps: Sequence[Step],
        context_for: Callable[[BoundCheck, Mapping[str, StepRecord]], CheckContext],
        clock: Clock,
        deadline: Deadline,
        listener: Listener,
        origin: float,
    ) -> None:
        self.state = Execution()
        self._steps = {step.name: step for step in steps}
        self._context_for = context_for
        self._clock = clock
        self._deadline = deadline
        self._listener = listener
        self._origin = origin
        self._sick: tuple[str, str] | None = None
        """The check after which the stack did not become healthy again, and why."""
        self._booted: set[str] = set()
        self._names: dict[str, str] = {}
        """What a reader knows a check by: the first item that asks for it."""

    def nodes(self, items: Sequence[PlannedItem]) -> dict[str, Node]:
        bound: dict[str, tuple[BoundCheck, float]] = {}
        for item in items:
            # A roll-up is a sum over the other items: there is nothing to run.
            if item.skipped is None and item.todo is None and summed_up(item.checks) is None:
                for number, one in enumerate(item.checks, 1):
                    limit = max(item.timeout, bound.get(one.key, (one, 0.0))[1])
                    bound[one.key] = (one, limit)
                    several = f" {number}/{len(item.checks)}" if len(item.checks) > 1 else ""
                    self._names.setdefault(one.key, f"{item.id}{several}")
        wanted = frozenset(name for one, _ in bound.values() for name in self._wanted_by(one))
        needed = with_predecessors(wanted, list(self._steps.values()))
        first = frozenset(key for key, (one, _) in bound.items() if one.check.before_steps)
        nodes = {
            f"step {name}": Node(
                f"step {name}",
                frozenset(f"step {before}" for before in self._steps[name].after) or first,
                Lane.SHARED,
                partial(self._step, name),
            )
            for name in needed
        }
        calm = {key for key, (one, _) in bound.items() if _class(one) is not CheckClass.DISRUPT}
        late = {key for key in calm if bound[key][0].check.at_the_end}
        for key, (one, limit) in bound.items():
            after = {f"step {name}" for name in self._needed_by(one)}
            if _class(one) is CheckClass.DISRUPT:
                after |= calm
            elif key in late:
                after |= calm - late
            nodes[key] = Node(
                key,
                frozenset(after),
                _lane(one),
                partial(self._check, one, limit),
            )
        return nodes

    def _needed_by(self, bound: BoundCheck) -> list[str]:
        return [name for name in sorted(self._wanted_by(bound)) if name in self._steps]

    def _wanted_by(self, bound: BoundCheck) -> frozenset[str]:
        """Return the steps of a check; one that uses the stack also waits for a late upgrade.

        Whether the services are healthy is told without it: that answers for the stack's steps.
        """
        wanted = _steps_for(bound)
        late = MIGRATE in self._steps and STACK in self._steps[MIGRATE].after
        if late and wanted & {STACK, SETTLED} and bound.check.id != REPORTER[STACK]:
            return wanted | {MIGRATE}
        return wanted

    def _step(self, name: str, done: Done) -> None:
        self._do_step(name)
        done()

    def _do_step(self, name: str) -> None:
        step = self._steps[name]
        broken = next((before for before in step.after if self._broken(before)), None)
        if broken is not None:
            # The record of the first failure stands for every step behind it.
            self.state.records[name] = replace(self.state.records[broken], seconds=0.0)
            return
        self._listener.began(name)
        started = self._clock.monotonic()
        record = step.run()
        ended = self._clock.monotonic()
        record = replace(record, name=name, seconds=ended - started)
        self.state.records[name] = record
        self._span(name, step.span_kind, started, ended)
        self._spans_within(record)
        self._listener.ended(
            name, "done" if record.succeeded else "failed", record.summary, record.seconds
        )

    def _spans_within(self, record: StepRecord) -> None:
        """Add the images and services of a step; a service counts where it was first seen."""
        for image in record.images:
            if image.began is not None:
                name = f"image {image.service}"
                self._span(name, "build", image.began, image.began + image.seconds)
        for one in record.health:
            if one.began is not None and one.service not in self._booted:
                self._booted.add(one.service)
                self._span(f"service {one.service}", "boot", one.began, one.began + one.seconds)

    def _broken(self, name: str) -> bool:
        record = self.state.records.get(name)
        return record is None or not record.succeeded

    def _check(self, bound: BoundCheck, limit: float, done: Done) -> None:
        kept = self._kept_from_running(bound) or self._kept_by_a_sick_stack(bound)
        if kept is not None:
            self.state.executed[bound.key] = kept
            done()
            return
        context = self._context_for(bound, dict(self.state.records))
        context = replace(context, timeout=self._deadline.remaining(limit))
        self._listener.began(self._names[bound.key])
        at, started = self._clock.now(), self._clock.monotonic()

        def then(result: CheckResult) -> None:
            error: BaseException | None = None
            try:
                self._end(bound, context, result, at, started)
            except BaseException as caught:
                error = caught
            done(error)

        execute(bound, context, then)

    def _end(
        self,
        bound: BoundCheck,
        context: CheckContext,
        result: CheckResult,
        at: datetime,
        started: float,
    ) -> None:
        if _class(bound) is CheckClass.DISRUPT:
            result = self._put_back(bound, context, result, self._clock.monotonic() - started)
        result = _not_the_platform(result, bound, context)
        ended = self._clock.monotonic()
        name = self._names[bound.key]
        self.state.executed[bound.key] = Executed(result, at, ended - started)
        self._span(name, "check", started, ended)
        self._listener.ended(name, result.outcome.value, result.summary, ended - started)

    def _put_back(
        self, bound: BoundCheck, context: CheckContext, result: CheckResult, seconds: float
    ) -> CheckResult:
        result, sick = put_back(context, result, self._deadline.remaining())
        if not sick and seconds >= context.timeout + GRACE:
            sick = "the check did not end, and may still be at work"
        if sick:
            self._sick = (bound.check.id, sick)
        return result

    def _kept_by_a_sick_stack(self, bound: BoundCheck) -> Executed | None:
        if self._sick is None or Need.STACK not in bound.needs:
            return None
        cause, sick = self._sick
        summary = f"not run: after {cause} the stack is not healthy: {sick}"
        return Executed(cannot_tell(ErrorClass.PREREQUISITE, summary), cause=cause)

    def _kept_from_running(self, bound: BoundCheck) -> Executed | None:
        absent = _steps_for(bound) - set(self._steps)
        if absent:
            return Executed(without(min(absent)))
        for name in self._needed_by(bound):
            if not self._broken(name):
                continue
            record = self.state.records.get(name)
            if record is None:
                missing = cannot_tell(ErrorClass.INTERNAL, f"the step {name} left no record")
                return Executed(missing)
            reporter = REPORTER[record.name]
            if reporter == bound.check.id:
                if reads_its_record(bound.check.id, record.name):
                    return None
                return Executed(result_of(record))
            summary = f"not run: {record.summary}"
            return Executed(cannot_tell(ErrorClass.PREREQUISITE, summary), cause=reporter)
        return None

    def _span(self, name: str, kind: str, started: float, ended: float) -> None:
        origin = self._origin
        self.state.spans.append(span(name, kind, started - origin, ended - origin))


def _not_the_platform(result: CheckResult, bound: BoundCheck, context: CheckContext) -> CheckResult:
    """Return the result; a failure on a platform that broke down under it is none."""
    if result.outcome is not Outcome.FAILED or context.stack is None:
        return result
    if not {Need.STACK, Need.DATABASE} & bound.needs:
        return result
    befell = context.stack.disturbance()
    if not befell:
        return result
    return cannot_tell(
        ErrorClass.INFRASTRUCTURE,
        f"{befell}: {result.summary}",
        details=result.details,
        evidence=result.evidence,
        remediation="Run again once the platform is well.",
    )


def span(name: str, kind: str, began: float, ended: float) -> Span:
    """Return a stretch of the timeline out of seconds since its start."""
    return Span(
        name=name,
        kind=cast("SpanKind", kind),
        start_ms=max(0, round(began * 1000)),
        end_ms=max(0, round(ended * 1000)),
    )


def _steps_for(bound: BoundCheck) -> frozenset[str]:
    return steps_for(bound.check.id, bound.needs, _class(bound))


def _lane(bound: BoundCheck) -> Lane:
    lane = _LANE[_class(bound)]
    return Lane.WAITING if lane is Lane.SHARED and bound.check.id in _WAITING else lane


def _class(bound: BoundCheck) -> CheckClass:
    return bound.check.check_class
