"""The load of `connection-pool`, and what the server sees of it."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from readiness_gate.checks.context import CheckContext, DatabaseAccess
from readiness_gate.checks.database.connection_pool import ConnectionPoolOptions
from readiness_gate.checks.target import Endpoint, endpoint
from readiness_gate.database.connection import reading
from readiness_gate.database.leak import Load
from readiness_gate.database.limits import FRESH_AFTER, Open, open_now, sessions_now
from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.web import NoAnswer

_REQUEST_SECONDS = 30.0
_LOOK = 0.05


@dataclass(frozen=True)
class Tried:
    """The load, and the requests that failed."""

    load: Load
    sent: int
    failures: tuple[str, ...]


def load(
    context: CheckContext, options: ConnectionPoolOptions, access: DatabaseAccess, kept: int
) -> Tried:
    """Send the requests; `kept`: connections that stay open once they are over.

    Raises:
        ConfigurationError: the role may not see what others do.
        DatabaseError: the server does not tell.
    """
    targets = [endpoint(context, url) for url in options.requests] * options.count
    deadline = Deadline(context.clock, context.timeout)
    before = _open(access)
    peak = before.sessions
    with ThreadPoolExecutor(options.clients) as threads:
        under_way = [
            threads.submit(_send, context, target, options.headers, deadline) for target in targets
        ]
        while not all(one.done() for one in under_way):
            with reading(access.url) as session:
                peak = max(peak, sessions_now(session))
            context.clock.sleep(_LOOK)
        failures = tuple(text for one in under_way if (text := one.result()))
    context.clock.sleep(FRESH_AFTER)
    seen = Load(before, peak, _open(access))
    settling = Deadline(context.clock, options.settle)
    while not seen.settled(kept=kept) and not settling.passed:
        context.clock.sleep(FRESH_AFTER)
        seen = Load(before, peak, _open(access))
    return Tried(seen, len(targets), failures)


def _open(access: DatabaseAccess) -> Open:
    with reading(access.url) as session:
        return open_now(session)


def _send(
    context: CheckContext, target: Endpoint, headers: Mapping[str, str], deadline: Deadline
) -> str:
    if deadline.passed:
        return f"GET {target.url}: not sent in {context.timeout:.0f} s"
    try:
        answer = context.web.request(
            "GET", target.reached, timeout=max(1.0, deadline.remaining(_REQUEST_SECONDS)),
            headers=headers,
        )  # fmt: skip
    except NoAnswer as error:
        return str(error)
    return "" if answer.status < 400 else f"GET {target.url}: status {answer.status}"
