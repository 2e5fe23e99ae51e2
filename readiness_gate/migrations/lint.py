"""Rules about statements that hurt a table in use; pure.

Judged is what ran, not what a revision's text says. Only tables that were there before the pull
request count: in a new table there is no row to lock, and nobody who reads it.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

_NAME = r"""(?:"(?:[^"]|"")+"|`(?:[^`]|``)+`|[\w$]+)"""
_TABLE = rf"(?P<table>{_NAME}(?:\s*\.\s*{_NAME})?)"
_ALTER = rf"^ALTER TABLE (?:IF EXISTS )?(?:ONLY )?{_TABLE} "
# In one pattern: a string may hold what looks like a comment, and a comment a quote.
_NAMES = r"(?P<name>\"(?:[^\"]|\"\")*\")"
_TICKS = r"(?P<name>\"(?:[^\"\\]|\"\"|\\.)*\"|`(?:[^`]|``)*`)"
_PLAIN = r"(?P<string>'(?:[^']|'')*')"
_ESCAPED = r"(?P<string>'(?:[^'\\]|''|\\.)*')"
_E_STRING = r"(?P<string>(?<![\w$])[eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*')"
_BODY = r"(?P<body>\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)"
_COMMENT = r"--[^\n]*|(?P<comment>/\*)"
_RUNS = r"(?P<runs>/\*M?!\d*)|(?P<ends>\*/)|#[^\n]*"
_PIECE = re.compile(r"(?:\"(?:[^\"]|\"\")*\"|[^;\"])+")
_TOUCHED = re.compile(
    r"^(?:(?:ALTER|DROP) TABLE (?:IF EXISTS )?|TRUNCATE (?:TABLE )?|UPDATE "  # noqa: S608
    r"|DELETE FROM |CREATE TABLE (?:IF NOT EXISTS )?|CREATE (?:UNIQUE )?INDEX .*? ON "
    rf"|(?:CREATE|DROP) TRIGGER .*? ON )(?:ONLY )?{_TABLE}",
    re.IGNORECASE,
)

POSTGRESQL, MYSQL, SQLITE = "postgresql", "mysql", "sqlite"
_UNREAD = {
    POSTGRESQL: re.compile("|".join((_NAMES, _E_STRING, _BODY, _COMMENT)), re.DOTALL),
    MYSQL: re.compile("|".join((_TICKS, _ESCAPED, _RUNS, _COMMENT)), re.DOTALL),
    SQLITE: re.compile("|".join((_NAMES, _PLAIN, _COMMENT)), re.DOTALL),
}
_HIDDEN = re.compile("\ue000([sb])(\\d+)\ue001")
# What stands before a statement in a block of PL/pgSQL.
_CONTROL = re.compile(
    r"(?:DECLARE\b.*?|<<\w+>>|BEGIN|ELSE|LOOP|EXCEPTION|(?:IF|ELSIF|ELSEIF|WHEN|CASE)\b.*?\bTHEN"
    r"|(?:FOR|FOREACH|WHILE)\b.*?\bLOOP)(?:\s+|$)",
    re.IGNORECASE,
)
_SEVERAL = re.compile(
    r"^(?:DROP TABLE (?:IF EXISTS )?|TRUNCATE (?:TABLE )?)(?P<names>.*)", re.IGNORECASE
)
_ONE = re.compile(rf"^\s*(?:ONLY )?{_TABLE}", re.IGNORECASE)
_MAIN = re.compile(
    r"^WITH\b.*?\)\s*(?=(?:DELETE|UPDATE|INSERT|SELECT|MERGE|VALUES)\b)", re.IGNORECASE
)
_KNOWN = re.compile(
    r"^(?:(?:ALTER|DROP|CREATE) TABLE|TRUNCATE|DELETE FROM|UPDATE|INSERT INTO|WITH"
    r"|CREATE (?:UNIQUE )?INDEX)\b",
    re.IGNORECASE,
)
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
        rf"^DROP TABLE (?:IF EXISTS )?{_TABLE}",
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
        rf"{_ALTER}RENAME (?:TO|AS) |^RENAME TABLE (?P<other>{_NAME})",
        "code that still runs knows the old name",
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
RULE_IDS = frozenset({rule.id for rule in RULES}) | {FOREIGN_KEY_WITHOUT_ONDELETE, LOCK_HELD}


def lint(
    revision: str, statements: Collection[str], *, dialect: str, tables: Collection[str]
) -> Iterator[LintFinding]:
    """Yield what the statements of one revision do to tables that were there before.

    `dialect` is SQLAlchemy's backend name, `tables` are names with or without a schema.
    """
    kind = MYSQL if dialect in {"mysql", "mariadb"} else dialect
    known = {part for name in tables for part in (name, name.rpartition(".")[2])}
    written = [piece for text in statements for piece in _every(text, kind)]
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
            for part in _writes(text)
            if (match := rule.pattern.search(part))
            and (rule.unless is None or not rule.unless.search(part))
        ]
    match = rule.pattern.search(text)
    if match is None or (rule.unless is not None and rule.unless.search(text)):
        return []
    several = _SEVERAL.search(text) if rule.id in {"drop-table", "truncate"} else None
    if several is None:
        return [_table(match)]
    return listed(several["names"])


def _writes(text: str) -> list[str]:
    """Return a statement without what stands in brackets, and what WITH has in them beside it."""
    outer, groups, depth, start = "", [], 0, 0
    for place, letter in enumerate(text):
        if letter == "(":
            depth += 1
            if depth == 1:
                outer, start = outer + "(", place + 1
        elif letter == ")" and depth:
            depth -= 1
            if depth == 0:
                outer += ")"
                groups.append(text[start:place].strip())
        elif depth == 0:
            outer += letter
    if outer[:4].upper() != "WITH":
        return [outer]
    inner = [part for one in groups for part in _writes(one)]
    return [_MAIN.sub("", outer), *inner]


def new_keys(
    revision: str, new: Collection[str], statements: Collection[str]
) -> Iterator[LintFinding]:
    """Yield foreign keys that came with a revision and do not say what a delete does.

    `new` are lines of the probe, `additional: constraint NAME FOREIGN KEY …`.
    """
    if any("ON DELETE NO ACTION" in normal(text).upper() for text in statements):
        return
    for line in new:
        text = line.removeprefix("additional: constraint ")
        if text != line and "FOREIGN KEY" in text and "ON DELETE" not in text:
            definition = text[text.rindex("FOREIGN KEY") :]
            name = text.partition(": ")[0] if ": FOREIGN" in text else text.partition(" ")[0]
            yield LintFinding(
                FOREIGN_KEY_WITHOUT_ONDELETE,
                revision,
                name,
                "say what a delete of the parent does: ondelete= RESTRICT, CASCADE, SET NULL, "
                "or NO ACTION",
                definition,
            )


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


def understood(statement: str) -> bool:
    """Return whether the own rules know how a statement out of `pieces` begins."""
    return _KNOWN.search(statement) is not None


def normal(statement: str, dialect: str = POSTGRESQL) -> str:
    """Return a statement in one line, without comments and without what stands in strings."""
    return _emptied(_hidden(statement, dialect)[0])


def pieces(statement: str, dialect: str = POSTGRESQL) -> list[str]:
    """Return what was sent at once as statements of their own, as `normal` has them."""
    return [_emptied(one) for one in _cut(_hidden(statement, dialect)[0])]


def _every(statement: str, dialect: str) -> list[str]:
    """Return the statements, and those that a block of PL/pgSQL has inside."""
    found: list[str] = []
    text, kept = _hidden(statement, dialect)
    for one in _cut(text):
        found.append(_emptied(one))
        if dialect == POSTGRESQL and re.match(r"DO\b", one, re.IGNORECASE):
            for number in _HIDDEN.finditer(one):
                found += _block(kept[int(number[2])])
    return found


def _block(body: str) -> list[str]:
    """Return the statements of a block, those in EXECUTE of a text too."""
    found: list[str] = []
    text, kept = _hidden(body, POSTGRESQL)
    for piece in _PIECE.findall(text):
        one = piece.strip()
        while (match := _CONTROL.match(one)) is not None:
            one = one[match.end() :]
        if one:
            found.append(_emptied(one))
        if re.match(r"EXECUTE\b", one, re.IGNORECASE):
            for number in _HIDDEN.finditer(one):
                found += _every(kept[int(number[2])], POSTGRESQL)
    return found


def _cut(text: str) -> list[str]:
    # A function whose body is not quoted is left whole: what is inside does not run now.
    if "BEGIN" in text.upper().split():
        return [text]
    return [one.strip() for one in _PIECE.findall(text) if one.strip()]


def _hidden(statement: str, dialect: str) -> tuple[str, list[str]]:
    """Return a statement in one line with marks in place of strings, and what stands in these."""
    statement = statement.replace("\ue000", "?")  # our own mark
    pattern = _UNREAD.get(dialect, _UNREAD[SQLITE])
    made: list[str] = []
    kept: list[str] = []
    place, runs = 0, False
    while (match := pattern.search(statement, place)) is not None:
        made.append(statement[place : match.start()])
        place = match.end()
        groups = match.groupdict()
        if groups["name"]:
            made.append(match[0])
        elif groups["string"]:
            inside = match[0].partition("'")[2][:-1].replace("''", "'")
            made.append(f"\ue000s{len(kept)}\ue001")
            kept.append(inside)
        elif groups.get("body"):
            border = len(groups["tag"]) + 2
            made.append(f"\ue000b{len(kept)}\ue001")
            kept.append(match[0][border:-border])
        elif groups["comment"]:
            place = _end(statement, place, nested=dialect == POSTGRESQL)
            made.append(" ")
        elif groups.get("runs"):
            runs = True
            made.append(" ")
        elif groups.get("ends"):
            made.append(" " if runs else match[0])
            runs = False
        else:
            made.append(" ")
    made.append(statement[place:])
    return " ".join("".join(made).split()), kept


def _end(statement: str, place: int, *, nested: bool) -> int:
    """Return where a comment ends whose beginning ends at `place`."""
    depth = 1
    for match in re.compile(r"/\*|\*/").finditer(statement, place):
        depth += -1 if match[0] == "*/" else int(nested)
        if depth == 0:
            return match.end()
    return len(statement)


def table_of(statement: str) -> str:
    """Return the table that a statement out of `normal` is about, bare; empty where none is."""
    match = _TOUCHED.search(statement)
    return bare(match["table"]) if match is not None else ""


def listed(names: str) -> list[str]:
    """Return the names of a list as DROP has it, bare."""
    return [bare(one["table"]) for part in names.split(",") if (one := _ONE.search(part))]


def _emptied(text: str) -> str:
    return _HIDDEN.sub(lambda match: "''" if match[1] == "s" else "$$ $$", text)


def bare(name: str) -> str:
    """Return a table's name without schema and quotes."""
    parts: list[str] = re.findall(_NAME, name)
    return parts[-1].strip('"`') if parts else name


def _table(match: re.Match[str]) -> str:
    groups = match.groupdict()
    return bare(groups.get("table") or groups.get("other") or "")


def _rebuilt(statements: Collection[str]) -> frozenset[str]:
    """Return tables that a batch of SQLite drops and makes anew under the same name."""
    pattern = re.compile(rf"^ALTER TABLE {_NAME} RENAME TO (?P<to>{_NAME})", re.IGNORECASE)
    return frozenset(bare(match["to"]) for text in statements if (match := pattern.search(text)))
