"""Python source read by `ast`; code of a pull request never runs here (DESIGN 2, rule 5)."""

import ast
import warnings
from typing import TypeVar

Function = ast.FunctionDef | ast.AsyncFunctionDef
NodeT = TypeVar("NodeT", bound=ast.AST)
SIZE_CAP = 1024 * 1024
"""Bytes of a module; its tree takes some 400 times as much."""
_BARE = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop)


def parse(data: bytes) -> ast.Module:
    """Return the tree of a module.

    Raises:
        ValueError: it is not Python, over the cap, or nested deeper than the parser goes; says
            the line.
    """
    if len(data) > SIZE_CAP:
        raise ValueError(f"larger than {SIZE_CAP} bytes: leave generated source out")
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


class Nodes:
    """All nodes of a module, walked once and kept by their kind."""

    def __init__(self, tree: ast.Module) -> None:
        """Walk the tree."""
        self.tree = tree
        self._of: dict[type[ast.AST], list[ast.AST]] = {}
        for node in nodes(tree):
            self._of.setdefault(type(node), []).append(node)

    def of(self, kind: type[NodeT]) -> list[NodeT]:
        """Return the nodes of exactly this kind, in the order of `ast.walk`."""
        return self._of.get(kind, [])  # type: ignore[return-value] # they are kept by their kind

    @property
    def functions(self) -> list[Function]:
        """Return functions and methods, by their lines."""
        found: list[Function] = [*self.of(ast.FunctionDef), *self.of(ast.AsyncFunctionDef)]
        return sorted(found, key=lambda one: one.lineno)


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
