"""One GraphQL query for many things of the home repository, each with its own answer or error."""

import itertools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TypeVar

from readiness_gate.errors import ForgeError
from readiness_gate.forge.client import Client, lacks_permission, permission_missing
from readiness_gate.forge.rest import Fields
from readiness_gate.forge.retry import Answer

SIZE = 25

Key = TypeVar("Key")
Value = TypeVar("Value")
Permission = str | Callable[[Sequence[object]], str]


def read_batch(
    client: Client,
    repository: str,
    keys: Collection[Key],
    *,
    field: Callable[[Key], str],
    fragment: str,
    permission: Permission,
    read: Callable[[Key, Fields], Value],
) -> dict[Key, Value | ForgeError]:
    """Return what `read` makes of every key's object.

    `field` writes the field of `Repository` for a key, with its selection; `fragment` is put
    behind the query. What an error touches is that error; what has no object is one as well.
    `permission` is what the token needs, or names it for the field at a path of the answer.
    """
    found: dict[Key, Value | ForgeError] = {}
    owner, _, name = repository.partition("/")
    for some in _batches(list(keys)):
        parts = " ".join(f"k{place}: {field(key)}" for place, key in enumerate(some))
        text = (
            "query ($owner: String!, $name: String!) { rateLimit { cost } "
            f"repository(owner: $owner, name: $name) {{ nameWithOwner {parts} }} }}{fragment}"
        )
        try:
            answer = client.query(
                text, {"owner": owner, "name": name}, permission=_named(permission, ())
            )
        except ForgeError as error:
            found |= dict.fromkeys(some, error)
            continue
        for place, key in enumerate(some):
            found[key] = _one(answer, place, key, permission, read)
    return found


def _batches(keys: Sequence[Key]) -> Iterator[tuple[Key, ...]]:
    rest = iter(keys)
    while some := tuple(itertools.islice(rest, SIZE)):
        yield some


def _one(
    answer: Answer,
    place: int,
    key: Key,
    permission: Permission,
    read: Callable[[Key, Fields], Value],
) -> Value | ForgeError:
    try:
        for error in answer.errors:
            _raise_if_touched(error, f"k{place}", permission)
        whole = Fields(answer.data, "a query").fields("data").fields("repository")
        if not whole.has(f"k{place}"):
            return ForgeError(f"GitHub has no {key}, or does not show it to the token")
        return read(key, whole.fields(f"k{place}"))
    except ForgeError as error:
        return error


def _raise_if_touched(error: Mapping[str, object], alias: str, permission: Permission) -> None:
    path = error.get("path")
    where = path if isinstance(path, list) else []
    if len(where) > 1 and where[1] != alias:
        return
    said = " ".join(str(error.get("message", "")).split())[:200]
    if error.get("type") in {"FORBIDDEN", "INSUFFICIENT_SCOPES"} or lacks_permission(said):
        raise permission_missing(_named(permission, where), said)
    raise ForgeError(f"GitHub's GraphQL answer is not complete: {said}")


def _named(permission: Permission, path: Sequence[object]) -> str:
    return permission if isinstance(permission, str) else permission(path)
