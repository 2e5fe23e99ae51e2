"""A table, its columns and its indexes, as every engine's catalogue has them."""

from dataclasses import dataclass

from readiness_gate.database.catalogue.foreign_key import readable


@dataclass(frozen=True)
class Column:
    """One column."""

    name: str
    type: str
    """The engine's own spelling, lengths included."""
    nullable: bool
    default: bool = False
    computed: bool = False
    """Whether the engine computes it from others, so that nobody may write it."""


@dataclass(frozen=True)
class Index:
    """One index; also those that a primary key or a unique constraint brings."""

    name: str
    columns: tuple[str | None, ...]
    """Key columns in order; `None` stands for an expression, or for a part of a column."""
    unique: bool = False
    primary: bool = False
    partial: bool = False
    """Whether it covers only some rows."""
    valid: bool = True
    """PostgreSQL: whether it is ready and valid; one built concurrently may have failed."""
    method: str = "btree"
    collations: tuple[str, ...] = ()
    """SQLite: how each column is compared; only an index that compares plainly serves a key."""

    @property
    def definition(self) -> tuple[object, ...]:
        """Return what makes two indexes duplicates of each other."""
        return self.columns, self.partial, self.method, self.collations

    def serves(self, columns: tuple[str, ...]) -> bool:
        """Return whether rows are found by these columns through it.

        Its first columns have to be these as a set: order does not matter for equality (notes on
        databases 2.13).
        """
        wanted = {name.lower() for name in columns}
        start = {(name or "").lower() for name in self.columns[: len(columns)]}
        usable = self.valid and not self.partial and self.method in {"btree", "hash"}
        return usable and start == wanted and set(self.collations) <= {"BINARY"}


@dataclass(frozen=True)
class Table:
    """One table."""

    schema: str
    """Empty on SQLite, MariaDB and MySQL."""
    name: str
    columns: tuple[Column, ...]
    indexes: tuple[Index, ...]
    rows: int
    """The engine's estimate; -1 where it has none."""
    engine: str = ""
    """MariaDB and MySQL: the storage engine."""

    @property
    def label(self) -> str:
        """Return the name for people."""
        return readable(self.schema, self.name)

    @property
    def primary_key(self) -> tuple[str, ...]:
        """Return the columns of the primary key, empty where there is none."""
        found = next((one for one in self.indexes if one.primary), None)
        return tuple(name for name in found.columns if name) if found else ()

    def column(self, name: str) -> Column | None:
        """Return a column by its name, `None` where there is none."""
        return next((one for one in self.columns if one.name == name), None)
