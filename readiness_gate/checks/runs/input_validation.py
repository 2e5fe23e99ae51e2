"""What `input-validation` does when it runs; what it promises stands beside its options."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from readiness_gate.checks.api_document import (
    NoDocument,
    Operation,
    Parameter,
    as_json,
    is_json,
    node,
)
from readiness_gate.checks.api_generation import Case, Generated, NoCases, Wanted, generated
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
from readiness_gate.checks.api_tokens import NoToken, obtained
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
from readiness_gate.checks.network.input_validation import InputValidationOptions
from readiness_gate.doors.web import Answer
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.evidence import RequestEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_NUMBERS = frozenset({"integer", "number", "boolean"})

_TRACES = (
    "Traceback (most recent call last)",
    "SQLSTATE",
    "psycopg.errors",
    "sqlalchemy.exc",
    "sqlite3.OperationalError",
    "You have an error in your SQL syntax",
    "syntax error at or near",
    "\tat java.",
    "System.NullReferenceException",
)

_EVALUATED = "62773913"
"""What a template makes of the product that is sent."""


_MOST_FINDINGS = 200
_BASES = 8


@dataclass
class _Run:
    context: CheckContext
    options: InputValidationOptions
    asks: Asking
    described: Described
    headers: Mapping[str, str]
    mark: str
    findings: list[str] = field(default_factory=list)
    evidence: list[RequestEvidence] = field(default_factory=list)
    sent: int = 0
    refused: int = 0
    bodies: Counter[str] = field(default_factory=Counter)
    """How many were sent to each operation."""
    surely: Counter[str] = field(default_factory=Counter)
    """How many of them no reading of the schema lets through."""
    unproven: list[str] = field(default_factory=list)

    def ask(self, operation: Operation, one: Prepared, body: bytes | None) -> Answer:
        """Return the answer to a body."""
        kind = {} if body is None else {"Content-Type": operation.json_type or "application/json"}
        return self.asks.ask(
            one.target,
            operation.method,
            headers={**one.headers, **kind, **self.headers},
            body=body,
        )


def run(context: CheckContext, options: InputValidationOptions) -> CheckResult:
    """Send what is invalid to every operation, and judge the answers."""
    asks = asking(context, options.timeout)
    one: _Run | None = None
    try:
        found = described(context, asks, options)
        chosen = _chosen(context, options, found)
        token = obtained(context, asks, options.token) if options.token else None
        headers = {**options.headers, **(token.headers if token else {})}
        mark = "rg" + hashlib.sha256(f"{options.seed} {context.item_id}".encode()).hexdigest()[:12]
        one = _Run(context, options, asks, found, headers, mark)
        bases = list(_bases(one, chosen))
        _invalid(one, bases)
        for operation, base in bases:
            _wrong_parameters(one, operation, base)
    except Unreadable as error:
        return failed(str(error), evidence=error.evidence)
    except (NoToken, NoCases) as error:
        return cannot_tell(ErrorClass.INCONCLUSIVE, str(error))
    except Silent as error:
        return unanswered(context, error, one.evidence[-1:] if one else ())
    except OutOfTime:
        return out_of_time(context, f"{one.sent if one else 0} bodies were sent")
    return _judged(one, len(bases))


def _chosen(
    context: CheckContext, options: InputValidationOptions, found: Described
) -> list[Operation]:
    refuse_idle(options.operations, found.operations, "operations")
    refuse_idle(options.bodies, found.operations, "bodies")
    chosen = []
    for operation in found.operations:
        wanted = operation.method in _WRITING and operation.json_type is not None
        if options.operations:
            wanted = matches(operation.name, options.operations)
            if wanted and operation.json_type is None:
                raise ConfigurationError(f"operations: {operation.name} takes no JSON body")
        if wanted:
            refuse_writing(context, operation.method)
            chosen.append(operation)
    if not chosen:
        raise ConfigurationError(
            f"{found.where} describes no operation with a JSON body",
            advice="Describe the bodies that are taken, or take this item away.",
        )
    return chosen


def _bases(one: _Run, chosen: list[Operation]) -> Iterator[tuple[Operation, JsonValue]]:
    """Yield each operation with a body that is accepted; what has none is not proven."""
    unknown: list[Operation] = []
    for operation in chosen:
        known = _known(one.options, operation)
        if not known:
            unknown.append(operation)
            continue
        accepted = _accepted(one, operation, known)
        if accepted is not None:
            yield operation, accepted[0]
    wanted = [Wanted(operation, "valid", _BASES) for operation in unknown]
    for found in _generated(one, wanted):
        operation = found.wanted.operation
        bodies = [_value(case) for case in found.cases if case.body is not None]
        accepted = _accepted(one, operation, bodies)
        if accepted is not None:
            yield operation, accepted[0]


def _known(options: InputValidationOptions, operation: Operation) -> list[JsonValue]:
    for pattern, body in options.bodies.items():
        if matches(operation.name, (pattern,)):
            return [body]
    content = node(node(operation.body).get("content"))
    media = node(content.get(operation.json_type or ""))
    shown = [node(one).get("value") for one in node(media.get("examples")).values()]
    schema = node(media.get("schema"))
    listed = schema.get("examples") if isinstance(schema.get("examples"), list) else []
    found = [media.get("example"), *shown, schema.get("example"), *(listed or [])]
    return [body for body in found if body is not None][:_BASES]


def _value(case: Case) -> JsonValue:
    from json import loads  # noqa: PLC0415 - what was just written as JSON

    value: JsonValue = loads(case.body or b"null")
    return value


def _accepted(one: _Run, operation: Operation, bodies: list[JsonValue]) -> tuple[JsonValue] | None:
    """Return the first body that is accepted."""
    try:
        request = prepared(one.context, one.options, operation, Values(one.options.parameters))
    except MissingData as error:
        one.unproven.append(f"{error}: give it in `parameters`")
        return None
    last: Answer | None = None
    for body in bodies:
        last = one.ask(operation, request, as_json(body))
        if 200 <= last.status < 300:
            return (body,)
        if last.status >= 500:
            _found(one, operation, request, last, f"a valid body is answered with {summed(last)}")
    if last is not None:
        one.evidence.append(request_evidence(operation.method, request.target, last))
    told = "none could be generated" if last is None else f"the last answer is {summed(last)}"
    one.unproven.append(f"{operation.name}: no valid body is accepted, {told}")
    return None


def _generated(one: _Run, wanted: list[Wanted]) -> Iterator[Generated]:
    if wanted:
        yield from generated(
            one.context,
            one.described.document,
            wanted,
            seed=one.options.seed,
            mark=one.mark,
            deadline=one.asks.deadline,
        )


def _invalid(one: _Run, bases: list[tuple[Operation, JsonValue]]) -> None:
    wanted = [Wanted(operation, "invalid", one.options.examples, base) for operation, base in bases]
    for found in _generated(one, wanted):
        operation = found.wanted.operation
        one.unproven += [f"{operation.name}: {gap}" for gap in found.gaps]
        request = prepared(one.context, one.options, operation, Values(one.options.parameters))
        for case in found.cases:
            if case.body is not None:
                _send(one, operation, request, case)
                one.bodies[operation.name] += 1
                one.surely[operation.name] += case.by_schema
        if not one.surely[operation.name]:
            one.unproven.append(
                f"{operation.name}: none of {one.bodies[operation.name]} bodies was surely invalid "
                "by its schema: describe types and limits of the fields"
            )


def _send(one: _Run, operation: Operation, request: Prepared, case: Case) -> None:
    if len(one.findings) >= _MOST_FINDINGS:
        return
    answer = one.ask(operation, request, case.body)
    one.sent += 1
    one.refused += 400 <= answer.status < 500
    for cause in _causes(answer, case, one.mark):
        _found(one, operation, request, answer, f"{case.what}: {cause}")


def _found(one: _Run, operation: Operation, request: Prepared, answer: Answer, cause: str) -> None:
    one.findings.append(f"{operation.name}: {cause}")
    one.evidence.append(request_evidence(operation.method, request.target, answer))


def _causes(answer: Answer, case: Case, mark: str) -> Iterator[str]:
    """Yield what is wrong with the answer to one case."""
    if answer.status >= 500:
        yield f"is answered with {summed(answer)}"
    elif case.certain and not 400 <= answer.status < 500:
        yield f"is accepted with {summed(answer)}"
    yield from _alive(answer, mark)


def _alive(answer: Answer, mark: str) -> Iterator[str]:
    text = answer.text
    if answer.header("x-injected") is not None:
        yield "became a header of the answer"
    if "root:x:0:0:" in text:
        yield "a file of the server was handed out"
    trace = next((one for one in _TRACES if one in text), None)
    if trace is not None:
        yield f"the answer shows the inside of the server: {trace.strip()}"
    if is_json(answer.header("content-type") or ""):
        return
    if f"<script>{mark}</script>" in text:
        kind = (answer.header("content-type") or "no type").partition(";")[0]
        yield f"comes back unescaped as {kind[:60]}"
    if _EVALUATED in text:
        yield "a template was evaluated"


def _wrong_parameters(one: _Run, operation: Operation, base: JsonValue) -> None:
    """Send what is no number where a number belongs, with a body that is accepted."""
    options = one.options
    for parameter in operation.parameters:
        if parameter.where not in {"path", "query"} or not _is_number(one, parameter):
            continue
        replaced = {(parameter.where, parameter.name): "no-such-thing"}
        request = prepared(one.context, options, operation, Values(options.parameters), replaced)
        what = f"{parameter.where} {parameter.name}: text for a number"
        _send(one, operation, request, Case(what, certain=True, body=as_json(base)))


def _is_number(one: _Run, parameter: Parameter) -> bool:
    """Return whether no text is let through, though `null` may be."""
    try:
        kinds = one.described.document.kinds(parameter.schema)
    except NoDocument:
        return False
    return bool(kinds & _NUMBERS) and kinds <= _NUMBERS | {"null"}


def _judged(one: _Run, proven: int) -> CheckResult:
    where = one.described.where
    if one.findings:
        return problems_failed(one.findings, one.evidence)
    if one.unproven or not one.sent:
        causes = one.unproven or [f"{where}: nothing was sent"]
        more = f"; and {len(causes) - 1} more" if len(causes) > 1 else ""
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"{causes[0]}{more}",
            details="\n".join(causes),
            evidence=tuple(one.evidence[:6]),
            remediation="Without a valid request that is accepted, refusals prove nothing: give "
            "`bodies`, `parameters` and a `token`.",
        )
    if not one.refused:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"{where}: none of {one.sent} bodies was refused, though none was surely invalid",
            remediation="Describe the types and limits of the fields.",
        )
    left = f", {one.described.left_out} operations left out" if one.described.left_out else ""
    return passed(
        f"{proven} operations refused {one.refused} of {one.sent} bodies with 4xx, the rest may "
        f"be valid; no 5xx, no echo (seed {one.options.seed}){left}"
    )
