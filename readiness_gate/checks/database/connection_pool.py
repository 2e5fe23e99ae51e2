"""`connection-pool`: the pools of all workers fit into the server, and give back what they take."""

import secrets
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckContext, CheckOptions, DatabaseAccess
from readiness_gate.checks.target import Endpoint, TargetUrl, endpoint
from readiness_gate.config.values import Duration, Flag, Name, Text
from readiness_gate.database import pool as pools
from readiness_gate.database.choice import choose
from readiness_gate.database.connection import reading
from readiness_gate.database.evidence import counted
from readiness_gate.database.leak import Load
from readiness_gate.database.limits import (
    FRESH_AFTER,
    Limit,
    Open,
    limit_of,
    open_now,
    sessions_now,
)
from readiness_gate.database.pool import Holder, Pool
from readiness_gate.database.unread import Unread
from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.web import NoAnswer
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family, Need
from readiness_gate.model.result import CheckResult, cannot_tell, failed, not_applicable, passed
from readiness_gate.stack.base import NotSupported

_REQUEST_SECONDS = 30.0
_LOOK = 0.05
Whole = Annotated[int, Field(strict=True, ge=0)]
Positive = Annotated[int, Field(strict=True, ge=1, le=10_000)]


class PoolHolder(CheckOptions):
    """A service that opens connections: its engine, or the numbers where it has none to read."""

    service: Name = Field(description="Name in the stack.")
    engine: Text | None = Field(
        default=None,
        pattern=r"^[A-Za-z_][A-Za-z0-9_.]*:[A-Za-z_][A-Za-z0-9_.]*$",
        description="The application's engine as module:attribute, sync or async; also a session "
        "factory.",
    )
    connections: Positive | None = Field(
        default=None,
        description="Connections that one process opens at most, where no engine tells it: "
        "no SQLAlchemy, or a pool without a bound of its own (NullPool).",
    )
    replicas: Positive | None = Field(
        default=None, description="How many of it run; default as many as the stack has."
    )
    workers: Positive = Field(default=1, description="Processes in each replica.")
    python: Text = Field(default="python3", description="Interpreter of the service.")
    directory: Text | None = Field(
        default=None, description="Folder inside the service to run in; default its own."
    )

    @model_validator(mode="after")
    def _is_known(self) -> Self:
        if self.engine is None and self.connections is None:
            raise ValueError("write engine: module:attribute, or connections: how many")
        return self


class ConnectionPoolOptions(CheckOptions):
    """Who connects, what is kept for others, and which requests are sent to look for a leak."""

    database: Name | None = Field(
        default=None, description="Name under `databases`; default the only one."
    )
    services: tuple[PoolHolder, ...] = Field(min_length=1, description="Everything that connects.")
    reserve: Whole = Field(
        default=0, description="Connections kept free: migrations, backups, people."
    )
    classes: tuple[Text, ...] = Field(
        default=("QueuePool", "AsyncAdaptedQueuePool", "FallbackAsyncAdaptedQueuePool"),
        min_length=1,
        description="Classes of pools that are allowed.",
    )
    pre_ping: Flag = Field(default=True, description="Whether `pool_pre_ping` has to be on.")
    requests: tuple[TargetUrl, ...] = Field(
        default=(), description="URLs to load, to see that connections are given back."
    )
    count: Positive = Field(default=40, description="How many requests are sent to each of them.")
    clients: Annotated[int, Field(strict=True, ge=1, le=50)] = Field(
        default=8, description="How many requests are under way at once."
    )
    settle: Duration = Field(
        default=5.0, gt=0, description="How long connections may take to be given back."
    )
    headers: Mapping[str, str] = Field(
        default_factory=dict, description="Headers of the requests, such as a token."
    )


def run(context: CheckContext, options: ConnectionPoolOptions) -> CheckResult:
    """Add up what the pools may open, hold it against the server, and look for a leak.

    Raises:
        ConfigurationError: no such database, no service, or an engine of another dialect.
        DatabaseError: the server's limits could not be read.
        StackError: a service is not reached.
    """
    access = choose(context.databases, options.database)
    if access.dialect == "sqlite":
        return not_applicable(f"{access.name} is SQLite: a file has no limit of connections")
    try:
        holders = [_holder(context, each, access) for each in options.services]
    except Unread as error:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"a pool could not be read: {error}",
            details=error.log,
            remediation="Name the engine as module:attribute, and the service that has it.",
        )
    with reading(access.url, seconds=context.timeout) as session:
        server = limit_of(session)
        roles = {each.pool.user for each in holders if each.pool.user}
        by_role = {role: limit_of(session, role) for role in sorted(roles)}
    table = _table(holders)
    findings = [
        f"{each.service}: {text}"
        for each in holders
        for text in pools.wrong(
            each,
            classes=options.classes if each.pool.name else ("",),
            pre_ping=options.pre_ping and bool(each.pool.name),
            wait_timeout=server.wait_timeout if each.pool.name else None,
        )
    ]
    findings += _over(holders, server, by_role, options.reserve)
    if findings:
        return _failed(findings, table)
    return _passed(context, options, access, holders, server, table)


def _holder(context: CheckContext, each: PoolHolder, access: DatabaseAccess) -> Holder:
    replicas = each.replicas or _running(context, each.service)
    pool = _pool(context, each, access)
    return Holder(each.service, replicas, each.workers, pool, each.connections)


def _running(context: CheckContext, service: str) -> int:
    if context.stack is None:
        return 1
    try:
        return max(1, len(context.stack.inspect(service)))
    except NotSupported:
        return 1


def _pool(context: CheckContext, each: PoolHolder, access: DatabaseAccess) -> Pool:
    if each.engine is None:
        return Pool(access.dialect, "", each.connections, 0, None, pre_ping=False)
    if context.stack is None:
        raise ConfigurationError("an engine is read inside the target, and there is no stack")
    nonce = secrets.token_hex(16)
    done = context.stack.execute(
        each.service,
        [each.python, *pools.arguments(each.engine, nonce=nonce)],
        timeout=context.timeout,
        stdin=pools.probe(),
        directory=each.directory,
    )
    try:
        pool = pools.parse(done, nonce=nonce)
    except ValueError as error:
        raise Unread(f"{each.service}, {each.engine}: {error}", done) from error
    if {pool.dialect, access.dialect} - {"mysql", "mariadb"} and pool.dialect != access.dialect:
        raise ConfigurationError(
            f"{each.engine} of {each.service} is an engine of {pool.dialect}, and {access.name} is "
            f"{access.dialect}",
            advice="name the engine that the service runs with",
        )
    return pool


def _over(
    holders: Sequence[Holder], server: Limit, by_role: Mapping[str, Limit], reserve: int
) -> list[str]:
    """Return which budgets are broken; pools without a bound are findings of their own."""
    found = []
    total = sum(each.most or 0 for each in holders) + reserve
    if total > server.usable:
        sums = " + ".join(f"{each.service} {each.most or 0}" for each in holders)
        found.append(
            f"{total} connections ({sums}{f' + {reserve} kept free' if reserve else ''}), and the "
            f"server takes {server.usable} ({server.words})"
        )
    for role, limit in by_role.items():
        own = sum(each.most or 0 for each in holders if each.pool.user == role)
        if own > limit.usable and limit.usable < server.usable:
            found.append(f"{own} connections of {role}, and it may have {limit.words}")
    return found


def _table(holders: Sequence[Holder]) -> TableEvidence:
    return TableEvidence(
        title="Pools",
        columns=("service", "replicas", "workers", "pool", "size + overflow", "at most"),
        rows=tuple(
            (
                each.service,
                str(each.replicas),
                str(each.workers),
                each.pool.name or "as written",
                f"{_or_none(each.pool.size)} + {_or_none(each.pool.overflow)}",
                "no bound" if each.most is None else str(each.most),
            )
            for each in holders
        ),
    )


def _or_none(number: int | None) -> str:
    return "-" if number is None else str(number)


def _failed(findings: Sequence[str], table: TableEvidence) -> CheckResult:
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    return failed(findings[0] + more, details="\n".join(findings), evidence=[table])


@dataclass(frozen=True)
class _Tried:
    """The load, and the requests that failed."""

    load: Load
    sent: int
    failures: tuple[str, ...]


def _passed(
    context: CheckContext,
    options: ConnectionPoolOptions,
    access: DatabaseAccess,
    holders: Sequence[Holder],
    server: Limit,
    table: TableEvidence,
) -> CheckResult:
    """Return the result of pools that fit, once the load did not find a leak."""
    most = sum(each.most or 0 for each in holders)
    words = f"the pools take {most} of {server.usable} connections ({server.words}) at most"
    if not options.requests:
        return passed(words, evidence=[table])
    kept = sum(each.kept for each in holders)
    tried = _tried(context, options, access, kept)
    problem = tried.load.problem(most=most, kept=kept)
    seen = f"{counted(tried.sent, 'request')}, {tried.load.peak} connections open at the most"
    if problem:
        return failed(
            f"after {counted(tried.sent, 'request')}: {problem}",
            details="\n".join(tried.failures[:10]),
            evidence=[table],
            remediation="Give connections back on every path: `with`, or close in `finally`.",
        )
    if tried.failures:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"{len(tried.failures)} of {counted(tried.sent, 'request')} failed, so that the load "
            f"proves nothing: {tried.failures[0]}",
            evidence=[table],
        )
    return passed(f"{words}; after {seen}, all were given back", evidence=[table])


def _tried(
    context: CheckContext,
    options: ConnectionPoolOptions,
    access: DatabaseAccess,
    kept: int,
) -> _Tried:
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
    load = Load(before, peak, _open(access))
    settling = Deadline(context.clock, options.settle)
    while not load.settled(kept=kept) and not settling.passed:
        context.clock.sleep(FRESH_AFTER)
        load = Load(before, peak, _open(access))
    return _Tried(load, len(targets), failures)


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


def _needs(options: ConnectionPoolOptions) -> frozenset[Need]:
    engines = any(each.engine is not None for each in options.services)
    needs = frozenset({Need.DATABASE})
    return needs | {Need.STACK} if engines or options.requests else needs


CHECK = Check(
    id="connection-pool",
    title="The pools fit into the server, and give back what they take",
    family=Family.DATABASE,
    check_class=CheckClass.MEASURE,
    needs=frozenset({Need.DATABASE}),
    options=ConnectionPoolOptions,
    run=run,
    remediation="Set pool_size, max_overflow, pool_recycle and pool_pre_ping for what runs, or "
    "raise the server's limit.",
    refine_needs=_needs,
    example={
        "database": "main",
        "services": [{"service": "api", "engine": "app.db:engine", "replicas": 3, "workers": 4}],
        "reserve": 5,
        "requests": ["/orders"],
    },
)
