"""The interface under test: where its description is, who asks, and with which values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from pydantic import JsonValue

from readiness_gate.checks.api_document import (
    FILE_CAP,
    Document,
    NoDocument,
    Operation,
    Parameter,
    node,
    read_document,
)
from readiness_gate.checks.api_patterns import matches, refuse_idle
from readiness_gate.checks.asking import Asking
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.exchange import request_evidence
from readiness_gate.checks.options.api import ApiOptions
from readiness_gate.checks.target import Endpoint, endpoint, whole_url
from readiness_gate.doors.web import BODY_CAP, Answer
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.evidence import RequestEvidence


class Unreadable(Exception):  # noqa: N818
    """The description did not come; the message says what came, `evidence` shows it."""

    def __init__(self, cause: str, evidence: Iterable[RequestEvidence] = ()) -> None:
        """Keep what came instead."""
        super().__init__(cause)
        self.evidence = tuple(evidence)


@dataclass(frozen=True)
class Described:
    """A description, and what of it is looked at."""

    document: Document
    operations: tuple[Operation, ...]
    left_out: int
    where: str


def described(context: CheckContext, asks: Asking, options: ApiOptions) -> Described:
    """Return the description, out of the repository or from the running service.

    Raises:
        Unreadable: it is not there, or cannot be worked with.
        Silent: nobody answered.
        OutOfTime: the item's time is over.
        ConfigurationError: `except` names nothing.
    """
    shown: tuple[RequestEvidence, ...] = ()
    if options.file is not None:
        where = options.file
        data = _from_workspace(context, options.file)
    else:
        target = endpoint(context, options.url)
        where = target.url
        answer = asks.ask(target, headers={"Accept": "application/json"})
        shown = (request_evidence("GET", target, answer),)
        if answer.status != 200:
            raise Unreadable(f"GET {where}: status {answer.status}, no description", shown)
        if answer.truncated:
            raise Unreadable(
                f"{where}: longer than {BODY_CAP} bytes, which are not read; name a `file`", shown
            )
        data = answer.body
    try:
        document = read_document(data)
        operations = document.operations
    except NoDocument as error:
        raise Unreadable(f"{where}: {error}", shown) from None
    if not operations:
        raise Unreadable(f"{where}: describes no operation", shown)
    refuse_idle(options.except_, operations, "except")
    kept = tuple(one for one in operations if not matches(one.name, options.except_))
    if not kept:
        raise ConfigurationError("except: leaves no operation to look at")
    return Described(document, kept, len(operations) - len(kept), where)


def _from_workspace(context: CheckContext, path: str) -> bytes:
    try:
        return context.workspace.read(path, cap=FILE_CAP)
    except (OSError, ValueError) as error:
        raise Unreadable(f"{path}: {str(error)[:200] or type(error).__name__}") from None


@dataclass(frozen=True)
class MissingData(Exception):  # noqa: N818
    """A request cannot be made: nobody knows a value."""

    operation: str
    parameter: str

    def __str__(self) -> str:
        """Return what to give."""
        return f"{self.operation}: no value for {self.parameter}"


@dataclass(frozen=True)
class Values:
    """Values of parameters: what the item gives, else what the description shows."""

    given: Mapping[str, JsonValue] = field(default_factory=dict)

    def of(self, operation: Operation, parameter: Parameter) -> JsonValue:
        """Return a value, `None` where nobody gives one."""
        for name in (f"{operation.name} {parameter.name}", parameter.name):
            if name in self.given:
                return self.given[name]
        shown = _shown(parameter.definition)
        return _shown(parameter.schema) if shown is None else shown


def _shown(definition: Mapping[str, JsonValue]) -> JsonValue:
    for key in ("example", "default", "const"):
        if definition.get(key) is not None:
            return definition[key]
    for one in node(definition.get("examples")).values():
        if node(one).get("value") is not None:
            found: JsonValue = node(one)["value"]
            return found
    for key in ("examples", "enum"):
        listed = definition.get(key)
        if isinstance(listed, list) and listed and listed[0] is not None:
            return listed[0]
    return None


@dataclass(frozen=True)
class Prepared:
    """Where a request goes, and the headers that its parameters ask for."""

    target: Endpoint
    headers: dict[str, str]


def prepared(
    context: CheckContext,
    options: ApiOptions,
    operation: Operation,
    values: Values,
    replaced: Mapping[tuple[str, str], JsonValue] | None = None,
) -> Prepared:
    """Return the request of an operation with a value for every parameter that has to be there.

    Args:
        context: where the target is.
        options: what its paths are below of.
        operation: what is asked.
        values: known values.
        replaced: values by place and name that win, such as `("path", "order_id")`.

    Raises:
        MissingData: a required parameter has no value.
    """
    replaced = replaced or {}
    path = operation.path
    query: list[tuple[str, str]] = []
    headers: dict[str, str] = {}
    for one in operation.parameters:
        value = replaced.get((one.where, one.name), values.of(operation, one))
        if value is None:
            if one.required:
                raise MissingData(operation.name, one.name)
            continue
        if one.where == "path":
            path = path.replace("{" + one.name + "}", quote(_text(value), safe=""))
        elif one.where == "query":
            listed = value if isinstance(value, list) else [value]
            query += [(one.name, _text(part)) for part in listed]
        else:
            name, text = one.name, _header(_text(value))
            headers |= {"Cookie": f"{name}={text}"} if one.where == "cookie" else {name: text}
    if "{" in path:
        raise MissingData(operation.name, path[path.index("{") + 1 :].partition("}")[0])
    query += [(name, _text(value)) for (where, name), value in replaced.items() if where == "extra"]
    url = options.server.rstrip("/") + quote(path, safe="/%:@!$&'()*+,;=~-._")
    whole = whole_url(context, url + (f"?{urlencode(query)}" if query else ""))
    return Prepared(endpoint(context, whole), headers)


def _text(value: JsonValue) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else f"{value}"


def _header(text: str) -> str:
    """Return a value that can stand in a header: generated ones may hold any sign."""
    return "".join(sign for sign in text if 32 <= ord(sign) < 127).strip()


def summed(answer: Answer) -> str:
    """Return an answer in a few words."""
    kind = (answer.header("content-type") or "no type").partition(";")[0]
    return f"{answer.status} ({kind[:60]})"
