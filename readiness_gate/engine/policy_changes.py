"""What a pull request does to waivers and sign-offs: shown, and decided by nobody but a merge."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from readiness_gate.checklist import attestations, waivers
from readiness_gate.errors import ConfigurationError

_NAMED = 8
FILES = (waivers.DEFAULT_PATH, attestations.DEFAULT_PATH)
_WORDS = {waivers.DEFAULT_PATH: "waiver", attestations.DEFAULT_PATH: "sign-off"}
_LOAD: dict[str, Callable[[bytes], Any]] = {
    waivers.DEFAULT_PATH: waivers.load_waivers,
    attestations.DEFAULT_PATH: attestations.load_attestations,
}


def policy_changes(path: str, base: bytes | None, head: bytes | None) -> Iterator[str]:
    """Yield lines on what changes between the base and the head of one of `FILES`.

    None of it holds before the pull request is merged.
    """
    if base == head:
        return
    words = _WORDS[path]
    try:
        before, after = _entries(path, base), _entries(path, head)
    except ConfigurationError as error:
        yield f"this pull request changes {path}, which is malformed then: {_first(error)}"
        return
    added = [one for one in after if one not in before]
    removed = [one for one in before if one not in after]
    changed = {one.id for one in added} & {one.id for one in removed}
    for verb, ids in (
        ("adds", [one.id for one in added if one.id not in changed]),
        ("changes", sorted(changed)),
        ("removes", [one.id for one in removed if one.id not in changed]),
    ):
        if ids:
            count = f"{len(ids)} {words}{'s' if len(ids) > 1 else ''}"
            named = ", ".join(ids[:_NAMED]) + (", …" if ids[_NAMED:] else "")
            told = f"this pull request {verb} {count}: {named}"
            yield f"{told}; nothing of it counts before it merges"


def _entries(path: str, data: bytes | None) -> Sequence[Any]:
    entries: Sequence[Any] = _LOAD[path](data or b"").entries
    return entries


def _first(error: ConfigurationError) -> str:
    return error.message.partition("\n")[0]
