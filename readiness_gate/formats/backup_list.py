"""What a command says of backups: one for each line, or JSON as object stores list them."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_NAME = ("name", "Key", "key", "path", "id", "short_id")
_TIME = ("time", "LastModified", "last_modified", "modified", "date", "timestamp")
_SIZE = ("size", "Size", "bytes")
_LINE = re.compile(
    r"(?P<size>[0-9]{1,18})\s+(?P<time>\S+(?: [0-9:.]+(?: [+-][0-9]{4})?)?)\s+(?P<name>\S.*)"
)
_FRACTION = re.compile(r"(\.[0-9]{1,6})[0-9]*")


@dataclass(frozen=True)
class Backup:
    """One backup."""

    name: str
    size: int
    """Bytes."""
    time: datetime
    encrypted: bool | None = None
    """`None`: nobody says."""


def read_backups(text: str) -> tuple[Backup, ...]:
    """Return the backups of a listing, newest first.

    Lines are `SIZE TIME NAME`, as `stat -c '%s %Y %n'` and `find` with the format `%s %T@ %p`
    write them; TIME is ISO 8601 or seconds since 1970. JSON is a list, or an object that has one
    (`Contents` of S3), or one object a line; names of keys are those of S3, restic and ours.

    Raises:
        ValueError: naming what cannot be read; nothing is left out silently.
    """
    stripped = text.strip()
    if not stripped:
        return ()
    found = _from_json(stripped) if stripped[0] in "[{" else map(_of_line, stripped.splitlines())
    return tuple(sorted(found, key=lambda one: one.time, reverse=True))


def _from_json(text: str) -> Iterator[Backup]:
    try:
        documents = [json.loads(text)]
    except ValueError:
        try:
            documents = [json.loads(line) for line in text.splitlines() if line.strip()]
        except ValueError as error:
            raise ValueError(f"the listing is no JSON: {error}") from error
    for entry in _entries(documents):
        yield _of_mapping(entry)


def _entries(documents: Iterable[Any]) -> Iterator[Any]:
    for document in documents:
        if isinstance(document, list):
            yield from document
        elif isinstance(document, dict) and not _first(document, _TIME):
            lists = [value for value in document.values() if isinstance(value, list)]
            if len(lists) != 1:
                raise ValueError("the listing holds no list of backups")
            yield from lists[0]
        else:
            yield document


def _of_mapping(entry: Any) -> Backup:
    if not isinstance(entry, dict):
        raise ValueError(f"{str(entry)[:80]!r} is no backup")
    name, time, size = (_first(entry, keys) for keys in (_NAME, _TIME, _SIZE))
    if name is None or time is None:
        raise ValueError(f"{json.dumps(entry)[:80]} has no name or no time")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise ValueError(f"{str(name)[:80]!r} has no size")
    encrypted = entry.get("encrypted")
    if encrypted is None and entry.get("ServerSideEncryption"):
        encrypted = True
    return Backup(
        str(name), size, moment(str(time)), encrypted if encrypted in {True, False} else None
    )


def _first(entry: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    return next((entry[key] for key in keys if entry.get(key) is not None), None)


def _of_line(line: str) -> Backup:
    found = _LINE.fullmatch(line.strip())
    if found is None:
        raise ValueError(f"{line[:80]!r} is not SIZE TIME NAME")
    return Backup(found["name"], int(found["size"]), moment(found["time"]))


def moment(text: str) -> datetime:
    """Return a moment in UTC; one without a zone is taken for UTC.

    Raises:
        ValueError: it is neither ISO 8601 nor seconds since 1970.
    """
    try:
        if re.fullmatch(r"[0-9]{9,11}(\.[0-9]+)?", text):
            return datetime.fromtimestamp(float(text), UTC)
        parsed = datetime.fromisoformat(_FRACTION.sub(r"\1", text))
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text[:80]!r} is no moment") from error
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
