"""Environment variables that source code reads: Python by its syntax tree, JavaScript by text.

Fields of pydantic's `BaseSettings` count, in capitals and behind a literal `env_prefix`.
"""

import ast
import re
from collections.abc import Iterator

from readiness_gate.formats.python_source import Nodes, last_name, text_of

_SCRIPT = re.compile(
    r"(?:process|import\.meta)\.env(?:\.([A-Za-z_]\w{0,127})|\[[\"']([A-Za-z_]\w{0,127})[\"']\])"
)
SCRIPTS = frozenset({".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".vue", ".svelte"})
"""Endings of files that `variables_of_script` reads."""
_READS = re.compile(rb"environ|getenv|BaseSettings")
_CODING = re.compile(rb"coding[=:]")


def may_read(data: bytes) -> bool:
    """Return whether Python source can read a variable at all; most does not, and is not parsed.

    Names outside ASCII can stand for those inside, and a declared encoding for any text.
    """
    return not data.isascii() or _READS.search(data) is not None or _CODING.search(data) is not None


def variables_of_script(data: bytes) -> Iterator[tuple[str, int]]:
    """Yield name and line of every variable that JavaScript or TypeScript reads by name."""
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), start=1):
        for match in _SCRIPT.finditer(line):
            yield match[1] or match[2], number


def variables_of(every: Nodes) -> Iterator[tuple[str, int]]:
    """Yield name and line of every variable that a Python module reads by a literal name."""
    for one in every.of(ast.Subscript):
        if isinstance(one.ctx, ast.Load) and last_name(one.value) == "environ":
            yield from _named(one.slice, one.lineno)
    for call in every.of(ast.Call):
        called = call.func
        reads = last_name(called) == "getenv" or (
            isinstance(called, ast.Attribute)
            and called.attr == "get"
            and last_name(called.value) == "environ"
        )
        if reads and call.args:
            yield from _named(call.args[0], call.lineno)
    for owner in every.of(ast.ClassDef):
        yield from _settings(owner)


def _named(node: ast.AST, line: int) -> Iterator[tuple[str, int]]:
    if name := text_of(node):
        yield name, line


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
