"""Rules over Python source: what is found, with its line. Each rule looks at one module."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from readiness_gate.formats.python_source import Nodes, keyword, last_name, text_of

_SQL = re.compile(
    r"\s*(?:select\s.*\bfrom\s|insert\s+into\s|update\s.*\bset\s|delete\s+from\s|"
    r"(?:drop|alter|create|truncate)\s+(?:table|index|view|schema|database)\b|"
    r"with\s+\w+\s+as\s*\()",
    re.IGNORECASE | re.DOTALL,
)
_ENGINES = frozenset({"create_engine", "create_async_engine", "engine_from_config"})
_TRACERS = frozenset({"pdb", "ipdb", "pudb"})
_PRAGMA = re.compile(r"foreign_keys\s*=\s*(?:on|1|true)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a rule does not allow."""

    line: int
    text: str


def sql_formatting(every: Nodes) -> Iterator[Finding]:
    """Yield SQL that is put together from text and values: f-strings, `%`, `+`, `format`."""
    for node in (*every.of(ast.JoinedStr), *every.of(ast.BinOp), *every.of(ast.Call)):
        start = _formatted(node)
        if start is not None and _SQL.match(start[:2_000]):
            yield Finding(getattr(node, "lineno", 1), "SQL is built by formatting text")


def _formatted(node: ast.AST) -> str | None:
    """Return the literal parts of a text that values are put into, `None` for another node."""
    if isinstance(node, ast.JoinedStr):
        if not any(isinstance(one, ast.FormattedValue) for one in node.values):
            return None
        return "?".join(text_of(one) or "" for one in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.Add):
        literal = isinstance(node.right, ast.Constant | ast.JoinedStr)
        if isinstance(node.op, ast.Mod) or not literal:
            return text_of(node.left)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        filled = node.func.attr == "format" and (node.args or node.keywords)
        return text_of(node.func.value) if filled else None
    return None


def debug_flag(every: Nodes) -> Iterator[Finding]:
    """Yield debug modes that are switched on, and stops for a debugger."""
    for call in every.of(ast.Call):
        for name in ("debug", "reload"):
            if _is_true(keyword(call, name)):
                text = f"{name}=True in the call of {last_name(call) or '…'}"
                yield Finding(call.lineno, text)
        if last_name(call) in {"breakpoint", "set_trace"}:
            yield Finding(call.lineno, f"{last_name(call)}() stops for a debugger")
    assigned: list[ast.Assign | ast.AnnAssign] = [*every.of(ast.Assign), *every.of(ast.AnnAssign)]
    for one in assigned:
        targets = one.targets if isinstance(one, ast.Assign) else [one.target]
        if _is_true(one.value) and any(last_name(name).lower() == "debug" for name in targets):
            yield Finding(one.lineno, "DEBUG is set to True")
    for imported in every.of(ast.Import):
        names = sorted({one.name for one in imported.names} & _TRACERS)
        yield from (Finding(imported.lineno, f"{name} is imported") for name in names)


def _is_true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


@dataclass(frozen=True, slots=True)
class Engines:
    """Engines that a module makes, and whether it switches foreign keys on where they connect."""

    lines: tuple[int, ...]
    listens: bool
    """A listener of this module's own."""
    listens_for_all: bool
    """A listener on SQLAlchemy's `Engine` class, which counts for every module."""


def engines(every: Nodes) -> Engines:
    """Return the engines of a module that may be SQLite."""
    calls = every.of(ast.Call)
    lines = [call.lineno for call in calls if last_name(call) in _ENGINES and _may_be_sqlite(call)]
    listeners = [
        last_name(call.args[0])
        for call in calls
        if last_name(call) in {"listens_for", "listen"}
        and len(call.args) > 1
        and text_of(call.args[1]) == "connect"
    ]
    if listeners and not any(_PRAGMA.search(text_of(one) or "") for one in every.of(ast.Constant)):
        listeners = []
    return Engines(tuple(lines), bool(listeners), "Engine" in listeners)


def _may_be_sqlite(call: ast.Call) -> bool:
    url = call.args[0] if call.args else keyword(call, "url")
    parts = url.values if isinstance(url, ast.JoinedStr) else [url]
    start = text_of(parts[0]) if parts else None
    return start is None or ":" not in start or start.startswith("sqlite")


def unlistened(modules: Sequence[tuple[str, Engines]]) -> Iterator[tuple[str, Finding]]:
    """Yield every engine that no listener switches foreign keys on for, with its module's path."""
    if any(one.listens_for_all for _, one in modules):
        return
    for path, one in modules:
        if not one.listens:
            for line in one.lines:
                yield path, Finding(line, "an engine without a listener for PRAGMA foreign_keys")
