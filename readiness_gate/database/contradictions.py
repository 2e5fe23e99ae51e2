"""Where models and database say different things about the same foreign key; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from readiness_gate.database.catalogue.foreign_key import ForeignKey, readable
from readiness_gate.database.models import ModelKey, Models
from readiness_gate.database.policy import PolicyFinding

Place = tuple[str, str, frozenset[tuple[str, str]], str]
_REFUSES = frozenset({"RESTRICT", "NO ACTION"})


def between(
    models: Models, keys: Sequence[ForeignKey], tables: Iterable[tuple[str, str]]
) -> list[PolicyFinding]:
    """Return every difference; `tables` are those of the database, schema and name.

    Keys of tables that no model has are not the models' matter.
    """
    in_models = {place(one.key): one for one in models.keys}
    in_database = {place(key): key for key in keys}
    there = {_table(schema, name) for schema, name in tables}
    found = []
    for where, one in in_models.items():
        key = in_database.get(where)
        if key is not None:
            found += _actions(one, key)
        elif where[:2] not in there:
            name = readable(one.key.schema, one.key.table)
            found.append(PolicyFinding(one.key, f"the database has no table {name}"))
        else:
            found.append(PolicyFinding(one.key, "the models have this key, the database has not"))
    modelled = {_table(schema, name) for schema, name in models.tables}
    for where, key in in_database.items():
        if where not in in_models and where[:2] in modelled:
            found.append(PolicyFinding(key, "the database has this key, the models have not"))
    return found


def located(models: Models, tables: Iterable[tuple[str, str]]) -> Models:
    """Return the models with the schema in which the database has each table.

    Models leave out the default schema, and which one that is decides the application's role.
    """
    schemas: dict[str, set[str]] = {}
    for schema, name in tables:
        schemas.setdefault(name.lower(), set()).add(schema)

    def home(schema: str, name: str) -> str:
        there = schemas.get(name.lower(), set())
        if schema or not there or {"", "public"} & there or len(there) > 1:
            return schema or ("public" if "public" in there else "")
        return next(iter(there))

    return Models(
        tuple(
            replace(
                one,
                key=replace(
                    one.key,
                    schema=home(one.key.schema, one.key.table),
                    referenced_schema=home(one.key.referenced_schema, one.key.referenced_table),
                ),
            )
            for one in models.keys
        ),
        frozenset((home(schema, name), name) for schema, name in models.tables),
        tuple(
            replace(
                one,
                schema=home(one.schema, one.table),
                target=one.target
                and replace(one.target, schema=home(one.target.schema, one.target.table)),
            )
            for one in models.relationships
        ),
    )


def place(key: ForeignKey) -> Place:
    """Return what makes a key of the models and one of the database the same one."""
    schema, table = _table(key.schema, key.table)
    pairs = frozenset(
        (own.lower(), other.lower())
        for own, other in zip(key.columns, key.referenced_columns, strict=False)
    )
    return schema, table, pairs, key.referenced_table.lower()


def _table(schema: str, name: str) -> tuple[str, str]:
    return ("" if schema == "public" else schema.lower()), name.lower()


def _actions(one: ModelKey, key: ForeignKey) -> list[PolicyFinding]:
    found = []
    for word, model, database in (
        ("ON DELETE", one.key.on_delete, key.on_delete),
        ("ON UPDATE", one.key.on_update, key.on_update),
    ):
        # MariaDB and MySQL do the same for both, and some versions report one for the other.
        same = key.dialect not in {"postgresql", "sqlite"} and {model, database} <= _REFUSES
        if model != database and not same:
            written = model if word == "ON UPDATE" or one.written else "nothing (NO ACTION)"
            found.append(
                PolicyFinding(key, f"{word}: the model says {written}, the database has {database}")
            )
    return found


def different(models: Models, keys: Sequence[ForeignKey]) -> list[ForeignKey]:
    """Return the models' keys that the database does not have in the same way."""
    actions = {place(key): key.on_delete for key in keys}
    return [one.key for one in models.keys if actions.get(place(one.key)) != one.key.on_delete]


def unwritten(models: Models) -> list[PolicyFinding]:
    """Return the keys of the models whose `ondelete` nobody decided."""
    return [
        PolicyFinding(one.key, "ondelete is not written in the model")
        for one in models.keys
        if not one.written
    ]
