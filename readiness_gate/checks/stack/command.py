"""`command`: a program ends as it must, and prints what it must."""

from collections.abc import Iterator

from pydantic import Field, JsonValue, field_validator

from readiness_gate.checks.base import Check, CheckContext
from readiness_gate.checks.place import PlacedOptions, placed_needs
from readiness_gate.checks.placed_run import (
    cannot_run,
    command_evidence,
    cut_off,
    in_words,
    out_of_time,
    run_placed,
)
from readiness_gate.doors.programs import Completed
from readiness_gate.matchers import compile_matcher
from readiness_gate.matchers.field import Expectation
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family, Need
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed


class CommandOptions(PlacedOptions):
    """The command, where it runs, and what is asserted of it."""

    exit_code: Expectation = Field(default=0, description="What the exit code has to be.")
    stdout: Expectation = Field(
        default=None, description="What it has to print, without the newlines at the end."
    )
    stderr: Expectation = Field(default=None, description="The same, of the stream for errors.")

    @field_validator("exit_code")
    @classmethod
    def _is_about_a_number(cls, value: JsonValue) -> JsonValue:
        if isinstance(value, str | bool | list):
            raise ValueError("an exit code is one number, such as 0")
        return value


def run(context: CheckContext, options: CommandOptions) -> CheckResult:
    """Run the command to its end; the item's `timeout` bounds it."""
    done, _ = run_placed(context, options, timeout=context.timeout)
    what = f"{in_words(options.command)} ({options.where})"
    evidence = (command_evidence(options, done),)
    if done.timed_out:
        return out_of_time(what, context.timeout, evidence)
    problems = list(_problems(options, done))
    refused = cannot_run(done)
    if refused is not None and _explain(options.exit_code, done.exit_code):
        return cannot_tell(ErrorClass.CONFIGURATION, f"{what}: {refused}", evidence=evidence)
    if problems:
        more = f"; and {len(problems) - 1} more" if len(problems) > 1 else ""
        details = "\n".join(problems)
        return failed(f"{what}: {problems[0]}{more}", details=details, evidence=evidence)
    lost = [name for name in ("stdout", "stderr") if _is_lost(options, done, name)]
    if lost:
        summary = f"{what}: {lost[0]} is too long to be judged"
        return cannot_tell(ErrorClass.INCONCLUSIVE, summary, evidence=evidence)
    asserted = len({"stdout", "stderr"} & options.model_fields_set)
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


def _explain(raw: JsonValue, actual: object) -> str | None:
    return compile_matcher(raw).explain(actual)


def _is_lost(options: CommandOptions, done: Completed, name: str) -> bool:
    text = done.stdout if name == "stdout" else done.stderr
    return name in options.model_fields_set and cut_off(text)


CHECK = Check(
    id="command",
    title="A command succeeds",
    family=Family.STACK,
    check_class=CheckClass.EXERCISE,
    needs=frozenset({Need.STACK}),
    options=CommandOptions,
    run=run,
    remediation="Make the command end as asserted; what it printed stands beside it.",
    refine_needs=placed_needs,
)
