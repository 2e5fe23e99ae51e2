"""Environment variables that source code reads: Python by its syntax tree, JavaScript by text."""

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from readiness_gate.formats.python_source import last_name, nodes, parse, text_of

_SCRIPT = re.compile(
    r"(?:process|import\.meta)\.env(?:\.([A-Za-z_]\w{0,127})|\[[\"']([A-Za-z_]\w{0,127})[\"']\])"
)
_SCRIPTS = frozenset({".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".vue", ".svelte"})


def variables_read(path: str, data: bytes) -> Iterator[tuple[str, int]]:
    """Yield name and line of every variable that a file reads by a literal name.

    Fields of pydantic's `BaseSettings` count, in capitals and behind a literal `env_prefix`.

    Raises:
        ValueError: it is not Python, or no language that is read.
    """
    ending = PurePosixPath(path).suffix
    if ending == ".py":
        yield from sorted(_python(parse(data)), key=lambda found: found[1])
    elif ending in _SCRIPTS:
        text = data.decode("utf-8", "replace")
        for number, line in enumerate(text.splitlines(), start=1):
            for match in _SCRIPT.finditer(line):
                yield match[1] or match[2], number
    else:
        raise ValueError("no Python or JavaScript")


def _python(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in nodes(tree):
        name: str | None = None
        if isinstance(node, ast.Subscript) and last_name(node.value) == "environ":
            name = text_of(node.slice) if isinstance(node.ctx, ast.Load) else None
        elif isinstance(node, ast.Call) and node.args:
            called = node.func
            reads = last_name(called) == "getenv" or (
                isinstance(called, ast.Attribute)
                and called.attr == "get"
                and last_name(called.value) == "environ"
            )
            name = text_of(node.args[0]) if reads else None
        elif isinstance(node, ast.ClassDef):
            yield from _settings(node)
        if name:
            yield name, getattr(node, "lineno", 1)


def _settings(owner: ast.ClassDef) -> Iterator[tuple[str, int]]:
    if not any(last_name(base) == "BaseSettings" for base in owner.bases):
        return
    prefix = next(
        (
            text_of(one.value) or ""
            for one in ast.walk(owner)
            if isinstance(one, ast.keyword) and one.arg == "env_prefix"
        ),
        "",
    )
    for one in owner.body:
        if not (isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)):
            continue
        if one.target.id != "model_config":
            yield f"{prefix}{one.target.id}".upper(), one.lineno
