"""Requests around a log: one that has to leave a line, and one that asks what has arrived."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.exchange import cause_of, request_evidence
from readiness_gate.checks.options.log_requests import MARKER, LogStore, Provocation
from readiness_gate.checks.target import endpoint, is_own, may_act
from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.web import Answer, NoAnswer
from readiness_gate.expressions import compiled
from readiness_gate.matchers import compile_matcher
from readiness_gate.matchers.jsonpath import compile_path, read_json
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed
from readiness_gate.stack.base import NotSupported, Stack

_PAUSE = 0.25
_ONE_ANSWER = 10.0


def provoked(
    context: CheckContext,
    stack: Stack,
    services: Sequence[str],
    wish: Provocation,
    marker: str,
    deadline: Deadline,
) -> str | CheckResult:
    """Send the request and wait for its line; return in words what was seen, or the result."""
    if not may_act(context):
        return cannot_tell(
            ErrorClass.CONFIGURATION,
            "an error is not provoked in a system that the gate did not start",
        )
    target = endpoint(context, _with_query(wish.url, wish.query, marker))
    pattern = wish.appears.replace(MARKER, marker)
    what = f"{wish.method} {wish.url}"
    # A marker is new in every run. Without one, what comes by itself would be taken for ours.
    if MARKER not in wish.appears and (known := _count(stack, services, pattern, None)):
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"{known} line{'s' * (known > 1)} of before match {wish.appears!r}, so that a new one "
            f"need not come from {what}",
            remediation="Send {marker} in query, headers or json, and put it into appears.",
        )
    since: float | None = context.clock.now().timestamp()
    try:
        before = _count(stack, services, pattern, since)
    except NotSupported:
        since = None
        before = _count(stack, services, pattern, None)
    body = None if wish.json_ is None else json.dumps(wish.json_).replace(MARKER, marker).encode()
    try:
        answer = context.web.request(
            wish.method,
            target.reached,
            timeout=max(0.1, deadline.remaining(_ONE_ANSWER)),
            headers=_headers(wish.headers, marker, body),
            body=body,
        )
    except NoAnswer as error:
        return failed(f"{what}: {cause_of(error, wish.method, target, _ONE_ANSWER)}")
    evidence = (request_evidence(wish.method, target, answer),)
    if "status" in wish.model_fields_set:
        cause = compile_matcher(wish.status).explain(answer.status)
        if cause is not None:
            return failed(f"{what}: status: {cause}", evidence=evidence)
    until = Deadline(context.clock, deadline.remaining(wish.within))
    while _count(stack, services, pattern, since) <= before:
        if until.passed:
            return failed(
                f"{what} was answered with {answer.status}, and no line of {', '.join(services)} "
                f"matched {wish.appears!r} within {wish.within:g} s",
                evidence=evidence,
                remediation="Log the error where it happens, with what the expression looks for.",
            )
        context.clock.sleep(_PAUSE)
    return f"what {what} provoked is in the log"


def arrived(
    context: CheckContext, store: LogStore, marker: str, deadline: Deadline
) -> str | CheckResult:
    """Ask the store until it answers as it has to; return in words what was seen, or the result."""
    target = endpoint(context, _with_query(store.url, store.query, marker))
    until = Deadline(context.clock, deadline.remaining(store.within))
    while True:
        problem, answer = _asked(context, store, target.reached, marker, until)
        if not problem:
            return "the log store has what was logged"
        if until.passed:
            break
        context.clock.sleep(_PAUSE)
    evidence = (request_evidence("GET", target, answer),)
    summary = f"GET {store.url}: {problem}"
    if answer is None and not is_own(context):
        return cannot_tell(ErrorClass.INFRASTRUCTURE, summary, evidence=evidence)
    return failed(
        f"{summary}, after {store.within:g} s",
        evidence=evidence,
        remediation="Look at what ships the logs, and at the query.",
    )


def _asked(
    context: CheckContext, store: LogStore, url: str, marker: str, until: Deadline
) -> tuple[str, Answer | None]:
    limit = max(0.5, until.remaining(_ONE_ANSWER))
    try:
        answer = context.web.request(
            "GET", url, timeout=limit, headers=_headers(store.headers, marker, None)
        )
    except NoAnswer as error:
        return " ".join(str(error).split())[:200], None
    if answer.status >= 400:
        return f"status {answer.status}", answer
    try:
        document = read_json(answer.body)
    except ValueError as error:
        return f"the answer is no JSON: {error}", answer
    return next(iter(_unmet(store.jsonpath, document)), ""), answer


def _unmet(wanted: Mapping[str, Any], document: object) -> Iterator[str]:
    for path, raw in wanted.items():
        cause = compile_matcher(raw).explain(compile_path(path)(document))
        if cause is not None:
            yield f"{path}: {cause}"


def _count(stack: Stack, services: Sequence[str], pattern: str, since: float | None) -> int:
    expression = compiled(pattern)
    return sum(
        expression.search(line.text) is not None
        for service in services
        for line in stack.log_lines(service, since=since)
    )


def _headers(given: Mapping[str, str], marker: str, body: bytes | None) -> dict[str, str]:
    implied = {"Content-Type": "application/json"} if body is not None else {}
    return {**implied, **{name: value.replace(MARKER, marker) for name, value in given.items()}}


def _with_query(url: str, query: Mapping[str, str], marker: str) -> str:
    if not query:
        return url
    sign = "&" if "?" in url else "?"
    plain = {name: value.replace(MARKER, marker) for name, value in query.items()}
    return f"{url}{sign}{urlencode(plain)}"
