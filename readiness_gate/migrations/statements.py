"""How a statement that ran is read, beside strings and comments, and what is inside of it; pure."""

import re
from collections.abc import Collection, Iterator

NAME = r"""(?:"(?:[^"]|"")+"|`(?:[^`]|``)+`|[\w$]+)"""
TABLE = rf"(?P<table>{NAME}(?:\s*\.\s*{NAME})?)"
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
    rf"|(?:CREATE|DROP) TRIGGER .*? ON )(?:ONLY )?{TABLE}",
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
_ONE = re.compile(rf"^\s*(?:ONLY )?{TABLE}", re.IGNORECASE)
_MAIN = re.compile(
    r"^WITH\b.*?\)\s*(?=(?:DELETE|UPDATE|INSERT|SELECT|MERGE|VALUES)\b)", re.IGNORECASE
)
_KNOWN = re.compile(
    r"^(?:(?:ALTER|DROP|CREATE) TABLE|TRUNCATE|DELETE FROM|UPDATE|INSERT INTO|WITH"
    r"|CREATE (?:UNIQUE )?INDEX)\b",
    re.IGNORECASE,
)
# Where a block runs a text, and what may follow one that stands there.
_TEXT = "\ue000[sb]\\d+\ue001"
_EXECUTE = re.compile(
    r"(?:^|\b(?:IN|FOR|QUERY) )"
    rf"(?P<what>EXECUTE\b(?P<read> {_TEXT} ?(?:$|(?:INTO|USING|LOOP)\b))?)",
    re.IGNORECASE,
)
_PREPARED = re.compile(
    rf"^(?:PREPARE \S+ FROM|EXECUTE IMMEDIATE)\b(?P<read> {_TEXT} ?(?:$|USING\b))?", re.IGNORECASE
)
_PREPARE = re.compile(r"^PREPARE \S+(?: ?\([^)]*\))? AS ", re.IGNORECASE)


def understood(statement: str) -> bool:
    """Return whether the own rules know how a statement out of `pieces` begins."""
    return _KNOWN.search(statement) is not None


def normal(statement: str, dialect: str = POSTGRESQL) -> str:
    """Return a statement in one line, without comments and without what stands in strings."""
    return _emptied(_hidden(statement, dialect)[0])


def pieces(statement: str, dialect: str = POSTGRESQL) -> list[str]:
    """Return what was sent at once as statements of their own, as `normal` has them."""
    return [_emptied(one) for one in _cut(_hidden(statement, dialect)[0])]


def every(statement: str, dialect: str) -> Iterator[str]:
    """Yield the statements as `normal` has them, and those that a block or a text has inside."""
    yield from (text for text, _ in _inside(statement, dialect))


def unread(statements: Collection[str], dialect: str) -> Iterator[str]:
    """Yield what runs a text that is put together as it runs: nobody can read it here."""
    for statement in statements:
        yield from (text for _, text in _inside(statement, dialect) if text)


def _inside(statement: str, dialect: str) -> Iterator[tuple[str, str]]:
    """Yield each statement, and of it what runs a text that does not stand there."""
    text, kept = _hidden(statement, dialect)
    for one in _cut(text):
        shown = _emptied(one)
        ran = _PREPARED.search(one) if dialect == MYSQL else None
        yield shown, shown if ran is not None and not ran["read"] else ""
        if ran is not None:
            yield from _texts(one, kept, dialect)
        elif dialect == POSTGRESQL and re.match(r"DO\b", one, re.IGNORECASE):
            for number in _HIDDEN.finditer(one):
                yield from _block(kept[int(number[2])])
        elif dialect == POSTGRESQL and _PREPARE.search(one):
            yield _PREPARE.sub("", shown), ""


def _block(body: str) -> Iterator[tuple[str, str]]:
    """Yield the same of a block of PL/pgSQL."""
    text, kept = _hidden(body, POSTGRESQL)
    for piece in _PIECE.findall(text):
        whole = one = piece.strip()
        while (match := _CONTROL.match(one)) is not None:
            one = one[match.end() :]
        ran = _EXECUTE.search(one) or _EXECUTE.search(whole)
        beyond = ran is not None and not ran["read"]
        if one or ran is not None:
            place = ran.start("what") if ran is not None else 0
            yield _emptied(one), _emptied(ran.string[place:]) if ran is not None and beyond else ""
        if ran is not None:
            yield from _texts(ran.string[ran.start("what") :], kept, POSTGRESQL)


def _texts(one: str, kept: list[str], dialect: str) -> Iterator[tuple[str, str]]:
    for number in _HIDDEN.finditer(one):
        yield from _inside(kept[int(number[2])], dialect)


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
    parts: list[str] = re.findall(NAME, name)
    return parts[-1].strip('"`') if parts else name


def writes(text: str) -> list[str]:
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
    inner = [part for one in groups for part in writes(one)]
    return [_MAIN.sub("", outer), *inner]
