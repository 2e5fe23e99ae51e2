"""What `log-assert` does when it runs; what it promises stands beside its options."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.handed_secrets import sought_secrets
from readiness_gate.checks.log_requests import arrived, provoked
from readiness_gate.checks.log_tally import ERROR, LogTally, Rule, Sought
from readiness_gate.checks.services import built, chosen, stack_of
from readiness_gate.checks.stack.log_assert import Burst, LogAssertOptions
from readiness_gate.doors.clock import Deadline
from readiness_gate.expressions import compiled
from readiness_gate.matchers.threshold import Unit, threshold
from readiness_gate.model.evidence import Evidence, TableEvidence, TextEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed
from readiness_gate.stack.base import Stack
from readiness_gate.stack.facts import LINE_LIMIT

_RESERVE = 2.0
_LOOK_AT_CLOCK = 2_000


def run(context: CheckContext, options: LogAssertOptions) -> CheckResult:
    """Provoke, ask the store, then read every log once."""
    stack = stack_of(context)
    deadline = Deadline(context.clock, max(1.0, context.timeout - _RESERVE))
    marker = f"readiness-{secrets.token_hex(8)}"
    done: list[str] = []
    evidence: list[Evidence] = []
    if options.provoke is not None:
        services = _services(context, options)
        answer = provoked(context, stack, services, options.provoke, marker, deadline)
        if isinstance(answer, CheckResult):
            return answer
        done.append(answer)
    if options.store is not None:
        answer = arrived(context, options.store, marker, deadline)
        if isinstance(answer, CheckResult):
            return answer
        done.append(answer)
    if not options.reads_logs:
        return passed("; ".join(done), evidence=evidence)
    return _read(context, options, stack, deadline, done)


def _services(context: CheckContext, options: LogAssertOptions) -> tuple[str, ...]:
    staying = chosen(context, options.services)
    own = built(context)
    if options.services or not own:
        return staying
    return tuple(name for name in staying if name in own) or staying


def _read(
    context: CheckContext,
    options: LogAssertOptions,
    stack: Stack,
    deadline: Deadline,
    done: Sequence[str],
) -> CheckResult:
    services = _services(context, options)
    handed, left_out = sought_secrets(stack, stack.services or services)
    if options.secrets and not handed:
        said = f": {', '.join(left_out)} cannot be told from other words" if left_out else ""
        return cannot_tell(
            ErrorClass.INCONCLUSIVE, f"no secret to look for was handed to the stack{said}"
        )
    tallies = {service: _tally(options, handed) for service in services}
    if options.secrets and not options.services:
        # A one-shot or a database is as good a place for a leak as any.
        for service in stack.services:
            tallies.setdefault(service, LogTally(secrets=handed, aside=True))
    unread = ""
    for service, tally in tallies.items():
        if not _filled(tally, stack, service, deadline):
            unread = f"{service}: only {tally.lines} lines were read in time"
            break
    return _judged(options, tallies, unread, left_out if options.secrets else (), done)


def _tally(options: LogAssertOptions, handed: Sequence[Sought]) -> LogTally:
    return LogTally(
        rules=[
            *(Rule(text, compiled(text), wanted=True) for text in options.matches),
            *(Rule(text, compiled(text), wanted=False) for text in options.absent),
        ],
        fields=options.expected_fields,
        secrets=handed if options.secrets else (),
        hidden=handed,
        reads_json=bool(options.json_ or options.fields or options.errors or options.burst),
        error=compiled(options.error) if options.error else ERROR,
        window=options.burst.window if options.burst else 0.0,
    )


def _filled(tally: LogTally, stack: Stack, service: str, deadline: Deadline) -> bool:
    for number, line in enumerate(stack.log_lines(service), 1):
        tally.add(line)
        if number % _LOOK_AT_CLOCK == 0 and deadline.passed:
            return False
    return True


def _judged(
    options: LogAssertOptions,
    tallies: Mapping[str, LogTally],
    unread: str,
    left_out: Sequence[str],
    done: Sequence[str],
) -> CheckResult:
    problems = [text for name, one in tallies.items() for text in _problems(name, one, options)]
    asserted = {name: one for name, one in tallies.items() if not one.aside}
    if not unread:
        problems += _never_seen(asserted, options)
    evidence: list[Evidence] = [_table(tallies), *_examples(tallies)]
    if problems:
        more = f"; and {len(problems) - 1} more" if len(problems) > 1 else ""
        return failed(problems[0] + more, details="\n".join(problems), evidence=evidence)
    doubt = unread or next(iter(_doubts(options, tallies)), "")
    if doubt:
        return cannot_tell(ErrorClass.INCONCLUSIVE, doubt, evidence=evidence)
    lines = sum(one.lines for one in asserted.values())
    silent = [name for name, one in asserted.items() if not one.lines]
    aside = [name for name, one in tallies.items() if one.aside and one.lines]
    details = [f"wrote nothing: {', '.join(silent)}"] if silent else []
    details += [f"searched for secrets alone: {', '.join(aside)}"] * bool(aside)
    details += [f"not sought, too short or a common word: {', '.join(left_out)}"] * bool(left_out)
    summary = "; ".join([*done, f"{lines} lines of {_names(asserted)} as asserted"])
    return passed(summary, details="\n".join(details), evidence=evidence)


def _problems(name: str, one: LogTally, options: LogAssertOptions) -> Iterator[str]:
    """Yield what is wrong with one service's lines, also where not all of them were read."""
    for secret, count in one.leaked.items():
        yield f"{name}: {secret} is in {_lines(count)} of the log"
    if one.aside:
        return
    for rule in one.rules:
        if not rule.wanted and one.found[rule.text]:
            yield f"{name}: {_lines(one.found[rule.text])} match {rule.text!r}"
    if options.json_ and one.lines:
        share = 100 * one.objects / one.lines
        cause = threshold(options.json_, Unit.PERCENT).explain(share)
        if cause is not None:
            yield f"{name}: share of JSON in {_lines(one.lines)}: {cause}"
    for field, count in one.lacking.items():
        matcher = options.expected_fields[field]
        yield f"{name}: {field} of {_lines(count)} in JSON: expected {matcher.expectation}"
    if options.errors:
        cause = threshold(options.errors, Unit.NUMBER).explain(one.errors)
        if cause is not None:
            yield f"{name}: lines that are errors: {cause}"
    if options.burst is not None:
        yield from _bursts(name, one, options.burst)


def _bursts(name: str, one: LogTally, burst: Burst) -> Iterator[str]:
    windows = one.windows
    baseline = windows[0]
    limit = max(burst.least, burst.factor * baseline)
    over = [(number, count) for number, count in windows.items() if number and count >= limit]
    if over:
        number, count = max(over, key=lambda pair: pair[1])
        after = number * burst.window
        yield (
            f"{name}: {count} errors in the {burst.window:g} s from {after:g} s on, "
            f"{baseline} in the first {burst.window:g} s"
        )


def _never_seen(tallies: Mapping[str, LogTally], options: LogAssertOptions) -> Iterator[str]:
    for text in options.matches:
        if not any(one.found[text] for one in tallies.values()):
            yield f"no line of {_names(tallies)} matches {text!r}"


def _doubts(options: LogAssertOptions, tallies: Mapping[str, LogTally]) -> Iterator[str]:
    """Yield why lines that were read prove nothing."""
    asserted = {name: one for name, one in tallies.items() if not one.aside}
    if not any(one.lines for one in asserted.values()):
        yield f"{_names(asserted)} wrote no line"
    for name, one in tallies.items():
        if one.aside and not one.cut:
            continue
        if not one.lines:
            if name in options.services:
                yield f"{name} wrote no line"
            continue
        if one.cut and (options.absent or options.secrets):
            yield f"{name}: {_lines(one.cut)} over {LINE_LIMIT} characters were not read whole"
        if one.aside:
            continue
        if options.fields and not one.objects:
            yield f"{name}: no line is JSON, so that no field can be looked for"
        if options.burst is not None and one.undated:
            yield f"{name}: nobody noted when its lines were written, so that a burst is not seen"
        if options.burst is not None and one.spread < 2 * options.burst.window:
            yield (
                f"{name}: its log spans {one.spread:.0f} s; two windows of "
                f"{options.burst.window:g} s are needed"
            )


def _table(tallies: Mapping[str, LogTally]) -> TableEvidence:
    return TableEvidence(
        title="Logs",
        columns=("service", "lines", "JSON", "errors", "seconds"),
        rows=tuple(
            (
                name,
                str(one.lines),
                str(one.objects) if one.reads_json else "",
                str(one.errors) if one.reads_json else "",
                f"{one.spread:.0f}",
            )
            for name, one in tallies.items()
        ),
    )


def _examples(tallies: Mapping[str, LogTally]) -> Iterator[TextEvidence]:
    for name, one in tallies.items():
        for kind, lines in one.examples.items():
            yield TextEvidence(title=f"{name}: {kind}", text="\n".join(lines))


def _names(tallies: Mapping[str, Any]) -> str:
    return ", ".join(tallies)


def _lines(number: int) -> str:
    return f"{number} line" if number == 1 else f"{number} lines"
