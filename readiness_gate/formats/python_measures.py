"""What functions and docstrings of Python source count to: type hints, docstrings."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from readiness_gate.formats.python_source import Function, Nodes, last_name


@dataclass(frozen=True, slots=True)
class Measures:
    """What functions and docstrings of a module count to."""

    functions: int = 0
    typed: int = 0
    """Functions whose parameters (but `self` and `cls`) and result are all annotated."""
    documentable: int = 0
    """The module, if it holds anything, and its public classes, functions and methods."""
    documented: int = 0
    untyped_lines: tuple[int, ...] = ()
    undocumented_lines: tuple[int, ...] = ()


def measures(every: Nodes) -> Measures:
    """Return the counts of one module."""
    tree, functions = every.tree, every.functions
    methods = {
        id(one)
        for owner in every.of(ast.ClassDef)
        for one in owner.body
        if isinstance(one, Function)
    }
    untyped = [one.lineno for one in functions if not _typed(one, method=id(one) in methods)]
    public = list(_public(tree)) if tree.body else []
    bare = [getattr(one, "lineno", 1) for one in public if not ast.get_docstring(one, clean=False)]
    return Measures(
        functions=len(functions),
        typed=len(functions) - len(untyped),
        documentable=len(public),
        documented=len(public) - len(bare),
        untyped_lines=tuple(untyped),
        undocumented_lines=tuple(bare),
    )


def _typed(function: Function, *, method: bool) -> bool:
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args]
    static = any(last_name(one) == "staticmethod" for one in function.decorator_list)
    if method and not static:
        named = named[1:]
    named += arguments.kwonlyargs
    named += [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
    if not all(one.annotation is not None for one in named):
        return False
    return function.returns is not None or function.name == "__init__"


def _public(
    owner: ast.Module | ast.ClassDef,
) -> Iterator[ast.Module | ast.ClassDef | Function]:
    waiting: list[ast.Module | ast.ClassDef] = [owner]
    while waiting:
        one = waiting.pop()
        yield one
        for child in one.body:
            if isinstance(child, ast.ClassDef) and not child.name.startswith("_"):
                waiting.append(child)
            elif isinstance(child, Function) and not child.name.startswith("_"):
                yield child
