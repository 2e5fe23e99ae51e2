"""`foreign-key-index`: every foreign key is served by an index, so that a delete does not scan.

One usable index has to begin with the key's columns, in any order: valid, over all rows, no
expression. MariaDB and MySQL make one by themselves. A second key over the same columns to the same
table is a finding too.
"""

from collections import Counter

from pydantic import Field

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.context import CheckContext
from readiness_gate.config.values import Name, Text
from readiness_gate.database.catalogue import foreign_keys
from readiness_gate.database.catalogue.foreign_key import ForeignKey
from readiness_gate.database.choice import choose
from readiness_gate.database.connection import reading
from readiness_gate.database.evidence import counted, keys_table
from readiness_gate.database.structure import tables
from readiness_gate.database.structure.table import Table
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family, Need
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed


class ForeignKeyIndexOptions(CheckOptions):
    """Which database, and which keys need no index."""

    database: Name | None = Field(
        default=None, description="Name under `databases`; default the only one."
    )
    excluding: tuple[Text, ...] = Field(
        default=(),
        alias="except",
        description="Keys that need none: a constraint's name, table.column or table(a, b).",
    )
    rows_above: int = Field(
        default=0,
        ge=0,
        description="Only tables with more rows than this, by the engine's own estimate; one "
        "without an estimate counts as large.",
    )


def run(context: CheckContext, options: ForeignKeyIndexOptions) -> CheckResult:
    """Look for an index under every key.

    Raises:
        ConfigurationError: no such database, or an exception that names no key.
        DatabaseError: it could not be read.
    """
    access = choose(context.databases, options.database)
    with reading(access.url, seconds=context.timeout) as session:
        known = foreign_keys(session)
        by_name = {(table.schema, table.name): table for table in tables(session)}
    for word in options.excluding:
        if not any(key.is_named(word) for key in known):
            raise ConfigurationError(f"except: {word} names no foreign key of {access.name}")
    keys = [key for key in known if not any(map(key.is_named, options.excluding))]
    if not keys:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"{access.name} has no foreign key: there is nothing to look at",
        )
    unread = [key for key in keys if (key.schema, key.table) not in by_name]
    if unread:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE, f"the indexes of {unread[0].child} could not be read"
        )
    judged = [(key, by_name[key.schema, key.table]) for key in keys]
    large = [(key, table) for key, table in judged if not _is_small(table, options.rows_above)]
    found = [(key, why) for key, table in large if (why := _problem(key, table))]
    found += [(key, "a second key says the same") for key in _repeated(keys)]
    if found:
        return _failed(found, len(keys))
    small = len(judged) - len(large)
    notes = [f"{counted(small, 'key')} on small tables not looked at"] if small else []
    if small == len(judged):
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"no table of {access.name} with a foreign key has more than {options.rows_above} rows",
        )
    return passed(
        f"{counted(len(large), 'foreign key')} served by an index", details="\n".join(notes)
    )


def _is_small(table: Table, limit: int) -> bool:
    return limit > 0 and 0 <= table.rows <= limit


def _problem(key: ForeignKey, table: Table) -> str:
    if any(index.serves(key.columns) for index in table.indexes):
        return ""
    begins = [one for one in table.indexes if one.columns[:1] == key.columns[:1]]
    broken = next((one for one in begins if not one.valid), None)
    partial = next((one for one in begins if one.partial), None)
    if broken is not None:
        return f"its index {broken.name} is invalid: build it again"
    if partial is not None:
        return f"its index {partial.name} covers only some rows"
    return "no index begins with its columns"


def _repeated(keys: list[ForeignKey]) -> list[ForeignKey]:
    def shape(key: ForeignKey) -> tuple[object, ...]:
        pairs = sorted(zip(key.columns, key.referenced_columns, strict=False))
        return key.schema, key.table, key.referenced_schema, key.referenced_table, tuple(pairs)

    counts = Counter(map(shape, keys))
    return [key for key in keys if counts[shape(key)] > 1]


def _failed(found: list[tuple[ForeignKey, str]], keys: int) -> CheckResult:
    key, why = found[0]
    return failed(
        f"{len({id(key) for key, _ in found})} of {counted(keys, 'foreign key')} "
        f"without a usable index: {key.label}: {why}",
        evidence=[keys_table("Without a usable index", ("why",), [(k, (w,)) for k, w in found])],
        remediation=f"Add an index in a revision, for example on {key.child} "
        f"({', '.join(key.columns)}).",
    )


CHECK = Check(
    id="foreign-key-index",
    title="Every foreign key has an index",
    family=Family.DATABASE,
    check_class=CheckClass.READ,
    needs=frozenset({Need.DATABASE}),
    options=ForeignKeyIndexOptions,
    work=run,
    remediation="Add an index that begins with the key's columns, in a revision.",
)
