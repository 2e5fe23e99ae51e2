"""What `command` does when it runs; what it promises stands beside its options."""

from collections.abc import Iterator
from dataclasses import replace

from pydantic import JsonValue

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.placed_run import (
    cannot_run,
    command_evidence,
    cut_off,
    in_words,
    out_of_time,
    run_placed,
)
from readiness_gate.checks.stack.command import CommandOptions
from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.programs import Completed
from readiness_gate.matchers import compile_matcher
from readiness_gate.matchers.threshold import Unit, threshold
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed


def run(context: CheckContext, options: CommandOptions) -> CheckResult:
    """Run the command to its end, again as long as tries are left; the `timeout` bounds all."""
    deadline = Deadline(context.clock, context.timeout)
    number, result = 1, _once(context, options, deadline)
    while result.outcome is Outcome.FAILED and number <= options.retry:
        if deadline.remaining() <= options.retry_interval:
            break
        context.clock.sleep(options.retry_interval)
        number, result = number + 1, _once(context, options, deadline)
    if number == 1:
        return result
    said = [*([result.details] if result.details else []), f"{number} tries"]
    return replace(result, details="\n".join(said))


def _once(context: CheckContext, options: CommandOptions, deadline: Deadline) -> CheckResult:
    done, _ = run_placed(context, options, timeout=deadline.remaining())
    what = f"{in_words(options.command)} ({options.where})"
    evidence = (command_evidence(options, done),)
    if done.timed_out:
        return out_of_time(what, context.timeout, evidence)
    problems = list(_problems(options, done))
    refused = cannot_run(done)
    if refused is not None and not _asked_for(options.exit_code, done.exit_code):
        return cannot_tell(ErrorClass.CONFIGURATION, f"{what}: {refused}", evidence=evidence)
    if problems:
        more = f"; and {len(problems) - 1} more" if len(problems) > 1 else ""
        details = "\n".join(problems)
        return failed(f"{what}: {problems[0]}{more}", details=details, evidence=evidence)
    lost = [name for name in ("stdout", "stderr") if _is_lost(options, done, name)]
    if lost:
        summary = f"{what}: {lost[0]} is too long to be judged"
        return cannot_tell(ErrorClass.INCONCLUSIVE, summary, evidence=evidence)
    asserted = len({"stdout", "stderr", "duration"} & options.model_fields_set)
    also = f", {asserted} further assertion{'s' * (asserted > 1)} held" if asserted else ""
    summary = f"{what}: exit code {done.exit_code} after {done.seconds:.1f} s{also}"
    return passed(summary, evidence=evidence)


def _problems(options: CommandOptions, done: Completed) -> Iterator[str]:
    """Yield a line for every assertion that does not hold; streams that were cut say nothing."""
    cause = _explain(options.exit_code, done.exit_code)
    if cause is not None:
        yield f"exit code: {cause}"
    for name, raw, text in (
        ("stdout", options.stdout, done.stdout),
        ("stderr", options.stderr, done.stderr),
    ):
        if name in options.model_fields_set and not _is_lost(options, done, name):
            cause = _explain(raw, text.rstrip("\r\n"))
            if cause is not None:
                yield f"{name}: {cause}"
    if options.duration:
        cause = threshold(options.duration, Unit.DURATION).explain(done.seconds)
        if cause is not None:
            yield f"duration: {cause}"


def _asked_for(raw: JsonValue, code: int | None) -> bool:
    """Return whether a code is named itself: one that is merely not 0 is a program's own."""
    either = raw.get("or") if isinstance(raw, dict) else None
    return raw == code or (isinstance(either, list) and code in either)


def _explain(raw: JsonValue, actual: object) -> str | None:
    return compile_matcher(raw).explain(actual)


def _is_lost(options: CommandOptions, done: Completed, name: str) -> bool:
    text = done.stdout if name == "stdout" else done.stderr
    return name in options.model_fields_set and cut_off(text)
