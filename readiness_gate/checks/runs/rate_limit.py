"""What `rate-limit` does when it runs; what it promises stands beside its options."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from readiness_gate.checks.asking import (
    Asking,
    OutOfTime,
    Silent,
    asking,
    out_of_time,
    problems_failed,
    refuse_writing,
    unanswered,
)
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.exchange import request_evidence
from readiness_gate.checks.network.rate_limit import RateLimitOptions
from readiness_gate.checks.target import Endpoint, endpoint
from readiness_gate.doors.web import Answer
from readiness_gate.matchers import compile_matcher
from readiness_gate.model.evidence import RequestEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_SLACK = 0.25
"""Seconds that a window may end later than it says."""


_REMAINING = ("ratelimit-remaining", "x-ratelimit-remaining", "x-rate-limit-remaining")


@dataclass(frozen=True)
class _Burst:
    """Requests until the first refusal."""

    let_in: int
    seconds: float
    refusal: Answer | None = None
    """The first 429."""
    strange: Answer | None = None
    """An answer that is neither as it has to be nor a refusal."""


@dataclass
class _Run:
    context: CheckContext
    options: RateLimitOptions
    target: Endpoint
    asks: Asking
    problems: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    evidence: list[RequestEvidence] = field(default_factory=list)
    alone: bool = False
    """Whether it counted in a window of its own."""

    def ask(self, headers: Mapping[str, str] | None = None) -> Answer:
        """Return the answer to one more request; `headers` replace those of the client."""
        options = self.options
        given = {name.lower() for name in headers or {}}
        kept = {
            name: value for name, value in options.sent_headers.items() if name.lower() not in given
        }
        return self.asks.ask(
            self.target,
            options.method,
            headers={**kept, **(headers or {})},
            body=options.sent_body,
        )

    def show(self, answer: Answer) -> None:
        """Keep an answer for the reader."""
        self.evidence.append(request_evidence(self.options.method, self.target, answer))

    def fresh(self) -> bool:
        """Wait for a window of its own; return whether there is time for that."""
        wait = self.options.window + _SLACK
        if self.asks.deadline.remaining() <= 2 * wait:
            return False
        self.context.clock.sleep(wait)
        self.alone = True
        return True


def run(context: CheckContext, options: RateLimitOptions) -> CheckResult:
    """Send requests until one is refused, and judge the number and the refusal."""
    refuse_writing(context, options.method)
    target = endpoint(context, options.url)
    one = _Run(context, options, target, asking(context, options.timeout))
    count = 0
    try:
        burst = _burst(one)
        count = burst.let_in
        if burst.strange is None and _off(options, burst) and one.fresh():
            # What came before used up a part, or a window ended in between.
            burst = _burst(one)
            count = burst.let_in
        return _judged(one, burst)
    except Silent as error:
        return unanswered(context, error, one.evidence)
    except OutOfTime:
        return out_of_time(context, f"{count} requests were let in", one.evidence)


def _burst(one: _Run) -> _Burst:
    options, clock = one.options, one.context.clock
    begun = clock.monotonic()
    let_in = 0
    below = compile_matcher(options.status)
    while True:
        seconds = clock.monotonic() - begun
        if let_in > options.count + options.tolerance + _refilled(options, seconds):
            return _Burst(let_in, seconds)
        answer = one.ask()
        if answer.status == 429:
            return _Burst(let_in, clock.monotonic() - begun, answer)
        if not below.holds(answer.status):
            return _Burst(let_in, clock.monotonic() - begun, None, answer)
        let_in += 1


def _refilled(options: RateLimitOptions, seconds: float) -> int:
    """Return how many requests a bucket of tokens gains meanwhile."""
    return math.floor(options.count * seconds / options.window)


def _off(options: RateLimitOptions, burst: _Burst) -> int:
    """Return by how many requests the limit is off: below zero is too early."""
    if burst.refusal is None:
        return max(1, burst.let_in - options.count)
    early = options.count - options.tolerance - burst.let_in
    most = options.count + options.tolerance + _refilled(options, burst.seconds)
    late = burst.let_in - most
    return -early if early > 0 else max(0, late)


def _judged(one: _Run, burst: _Burst) -> CheckResult:
    options, what = one.options, f"{one.options.method} {one.target.url}"
    if burst.strange is not None:
        one.show(burst.strange)
        cause = compile_matcher(options.status).explain(burst.strange.status)
        return problems_failed(
            [f"{what}: request {burst.let_in + 1}: status: {cause}"], one.evidence
        )
    if burst.seconds >= options.window and burst.refusal is None:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"{what}: {burst.let_in} requests took {burst.seconds:.1f} s, longer than the window",
            remediation="Ask for something that is answered quickly, or declare a longer window.",
        )
    if burst.refusal is None:
        return failed(
            f"{what}: {burst.let_in} requests in {burst.seconds:.1f} s were let in, "
            f"the limit is {options.limit}",
            evidence=one.evidence,
        )
    one.show(burst.refusal)
    off = _off(options, burst)
    if off:
        return _wrong_number(one, burst, what, early=off < 0)
    one.problems += _announced(one, burst.refusal)
    _others(one)
    reset = _reset(one, burst.refusal)
    if one.problems:
        return problems_failed([f"{what}: {cause}" for cause in one.problems], one.evidence)
    told = "".join(f", {text}" for text in one.told)
    return passed(
        f"{what}: request {burst.let_in + 1} was refused, the limit is {options.limit}"
        f"{told}{reset}",
        evidence=one.evidence,
    )


def _wrong_number(one: _Run, burst: _Burst, what: str, *, early: bool) -> CheckResult:
    summary = f"{what}: request {burst.let_in + 1} was refused, the limit is {one.options.limit}"
    if early and not one.alone:
        # Others may have used up a part; without a window of its own nobody can tell.
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"{summary}; what others sent before may have been counted",
            evidence=one.evidence,
            remediation="Give the item headers of a client of its own, or a timeout of more than "
            "two windows.",
        )
    return failed(summary, evidence=one.evidence)


def _announced(one: _Run, refusal: Answer) -> list[str]:
    """Return what is wrong with the headers of a refusal."""
    wanted = one.options.announces
    retry = refusal.header("retry-after")
    limits = [name for name, _ in refusal.headers if "ratelimit" in name.replace("-limit", "limit")]
    problems: list[str] = []
    if retry is not None:
        seconds = retry_after(retry, one.context.clock.now())
        if seconds is None:
            problems.append(f"Retry-After is no time: {retry[:60]}")
        elif seconds > one.options.window + 1:
            problems.append(f"Retry-After is {seconds:.0f} s, longer than the window")
        else:
            one.told.append(f"Retry-After {seconds:.0f} s")
    for name in _REMAINING:
        left = refusal.header(name)
        if left is not None and left.strip() != "0":
            problems.append(f"the refusal says {name}: {left[:40]}")
    if wanted == "retry-after" and retry is None:
        problems.append("the refusal has no Retry-After")
    if wanted == "ratelimit" and not limits:
        problems.append("the refusal has no RateLimit headers")
    if wanted == "any" and retry is None and not limits:
        problems.append("the refusal has neither Retry-After nor RateLimit headers")
    return problems


def retry_after(text: str, now: datetime) -> float | None:
    """Return the seconds that `Retry-After` names, as a number or a date; `None`: neither."""
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) < 12:
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    seconds = (date - now).total_seconds()
    return max(0.0, seconds) if seconds > -60 else None


def _others(one: _Run) -> None:
    """Ask as another client, and with what must not make another client of this one."""
    if one.options.another_identity:
        other = one.ask(one.options.another_identity)
        if other.status == 429:
            one.show(other)
            one.problems.append("another client is refused, too")
        elif (cause := compile_matcher(one.options.status).explain(other.status)) is not None:
            one.show(other)
            one.problems.append(f"another client: status: {cause}")
        else:
            one.told.append("another client is let in")
    for name, value in one.options.not_lifted_by.items():
        forged = one.ask({name: value})
        if forged.status != 429:
            one.show(forged)
            one.problems.append(f"the limit is lifted by {name}: {value[:60]}")
        else:
            one.told.append(f"{name} lifts nothing")


def _reset(one: _Run, refusal: Answer) -> str:
    """Wait until requests are let in again; return what to tell of it."""
    options, clock = one.options, one.context.clock
    if not options.waits:
        return f"; its end was not waited for ({options.limit})"
    promised = retry_after(refusal.header("retry-after") or "", clock.now())
    first = options.window if promised is None else min(promised, options.window)
    begun = clock.monotonic()
    for step, wait in enumerate((first + _SLACK, 1.0, options.window - first)):
        if wait <= 0:
            continue
        if one.asks.deadline.remaining() <= wait:
            if one.problems:
                return ""
            raise OutOfTime
        clock.sleep(wait)
        again = one.ask()
        passed_by = clock.monotonic() - begun
        if again.status != 429:
            cause = compile_matcher(options.status).explain(again.status)
            if cause is not None:
                one.show(again)
                one.problems.append(f"after the window: status: {cause}")
            elif promised is not None and step == 2:
                one.problems.append(
                    f"requests were let in after {passed_by:.0f} s, Retry-After said {promised:.0f}"
                )
            return f", let in again after {passed_by:.1f} s"
    one.show(again)
    one.problems.append(f"after {passed_by:.0f} s requests are still refused")
    return ""
