"""Routes of FastAPI, Starlette and Flask, and whether something authenticates who calls them.

Seen are dependencies of the route, of its router, of the `include_router` that mounts it and of
the application; parameters whose `Annotated` type depends on one; and decorators.
"""

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from readiness_gate.formats.python_source import Function, keyword, last_name, nodes, text_of

_METHODS = frozenset(
    {"get", "post", "put", "patch", "delete", "head", "options", "route", "api_route", "websocket"}
)
_ROUTERS = frozenset({"APIRouter", "FastAPI", "Blueprint", "Flask", "Starlette"})

Authenticates = Callable[[str], bool]
"""Whether a dependency or decorator of this name authenticates."""
Router = tuple[str, str]
"""A module's last name, and the name of the router in it."""


@dataclass(frozen=True)
class Route:
    """One route."""

    path: str
    """File."""
    line: int
    url: str
    """With the prefix of its router, as far as the module tells it."""
    router: Router
    protected: bool


@dataclass(frozen=True)
class Mount:
    """`parent.include_router(child)`."""

    parent: Router
    child: Router
    protected: bool


@dataclass(frozen=True)
class Routing:
    """What one module says about routes."""

    routes: tuple[Route, ...]
    mounts: tuple[Mount, ...]
    protected: frozenset[Router]


def aliases(tree: ast.Module, authenticates: Authenticates) -> frozenset[str]:
    """Return names that stand for an `Annotated` type with an authenticating dependency."""
    found = set()
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if isinstance(node.value, ast.Subscript) and _depends(node.value, authenticates):
                found |= {last_name(one) for one in targets}
    return frozenset(found - {""})


def routing(
    path: str, tree: ast.Module, authenticates: Authenticates, known: frozenset[str]
) -> Routing:
    """Return the routes of a module; `known` are the aliases of all modules."""
    module = _module(path)
    imported = dict(_imported(tree))

    def router(node: ast.AST) -> Router:
        if isinstance(node, ast.Attribute):
            return last_name(node.value), node.attr
        name = last_name(node)
        return imported.get(name, (module, name))

    prefixes: dict[str, str] = {}
    protected: set[Router] = set()
    mounts: list[Mount] = []
    for node in nodes(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            if last_name(node.value) in _ROUTERS:
                names = [last_name(one) for one in node.targets]
                given = keyword(node.value, "prefix") or keyword(node.value, "url_prefix")
                prefixes |= dict.fromkeys(names, text_of(given) or "")
                if _depends(keyword(node.value, "dependencies"), authenticates):
                    protected |= {(module, name) for name in names}
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "include_router"
            and node.args
        ):
            guarded = _depends(keyword(node, "dependencies"), authenticates)
            mounts.append(Mount(router(node.func.value), router(node.args[0]), guarded))
    routes = [
        Route(path, line, prefixes.get(name, "") + url, (module, name), guarded)
        for line, url, name, guarded in _routes(tree, authenticates, known)
    ]
    return Routing(tuple(routes), tuple(mounts), frozenset(protected))


def unprotected(modules: Sequence[Routing]) -> Iterator[Route]:
    """Yield every route that nothing authenticates, once routers and mounts are known."""
    safe = {router for one in modules for router in one.protected}
    by_child: dict[Router, list[Mount]] = {}
    for mount in (mount for one in modules for mount in one.mounts):
        by_child.setdefault(mount.child, []).append(mount)
    changed = True
    while changed:
        more = {
            child
            for child, mounts in by_child.items()
            if child not in safe and all(one.protected or one.parent in safe for one in mounts)
        }
        safe |= more
        changed = bool(more)
    for route in (route for one in modules for route in one.routes):
        if not route.protected and route.router not in safe:
            yield route


def _routes(
    tree: ast.Module, authenticates: Authenticates, known: frozenset[str]
) -> Iterator[tuple[int, str, str, bool]]:
    for function in nodes(tree):
        if not isinstance(function, Function):
            continue
        guarded = _guarded(function, authenticates, known)
        for decorator in function.decorator_list:
            if not (isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute)):
                continue
            first = decorator.args[0] if decorator.args else keyword(decorator, "path")
            url = text_of(first)
            if decorator.func.attr in _METHODS and url is not None and url[:1] in {"", "/"}:
                own = _depends(keyword(decorator, "dependencies"), authenticates)
                name = last_name(decorator.func.value)
                yield decorator.lineno, url, name, own or guarded


def _guarded(function: Function, authenticates: Authenticates, known: frozenset[str]) -> bool:
    decorators = [last_name(one) for one in function.decorator_list]
    if any(name not in _METHODS and authenticates(name) for name in decorators if name):
        return True
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    defaults = [*arguments.defaults, *(one for one in arguments.kw_defaults if one is not None)]
    if any(_depends(one, authenticates) for one in defaults):
        return True
    annotations = [one.annotation for one in named if one.annotation is not None]
    return any(
        _depends(one, authenticates)
        or any(last_name(inner) in known for inner in ast.walk(one) if last_name(inner))
        for one in annotations
    )


def _depends(node: ast.AST | None, authenticates: Authenticates) -> bool:
    """Return whether `Depends(…)` or `Security(…)` of an authenticating name is in a node."""
    if node is None:
        return False
    return any(
        isinstance(one, ast.Call)
        and last_name(one.func) in {"Depends", "Security"}
        and bool(one.args)
        and authenticates(last_name(one.args[0]))
        for one in ast.walk(node)
    )


def _imported(tree: ast.Module) -> Iterator[tuple[str, Router]]:
    for node in nodes(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for one in node.names:
                yield one.asname or one.name, (node.module.rpartition(".")[2], one.name)


def _module(path: str) -> str:
    pure = PurePosixPath(path)
    return pure.parent.name if pure.name == "__init__.py" else pure.stem
