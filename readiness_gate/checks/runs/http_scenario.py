"""What `http-scenario` does when it runs; what it promises stands beside its options."""

import contextlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.http_asserts import in_words
from readiness_gate.checks.http_auth import named_value
from readiness_gate.checks.masks import Masks
from readiness_gate.checks.network.http_scenario import HttpScenarioOptions
from readiness_gate.checks.replicas import Turns
from readiness_gate.checks.scenario_effects import Effects
from readiness_gate.checks.scenario_run import Done, Scenario, lines_of
from readiness_gate.checks.scenario_steps import HttpStep, SinkStep, Step
from readiness_gate.checks.scenario_values import Values
from readiness_gate.checks.services import chosen, stack_of
from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.sink import Reply, Sink
from readiness_gate.errors import ConfigurationError, GateError, StackError
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_SHARE = 0.2
_LONGEST = 30.0
"""Of the item's time, what is kept for the clean-up: a fifth, at most 30 seconds."""
_WHERE = "http://{}:{}"


@dataclass(frozen=True)
class _Flow:
    """What became of all steps."""

    done: Sequence[Done]
    cleaned: Sequence[Done]

    @property
    def bad(self) -> Done | None:
        """The step that ended the flow."""
        return next((one for one in self.done if not one.holds), None)

    @property
    def left(self) -> Done | None:
        """The clean-up that did not work, though there was something to clean up."""
        return next((one for one in self.cleaned if not one.holds and not one.unset), None)


def run(context: CheckContext, options: HttpScenarioOptions) -> CheckResult:
    """Open the sinks, do the steps, clean up, and tell what was seen."""
    masks = Masks()
    turns = _turns(context, options)
    deadline = Deadline(context.clock, context.timeout)
    with _listening(context, options) as (sinks, urls):
        values = _values(context, options, masks, urls, deadline)
        effects = Effects(context, sinks)
        effects.begin((*options.steps, *options.clean_up))
        scenario = Scenario(context, values, masks, effects, turns)
        flow = _flow(scenario, options, deadline)
    return masks.result(_result(options, flow, turns))


def _flow(scenario: Scenario, options: HttpScenarioOptions, deadline: Deadline) -> _Flow:
    total = deadline.remaining()
    kept = min(total * _SHARE, _LONGEST) if options.clean_up else 0.0
    until = Deadline(scenario.context.clock, total - kept)
    done: list[Done] = []
    cleaned: list[Done] = []
    try:
        for number, step in enumerate(options.steps, 1):
            done.append(scenario.step(step, number, until))
            if not done[-1].holds:
                break
    finally:
        for number, step in enumerate(options.clean_up, len(options.steps) + 1):
            cleaned.append(_cleaned(scenario, step, number, deadline))
    return _Flow(done, cleaned)


def _cleaned(scenario: Scenario, step: Step, number: int, deadline: Deadline) -> Done:
    """Do one step of the clean-up; whatever happens, the next one is done too."""
    try:
        return scenario.step(step, number, deadline)
    except GateError as error:
        title = f"step {number} ({step.title})"
        return Done(
            title, "not done", 0.0, problems=(error.message,), error_class=ErrorClass.CONFIGURATION
        )


def _turns(context: CheckContext, options: HttpScenarioOptions) -> Turns | None:
    if options.spread is None:
        return None
    stack = stack_of(context)
    chosen(context, [options.spread])
    replicas = stack.disruption().replicas(options.spread)
    if len(replicas) < 2:
        raise ConfigurationError(
            f"spread: {options.spread} has {len(replicas)} replica, and one is no spread",
            advice=f"Give it two with deploy.replicas of {options.spread}.",
        )
    return Turns(stack, options.spread, replicas)


@contextlib.contextmanager
def _listening(
    context: CheckContext, options: HttpScenarioOptions
) -> Iterator[tuple[dict[str, Sink], dict[str, str]]]:
    sinks: dict[str, Sink] = {}
    urls: dict[str, str] = {}
    with contextlib.ExitStack() as opened:
        if options.sinks:
            way = stack_of(context).way_back()
            for name, one in options.sinks.items():
                reply = Reply(one.status, body=json.dumps(one.json_).encode())
                try:
                    sink = context.sinks.open(way.listen, one.port, reply)
                    sinks[name] = opened.enter_context(sink)
                except OSError as error:
                    raise StackError(
                        f"sink {name}: the gate cannot listen at port {one.port}: {error.strerror}",
                        advice="Write another port, or end what listens there.",
                        infrastructure=True,
                    ) from error
                urls[name] = _WHERE.format(way.host, one.port)
        yield sinks, urls


def _values(
    context: CheckContext,
    options: HttpScenarioOptions,
    masks: Masks,
    urls: dict[str, str],
    deadline: Deadline,
) -> Values:
    def sleep(seconds: float) -> bool:
        if deadline.remaining() <= seconds:
            return False
        context.clock.sleep(seconds)
        return True

    values = Values(context.clock, masks, sleep=sleep)
    for name, value in {**options.variables, **urls}.items():
        values.set(name, value)
    for name, variable in options.secrets.items():
        values.set(name, named_value(context, variable, masks), secret=True)
    values.generate(options.generate)
    return values


def _result(options: HttpScenarioOptions, flow: _Flow, turns: Turns | None) -> CheckResult:
    bad = flow.bad or flow.left
    table = TableEvidence(
        title="Steps",
        columns=("step", "answer", "tries", "time"),
        rows=tuple(lines_of([*flow.done, *flow.cleaned])),
        omitted=len(options.steps) - len(flow.done),
    )
    if bad is not None:
        return _failed(flow, bad, table)
    missing = turns.missing if turns is not None else ()
    if turns is not None and missing:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"no request went to {', '.join(missing)}",
            evidence=[table],
            remediation="Add steps, or repeat one, so that every replica has its turn.",
        )
    count = sum(_assertions(one) for one in options.steps)
    over = f" over {len(turns.replicas)} replicas of {turns.service}" if turns is not None else ""
    return passed(f"{_steps(len(flow.done))}{over}, {in_words(count)}", evidence=[table])


def _failed(flow: _Flow, bad: Done, table: TableEvidence) -> CheckResult:
    more = f"; and {len(bad.problems) - 1} more" if len(bad.problems) > 1 else ""
    after = f" after {bad.tries} tries" if bad.tries > 1 else ""
    summary = f"{bad.title}: {bad.problems[0]}{after}{more}"
    lines = [*bad.problems]
    lines += [f"clean-up: {one.title}: {'; '.join(one.problems)}" for one in _uncleaned(flow, bad)]
    details, evidence = "\n".join(lines), [*bad.evidence, table]
    if bad.error_class is not None:
        return cannot_tell(
            bad.error_class,
            summary,
            details=details,
            evidence=evidence,
            remediation=bad.remediation,
        )
    return failed(summary, details=details, evidence=evidence, remediation=bad.remediation)


def _uncleaned(flow: _Flow, bad: Done) -> list[Done]:
    return [one for one in flow.cleaned if not one.holds and one is not bad]


def _steps(count: int) -> str:
    return f"{count} step{'s' if count != 1 else ''}"


def _assertions(step: Step) -> int:
    if isinstance(step, HttpStep):
        return step.asserted + ("status" not in step.model_fields_set)
    if isinstance(step, SinkStep):
        return 1 + step.sink.asserts.asserted
    return 1
