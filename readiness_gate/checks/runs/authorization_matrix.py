"""What `authorization-matrix` does when it runs; what it promises stands beside its options."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from readiness_gate.checks.api_document import Operation, as_json
from readiness_gate.checks.api_patterns import matches, refuse_idle
from readiness_gate.checks.api_target import (
    Described,
    MissingData,
    Prepared,
    Unreadable,
    Values,
    described,
    prepared,
    summed,
)
from readiness_gate.checks.api_tokens import NoToken, Token, expired, obtained, tampered
from readiness_gate.checks.asking import (
    READING,
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
from readiness_gate.checks.network.authorization_matrix import AuthorizationMatrixOptions
from readiness_gate.checks.options.token import TokenSource
from readiness_gate.doors.web import Answer
from readiness_gate.errors import ConfigurationError, StackError
from readiness_gate.model.evidence import RequestEvidence, TableEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_REFUSED = frozenset({401, 403})
_NOBODY = "Bearer readiness-gate-no-such-token"
_ROWS = 60


@dataclass
class _Matrix:
    context: CheckContext
    options: AuthorizationMatrixOptions
    asks: Asking
    described: Described
    tokens: Mapping[str, Token]
    bad: Mapping[str, Mapping[str, str]]
    """Headers that must be refused everywhere, by what they carry."""
    findings: list[str] = field(default_factory=list)
    evidence: list[RequestEvidence] = field(default_factory=list)
    rows: list[tuple[str, str, str]] = field(default_factory=list)
    refused: int = 0
    let_in: int = 0
    low: int = 0

    def ask(self, operation: Operation, one: Prepared, headers: Mapping[str, str]) -> Answer:
        """Return the answer to one of the matrix's questions."""
        body, kind = None, {}
        for name, value in self.options.bodies.items():
            if matches(operation.name, (name,)):
                body, kind = as_json(value), {"Content-Type": "application/json"}
        if body is None and operation.json_type is not None:
            body, kind = b"{}", {"Content-Type": operation.json_type}
        return self.asks.ask(
            one.target, operation.method, headers={**one.headers, **kind, **headers}, body=body
        )

    def found(self, operation: Operation, one: Prepared, answer: Answer, cause: str) -> None:
        """Keep a finding with the answer that shows it."""
        self.findings.append(f"{operation.name}: {cause}")
        self.evidence.append(request_evidence(operation.method, one.target, answer))


def run(context: CheckContext, options: AuthorizationMatrixOptions) -> CheckResult:
    """Ask every operation as everybody, and compare who was let in."""
    asks = asking(context, options.timeout)
    matrix: _Matrix | None = None
    try:
        found = described(context, asks, options)
        _refuse_slips(context, options, found)
        tokens = {name: obtained(context, asks, one) for name, one in options.tokens.items()}
        matrix = _Matrix(context, options, asks, found, tokens, _bad(context, options, tokens))
        _missing_tokens(matrix)
        for operation in found.operations:
            _row(matrix, operation)
    except Unreadable as error:
        return failed(str(error), evidence=error.evidence)
    except NoToken as error:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            str(error),
            remediation="Give tokens that are right: without one that is let in, refusals "
            "prove nothing.",
        )
    except Silent as error:
        return unanswered(context, error)
    except OutOfTime:
        done = len(matrix.rows) if matrix else 0
        return out_of_time(context, f"{done} operations were asked")
    return _judged(matrix)


def _refuse_slips(
    context: CheckContext, options: AuthorizationMatrixOptions, found: Described
) -> None:
    for one in found.operations:
        if not matches(one.name, options.public):
            refuse_writing(context, one.method)
    refuse_idle(options.public, found.operations, "public")
    refuse_idle(options.let_in, found.operations, "let-in")
    refuse_idle(options.bodies, found.operations, "bodies")
    for patterns in options.roles.values():
        refuse_idle(patterns, found.operations, "roles")


def _bad(
    context: CheckContext, options: AuthorizationMatrixOptions, tokens: Mapping[str, Token]
) -> dict[str, Mapping[str, str]]:
    first = next(iter(tokens.values()))
    carried = first.source.carried
    bad: dict[str, Mapping[str, str]] = {
        "no token": {},
        "a wrong token": carried(_NOBODY.split()[1]),
    }
    bad |= {what: carried(text) for what, text in tampered(first.text).items()}
    given = options.expired
    if given is None:
        return bad
    if given.variable is not None:
        source = TokenSource(
            variable=given.variable, header=first.source.header, scheme=first.source.scheme
        )
        bad["an expired token"] = obtained(context, asking(context, 1), source).headers
        return bad
    assert given.secret is not None  # noqa: S101 - the validators ask for both
    assert given.service is not None  # noqa: S101
    secret = _secret(context, given.service, given.secret)
    bad["an expired token"] = carried(expired(first.text, secret, context.clock.now().timestamp()))
    return bad


def _secret(context: CheckContext, service: str, name: str) -> str:
    stack = context.stack
    try:
        value = stack.environment(service).get(name, "") if stack is not None else ""
    except StackError as error:
        raise ConfigurationError(f"expired: {error}") from error
    if not value:
        raise ConfigurationError(f"expired: {service} has no variable {name}")
    return value


def _missing_tokens(matrix: _Matrix) -> None:
    options = matrix.options
    if options.expired is None and "expired" not in options.without:
        matrix.findings.append(
            "no expired token was tried: give `expired`, or write `without: [expired]`"
        )
    if len(options.tokens) < 2 and "low-role" not in options.without:
        matrix.findings.append(
            "no token of a lower role was tried: give two tokens and `roles`, or write "
            "`without: [low-role]`"
        )


def _row(matrix: _Matrix, operation: Operation) -> None:
    """Ask one operation as everybody."""
    options = matrix.options
    try:
        one = prepared(matrix.context, options, operation, Values(options.parameters))
    except MissingData as error:
        matrix.findings.append(f"{error}: give it in `parameters`")
        matrix.rows.append((operation.name, "not asked", ""))
        return
    if matches(operation.name, options.public):
        _public(matrix, operation, one)
        return
    before = len(matrix.findings)
    for what, headers in _unwelcome(matrix, operation):
        answer = matrix.ask(operation, one, headers)
        if answer.status in _REFUSED:
            matrix.refused += 1
        else:
            matrix.found(operation, one, answer, f"{what} is answered with {summed(answer)}")
    kept_out = "refused" if len(matrix.findings) == before else "NOT refused"
    welcome = [name for name in options.tokens if _may(options, operation, name)]
    if not welcome:
        matrix.findings.append(f"{operation.name}: no role may use it")
    let_in = _welcomed(matrix, operation, welcome)
    matrix.rows.append((operation.name, kept_out, let_in))


def _public(matrix: _Matrix, operation: Operation, one: Prepared) -> None:
    if operation.method not in READING:
        matrix.rows.append((operation.name, "public", "not asked: it writes"))
        return
    answer = matrix.ask(operation, one, {})
    if answer.status in _REFUSED or answer.status >= 500:
        matrix.found(operation, one, answer, f"is listed as public, but answers {summed(answer)}")
    matrix.rows.append((operation.name, "public", str(answer.status)))


def _unwelcome(matrix: _Matrix, operation: Operation) -> Iterator[tuple[str, Mapping[str, str]]]:
    yield from matrix.bad.items()
    for name, token in matrix.tokens.items():
        if not _may(matrix.options, operation, name):
            matrix.low += 1
            yield f"a token of {name}", token.headers


def _may(options: AuthorizationMatrixOptions, operation: Operation, role: str) -> bool:
    """Return whether a role may use an operation: what no role claims is open to all."""
    claiming = [
        name for name, patterns in options.roles.items() if matches(operation.name, patterns)
    ]
    return not claiming or role in claiming


def _welcomed(matrix: _Matrix, operation: Operation, roles: list[str]) -> str:
    """Ask with the right tokens; return what to show."""
    if operation.method not in READING and not matches(operation.name, matrix.options.let_in):
        return "not asked: it writes"
    told = []
    for role in roles:
        options = matrix.options
        values = Values({**options.parameters, **options.own.get(role, {})})
        mine = prepared(matrix.context, options, operation, values)
        answer = matrix.ask(operation, mine, matrix.tokens[role].headers)
        told.append(f"{role}: {answer.status}")
        if answer.status in _REFUSED:
            matrix.found(operation, mine, answer, f"the right token of {role} is refused")
        elif answer.status < 400 or answer.status == 409:
            matrix.let_in += 1
        else:
            advice = "give values in `parameters` and `bodies`" if answer.status < 500 else ""
            cause = f"the right token of {role} is answered with {summed(answer)}"
            matrix.found(operation, mine, answer, f"{cause}{': ' if advice else ''}{advice}")
    return ", ".join(told)


def _judged(matrix: _Matrix) -> CheckResult:
    found = matrix.described
    table = TableEvidence(
        title=f"{len(matrix.rows)} operations of {found.where}",
        columns=("operation", "others", "right tokens"),
        rows=tuple(matrix.rows[:_ROWS]),
    )
    roles_differ = matrix.low or "low-role" in matrix.options.without
    if len(matrix.tokens) > 1 and not roles_differ:
        matrix.findings.append("every role may use everything: declare `roles`")
    if matrix.findings:
        result = problems_failed(matrix.findings, matrix.evidence)
        return failed(result.summary, details=result.details, evidence=(*result.evidence, table))
    guarded = sum(1 for _, others, _ in matrix.rows if others == "refused")
    if not guarded or not matrix.let_in:
        what = "no operation needs a token" if not guarded else "no right token was let in"
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"{found.where}: {what}, which proves nothing",
            evidence=(table,),
            remediation="Name operations in `let-in`, and only what is public in `public`.",
        )
    left = f", {found.left_out} left out" if found.left_out else ""
    return passed(
        f"{guarded} operations refused {matrix.refused} requests with 401 or 403 and let right "
        f"tokens in {matrix.let_in} times; {len(matrix.rows) - guarded} are public{left}",
        evidence=(table,),
    )
