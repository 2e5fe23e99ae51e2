"""Routes that a program's source declares, read without running it (DESIGN 2, rule 5)."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

_METHODS = frozenset({"get", "head", "options", "post", "put", "patch", "delete", "trace"})


@dataclass(frozen=True)
class Route:
    """One route as a decorator declares it; prefixes that are added elsewhere are not known."""

    method: str
    """Empty where the source does not write it out."""
    path: str
    line: int
    hidden: bool
    """Whether it is kept out of the description (`include_in_schema=False`)."""
    owner: str = ""
    """What the decorator is of, where that is no router that the module makes."""


def routes(source: str) -> Iterator[Route]:
    """Yield the routes of a FastAPI module, with the prefix of their own router.

    Raises:
        ValueError: the source is no Python.
    """
    tree = _parsed(source)
    routers = dict(_routers(tree))
    for found in ast.walk(tree):
        if isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in found.decorator_list:
                yield from _route(decorator, routers)


def prefixes(source: str) -> Iterator[str]:
    """Yield what a module includes routers below of, as far as it is written out.

    Raises:
        ValueError: the source is no Python.
    """
    for found in ast.walk(_parsed(source)):
        if isinstance(found, ast.Call) and _name(found.func) == "include_router":
            prefix = (_text(_given(found, "prefix")) or "").rstrip("/")
            if prefix:
                yield prefix


def _parsed(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(f"is no Python: {type(error).__name__}") from None


def _name(called: ast.expr) -> str:
    return called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")


def _routers(tree: ast.Module) -> Iterator[tuple[str, tuple[str, bool]]]:
    for one in tree.body:
        if not isinstance(one, ast.Assign | ast.AnnAssign) or not isinstance(one.value, ast.Call):
            continue
        if _name(one.value.func) not in {"APIRouter", "FastAPI"}:
            continue
        for target in one.targets if isinstance(one, ast.Assign) else [one.target]:
            if isinstance(target, ast.Name):
                prefix = _text(_given(one.value, "prefix"))
                yield target.id, (prefix or "", _hidden(one.value))


def _route(decorator: ast.expr, routers: dict[str, tuple[str, bool]]) -> Iterator[Route]:
    if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute):
        return
    methods = _methods(decorator, decorator.func.attr)
    path = _text(decorator.args[0] if decorator.args else _given(decorator, "path"))
    if path is None:
        return
    owner = _dotted(decorator.func.value)
    known = owner in routers
    if not known and path and not path.startswith("/"):
        return  # such as a key of a cache
    prefix, hidden = routers.get(owner, ("", False))
    hides = hidden or _hidden(decorator)
    for method in methods:
        yield Route(method, prefix + path, decorator.lineno, hides, "" if known else owner[:80])


def _dotted(value: ast.expr) -> str:
    """Return a name with its attributes; no recursion, since the source may nest as it likes."""
    steps: list[str] = []
    while isinstance(value, ast.Attribute):
        steps.append(value.attr)
        value = value.value
    steps.append(value.id if isinstance(value, ast.Name) else "(an expression)")
    return ".".join(reversed(steps))


def _methods(decorator: ast.Call, name: str) -> list[str]:
    """Return the methods of a route, an empty one where nobody can tell, none of no route."""
    if name != "api_route":
        return [name.upper()] if name in _METHODS else []
    given = _given(decorator, "methods")
    if given is None:
        return ["GET"]
    if not isinstance(given, ast.List | ast.Tuple | ast.Set):
        return [""]
    return [(_text(one) or "").upper() for one in given.elts]


def _given(call: ast.Call, name: str) -> ast.expr | None:
    return next((one.value for one in call.keywords if one.arg == name), None)


def _hidden(call: ast.Call) -> bool:
    value = _given(call, "include_in_schema")
    return isinstance(value, ast.Constant) and value.value is False


def _text(value: ast.expr | None) -> str | None:
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None
