"""Files that are a list of records about items: waivers and attestations."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Generic, NamedTuple, Protocol, TypeVar

from pydantic import BaseModel, StringConstraints

from readiness_gate.doors import yaml
from readiness_gate.doors.records import Problem, bind, did_you_mean, failure, record_schema
from readiness_gate.model.written import Written


class _AboutItem(Protocol):
    @property
    def id(self) -> str: ...


EntryT = TypeVar("EntryT", bound=BaseModel)
AboutItemT = TypeVar("AboutItemT", bound=_AboutItem)


def _iso_day(value: Any) -> Any:
    if isinstance(value, str) and len(value) == 10:
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise ValueError("there is no such day; write a date such as 2026-06-30") from error
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise ValueError("write a date such as 2026-06-30")


Day = Annotated[
    date,
    Written(
        before=_iso_day,
        schema={"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
    ),
]
"""A calendar day, ISO 8601. What expires on it holds to its end, in UTC."""
ItemId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$")]


class Entries(NamedTuple, Generic[AboutItemT]):
    """The entries of one file, in its order, and where each stands."""

    entries: tuple[AboutItemT, ...]
    document: yaml.Document

    def problem(self, index: int, key: str, message: str) -> Problem:
        """Return a problem with one key of one entry."""
        return Problem(self.document.position((index, key)), message)

    def unknown_ids(self, known: Collection[str]) -> tuple[Problem, ...]:
        """Return a problem for every entry about an item that does not exist."""
        return tuple(
            self.problem(
                index, "id", f"no item is called {entry.id!r}" + did_you_mean(entry.id, known)
            )
            for index, entry in enumerate(self.entries)
            if entry.id not in known
        )


def read_entries(
    text: str | bytes, *, name: str, record: type[EntryT]
) -> tuple[tuple[EntryT, ...], yaml.Document]:
    """Return the records of a file that holds a list; an empty file holds none.

    Raises:
        ConfigurationError: listing every problem with line and column.
    """
    document = yaml.load(text, name=name)
    if document.data is None:
        return (), document
    if not isinstance(document.data, list):
        raise document.error((), "has to be a list; start each entry with a dash")
    entries: list[EntryT] = []
    problems: list[Problem] = []
    for index, data in enumerate(document.data):
        bound = bind(document, (index,), data, record)
        if isinstance(bound, tuple):
            problems += bound
        else:
            entries.append(bound)
    if problems:
        raise failure(name, problems)
    return tuple(entries), document


def list_schema(record: type[BaseModel], title: str, description: str) -> dict[str, Any]:
    """Return the JSON Schema of a file that holds a list of `record`; an empty one is valid."""
    entry = record_schema(record)
    definitions = entry.pop("$defs", None)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "description": description,
        "type": ["array", "null"],
        "items": entry,
        **({"$defs": definitions} if definitions else {}),
    }


def expired(day: date | None, now: datetime) -> bool:
    """Return whether the end of `day` in UTC has come; without a day, never."""
    if day is None:
        return False
    try:
        end = datetime.combine(day + timedelta(days=1), time(), tzinfo=UTC)
    except OverflowError:
        return False
    return now >= end
