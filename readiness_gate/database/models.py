"""The project's models as a probe inside the target reads them; pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from readiness_gate.database.catalogue.foreign_key import ForeignKey
from readiness_gate.doors.programs import Completed
from readiness_gate.migrations.probe import answer_of, source


@dataclass(frozen=True)
class ModelKey:
    """A foreign key of the models, as the catalogue would have it."""

    key: ForeignKey
    written: bool
    """Whether `ondelete` is given: left out is no decision for NO ACTION."""


@dataclass(frozen=True)
class Target:
    """What lies behind a secondary table."""

    schema: str
    table: str
    columns: tuple[str, ...]
    """Those that the secondary table refers to."""


@dataclass(frozen=True)
class Relationship:
    """A collection, and what the ORM does with its rows when it deletes their parent."""

    name: str
    """`Class.attribute`."""
    schema: str
    table: str
    columns: tuple[str, ...]
    """Of the children's or the secondary table, those that refer to the parent."""
    deletes: bool
    """Whether `cascade` has `delete`: of the children, or of the target."""
    passive: Literal["all"] | bool
    """`passive_deletes`."""
    target: Target | None = None
    """Of a collection over a `secondary` table."""


@dataclass(frozen=True)
class Models:
    """What one or several `MetaData` hold."""

    keys: tuple[ModelKey, ...]
    tables: frozenset[tuple[str, str]]
    """Schema, empty for the default one, and name."""
    relationships: tuple[Relationship, ...] = ()


def arguments(metadata: str, *, imports: Sequence[str], nonce: str) -> tuple[str, ...]:
    """Return what follows the interpreter's name on the command line.

    Raises:
        ValueError: the nonce could be guessed.
    """
    if len(nonce) < 16:
        raise ValueError("the nonce of a probe has at least 16 characters")
    asked = {"nonce": nonce, "metadata": metadata, "imports": list(imports)}
    return ("-", json.dumps(asked, sort_keys=True))


def probe() -> bytes:
    """Return the probe's text, for the interpreter's standard input."""
    return source("named_object.py") + source("models_probe.py")


def parse(completed: Completed, *, nonce: str, dialect: str) -> Models:
    """Return the models; at least one table is among them.

    Raises:
        ValueError: there is no whole answer, or the answer is that they could not be read.
    """
    if completed.timed_out:
        raise ValueError(f"the probe did not end in {completed.seconds:.0f} s")
    answer = answer_of(completed, nonce)
    if answer.get("error"):
        raise ValueError(str(answer["error"]))
    try:
        return Models(
            tuple(_key(one, dialect) for one in answer["keys"]),
            frozenset((_text(schema), _text(name)) for schema, name in answer["tables"]),
            tuple(_relationship(one) for one in answer["relationships"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError("the probe's answer is not understood") from error


def _key(one: Any, dialect: str) -> ModelKey:
    written = one["on_delete"]
    return ModelKey(
        ForeignKey(
            schema=_text(one["schema"]),
            table=_text(one["table"]),
            name=_text(one["name"]),
            columns=_texts(one["columns"]),
            referenced_schema=_text(one["parent_schema"]),
            referenced_table=_text(one["parent"]),
            referenced_columns=_texts(one["parent_columns"]),
            on_delete=_action(written),
            on_update=_action(one["on_update"]),
            nullable=tuple(bool(each) for each in one["nullable"]),
            has_default=tuple(bool(each) for each in one["default"]),
            set_columns=_set_columns(written),
            dialect=dialect,
        ),
        written=bool(written),
    )


def _action(written: Any) -> str:
    """Return an action in SQL's words; a list of columns behind it is not part of it."""
    return " ".join(_text(written or "NO ACTION").partition("(")[0].upper().split())


def _set_columns(written: Any) -> tuple[str, ...]:
    names = _text(written or "").partition("(")[2].rstrip(") ")
    return tuple(name.strip(' "') for name in names.split(",") if name.strip())


def _relationship(one: Any) -> Relationship:
    passive = one["passive"]
    return Relationship(
        name=_text(one["name"]),
        schema=_text(one["schema"]),
        table=_text(one["table"]),
        columns=_texts(one["columns"]),
        deletes=bool(one["delete"]),
        passive="all" if passive == "all" else bool(passive),
        target=_target(one.get("target")),
    )


def _target(one: Any) -> Target | None:
    if one is None:
        return None
    return Target(_text(one["schema"]), _text(one["table"]), _texts(one["columns"]))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise TypeError("no list")
    return tuple(_text(each) for each in value)
