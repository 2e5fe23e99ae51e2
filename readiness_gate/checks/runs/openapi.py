"""What `openapi` does when it runs; what it promises stands beside its options."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from readiness_gate.checks.api_changes import breaking
from readiness_gate.checks.api_document import Document, NoDocument, Operation, is_json, node
from readiness_gate.checks.api_document import read_document as read
from readiness_gate.checks.api_generation import (
    Generated,
    NoCases,
    Seen,
    Wanted,
    generated,
    invalidity,
    judged,
)
from readiness_gate.checks.api_patterns import matches, refuse_idle
from readiness_gate.checks.api_routes import Route, prefixes, routes
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
    unanswered,
)
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.exchange import request_evidence
from readiness_gate.checks.network.openapi import OpenapiOptions
from readiness_gate.checks.target import endpoint
from readiness_gate.doors.git import GitUnavailable
from readiness_gate.doors.web import BODY_CAP, Answer
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.evidence import RequestEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_NOWHERE = "/readiness-gate-no-such-path"
_ABSENT = frozenset({401, 403, 404, 405, 410, 501})
_OF_A_VALUE = frozenset({400, 404, 422, 429})
"""What a generated value may be answered with, declared or not."""


_WITHOUT_BODY = frozenset({204, 304})
"""Which no body can come with, whatever is declared."""


_MOST_PROBLEMS = 300


@dataclass
class _Run:
    context: CheckContext
    options: OpenapiOptions
    asks: Asking
    described: Described
    headers: Mapping[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    evidence: list[RequestEvidence] = field(default_factory=list)
    unproven: list[str] = field(default_factory=list)
    seen: list[tuple[Prepared, Seen]] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)
    told: list[str] = field(default_factory=list)

    def tell(self, problem: str) -> None:
        """Keep a problem."""
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(problem)


def run(context: CheckContext, options: OpenapiOptions) -> CheckResult:
    """Read the description, ask what it describes, and compare with the base."""
    asks = asking(context, options.timeout)
    one: _Run | None = None
    try:
        found = described(context, asks, options)
        one = _Run(context, options, asks, found)
        _valid(one)
        for operation in found.operations:
            for problem in _undocumented(options, operation):
                one.tell(f"{operation.name}: {problem}")
        _compared(one)
        _routes(one)
        _suspects(one)
        if options.answered:
            token = obtained(context, asks, options.token) if options.token else None
            one.headers = {**options.headers, **(token.headers if token else {})}
            _answers(one)
    except Unreadable as error:
        return failed(str(error), evidence=error.evidence)
    except (NoToken, NoCases) as error:
        if one is not None and one.problems:
            return problems_failed(one.problems, one.evidence)
        return cannot_tell(ErrorClass.INCONCLUSIVE, str(error))
    except Silent as error:
        return unanswered(context, error, one.evidence if one else ())
    except OutOfTime:
        return out_of_time(context, f"{len(one.seen) if one else 0} answers were seen")
    return _judged(one)


def _valid(one: _Run) -> None:
    invalid = invalidity(one.context, one.described.document, one.asks.deadline)
    if invalid is not None:
        one.tell(f"{one.described.where}: is not valid OpenAPI: {invalid}")
    ids: dict[str, str] = {}
    for operation in one.described.document.operations:
        declared = {
            parameter.name for parameter in operation.parameters if parameter.where == "path"
        }
        for part in _templates(operation.path):
            if part not in declared:
                one.tell(f"{operation.name}: the path parameter {part} is not declared")
        name = operation.definition.get("operationId")
        if isinstance(name, str) and name in ids:
            one.tell(f"{operation.name}: has the operationId of {ids[name]}")
        ids.setdefault(str(name), operation.name)


def _templates(path: str) -> Iterator[str]:
    for part in path.split("{")[1:]:
        yield part.partition("}")[0]


def _undocumented(options: OpenapiOptions, operation: Operation) -> Iterator[str]:
    given = operation.definition
    for wanted in options.documented:
        if wanted == "summary" and not (_says(given, "summary") or _says(given, "description")):
            yield "has no summary"
        elif wanted == "description" and not _says(given, "description"):
            yield "has no description"
        elif wanted == "tags" and not given.get("tags"):
            yield "has no tags"
        elif wanted == "operation-id" and not given.get("operationId"):
            yield "has no operationId"
        elif wanted == "parameters":
            for parameter in operation.parameters:
                if not _says(parameter.definition, "description"):
                    yield f"the parameter {parameter.name} has no description"
        elif wanted == "responses":
            fine = [key for key in operation.responses if key[:1] in {"1", "2", "3"}]
            if not fine and "default" not in operation.responses:
                yield "declares no successful answer"
            for key in fine:
                if not _says(operation.responses[key], "description"):
                    yield f"the answer {key} has no description"


def _says(given: Mapping[str, object], key: str) -> bool:
    value = given.get(key)
    return isinstance(value, str) and bool(value.strip())


def _compared(one: _Run) -> None:
    """Compare with the description at the base."""
    context, options = one.context, one.options
    if options.kept is None:
        return
    here = _kept_here(one, options.kept)
    if here is not None and here.raw != one.described.document.raw:
        one.tell(f"{options.kept}: is not what {one.described.where} shows: write it again")
    if context.git is None or context.base_sha is None:
        one.told.append("no base to compare with")
        return
    try:
        data = context.git.file(context.base_sha, options.kept)
    except GitUnavailable as error:
        raise ConfigurationError(f"nothing to compare with: {error}") from error
    if data is None:
        one.told.append(f"{options.kept} is new")
        return
    try:
        base = read(data)
        broken = breaking(base, one.described.document)
        refuse_idle(options.may_break, base.operations, "may-break")
    except NoDocument as error:
        raise Unreadable(f"{options.kept} at the base: {error}") from None
    for name, causes in broken.items():
        if not matches(name, options.may_break):
            for cause in causes:
                one.tell(f"{name}: breaks clients: {cause}")
    one.told.append(f"nothing breaks clients of {options.kept} at the base")


def _kept_here(one: _Run, path: str) -> Document | None:
    if one.options.file == path:
        return None
    try:
        return read(one.context.workspace.read(path))
    except (OSError, ValueError) as error:
        one.tell(f"{path}: {str(error)[:200] or 'is not there'}")
        return None


def _routes(one: _Run) -> None:
    """Look for routes of the source that nobody described."""
    options = one.options
    if options.source is None:
        return
    workspace = one.context.workspace
    found: list[tuple[str, Route]] = []
    included: set[str] = set()
    for path in workspace.glob(options.source):
        try:
            text = workspace.text(path)
            found += [(path, route) for route in routes(text)]
            included.update(prefixes(text))
        except (OSError, ValueError) as error:
            one.tell(f"{path}: {str(error)[:200]}")
    if not found:
        raise ConfigurationError(f"source: {options.source} holds no route of FastAPI")
    for path, route in found:
        _looked_for(one, f"{path}:{route.line}", route, included)
    unknown = sum(1 for _, route in found if route.owner)
    more = f", {unknown} of no known router" if unknown else ""
    one.told.append(f"{len(found) - unknown} routes of the source are described{more}")


def _looked_for(one: _Run, where: str, route: Route, included: set[str]) -> None:
    """Tell a route that is not described, or of which nobody can tell."""
    name = f"{route.method} {route.path or '/'}"
    if not route.method:
        one.unproven.append(
            f"{where}: nobody can tell the methods of {route.path or '/'}: write them out"
        )
        return
    known = (operation.name for operation in one.described.document.operations)
    described_as = any(_ends(operation, route, included) for operation in known)
    if described_as or matches(name, one.options.hidden):
        return
    if route.owner:
        what = f"{route.owner}.{route.method.lower()}"
        one.unproven.append(
            f"{where}: nobody can tell whether {what} is a route: {name} is not described; name it "
            "in `hidden` if it is none"
        )
    else:
        one.tell(f"{where}: {name} is not described")


def _ends(name: str, route: Route, included: set[str]) -> bool:
    """Return whether an operation may be a route, below a prefix that is added elsewhere."""
    method, _, full = name.partition(" ")
    full, path = full.rstrip("/"), route.path.rstrip("/")
    if method != route.method:
        return False
    if path:
        return full.endswith(path)
    # The end of every path is empty: only a prefix that is known makes one of it.
    return not full or any(full.endswith(prefix) for prefix in included)


def _suspects(one: _Run) -> None:
    """Ask for what is often there without being described."""
    described_paths = {operation.path for operation in one.described.document.operations}
    paths = [path for path in one.options.suspects if path not in described_paths]
    paths = [path for path in paths if not matches(f"GET {path}", one.options.hidden)]
    if not paths:
        return
    nowhere = endpoint(one.context, _NOWHERE)
    answer = one.asks.ask(nowhere)
    if answer.status not in _ABSENT:
        one.unproven.append(
            f"GET {nowhere.url} is answered with {summed(answer)}, so nobody can tell what is not "
            "there: set `suspects: []`"
        )
        one.evidence.append(request_evidence("GET", nowhere, answer))
        return
    for path in paths:
        target = endpoint(one.context, path)
        answer = one.asks.ask(target)
        if answer.status not in _ABSENT:
            one.tell(f"GET {path}: answers {summed(answer)}, and is not described")
            one.evidence.append(request_evidence("GET", target, answer))


def _answers(one: _Run) -> None:
    """Ask every operation that only reads, and judge what it answers."""
    asked = [operation for operation in one.described.operations if operation.method == "GET"]
    for operation in asked:
        try:
            request = prepared(one.context, one.options, operation, Values(one.options.parameters))
        except MissingData:
            continue  # generated values are left
        _ask(one, operation, request, known=True)
    wanted = [
        Wanted(operation, "valid", one.options.examples)
        for operation in asked
        if operation.parameters and one.options.examples
    ]
    for found in _generated(one, wanted):
        operation = found.wanted.operation
        one.unproven += [f"{operation.name}: {gap}" for gap in found.gaps]
        for case in found.cases:
            replaced = {("path", name): value for name, value in case.path.items()}
            replaced |= {("query", name): value for name, value in case.query.items()}
            values = Values(one.options.parameters)
            try:
                request = prepared(one.context, one.options, operation, values, replaced)
            except MissingData:
                continue
            _ask(one, operation, request, known=False)
    _bodies(one)
    if not asked:
        one.unproven.append(
            f"{one.described.where}: no GET operation is looked at, so no answer was judged: set "
            "`answered: false`"
        )
    for operation in asked:
        if operation.name not in one.answered:
            one.unproven.append(
                f"{operation.name}: was not answered with success: give `parameters` and `token`"
            )


def _generated(one: _Run, wanted: list[Wanted]) -> Iterator[Generated]:
    if wanted:
        yield from generated(
            one.context,
            one.described.document,
            wanted,
            seed=one.options.seed,
            mark="",
            deadline=one.asks.deadline,
        )


def _ask(one: _Run, operation: Operation, request: Prepared, *, known: bool) -> None:
    answer = one.asks.ask(request.target, headers={**request.headers, **one.headers})
    one.seen.append((request, Seen(operation, answer)))
    problem = _undeclared(operation, answer, known=known)
    if problem is not None:
        one.tell(f"{operation.name}: {problem}")
        one.evidence.append(request_evidence("GET", request.target, answer))
    if 200 <= answer.status < 300:
        one.answered.add(operation.name)


def _undeclared(operation: Operation, answer: Answer, *, known: bool) -> str | None:
    """Return what about status and type is not as declared."""
    response = operation.response(answer.status)
    if answer.status >= 500 and str(answer.status) not in operation.responses:
        return f"answers {summed(answer)}"
    if response is None:
        tolerated = _OF_A_VALUE if not known else frozenset()
        guarded = answer.status in {401, 403}
        return (
            None if guarded or answer.status in tolerated else f"{summed(answer)} is not declared"
        )
    content = node(response.get("content"))
    kind = (answer.header("content-type") or "").partition(";")[0].strip().lower()
    if content and not answer.body:
        missing = answer.status not in _WITHOUT_BODY
        return f"{answer.status}: comes without the body that is declared" if missing else None
    if content and not any(_covers(one, kind) for one in content):
        return f"{answer.status}: {kind[:60] or 'no type'} is not declared"
    return None


def _covers(declared: str, kind: str) -> bool:
    pattern = declared.partition(";")[0].strip().lower()
    return pattern in {kind, "*/*"} or (
        pattern.endswith("/*") and kind.startswith(pattern.removesuffix("*"))
    )


def _bodies(one: _Run) -> None:
    """Judge the bodies by their schemas."""
    chosen = []
    for request, seen in one.seen:
        if not seen.answer.body or not is_json(seen.answer.header("content-type") or ""):
            continue
        if not seen.answer.truncated:
            chosen.append((request, seen))
        elif node(seen.operation.response(seen.answer.status)).get("content"):
            one.unproven.append(
                f"{seen.operation.name}: {seen.answer.status}: is longer than {BODY_CAP} bytes, "
                "which are not judged: give `parameters` that it is short for"
            )
    found = judged(
        one.context, one.described.document, [seen for _, seen in chosen], one.asks.deadline
    )
    for (request, seen), causes in zip(chosen, found, strict=True):
        for cause in causes:
            one.tell(f"{seen.operation.name}: {seen.answer.status}: {cause}")
        if causes:
            one.evidence.append(request_evidence("GET", request.target, seen.answer))


def _judged(one: _Run) -> CheckResult:
    found = one.described
    if one.problems:
        return problems_failed(one.problems, one.evidence)
    if one.unproven:
        more = f"; and {len(one.unproven) - 1} more" if len(one.unproven) > 1 else ""
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"{one.unproven[0]}{more}",
            details="\n".join(one.unproven),
            evidence=tuple(one.evidence[:6]),
        )
    told = [f"{len(found.operations)} operations are described"]
    if one.options.answered:
        told.append(f"{len(one.seen)} answers of {len(one.answered)} are as declared")
    left = [f"{found.left_out} left out"] if found.left_out else []
    return passed(f"{found.where}: {', '.join([*told, *one.told, *left])}")
