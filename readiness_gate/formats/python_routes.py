"""Routes of FastAPI, Starlette and Flask, and whether something authenticates who calls them.

Seen are dependencies of the route, of its router, of the `include_router` that mounts it and of
the application; parameters whose `Annotated` type depends on one; and decorators.
"""

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from readiness_gate.formats.python_source import Function, Nodes, keyword, last_name, text_of

_METHODS = frozenset(
    {"get", "post", "put", "patch", "delete", "head", "options", "route", "api_route", "websocket"}
)
_ROUTERS = frozenset({"APIRouter", "FastAPI", "Blueprint", "Flask", "Starlette"})

Authenticates = Callable[[str], bool]
"""Whether a dependency or decorator of this name authenticates."""
Router = tuple[str, str]
"""A module's last name, empty for the module itself, and the name of the router in it."""
Names = frozenset[str]


@dataclass(frozen=True, slots=True)
class Route:
    """One route."""

    line: int
    url: str
    """With the prefix of its router, as far as the module tells it."""
    router: str
    guards: Names
    """Dependencies and decorators that could authenticate."""
    annotations: Names
    """Names in the annotations of parameters, which may stand for a dependency."""


@dataclass(frozen=True, slots=True)
class Mount:
    """`parent.include_router(child)`."""

    parent: Router
    child: Router
    guards: Names


@dataclass(frozen=True, slots=True)
class Routing:
    """What one module says about routes, whatever counts as authentication."""

    routes: tuple[Route, ...] = ()
    mounts: tuple[Mount, ...] = ()
    routers: tuple[tuple[str, Names], ...] = ()
    """Routers with the dependencies of their own."""
    aliases: tuple[tuple[str, Names], ...] = ()
    """Names of `Annotated` types, with the dependencies in them."""


def routing(every: Nodes) -> Routing:
    """Return the routes of a module."""
    imported = dict(_imported(every))

    def router(node: ast.AST) -> Router:
        if isinstance(node, ast.Attribute):
            return last_name(node.value), node.attr
        name = last_name(node)
        return imported.get(name, ("", name))

    prefixes: dict[str, str] = {}
    routers: list[tuple[str, Names]] = []
    for one in every.of(ast.Assign):
        if isinstance(one.value, ast.Call) and last_name(one.value) in _ROUTERS:
            names = [last_name(target) for target in one.targets]
            given = keyword(one.value, "prefix") or keyword(one.value, "url_prefix")
            prefixes |= dict.fromkeys(names, text_of(given) or "")
            guards = _dependencies(keyword(one.value, "dependencies"))
            routers += [(name, guards) for name in names if guards]
    mounts = [
        Mount(
            router(call.func.value),
            router(call.args[0]),
            _dependencies(keyword(call, "dependencies")),
        )
        for call in every.of(ast.Call)
        if isinstance(call.func, ast.Attribute) and call.func.attr == "include_router" and call.args
    ]
    routes = [
        replace(one, url=prefixes.get(one.router, "") + one.url) for one in _routes(every.functions)
    ]
    aliases = tuple(_aliases(every.tree))
    return Routing(tuple(routes), tuple(mounts), tuple(routers), aliases)


def unprotected(
    modules: Sequence[tuple[str, Routing]], authenticates: Authenticates
) -> Iterator[tuple[str, Route]]:
    """Yield every route that nothing authenticates, with its file, out of all modules by file."""
    known = {
        name
        for _, one in modules
        for name, guards in one.aliases
        if any(authenticates(guard) for guard in guards)
    }
    placed = [(path, _module(path), one) for path, one in modules]
    safe = _safe(placed, authenticates)
    for path, module, one in placed:
        for route in one.routes:
            guarded = any(authenticates(name) for name in route.guards)
            if not (guarded or route.annotations & known or (module, route.router) in safe):
                yield path, route


def _safe(
    placed: Sequence[tuple[str, str, Routing]], authenticates: Authenticates
) -> frozenset[Router]:
    """Return the routers that authenticate, or that are mounted where something does."""
    safe: set[Router] = set()
    by_child: dict[Router, list[tuple[bool, Router]]] = {}
    for _, module, one in placed:
        safe |= {(module, name) for name, guards in one.routers if any(map(authenticates, guards))}
        for mount in one.mounts:
            child, parent = ((name or module, last) for name, last in (mount.child, mount.parent))
            guarded = any(map(authenticates, mount.guards))
            by_child.setdefault(child, []).append((guarded, parent))
    changed = True
    while changed:
        more = {
            child
            for child, mounts in by_child.items()
            if child not in safe and all(guarded or parent in safe for guarded, parent in mounts)
        }
        safe |= more
        changed = bool(more)
    return frozenset(safe)


def _aliases(tree: ast.Module) -> Iterator[tuple[str, Names]]:
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Subscript):
            guards = _dependencies(node.value)
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = {last_name(one) for one in targets} - {""}
            yield from ((name, guards) for name in names if guards)


def _routes(functions: Iterable[Function]) -> Iterator[Route]:
    for function in functions:
        for decorator in function.decorator_list:
            if not (isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute)):
                continue
            first = decorator.args[0] if decorator.args else keyword(decorator, "path")
            url = text_of(first)
            if decorator.func.attr in _METHODS and url is not None and url[:1] in {"", "/"}:
                guards, annotations = _guards(function)
                guards |= _dependencies(keyword(decorator, "dependencies"))
                name = last_name(decorator.func.value)
                yield Route(decorator.lineno, url, name, guards, annotations)


def _guards(function: Function) -> tuple[Names, Names]:
    """Return decorators and dependencies of a function, and the names in its annotations."""
    decorators = {last_name(one) for one in function.decorator_list} - _METHODS - {""}
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    defaults = [*arguments.defaults, *(one for one in arguments.kw_defaults if one is not None)]
    annotations = [one.annotation for one in named if one.annotation is not None]
    guards = decorators.union(*(_dependencies(one) for one in (*defaults, *annotations)))
    names = {last_name(inner) for one in annotations for inner in ast.walk(one)} - {""}
    return frozenset(guards), frozenset(names)


def _dependencies(node: ast.AST | None) -> Names:
    """Return the names in every `Depends(…)` and `Security(…)` of a node."""
    if node is None:
        return frozenset()
    return frozenset(
        last_name(one.args[0])
        for one in ast.walk(node)
        if isinstance(one, ast.Call) and last_name(one.func) in {"Depends", "Security"} and one.args
    )


def _imported(every: Nodes) -> Iterator[tuple[str, Router]]:
    for node in every.of(ast.ImportFrom):
        for one in node.names if node.module else ():
            module = (node.module or "").rpartition(".")[2]
            yield one.asname or one.name, (module, one.name)


def _module(path: str) -> str:
    pure = PurePosixPath(path)
    return pure.parent.name if pure.name == "__init__.py" else pure.stem
