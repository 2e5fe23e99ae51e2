"""What `connection-pool` does."""

import secrets
from collections.abc import Sequence

from readiness_gate.checks.context import CheckContext, DatabaseAccess
from readiness_gate.checks.database.connection_pool import ConnectionPoolOptions, PoolHolder
from readiness_gate.checks.runs.connection_load import load
from readiness_gate.database import pool as pools
from readiness_gate.database.budget import Budget
from readiness_gate.database.choice import choose
from readiness_gate.database.connection import reading
from readiness_gate.database.evidence import counted
from readiness_gate.database.limits import limit_of
from readiness_gate.database.pool import Holder, Pool
from readiness_gate.database.pooler import Sizes, known
from readiness_gate.database.unread import Unread
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, not_applicable, passed
from readiness_gate.stack.base import NotSupported


def run(context: CheckContext, options: ConnectionPoolOptions) -> CheckResult:
    """Add up what the pools may open, hold it against the server, and look for a leak.

    Raises:
        ConfigurationError: no such database, no service, an engine of another dialect, or a pooler
            that no service connects through.
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
    budget = Budget(holders, options.reserve, _sizes(options, holders))
    if budget.pooler is not None and not budget.pooled and not _unseen(holders):
        raise ConfigurationError(
            "a pooler is written, and no service connects through one",
            advice="take pooler out, or write the engine that the service runs with",
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
    findings += budget.over(server, by_role)
    if findings:
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        return failed(findings[0] + more, details="\n".join(findings), evidence=[table])
    doubts = _unseen(holders) or _unknown_pooler(budget)
    if doubts:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            doubts[0],
            details="\n".join(doubts),
            evidence=[table],
            remediation="Write pooler with its sizes, use a driver that the gate knows, and let "
            "the engine connect from its service.",
        )
    return _loaded(context, options, access, budget, budget.fits(server), table)


def _sizes(options: ConnectionPoolOptions, holders: Sequence[Holder]) -> Sizes | None:
    written = None if options.pooler is None else Sizes(**options.pooler.model_dump())
    ways = [each.pool.way for each in holders if each.pool.way is not None]
    users = {each.pool.user for each in holders if each.pooled}
    return known(written, [way.sizes for way in ways if way.sizes is not None], max(1, len(users)))


def _unseen(holders: Sequence[Holder]) -> list[str]:
    """Return which services may have a pooler, or trouble with one, that nobody has seen."""
    ways = [(each.service, each.pool.way) for each in holders]
    return [f"{name}: {way.doubt}" for name, way in ways if way is not None and way.doubt]


def _unknown_pooler(budget: Budget) -> list[str]:
    if budget.pooler is not None or not budget.pooled:
        return []
    names = ", ".join(each.service for each in budget.pooled)
    return [f"{names}: connected through a pooler, and its sizes are not known (write pooler)"]


def _holder(context: CheckContext, each: PoolHolder, access: DatabaseAccess) -> Holder:
    replicas = each.replicas or _running(context, each.service)
    pool = _pool(context, each, access)
    return Holder(each.service, replicas, each.workers, pool, each.connections, each.through_pooler)


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
        [each.python, *pools.arguments(each.engine, nonce=nonce, connect=True)],
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


def _table(holders: Sequence[Holder]) -> TableEvidence:
    return TableEvidence(
        title="Pools",
        columns=("service", "replicas", "workers", "pool", "size + overflow", "at most"),
        rows=tuple(
            (
                f"{each.service} (through a pooler)" if each.pooled else each.service,
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


def _loaded(
    context: CheckContext,
    options: ConnectionPoolOptions,
    access: DatabaseAccess,
    budget: Budget,
    words: str,
    table: TableEvidence,
) -> CheckResult:
    """Return the result of pools that fit, once the load did not find a leak."""
    if not options.requests:
        return passed(words, evidence=[table])
    tried = load(context, options, access, budget.kept)
    problem = tried.load.problem(most=budget.most, kept=budget.kept)
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
