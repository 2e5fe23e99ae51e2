"""Where the ORM does something else with rows than their key says; pure.

Rows of a secondary table are deleted with the parent of a collection, without any cascade; under
`passive_deletes` only those that happen to be loaded are (SQLAlchemy documentation, *Deleting Rows
from the Many to Many Table* and *Using foreign key ON DELETE with many-to-many relationships*;
measured with 2.1). Where no collection leads back, the ORM knows nothing of the other direction:
a key that refuses does what it is for.
"""

from collections.abc import Mapping
from dataclasses import replace

from readiness_gate.database.catalogue.foreign_key import ForeignKey
from readiness_gate.database.models import ModelKey, Models, Relationship
from readiness_gate.database.policy import PolicyFinding


def relationships(models: Models) -> list[PolicyFinding]:
    """Return where the ORM does something else with children than their key says."""
    keys = _by_columns(models)
    return [
        PolicyFinding(one.key, f"relationship {each.name}: {message}")
        for each in models.relationships
        if (one := keys.get(_columns(each))) is not None
        and (message := _against(each, one, models)) is not None
    ]


def _against(each: Relationship, one: ModelKey, models: Models) -> str | None:
    if each.target is not None:
        return _of_secondary(each, one.key.on_delete)
    if other := _deleted_first(each, models):
        return f"sets NULL in rows that {other} deletes (write viewonly=True in one of them)"
    return _of_children(each, one)


def _of_children(each: Relationship, one: ModelKey) -> str | None:
    action = one.key.on_delete
    if each.deletes:
        if action == "SET NULL" or (action == "RESTRICT" and one.written):
            return f"cascade deletes the rows that {action} keeps"
        if each.passive is True and action != "CASCADE":
            return f"passive_deletes leaves the rows to the database, which does {action}"
    elif action == "RESTRICT" and each.passive != "all" and all(one.key.nullable):
        return "sets NULL before RESTRICT can refuse (write passive_deletes='all')"
    elif action == "CASCADE" and each.passive is False:
        return "sets NULL before CASCADE can delete (write cascade, or passive_deletes='all')"
    return None


def _of_secondary(each: Relationship, action: str) -> str | None:
    if each.passive and action != "CASCADE":
        return (
            "passive_deletes leaves the rows of the secondary table that are not loaded to the "
            f"database, which does {action}"
        )
    if action == "SET NULL":
        return "deletes the rows of its secondary table that SET NULL keeps"
    return None


def _deleted_first(each: Relationship, models: Models) -> str | None:
    """Return the collection of the same class that deletes the rows before they can be updated."""
    if each.deletes or each.passive:
        return None
    own = each.name.rpartition(".")[0]
    return next(
        (
            other.name
            for other in models.relationships
            if other.target is not None
            and not other.passive
            and _columns(other) == _columns(each)
            and other.name.rpartition(".")[0] == own
        ),
        None,
    )


def orm_cascades(models: Models) -> list[ForeignKey]:
    """Return what the ORM deletes with a parent, as keys that do so."""
    keys = _by_columns(models)
    found = []
    for each in models.relationships:
        if _columns(each) not in keys:
            continue
        key = replace(keys[_columns(each)].key, on_delete="CASCADE")
        if each.deletes if each.target is None else not each.passive:
            found.append(key)
        if each.deletes and each.target is not None:
            far = each.target
            found.append(
                replace(key, schema=far.schema, table=far.table, columns=far.columns, name="")
            )
    return found


def _columns(each: Relationship) -> tuple[str, str, frozenset[str]]:
    return each.schema, each.table, frozenset(each.columns)


def _by_columns(models: Models) -> Mapping[tuple[str, str, frozenset[str]], ModelKey]:
    return {(one.key.schema, one.key.table, frozenset(one.key.columns)): one for one in models.keys}
