"""What `query-plan` does when it runs; what it promises stands beside its options."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from readiness_gate.checks.context import CheckContext, DatabaseAccess
from readiness_gate.checks.database.query_plan import QueryPlanOptions
from readiness_gate.checks.target import endpoint
from readiness_gate.database.choice import choose
from readiness_gate.database.connection import reading
from readiness_gate.database.evidence import ROWS, counted
from readiness_gate.database.plans.explained import Plan, explained
from readiness_gate.database.plans.observed import Observed, observed, run_between
from readiness_gate.database.search_path import use_the_project_s
from readiness_gate.database.session import StatementFailed
from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.web import NoAnswer
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_SHOWN = 160
_READS = ("select", "with")
_OWN = ("pg_", "information_schema")
"""Words of statements that drivers and the gate itself run."""


@dataclass(frozen=True)
class _Finding:
    statement: str
    message: str


def run(context: CheckContext, options: QueryPlanOptions) -> CheckResult:
    """Count what requests run, plan the statements, and judge both.

    Raises:
        ConfigurationError: no such database, or it cannot be observed.
        DatabaseError: it could not be read.
        StackError: a service of the requests is not reached.
    """
    access = choose(context.databases, options.database)
    watches = options.observed or options.requests
    if watches and access.dialect != "postgresql":
        raise ConfigurationError(
            f"statements are observed on PostgreSQL alone, and {access.name} is {access.dialect}",
            advice="list them under `statements`",
        )
    try:
        repeated = list(_repeated(context, options, access))
        statements = [*options.statements, *_seen(context, options, access)]
    except (NoAnswer, StatementFailed) as error:
        return cannot_tell(ErrorClass.INCONCLUSIVE, str(error))
    if not statements and not options.requests:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"nothing was run on {access.name} yet: there is nothing to plan",
            remediation="Send requests first, or list statements.",
        )
    found, unplanned = _planned(context, options, access, statements)
    return _answer(options, [*repeated, *found], unplanned, len(statements))


def _repeated(
    context: CheckContext, options: QueryPlanOptions, access: DatabaseAccess
) -> Iterator[_Finding]:
    """Yield what one request runs too often; each request is sent twice, the first to warm up."""
    deadline = Deadline(context.clock, context.timeout)
    for url in options.requests:
        target = endpoint(context, url)
        before: dict[str, Observed] = {}
        for _ in range(2):
            before = _statistics(access, context.timeout)
            answer = context.web.request(
                "GET", target.reached, timeout=max(1.0, deadline.remaining(30.0)),
                headers=options.headers,
            )  # fmt: skip
            if answer.status >= 400:
                raise NoAnswer(f"GET {target.url}: status {answer.status}, nothing can be counted")
        after = _statistics(access, context.timeout)
        ran = [one for one in run_between(before, after).values() if _is_the_target_s(one[0])]
        if not ran:
            raise NoAnswer(f"GET {target.url} runs no statement on {access.name}")
        for one, calls in ran:
            if calls >= options.repeats:
                yield _Finding(one.text, f"GET {target.url} runs it {calls} times (N+1)")


def _statistics(access: DatabaseAccess, seconds: float) -> dict[str, Observed]:
    with reading(access.url, seconds=seconds) as session:
        return observed(session)


def _seen(
    context: CheckContext, options: QueryPlanOptions, access: DatabaseAccess
) -> Iterator[str]:
    if options.observed:
        for one in _statistics(access, context.timeout).values():
            if _is_the_target_s(one) and one.text.lstrip("( \n").lower().startswith(_READS):
                yield one.text


def _is_the_target_s(one: Observed) -> bool:
    text = one.text.lower()
    if text.lstrip("( \n").startswith(_READS) and " from " not in f" {' '.join(text.split())} ":
        return False
    return text.lstrip("( \n").startswith((*_READS, "insert", "update", "delete")) and not any(
        word in text for word in _OWN
    )


def _planned(
    context: CheckContext,
    options: QueryPlanOptions,
    access: DatabaseAccess,
    statements: Sequence[str],
) -> tuple[list[_Finding], list[_Finding]]:
    found: list[_Finding] = []
    unplanned: list[_Finding] = []
    with reading(access.url, seconds=context.timeout) as session:
        use_the_project_s(session)
        for statement in statements:
            text = statement.strip().removesuffix(";")
            try:
                with session.guarded():
                    plan = explained(session, text, as_if_large=options.as_if_large)
            except StatementFailed as error:
                unplanned.append(_Finding(text, error.message.partition("\n")[0]))
                continue
            found += [_Finding(text, message) for message in _problems(options, plan)]
    return found, unplanned


def _problems(options: QueryPlanOptions, plan: Plan) -> Iterator[str]:
    for scan in plan.scans:
        if any(fnmatchcase(scan.table, glob) for glob in options.excluding):
            continue
        if options.as_if_large:
            yield f"{scan.table} is read as a whole: no index serves it"
        elif scan.rows > options.rows_above:
            yield f"{scan.table} is read as a whole: {scan.rows} rows"
    if options.max_cost is not None and plan.cost is not None and plan.cost > options.max_cost:
        yield f"costs {plan.cost:.0f}, more than {options.max_cost:.0f}"
    if options.max_rows is not None and plan.rows is not None and plan.rows > options.max_rows:
        yield f"returns {plan.rows:.0f} rows, more than {options.max_rows:.0f}"


def _answer(
    options: QueryPlanOptions, found: list[_Finding], unplanned: list[_Finding], statements: int
) -> CheckResult:
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        return failed(
            f"{found[0].message}: {_short(found[0].statement)}{more}",
            evidence=(_table("Statements", found),),
        )
    if unplanned:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"{counted(len(unplanned), 'statement')} of {statements} could not be planned: "
            f"{unplanned[0].message}",
            evidence=(_table("Not planned", unplanned),),
        )
    what = [f"{counted(statements, 'statement')} planned"] if statements else []
    if options.requests:
        what.append(f"{counted(len(options.requests), 'request')} counted")
    return passed(f"{', '.join(what)}: nothing is read as a whole, nothing repeated")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"


def _table(title: str, found: Sequence[_Finding]) -> TableEvidence:
    return TableEvidence(
        title=title,
        columns=("statement", "finding"),
        rows=tuple((_short(one.statement), one.message) for one in found[:ROWS]),
        omitted=max(0, len(found) - ROWS),
    )
