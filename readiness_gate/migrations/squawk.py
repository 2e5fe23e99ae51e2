"""PostgreSQL's statements through squawk: what it is given, and what its findings mean here; pure.

Given is what ran, revision by revision: over a whole history squawk would take every table for new
(notes on databases 2.8). Comments are left out, so that no `squawk-ignore` of a pull request
counts, and so are strings; transactions are those that were.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from readiness_gate.migrations.lint import LintFinding
from readiness_gate.migrations.statements import bare, listed, pieces, table_of
from readiness_gate.migrations.walk import Statement

PREFIX = "squawk/"
_SYNTAX = "syntax-error"
_INDEXES = re.compile(
    r"^(?:DROP|ALTER) INDEX (?:CONCURRENTLY )?(?:IF EXISTS )?(?P<names>.*)", re.IGNORECASE
)
_PARAMETER = re.compile(r"%\(\w+\)[a-z]|%[sbt](?!\w)")

OURS: Mapping[str, tuple[str, ...]] = {
    "ban-drop-table": ("drop-table",),
    "ban-drop-column": ("drop-column",),
    "renaming-table": ("rename-table",),
    "renaming-column": ("rename-column",),
    "changing-column-type": ("change-column-type",),
    "adding-required-field": ("required-column-without-default",),
    "adding-field-with-default": ("volatile-default",),
    "adding-not-nullable-field": ("set-not-null",),
    "require-concurrent-index-creation": ("index-not-concurrent",),
    "adding-foreign-key-constraint": ("foreign-key-validated-at-once",),
    "disallowed-unique-constraint": ("unique-constraint-builds-index",),
    "adding-serial-primary-key-field": ("unique-constraint-builds-index",),
    "ban-truncate-cascade": ("truncate",),
    "constraint-missing-not-valid": (
        "foreign-key-validated-at-once",
        "check-validated-at-once",
        "unique-constraint-builds-index",
    ),
}
"""What squawk calls a rule → what it is called here, where both know it."""

ASKED_FOR = re.compile(
    r"prefer-.*|require-(?:lock-timeout|statement-timeout|timeout-settings|table-schema"
    r"|enum-value-ordering)|ban-char-field|identifier-too-long"
)
"""Rules of squawk about style and settings, which hurt no table in use: only where asked for."""


@dataclass(frozen=True)
class Heard:
    """What squawk said of one revision."""

    findings: tuple[tuple[str, str, int], ...]
    """Rule of squawk, its message, and which statement it is about."""
    not_understood: frozenset[int]
    """Statements that it cannot read."""


def arguments(version: Sequence[int], also: Collection[str]) -> tuple[str, ...]:
    """Return what follows the program's name; `version` is the server's, empty where unknown."""
    found = ["--reporter", "json", "--config", "/dev/null"]
    if version:
        found += ["--pg-version", ".".join(str(one) for one in version[:2])]
    return (*found, *(f"--include={one}" for one in sorted(also) if one == "require-table-schema"))


def separate(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """Return the statements without comments and strings, several sent at once as several."""
    return tuple(
        Statement(piece, one.seconds, one.autocommit)
        for one in statements
        for piece in pieces(one.text)
    )


def given(statements: Sequence[Statement], left_out: Collection[int] = ()) -> bytes:
    """Return what `separate` made, one a line: the first on line 0; transactions as they were."""
    lines, inside = [], False
    for number, one in enumerate(statements):
        begin = "BEGIN; " if not (one.autocommit or inside) else ""
        end = "COMMIT; " if one.autocommit and inside else ""
        inside = not one.autocommit
        text = "SELECT 1" if number in left_out else _PARAMETER.sub("NULL", one.text)
        lines.append(f"{begin}{end}{text.rstrip('; ') or 'SELECT 1'};")
    return ("\n".join([*lines, "COMMIT;" if inside else ""]) + "\n").encode()


def heard(output: str, exit_code: int) -> Heard:
    """Return what the program said; it ends with 1 where it found something.

    Raises:
        ValueError: that is no answer of it.
    """
    try:
        told = json.loads(output)
        if not isinstance(told, list) or (exit_code != 0 and not told):
            raise TypeError(output)
        found = [(str(one["rule_name"]), str(one["message"]), int(one["line"])) for one in told]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError("squawk's answer is not understood") from error
    return Heard(
        tuple(one for one in found if one[0] != _SYNTAX),
        frozenset(line for rule, _, line in found if rule == _SYNTAX),
    )


def findings(
    revision: str,
    statements: Sequence[Statement],
    said: Heard,
    *,
    tables: Collection[str],
    known: Collection[tuple[str, str]],
    also: Collection[str],
    indexes: Mapping[str, str],
) -> Iterator[LintFinding]:
    """Yield what squawk finds beside the gate's own rules.

    Args:
        revision: whose statements these are.
        statements: what ran, out of `separate`.
        said: squawk's answer.
        tables: those that were there before; findings on others are left out.
        known: rule and statement of what the gate's own rules found.
        also: rules of `ASKED_FOR` that were asked for.
        indexes: schema and name of an index → its table; one that is not there is taken for one
            in use.
    """
    owners = {name.partition(".")[2]: bare(table) for name, table in indexes.items()}
    here = {part for name in tables for part in (name, name.rpartition(".")[2])}
    seen = set()
    for rule, message, line in said.findings:
        if not 0 <= line < len(statements) or (ASKED_FOR.fullmatch(rule) and rule not in also):
            continue
        text = statements[line].text
        table = _about(text, owners, here)
        if table and table not in here and rule not in also:
            continue
        ours = OURS.get(rule, ())
        if any((one, text[:500]) in known for one in ours) or (rule, line) in seen:
            continue
        seen.add((rule, line))
        name = ours[0] if len(ours) == 1 else f"{PREFIX}{rule}"
        yield LintFinding(name, revision, table or "the schema", message[:300], text[:500])


def _about(text: str, owners: Mapping[str, str], here: Collection[str]) -> str:
    """Return the table that a statement is about, empty where it is not known."""
    match = _INDEXES.search(text)
    if match is None:
        return table_of(text)
    tables = [owners.get(name, "") for name in listed(match["names"])] or [""]
    return next((one for one in tables if one == "" or one in here), tables[0])
