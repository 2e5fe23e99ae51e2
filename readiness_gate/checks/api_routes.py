"""Routes that a program's source declares, read without running it (DESIGN 2, rule 5)."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

_METHODS = frozenset({"get", "head", "options", "post", "put", "patch", "delete"})


@dataclass(frozen=True)
class Route:
    """One route as a decorator declares it; prefixes that are added elsewhere are not known."""

    method: str
    path: str
    line: int
    hidden: bool
    """Whether it is kept out of the description (`include_in_schema=False`)."""


def routes(source: str) -> Iterator[Route]:
    """Yield the routes of a FastAPI module, with the prefix of their own router.

    Raises:
        ValueError: the source is no Python.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(f"is no Python: {type(error).__name__}") from None
    routers = dict(_routers(tree))
    for found in ast.walk(tree):
        if isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in found.decorator_list:
                yield from _route(decorator, routers)


def _routers(tree: ast.Module) -> Iterator[tuple[str, tuple[str, bool]]]:
    for one in tree.body:
        if not isinstance(one, ast.Assign) or not isinstance(one.value, ast.Call):
            continue
        called = one.value.func
        name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
        if name not in {"APIRouter", "FastAPI"}:
            continue
        for target in one.targets:
            if isinstance(target, ast.Name):
                prefix = _text(_given(one.value, "prefix"))
                yield target.id, (prefix or "", _hidden(one.value))


def _route(decorator: ast.expr, routers: dict[str, tuple[str, bool]]) -> Iterator[Route]:
    if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute):
        return
    owner, method = decorator.func.value, decorator.func.attr
    if method not in _METHODS or not isinstance(owner, ast.Name) or owner.id not in routers:
        return
    path = _text(decorator.args[0] if decorator.args else _given(decorator, "path"))
    prefix, hidden = routers[owner.id]
    if path is not None:
        hides = hidden or _hidden(decorator)
        yield Route(method.upper(), prefix + path, decorator.lineno, hides)


def _given(call: ast.Call, name: str) -> ast.expr | None:
    return next((one.value for one in call.keywords if one.arg == name), None)


def _hidden(call: ast.Call) -> bool:
    value = _given(call, "include_in_schema")
    return isinstance(value, ast.Constant) and value.value is False


def _text(value: ast.expr | None) -> str | None:
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None
