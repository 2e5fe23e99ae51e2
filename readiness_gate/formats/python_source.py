"""Python source read by `ast`; code of a pull request never runs here (DESIGN 2, rule 5)."""

import ast
import hashlib
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

Function = ast.FunctionDef | ast.AsyncFunctionDef
_BARE = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop)
_KEPT = 50_000


def parse(data: bytes) -> ast.Module:
    """Return the tree of a module.

    Raises:
        ValueError: it is not Python, or nested deeper than the parser goes; says the line.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes in somebody's regular expression
            return ast.parse(data)
    except SyntaxError as error:
        raise ValueError(f"line {error.lineno}: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"not readable as Python ({type(error).__name__})") from None


def nodes(tree: ast.AST) -> list[ast.AST]:
    """Return a node and all below it in the order of `ast.walk`, but operators and contexts.

    Several times as fast, which counts over thousands of files.
    """
    found = [tree]
    for node in found:  # grows while it is walked
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                found += [one for one in value if isinstance(one, ast.AST)]
            elif isinstance(value, ast.AST) and not isinstance(value, _BARE):
                found.append(value)
    return found


def last_name(node: ast.AST) -> str:
    """Return the last part of a name or of what is called: `b` of `a.b` and of `a.b(c)`."""
    if isinstance(node, ast.Call):
        return last_name(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """Return the value of a keyword argument, `None` where it is not given."""
    return next((one.value for one in call.keywords if one.arg == name), None)


def text_of(node: ast.AST | None) -> str | None:
    """Return a text literal, `None` for everything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


@dataclass(frozen=True)
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


class _Known:
    """Measures of what was read before, so that two checks do not both parse a tree."""

    def __init__(self) -> None:
        self._found: dict[bytes, Measures] = {}
        self._one_at_a_time = threading.Lock()

    def of(self, data: bytes) -> Measures:
        key = hashlib.sha256(data).digest()
        with self._one_at_a_time:  # the second waits, and then finds it
            if key not in self._found:
                found = measures(parse(data))
                if len(self._found) >= _KEPT:
                    self._found.clear()
                self._found[key] = found
            return self._found[key]


_known = _Known()


def measured(data: bytes) -> Measures:
    """Return the counts of a module's source; the same source is read once in a process.

    Raises:
        ValueError: as `parse`.
    """
    return _known.of(data)


def measures(tree: ast.Module) -> Measures:
    """Return the counts of one module."""
    every = nodes(tree)
    functions = [one for one in every if isinstance(one, Function)]
    methods = {
        id(one)
        for owner in every
        if isinstance(owner, ast.ClassDef)
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
