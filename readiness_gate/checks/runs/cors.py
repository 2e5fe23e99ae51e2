"""What `cors` does when it runs; what it promises stands beside its options."""

from collections.abc import Iterator
from dataclasses import dataclass

from readiness_gate.checks.asking import (
    Asking,
    OutOfTime,
    Silent,
    asking,
    out_of_time,
    problems_failed,
    unanswered,
)
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.exchange import request_evidence
from readiness_gate.checks.network.cors import CorsOptions
from readiness_gate.checks.target import Endpoint, endpoint
from readiness_gate.doors.web import Answer
from readiness_gate.matchers import compile_matcher
from readiness_gate.model.evidence import RequestEvidence
from readiness_gate.model.result import CheckResult, passed

_SIMPLE = frozenset({"GET", "HEAD", "POST"})
"""Methods that need no leave (Fetch standard)."""


_SAFE = frozenset({"accept", "accept-language", "content-language", "content-type"})


@dataclass(frozen=True)
class _Seen:
    """One answer to one origin."""

    origin: str
    what: str
    """`GET` or `preflight of GET`."""
    answer: Answer
    evidence: RequestEvidence

    @property
    def allowed(self) -> str | None:
        return self.answer.header("access-control-allow-origin")

    @property
    def with_credentials(self) -> bool:
        return self.answer.header("access-control-allow-credentials") == "true"


def run(context: CheckContext, options: CorsOptions) -> CheckResult:
    """Ask for every origin, and compare what browsers would make of the answers."""
    target = endpoint(context, options.url)
    asks = asking(context, options.timeout)
    seen: list[_Seen] = []
    try:
        plain = asks.ask(target, _method(options), headers=options.headers)
        cause = compile_matcher(options.status).explain(plain.status)
        if cause is not None:
            shown = request_evidence(_method(options), target, plain)
            return problems_failed(
                [f"{_method(options)} {target.url} without an origin: status: {cause}"], [shown]
            )
        for origin in (*options.allow, *options.denied):
            seen += _asked(asks, options, target, origin)
    except Silent as error:
        return unanswered(context, error, [one.evidence for one in seen[-2:]])
    except OutOfTime:
        return out_of_time(context, f"{len(seen)} answers to origins were seen")
    return _judged(options, target, seen)


def _method(options: CorsOptions) -> str:
    """Return the method of the request itself: one that only reads."""
    return "HEAD" if options.methods == ("HEAD",) else "GET"


def _asked(asks: Asking, options: CorsOptions, target: Endpoint, origin: str) -> Iterator[_Seen]:
    method = _method(options)
    if not options.preflight or {"GET", "HEAD"} & set(options.methods):
        answer = asks.ask(target, method, headers={**options.headers, "Origin": origin})
        yield _Seen(origin, method, answer, request_evidence(method, target, answer))
    for wanted in options.methods if options.preflight else ():
        headers = {"Origin": origin, "Access-Control-Request-Method": wanted}
        if options.request_headers:
            names = ",".join(sorted(name.lower() for name in options.request_headers))
            headers["Access-Control-Request-Headers"] = names
        answer = asks.ask(target, "OPTIONS", headers=headers)
        what = f"preflight of {wanted}"
        yield _Seen(origin, what, answer, request_evidence("OPTIONS", target, answer))


def _judged(options: CorsOptions, target: Endpoint, seen: list[_Seen]) -> CheckResult:
    problems: list[str] = []
    bad: list[_Seen] = []
    for one in seen:
        causes = list(_problems(options, one))
        problems += [f"{one.origin} ({one.what}): {cause}" for cause in causes]
        bad += [one] if causes else []
    problems += _unvaried(options, seen)
    if problems:
        return problems_failed(problems, [one.evidence for one in bad or seen])
    let_in, kept_out = len(options.allow), len(options.denied)
    summary = f"{target.url}: {let_in} origins let in, {kept_out} kept out, {len(seen)} answers"
    return passed(
        summary,
        details="\n".join(["kept out:", *options.denied]),
        evidence=[one.evidence for one in seen[:2]],
    )


def _problems(options: CorsOptions, one: _Seen) -> Iterator[str]:
    if one.answer.status >= 500:
        yield f"status {one.answer.status}"
    if one.with_credentials and one.allowed in {"*", "null"}:
        yield f"credentials together with the origin {one.allowed}"
    if one.origin in options.allow:
        yield from _let_in(options, one)
    elif one.allowed is not None and (one.allowed.strip() in {"*", one.origin}):
        also = ", with credentials" if one.with_credentials else ""
        yield f"is let in{also}: access-control-allow-origin is {one.allowed}"
    elif one.allowed is not None and one.origin in one.allowed.replace(",", " ").split():
        yield f"access-control-allow-origin lists it: {one.allowed[:120]}"


def _let_in(options: CorsOptions, one: _Seen) -> Iterator[str]:
    is_preflight = one.what.startswith("preflight")
    if one.allowed == "*" and (options.deny or options.look_alikes):
        yield "is let in by *, which lets everybody in"
    elif one.allowed not in {one.origin, "*"}:
        yield f"is not let in: access-control-allow-origin is {one.allowed or 'absent'}"
    if options.credentials is not None and one.with_credentials is not options.credentials:
        yield f"credentials are {'allowed' if one.with_credentials else 'not allowed'}"
    if not is_preflight:
        return
    if not 200 <= one.answer.status < 300:
        yield f"the preflight is answered with status {one.answer.status}, which browsers refuse"
    wanted = one.what.rpartition(" ")[2]
    methods = _listed(one, "access-control-allow-methods")
    if wanted not in _SIMPLE and not _grants(methods, wanted.lower(), one):
        yield f"access-control-allow-methods does not name {wanted}"
    headers = _listed(one, "access-control-allow-headers")
    for name in options.request_headers:
        # Authorization is never covered by the wildcard (Fetch standard).
        by_name = name.lower() in headers
        wild = name.lower() != "authorization" and _grants(headers, name.lower(), one)
        if name.lower() not in _SAFE - {"content-type"} and not by_name and not wild:
            yield f"access-control-allow-headers does not name {name}"


def _listed(one: _Seen, header: str) -> frozenset[str]:
    return frozenset(
        part.strip().lower()
        for part in (one.answer.header(header) or "").split(",")
        if part.strip()
    )


def _grants(listed: frozenset[str], wanted: str, one: _Seen) -> bool:
    return wanted in listed or ("*" in listed and not one.with_credentials)


def _unvaried(options: CorsOptions, seen: list[_Seen]) -> list[str]:
    """Return a line where a cache would hand the answer for one origin to another."""
    plain = [one for one in seen if not one.what.startswith("preflight")]
    if len({one.allowed for one in plain}) < 2:
        return []
    for one in plain:
        vary = {part.strip().lower() for part in (one.answer.header("vary") or "").split(",")}
        if one.origin in options.allow and one.allowed != "*" and not vary & {"origin", "*"}:
            return [f"{one.origin}: the answer depends on the origin, but has no `Vary: Origin`"]
    return []
