"""Which deletes end in a protected table, over any number of cascades; pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from readiness_gate.database.catalogue.foreign_key import ForeignKey, readable
from readiness_gate.database.policy import PolicyFinding

Table = tuple[str, str]


def reaching(keys: Iterable[ForeignKey], protected: Sequence[str]) -> list[PolicyFinding]:
    """Return one finding for each table whose deletion ends in a protected one, with the path.

    Only the far end of a chain is told; what lies between is in its path. The finding's key is
    the chain's last, the one to change.
    """
    into: dict[Table, list[ForeignKey]] = defaultdict(list)
    for key in keys:
        if key.on_delete == "CASCADE":
            into[key.schema, key.table].append(key)
    found = []
    for table in sorted(into):
        if meets(table, protected):
            found += _ends(table, into)
    return found


def meets(table: Table, globs: Sequence[str]) -> bool:
    """Return whether a glob means a table, by its name or with its schema."""
    names = (table[1], ".".join(table))
    return any(fnmatchcase(name, glob) for name in names for glob in globs)


def _ends(table: Table, into: dict[Table, list[ForeignKey]]) -> list[PolicyFinding]:
    """Walk backwards from every key into a table, breadth first, to the far ends."""
    far: list[tuple[ForeignKey, ...]] = []
    for last in into[table]:
        paths: dict[Table, tuple[ForeignKey, ...]] = {_parent(last): (last,)}
        following = [_parent(last)]
        for child in following:
            before = len(following)
            # What comes back to the table itself is a circle: the path is told up to there.
            for key in into.get(child, ()) if child != table else ():
                if _parent(key) != table and _parent(key) not in paths:
                    paths[_parent(key)] = (key, *paths[child])
                    following.append(_parent(key))
            if len(following) == before:
                far.append(paths[child])
    return [
        PolicyFinding(path[-1], f"deletes reach {readable(*table)}: {_written(path)}")
        for path in far
    ]


def _parent(key: ForeignKey) -> Table:
    return key.referenced_schema, key.referenced_table


def _written(path: tuple[ForeignKey, ...]) -> str:
    return " → ".join([path[0].parent, *(key.child for key in path)])
