"""One revision file, read by `ast`: code of a pull request never runs here (DESIGN 2, rule 5).

Only literals count. What is computed is a finding, never a guess.
"""

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

CLEAN_UP = "clean-up"
"""Value of a module's `readiness_gate` name that marks the revision which repairs orphans."""
_LEGACY_NAME = re.compile(r"([a-f0-9]+)\.py")
_NAMES = frozenset({"revision", "down_revision", "depends_on", "branch_labels", "readiness_gate"})


@dataclass(frozen=True)
class RevisionFile:
    """One revision as its file declares it, in Alembic's words."""

    path: str
    revision: str
    down_revision: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    branch_labels: tuple[str, ...] = ()
    message: str = ""
    """First line of the docstring."""
    line: int = 1
    """Line of `revision`, from 1."""
    cleans_up: bool = False
    """Whether it says `readiness_gate = "clean-up"`: it may run while orphans stand."""


@dataclass(frozen=True)
class HistoryFinding:
    """Something wrong with the history; `line` counts from 1."""

    kind: str
    """`unreadable`, `not-static`, `no-revision`, `invalid-id`, `duplicate`, `missing-parent`,
    `cycle` or `branch-label`."""
    message: str
    path: str = ""
    line: int = 1


class NotStatic(ValueError):  # noqa: N818
    """A name is there, but its value is not a literal."""


def read_revision(path: str, source: bytes) -> RevisionFile | HistoryFinding:
    """Return the revision that a file declares, or what keeps it from being read."""
    try:
        tree = _parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 1
        return HistoryFinding("unreadable", f"{path} is not valid Python: {error}", path, line)
    values = dict(_assignments(tree))
    legacy = _LEGACY_NAME.fullmatch(path.rsplit("/", 1)[-1])
    if "revision" not in values and not legacy:
        return HistoryFinding("no-revision", f"{path} declares no revision", path)
    try:
        return _revision(path, tree, values, legacy[1] if legacy else "")
    except NotStatic as error:
        named = values.get(str(error))
        return HistoryFinding(
            "not-static",
            f"{error} of {path} cannot be read statically; write it as a literal",
            path,
            named.lineno if named is not None else 1,
        )


def _revision(
    path: str, tree: ast.Module, values: dict[str, ast.expr], legacy: str
) -> RevisionFile:
    own = _strings("revision", values) or (legacy,)
    if len(own) != 1 or not own[0]:
        raise NotStatic("revision")
    docstring = (ast.get_docstring(tree) or "").strip()
    return RevisionFile(
        path=path,
        revision=own[0],
        down_revision=_strings("down_revision", values),
        depends_on=_strings("depends_on", values),
        branch_labels=_strings("branch_labels", values),
        message=docstring.partition("\n")[0].strip(),
        line=values["revision"].lineno if "revision" in values else 1,
        cleans_up=_strings("readiness_gate", values) == (CLEAN_UP,),
    )


def _parse(source: bytes) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # invalid escapes in somebody's regular expression
        return ast.parse(source)


def _assignments(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Yield what the module binds to Alembic's names, in order; the last one counts."""
    for statement in tree.body:
        yield from _bound(statement)


def _bound(statement: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(statement, ast.Assign):
        for target in statement.targets:
            yield from _pairs(target, statement.value)
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        yield from _pairs(statement.target, statement.value)
    elif not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        # Imported, added to, bound in an `if` or a `try`: known to be there, value unknown.
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield from _pairs(node, node)
            elif isinstance(node, ast.alias):
                name = node.asname or node.name
                unknown = ast.Name(name, lineno=node.lineno, col_offset=0)
                yield from _pairs(unknown, unknown)


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name) and target.id in _NAMES:
        yield target.id, value
    elif isinstance(target, ast.Tuple | ast.List):
        parts = value.elts if isinstance(value, ast.Tuple | ast.List) else []
        same = len(parts) == len(target.elts)
        for index, part in enumerate(target.elts):
            yield from _pairs(part, parts[index] if same else value)


def _strings(name: str, values: dict[str, ast.expr]) -> tuple[str, ...]:
    """Return the strings of a literal: one, several, or none for `None` and absence."""
    node = values.get(name)
    if node is None:
        return ()
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError) as error:
        raise NotStatic(name) from error
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    if isinstance(value, tuple | list | set) and all(isinstance(part, str) for part in value):
        return tuple(sorted(value)) if isinstance(value, set) else tuple(value)
    raise NotStatic(name)
