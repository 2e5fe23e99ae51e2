"""Two catalogues, one by the migrations and one by the models alone: what differs; pure."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

_NAMED_INDEX = re.compile(r"(INDEX )\S+ (?=ON )")
_KINDS = {"constraint": "constraint", "check": "constraint", "index": "index"}


def catalogue_lines(migrated: Mapping[str, str], modelled: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for each constraint and index that only one of the catalogues has.

    Names do not count, since a constraint may have none of its own. Tables that only one has are
    left out: Alembic's comparison tells them.
    """
    tables = _tables(migrated) & _tables(modelled)
    mine, models = _definitions(migrated, tables), _definitions(modelled, tables)
    for kind, table, text in sorted((mine - models).elements()):
        yield f"only in the migrations: {kind} of {table}: {text}"
    for kind, table, text in sorted((models - mine).elements()):
        yield f"only in the models: {kind} of {table}: {text}"


def extensions(schema: Mapping[str, str]) -> tuple[str, ...]:
    """Return the extensions of PostgreSQL that a catalogue names."""
    prefix = "extension "
    return tuple(sorted(key[len(prefix) :] for key in schema if key.startswith(prefix)))


def _tables(schema: Mapping[str, str]) -> set[str]:
    return {key.removeprefix("table ") for key in schema if key.startswith("table ")}


def _definitions(schema: Mapping[str, str], tables: set[str]) -> Counter[tuple[str, str, str]]:
    found: Counter[tuple[str, str, str]] = Counter()
    for key, text in schema.items():
        kind, _, name = key.partition(" ")
        if kind not in _KINDS:
            continue
        table = _owner(kind, name, text, tables)
        if table is not None:
            found[_KINDS[kind], table, _NAMED_INDEX.sub(r"\1", text)] += 1
    return found


def _owner(kind: str, name: str, text: str, tables: set[str]) -> str | None:
    """Return the table that a constraint or index belongs to, `None` where it is none of these."""
    # PostgreSQL names an index beside its table, in the same schema; its text says the table.
    match = re.search(r" ON (?:ONLY )?(\S+?)(?: USING |\(| \()", text) if kind == "index" else None
    named = match[1].replace('"', "") if match else ""
    if named in tables:
        return named
    public = f"public.{named}"
    if named and public in tables:
        return public
    fitting = [one for one in tables if name.startswith((f"{one}.", f"{one}:"))]
    return max(fitting, key=len) if fitting else None
