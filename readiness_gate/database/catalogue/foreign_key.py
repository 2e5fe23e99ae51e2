"""A foreign key, the same for every engine."""

from dataclasses import dataclass

_DEFAULT_SCHEMAS = frozenset({"", "public"})


def quoted(name: str) -> str:
    """Return an identifier that means exactly this name, in every dialect that we read."""
    return '"' + name.replace('"', '""') + '"'


def readable(schema: str, table: str) -> str:
    """Return a table's name for people, with its schema where it is not the default one."""
    return table if schema in _DEFAULT_SCHEMAS else f"{schema}.{table}"


@dataclass(frozen=True)
class ForeignKey:
    """One constraint, in SQL's own words. Partitions' copies of a key are not among them."""

    schema: str
    """Empty on SQLite, and for the connection's own database on MariaDB and MySQL."""
    table: str
    name: str
    """Empty where the engine does not tell (SQLite)."""
    columns: tuple[str, ...]
    referenced_schema: str
    referenced_table: str
    referenced_columns: tuple[str, ...]
    on_delete: str = "NO ACTION"
    """`NO ACTION`, `RESTRICT`, `CASCADE`, `SET NULL` or `SET DEFAULT`; left out is `NO ACTION`."""
    on_update: str = "NO ACTION"
    match: str = "SIMPLE"
    """`SIMPLE` or `FULL`, as the engine enforces it (SQLite parses FULL, and does SIMPLE)."""
    nullable: tuple[bool, ...] = ()
    """Whether each column may be NULL."""
    has_default: tuple[bool, ...] = ()
    deferrable: bool = False
    deferred: bool = False
    validated: bool = True
    enforced: bool = True
    disabled_triggers: tuple[str, ...] = ()
    """`table: trigger` of the key's own triggers that do not fire."""
    set_columns: tuple[str, ...] = ()
    """Columns named in `SET NULL (…)` or `SET DEFAULT (…)`; empty means all of them."""
    partitioned: bool = False
    referenced_partitioned: bool = False
    primary_key: tuple[str, ...] = ()
    """Columns that identify a row of the table."""
    operators: tuple[str, ...] = ()
    """How the engine compares: referenced column, operator, column."""
    collations: tuple[str, ...] = ()
    indexed: bool = False
    """Whether an index starts with the columns (SQLite: under the plain collation)."""
    referenced_missing: bool = False
    """The referenced table is not there: every row with a value is an orphan."""
    problem: str = ""
    """Why the key cannot be audited; such a key is never clean."""
    untyped: bool = False
    """SQLite: whether a column keeps numbers as they are, so that 0 and 0.0 are two values."""
    dialect: str = "postgresql"
    """How queries about it are written: `postgresql`, `sqlite`, or `mysql` for MariaDB too."""

    @property
    def child(self) -> str:
        """Return the table's name for people."""
        return readable(self.schema, self.table)

    @property
    def parent(self) -> str:
        """Return the referenced table's name for people."""
        return readable(self.referenced_schema, self.referenced_table)

    @property
    def label(self) -> str:
        """Return `visits(patient_id) → patients(id)`."""
        own, other = ", ".join(self.columns), ", ".join(self.referenced_columns)
        return f"{self.child}({own}) → {self.parent}({other})"

    @property
    def delete_sets(self) -> tuple[str, ...]:
        """Return the columns that a delete of the parent writes, under SET NULL or DEFAULT."""
        return self.set_columns or self.columns

    def is_named(self, word: str) -> bool:
        """Return whether a configuration means this key.

        Words are the constraint's name, `table.name`, `table.column` or `table(a, b)`, each also
        with the schema in front.
        """
        tables = {self.table, f"{self.schema}.{self.table}"}
        compact = word.replace(" ", "")
        words = {self.name} if self.name else set()
        for table in tables:
            words.add(f"{table}({','.join(self.columns)})")
            words |= {f"{table}.{self.name}"} if self.name else set()
            words |= {f"{table}.{self.columns[0]}"} if len(self.columns) == 1 else set()
        return word in words or compact in words
