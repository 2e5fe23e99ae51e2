"""What clients of an older description can no longer rely on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from readiness_gate.checks.api_document import Document, Node, Operation, is_json, node

_DEEPEST = 12
_MOST = 500
_LIMITS_UP = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_LIMITS_DOWN = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")


@dataclass
class _Comparison:
    base: Document
    head: Document
    found: list[str] = field(default_factory=list)
    seen: set[tuple[str, str, bool]] = field(default_factory=set)

    def tell(self, cause: str) -> None:
        if cause not in self.found and len(self.found) < _MOST:
            self.found.append(cause)


def breaking(base: Document, head: Document) -> dict[str, list[str]]:
    """Return what breaks clients, by the name of the operation as `base` has it.

    Removed: operations, parameters, successful answers, media types, fields of answers. Asked for
    anew: parameters, bodies, fields of bodies, a token. Changed: types, narrower values of what is
    sent, wider ones of what is answered.

    Raises:
        NoDocument: a reference leads nowhere or in circles.
    """
    now = {_shape(one): one for one in head.operations}
    broken: dict[str, list[str]] = {}
    for old in base.operations:
        one = _Comparison(base, head)
        new = now.get(_shape(old))
        if new is None:
            one.tell("is gone")
        else:
            _operation(one, old, new)
        if one.found:
            broken[old.name] = one.found
    return broken


def _shape(operation: Operation) -> str:
    """Return a name that does not change with the names of path parameters."""
    parts = [
        "{}" if part.startswith("{") and part.endswith("}") else part
        for part in operation.path.split("/")
    ]
    return f"{operation.method} {'/'.join(parts)}"


def _operation(one: _Comparison, old: Operation, new: Operation) -> None:
    before = {(p.where, p.name): p for p in old.parameters if p.where != "path"}
    after = {(p.where, p.name): p for p in new.parameters if p.where != "path"}
    for key, parameter in before.items():
        if key not in after:
            one.tell(f"{key[0]} parameter {key[1]} is gone")
        else:
            what = f"{key[0]} parameter {key[1]}"
            _schema(one, parameter.schema, after[key].schema, what, sent=True)
    for key, parameter in after.items():
        if parameter.required and not (key in before and before[key].required):
            one.tell(f"{key[0]} parameter {key[1]} has to be given now")
    for a, b in zip(_path(old), _path(new), strict=False):
        _schema(one, a.schema, b.schema, f"path parameter {a.name}", sent=True)
    if not _guarded(one.base, old) and _guarded(one.head, new):
        one.tell("asks for a token now")
    _bodies(one, old, new)
    _responses(one, old, new)


def _path(operation: Operation) -> list[Any]:
    named = {p.name: p for p in operation.parameters if p.where == "path"}
    order = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
    return [named[name] for name in order if name in named]


def _guarded(document: Document, operation: Operation) -> bool:
    security = operation.definition.get("security", document.raw.get("security"))
    return bool(security) and isinstance(security, list) and {} not in security


def _bodies(one: _Comparison, old: Operation, new: Operation) -> None:
    if node(new.body).get("required") is True and node(old.body).get("required") is not True:
        one.tell("a body has to be sent now")
    if old.body is None:
        return
    if new.body is None:
        one.tell("takes no body any more")
        return
    before, after = node(old.body.get("content")), node(new.body.get("content"))
    for kind in before:
        if kind not in after:
            one.tell(f"takes no {kind[:60]} any more")
        elif is_json(kind):
            schemas = (node(before[kind]).get("schema"), node(after[kind]).get("schema"))
            _schema(one, *schemas, "body", sent=True)


def _responses(one: _Comparison, old: Operation, new: Operation) -> None:
    for status, response in old.responses.items():
        if not status.startswith("2"):
            continue
        if status not in new.responses:
            one.tell(f"the answer {status} is gone")
            continue
        before = node(response.get("content"))
        after = node(new.responses[status].get("content"))
        for kind in before:
            if kind not in after:
                one.tell(f"{status}: answers no {kind[:60]} any more")
            elif is_json(kind):
                schemas = (node(before[kind]).get("schema"), node(after[kind]).get("schema"))
                _schema(one, *schemas, status, sent=False)


def _schema(
    one: _Comparison, old: object, new: object, place: str, *, sent: bool, depth: int = 0
) -> None:
    """Compare what may stand at one place; `sent`: by the client, else by the server."""
    key = (_reference(old), _reference(new), sent)
    if depth > _DEEPEST or (key[0] and key[1] and key in one.seen):
        return
    one.seen.add(key)
    before, after = _whole(one.base, old), _whole(one.head, new)
    _types(one, before, after, place, sent=sent)
    _values(one, before, after, place, sent=sent)
    if sent:
        _limits(one, before, after, place)
    _fields(one, before, after, place, sent=sent, depth=depth)
    if "items" in before and "items" in after:
        _schema(one, before["items"], after["items"], f"{place}[]", sent=sent, depth=depth + 1)


def _reference(schema: object) -> str:
    return str(node(schema).get("$ref", ""))


def _whole(document: Document, schema: object, depth: int = 0) -> dict[str, Any]:
    """Return a schema with references followed, `allOf` put together and one variant unfolded."""
    given = document.resolved(schema)
    made = dict(given)
    if depth > _DEEPEST:
        return made
    for part in _listed(given.get("allOf")):
        inner = _whole(document, part, depth + 1)
        for name in ("properties", "required"):
            if name == "properties" and name in inner:
                made[name] = {**inner[name], **node(made.get(name))}
            elif name in inner:
                made[name] = [*_listed(made.get(name)), *_listed(inner[name])]
        made = {**inner, **made}
    variants = [one for word in ("anyOf", "oneOf") for one in _listed(given.get(word))]
    read = [_whole(document, one, depth + 1) for one in variants]
    if read:
        made["type"] = sorted({kind for one in read for kind in _kinds(one)})
        real = [one for one in read if _kinds(one) != {"null"}]
        if len(real) == 1:
            made = {**real[0], **made}
    return made


def _listed(given: object) -> list[Any]:
    return given if isinstance(given, list) else []


def _kinds(schema: Mapping[str, Any]) -> set[str]:
    """Return the types that may stand there; empty: every one."""
    kind = schema.get("type")
    kinds = {kind} if isinstance(kind, str) else {str(one) for one in _listed(kind)}
    if schema.get("nullable") is True and kinds:
        kinds.add("null")
    return kinds


def _types(one: _Comparison, before: Node, after: Node, place: str, *, sent: bool) -> None:
    old, new = _kinds(before), _kinds(after)
    if old == new:
        return
    # What a client sends may get wider, what it is answered may get narrower; empty is widest.
    lost = (
        new and (not old or _beyond(old, new)) if sent else old and (not new or _beyond(new, old))
    )
    if lost:
        one.tell(f"{place}: {_named(old)} became {_named(new)}")


def _beyond(kinds: set[str], allowed: set[str]) -> set[str]:
    wider = allowed | ({"integer"} if "number" in allowed else set())
    return kinds - wider


def _named(kinds: set[str]) -> str:
    return " or ".join(sorted(kinds)) or "anything"


def _values(one: _Comparison, before: Node, after: Node, place: str, *, sent: bool) -> None:
    old, new = _enum(before), _enum(after)
    if sent and new is not None:
        gone = "any value" if old is None else ", ".join(sorted(old - new))
        if gone:
            one.tell(f"{place}: takes no {gone[:120]} any more")
    elif not sent and old is not None:
        added = "any value" if new is None else ", ".join(sorted(new - old))
        if added:
            one.tell(f"{place}: may be {added[:120]} now")


def _enum(schema: Node) -> set[str] | None:
    listed = [schema["const"]] if "const" in schema else schema.get("enum")
    return {repr(value) for value in listed} if isinstance(listed, list) else None


def _limits(one: _Comparison, before: Node, after: Node, place: str) -> None:
    for names, narrower in ((_LIMITS_UP, 1), (_LIMITS_DOWN, -1)):
        for name in names:
            old, new = _number(before.get(name)), _number(after.get(name))
            if new is not None and (old is None or (new - old) * narrower > 0):
                was = "nothing" if old is None else f"{old:g}"
                one.tell(f"{place}: {name} is {new:g} now, {was} before")


def _number(given: object) -> float | None:
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    return float(str(given)) if is_number else None


def _fields(
    one: _Comparison, before: Node, after: Node, place: str, *, sent: bool, depth: int
) -> None:
    old, new = node(before.get("properties")), node(after.get("properties"))
    must_before, must_after = _required(before), _required(after)
    if sent:
        for name in sorted(must_after - must_before):
            one.tell(f"{place}.{name} has to be sent now")
        if after.get("additionalProperties") is False:
            for name in _gone(old, new):
                one.tell(f"{place}.{name} is taken no more")
    else:
        for name in _gone(old, new):
            one.tell(f"{place}.{name} is answered no more")
        for name in sorted((must_before - must_after) & set(new)):
            one.tell(f"{place}.{name} may be missing now")
    for name in old:
        if name in new:
            _schema(one, old[name], new[name], f"{place}.{name}", sent=sent, depth=depth + 1)


def _required(schema: Node) -> set[str]:
    return {str(name) for name in _listed(schema.get("required"))}


def _gone(old: Node, new: Node) -> Iterator[str]:
    yield from (name for name in old if name not in new)
