"""Rules about statements that hurt a table in use; pure.

Judged is what ran, not what a revision's text says. Only tables that were there before the pull
request count: in a new table there is no row to lock, and nobody who reads it.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from readiness_gate.migrations.statements import (
    MYSQL,
    NAME,
    POSTGRESQL,
    SQLITE,
    TABLE,
    bare,
    every,
    listed,
    normal,
    writes,
)

_NAME, _TABLE = NAME, TABLE
_ALTER = rf"^ALTER TABLE (?:IF EXISTS )?(?:ONLY )?{_TABLE} "
_SEVERAL = re.compile(
    r"^(?:(?:DROP|RENAME) TABLES? (?:IF EXISTS )?|TRUNCATE (?:TABLE )?)(?P<names>.*)", re.IGNORECASE
)
# A column's own REFERENCES names no columns in front.
_KEY = re.compile(
    rf"(?:FOREIGN KEY(?: {_NAME})? ?\((?P<columns>[^)]*)\) )?REFERENCES {_TABLE}(?: ?\([^)]*\))?",
    re.IGNORECASE,
)
_NO_ACTION = re.compile(r"[^,;]*\bON DELETE NO ACTION\b", re.IGNORECASE)
_LISTS = frozenset({"drop-table", "rename-table", "truncate"})
_ALL = frozenset({POSTGRESQL, MYSQL, SQLITE})


@dataclass(frozen=True)
class Rule:
    """One rule: what it finds, why that hurts, what to do."""

    id: str
    pattern: re.Pattern[str]
    why: str
    dialects: frozenset[str] = _ALL
    unless: re.Pattern[str] | None = None


@dataclass(frozen=True)
class LintFinding:
    """A statement against a rule."""

    rule: str
    revision: str
    table: str
    why: str
    statement: str


def _rule(name: str, pattern: str, why: str, *dialects: str, unless: str | None = None) -> Rule:
    return Rule(
        name,
        re.compile(pattern, re.IGNORECASE),
        why,
        frozenset(dialects) or _ALL,
        re.compile(unless, re.IGNORECASE) if unless is not None else None,
    )


RULES: tuple[Rule, ...] = (
    _rule(
        "drop-table",
        rf"^DROP TABLES? (?:IF EXISTS )?{_TABLE}",
        "code that still runs reads it, and its rows are gone",
    ),
    _rule(
        "drop-column",
        rf"{_ALTER}(?:.*, )?DROP (?:COLUMN )?(?!CONSTRAINT|PRIMARY|FOREIGN|INDEX|KEY|CHECK|DEFAULT"
        rf"|NOT|EXPRESSION|IDENTITY|PARTITION)(?:IF EXISTS )?{_NAME}",
        "code that still runs reads it, and its values are gone",
    ),
    _rule(
        "rename-table",
        rf"{_ALTER}RENAME (?:TO|AS) ",
        "code that still runs knows the old name",
        POSTGRESQL,
        SQLITE,
    ),
    _rule(
        "rename-table",
        rf"^RENAME TABLES? (?:IF EXISTS )?{_TABLE}",
        "code that still runs knows the old name",
        MYSQL,
    ),
    _rule(
        "rename-table",
        rf"{_ALTER}(?:.*, ?)?RENAME (?!(?:COLUMN|INDEX|KEY|CONSTRAINT) )(?:(?:TO|AS|=) ?)?{_NAME}",
        "code that still runs knows the old name",
        MYSQL,
    ),
    _rule(
        "rename-column",
        rf"{_ALTER}(?:.*, )?RENAME (?!TO |AS |CONSTRAINT |INDEX |KEY )(?:COLUMN )?{_NAME} TO ",
        "code that still runs knows the old name",
    ),
    _rule(
        "change-column-type",
        rf"{_ALTER}(?:.*, )?ALTER (?:COLUMN )?{_NAME} (?:SET DATA )?TYPE ",
        "the table is locked and may be written anew",
        POSTGRESQL,
    ),
    _rule(
        "change-column-type",
        rf"{_ALTER}(?:.*, )?(?:MODIFY|CHANGE) ",
        "the table may be copied while writers wait",
        MYSQL,
    ),
    _rule(
        "required-column-without-default",
        rf"{_ALTER}(?:.*, )?ADD (?:COLUMN )?(?!CONSTRAINT|PRIMARY|FOREIGN|INDEX|KEY|CHECK|UNIQUE)"
        rf"(?:IF NOT EXISTS )?{_NAME} [^,]*NOT NULL",
        "it fails where the table has rows, and inserts of code that still runs fail",
        unless=r"\bDEFAULT\b|GENERATED|AUTO_INCREMENT|SERIAL",
    ),
    _rule(
        "volatile-default",
        rf"{_ALTER}(?:.*, )?ADD (?:COLUMN )?.* DEFAULT .*"
        r"(?:random|gen_random_uuid|uuid_generate_v\d|clock_timestamp|nextval)\w*\s*\(",
        "every row is written while the table is locked",
        POSTGRESQL,
    ),
    _rule(
        "set-not-null",
        rf"{_ALTER}(?:.*, )?ALTER (?:COLUMN )?{_NAME} SET NOT NULL",
        "every row is read while nobody may read or write; validate a CHECK (… IS NOT NULL) first",
        POSTGRESQL,
    ),
    _rule(
        "index-not-concurrent",
        rf"^CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY).* ON (?:ONLY )?{_TABLE}",
        "writers wait until it is built; use postgresql_concurrently in an autocommit_block",
        POSTGRESQL,
    ),
    _rule(
        "foreign-key-validated-at-once",
        rf"{_ALTER}(?:.*, )?ADD (?:CONSTRAINT {_NAME} )?FOREIGN KEY",
        "both tables are locked while every row is checked; add it NOT VALID, validate it later",
        POSTGRESQL,
        unless=r"NOT VALID",
    ),
    _rule(
        "foreign-key-copies-table",
        rf"{_ALTER}(?:.*, )?ADD (?:CONSTRAINT {_NAME} )?FOREIGN KEY",
        "the table is copied while writers wait",
        MYSQL,
    ),
    _rule(
        "check-validated-at-once",
        rf"{_ALTER}(?:.*, )?ADD (?:CONSTRAINT {_NAME} )?CHECK",
        "nobody may read or write while every row is checked; add it NOT VALID, validate it later",
        POSTGRESQL,
        unless=r"NOT VALID",
    ),
    _rule(
        "unique-constraint-builds-index",
        rf"{_ALTER}(?:.*, )?ADD (?:CONSTRAINT {_NAME} )?(?:UNIQUE|PRIMARY KEY)",
        "nobody may read or write while it is built; build the index first, add it USING INDEX",
        POSTGRESQL,
        unless=r"USING INDEX",
    ),
    _rule(
        "truncate",
        rf"^TRUNCATE (?:TABLE )?(?:ONLY )?{_TABLE}",
        "every row is gone",
    ),
    _rule(
        "all-rows",
        rf"^(?:DELETE FROM|UPDATE) (?:ONLY )?{_TABLE}",
        "it writes every row in one statement; work in batches with WHERE",
        unless=r"\bWHERE\b",
    ),
)
FOREIGN_KEY_WITHOUT_ONDELETE = "foreign-key-without-ondelete"
LOCK_HELD = "lock-held"
UNREAD_STATEMENT = "unread-statement"
RULE_IDS = frozenset({rule.id for rule in RULES}) | {
    FOREIGN_KEY_WITHOUT_ONDELETE,
    LOCK_HELD,
    UNREAD_STATEMENT,
}


def lint(
    revision: str, statements: Collection[str], *, dialect: str, tables: Collection[str]
) -> Iterator[LintFinding]:
    """Yield what the statements of one revision do to tables that were there before.

    `dialect` is SQLAlchemy's backend name, `tables` are names with or without a schema.
    """
    kind = MYSQL if dialect in {"mysql", "mariadb"} else dialect
    known = {part for name in tables for part in (name, name.rpartition(".")[2])}
    written = [piece for text in statements for piece in every(text, kind)]
    rebuilt = _rebuilt(written) if kind == SQLITE else frozenset()
    for text in written:
        for rule in RULES:
            if kind not in rule.dialects:
                continue
            for table in _against(rule, text):
                if table in known and not (rule.id == "drop-table" and table in rebuilt):
                    yield LintFinding(rule.id, revision, table, rule.why, text[:500])


def _against(rule: Rule, text: str) -> list[str]:
    """Return the tables on which a statement is against a rule."""
    if rule.id == "all-rows":
        return [
            _table(match)
            for part in writes(text)
            if (match := rule.pattern.search(part))
            and (rule.unless is None or not rule.unless.search(part))
        ]
    match = rule.pattern.search(text)
    if match is None or (rule.unless is not None and rule.unless.search(text)):
        return []
    several = _SEVERAL.search(text) if rule.id in _LISTS else None
    if several is None:
        return [_table(match)]
    return listed(several["names"])


def new_keys(
    revision: str, new: Collection[str], statements: Collection[str]
) -> Iterator[LintFinding]:
    """Yield foreign keys that came with a revision and do not say what a delete does.

    `new` are lines of the probe, `additional: constraint NAME FOREIGN KEY …`.
    """
    said = [key for text in statements for key in _no_action(normal(text))]
    for line in new:
        text = line.removeprefix("additional: constraint ")
        if text != line and "FOREIGN KEY" in text and "ON DELETE" not in text:
            definition = text[text.rindex("FOREIGN KEY") :]
            parts = _KEY.search(definition)
            if parts is not None and any(_is(parts, one) for one in said):
                continue
            name = text.partition(": ")[0] if ": FOREIGN" in text else text.partition(" ")[0]
            yield LintFinding(
                FOREIGN_KEY_WITHOUT_ONDELETE,
                revision,
                name,
                "say what a delete of the parent does: ondelete= RESTRICT, CASCADE, SET NULL, "
                "or NO ACTION",
                definition,
            )


def _no_action(statement: str) -> Iterator[re.Match[str]]:
    """Yield the keys of which a statement says NO ACTION: a catalogue does not keep that."""
    for match in _KEY.finditer(statement):
        rest = statement[match.end() :]
        end = _KEY.search(rest)
        if _NO_ACTION.match(rest[: end.start() if end else None]):
            yield match


def _is(key: re.Match[str], said: re.Match[str]) -> bool:
    """Return whether a key of the catalogue is one that a statement names."""
    columns = [
        [bare(name.strip()) for name in one["columns"].split(",")] if one["columns"] else None
        for one in (key, said)
    ]
    same = bare(key["table"]).lower() == bare(said["table"]).lower()
    return same and (columns[1] is None or columns[0] == columns[1])


def held(
    revision: str,
    locks: Collection[tuple[str, str]],
    rows: Mapping[str, int],
    *,
    seconds: float,
    allowed: float,
) -> Iterator[LintFinding]:
    """Yield locks on tables with rows, held longer than allowed by the revision's statements."""
    counted = {bare(name): count for name, count in rows.items()}
    for table, mode in locks:
        count = counted.get(bare(table), 0)
        if count and seconds > allowed:
            yield LintFinding(
                LOCK_HELD,
                revision,
                bare(table),
                f"{mode} on {count} rows while its statements took {seconds:.1f} s",
                "",
            )


def _table(match: re.Match[str]) -> str:
    return bare(match["table"])


def _rebuilt(statements: Collection[str]) -> frozenset[str]:
    """Return tables that a batch of SQLite drops and makes anew under the same name."""
    pattern = re.compile(rf"^ALTER TABLE {_NAME} RENAME TO (?P<to>{_NAME})", re.IGNORECASE)
    return frozenset(bare(match["to"]) for text in statements if (match := pattern.search(text)))
