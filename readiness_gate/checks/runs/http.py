"""What `http` does when it runs; what it promises stands beside its options."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from readiness_gate.checks.at_once import at_once
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.cookies import private_values
from readiness_gate.checks.exchange import cause_of, request_evidence
from readiness_gate.checks.filling import as_it_is
from readiness_gate.checks.http_asserts import in_words, judged
from readiness_gate.checks.http_request import Prepared, prepared
from readiness_gate.checks.masks import Masks
from readiness_gate.checks.network.http import HttpOptions
from readiness_gate.checks.target import is_own, unwatched
from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.web import Answer, NoAnswer
from readiness_gate.matchers import compile_matcher
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_SHOWN = 3


@dataclass(frozen=True)
class _Try:
    """One request: its answer or why there is none, and the assertions that do not hold."""

    answer: Answer | None
    problems: tuple[str, ...]
    unreadable: str = ""
    """Why an assertion could not be judged, where that is so."""


def run(context: CheckContext, options: HttpOptions) -> CheckResult:
    """Send the request, again as long as tries are left, and judge the last answers."""
    masks = Masks()
    sent = prepared(context, options, masks)
    deadline = Deadline(context.clock, context.timeout)
    number, tries = 1, _tries(context, options, sent, deadline)
    while _problems(options, tries) and number <= options.retry:
        if deadline.remaining() <= options.retry_interval:
            break
        context.clock.sleep(options.retry_interval)
        number, tries = number + 1, _tries(context, options, sent, deadline)
    for one in tries:
        masks.add(private_values(one.answer) if one.answer is not None else ())
    return masks.result(_result(context, options, sent, tries, number))


def _tries(
    context: CheckContext, options: HttpOptions, sent: Prepared, deadline: Deadline
) -> list[_Try]:
    if options.concurrent == 1:
        return [_try(context, options, sent, deadline)]
    return at_once(lambda _: _try(context, options, sent, deadline), options.concurrent)


def _try(context: CheckContext, options: HttpOptions, sent: Prepared, deadline: Deadline) -> _Try:
    limit = sent.limit(deadline)
    try:
        answer = sent.send(context, deadline)
    except NoAnswer as error:
        return _Try(None, (cause_of(error, options.method, sent.target, limit),))
    found = judged(options, answer, as_it_is, context.clock.now())
    return _Try(answer, found.problems, found.unreadable)


def _problems(options: HttpOptions, tries: Sequence[_Try]) -> list[str]:
    """Return what does not hold, each line once, with how many answers it is about."""
    counted = Counter(line for one in tries for line in one.problems)
    many = len(tries) > 1
    found = [
        f"{line} ({times} of {len(tries)})" if many else line for line, times in counted.items()
    ]
    if options.statuses:
        found += _of_statuses(options, tries)
    return found


def _of_statuses(options: HttpOptions, tries: Sequence[_Try]) -> list[str]:
    seen = Counter(str(one.answer.status) for one in tries if one.answer is not None)
    found = []
    for status, raw in options.statuses.items():
        cause = compile_matcher(raw).explain(seen[status])
        found += [f"answers with {status}: {cause}"] if cause else []
    others = {status: times for status, times in seen.items() if status not in options.statuses}
    found += [f"{times} answers with {status}" for status, times in sorted(others.items())]
    return found


def _result(
    context: CheckContext,
    options: HttpOptions,
    sent: Prepared,
    tries: Sequence[_Try],
    number: int,
) -> CheckResult:
    what = f"{options.method} {sent.target.url}"
    problems = _problems(options, tries)
    bad = [one for one in tries if one.problems] or list(tries)
    shown = [request_evidence(options.method, sent.target, one.answer) for one in bad[:_SHOWN]]
    again = f"{number} tries" if number > 1 else ""
    left = [sent.unfollowed(one.answer) for one in bad if problems and one.answer is not None]
    details = "\n".join(filter(None, [*problems, *dict.fromkeys(left), again]))
    silent = any(one.answer is None for one in tries)
    if silent and not is_own(context):
        summary = f"{what}: {problems[0]}"
        return cannot_tell(ErrorClass.INFRASTRUCTURE, summary, details=details, evidence=shown)
    if problems:
        more = f"; and {len(problems) - 1} more" if len(problems) > 1 else ""
        return failed(
            f"{what}: {problems[0]}{more}",
            details=details,
            evidence=shown,
            remediation=unwatched(context, sent.target) if silent else None,
        )
    unread = next((one.unreadable for one in tries if one.unreadable), "")
    if unread:
        summary = f"{what}: {unread}"
        return cannot_tell(ErrorClass.INCONCLUSIVE, summary, details=details, evidence=shown)
    after = f" after {again}" if again else ""
    count = options.asserted + len(options.statuses)
    summary = f"{what}: {_answered(tries)}{after}, {in_words(count)}"
    return passed(summary, details=details, evidence=shown)


def _answered(tries: Sequence[_Try]) -> str:
    answers = [one.answer for one in tries if one.answer is not None]
    slowest = f"{max(one.seconds for one in answers) * 1000:.0f} ms"
    if len(answers) == 1:
        return f"{answers[0].status} in {slowest}"
    seen = Counter(one.status for one in answers)
    said = ", ".join(f"{times} times {status}" for status, times in sorted(seen.items()))
    return f"{said} at once within {slowest}"
