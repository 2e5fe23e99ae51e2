"""The tips of many branches with a few files at each: one request and one point for fifty."""

from collections.abc import Collection, Sequence

from readiness_gate.errors import ForgeError
from readiness_gate.forge.base import Tip
from readiness_gate.forge.client import Client
from readiness_gate.forge.rest import Fields

_PERMISSION = "contents: read"
_AT_ONCE = 50
_PLAIN = frozenset({0o100644, 0o100755})
"""Modes of ordinary files; links and submodules are left to REST, which follows them."""


def read_tips(
    client: Client, repository: str, branches: Collection[str], paths: Sequence[str]
) -> dict[str, Tip]:
    """Return the tip of each branch; what is not certain is left out, and can be asked for alone.

    Raises:
        ForgeError: there was no answer at all.
    """
    tips: dict[str, Tip] = {}
    ordered = sorted(branches)
    for start in range(0, len(ordered), _AT_ONCE):
        some = ordered[start : start + _AT_ONCE]
        text, variables = tips_query(repository, some, paths)
        answer = client.query(text, variables, permission=_PERMISSION)
        data = answer.data.get("data") if isinstance(answer.data, dict) else None
        home = data.get("repository") if isinstance(data, dict) else None
        if not isinstance(home, dict):
            continue
        touched = {path[1] for error in answer.errors if len(path := _path(error)) > 1}
        for place, branch in enumerate(some):
            alias = f"b{place}"
            tip = None if alias in touched else _tip(home.get(alias), paths)
            if tip is not None:
                tips[branch] = tip
    return tips


def tips_query(
    repository: str, branches: Sequence[str], paths: Sequence[str]
) -> tuple[str, dict[str, object]]:
    """Return the text and the variables of one query; names reach it as variables only."""
    owner, _, name = repository.partition("/")
    variables: dict[str, object] = {"owner": owner, "name": name}
    variables |= {f"b{place}": f"refs/heads/{branch}" for place, branch in enumerate(branches)}
    variables |= {f"f{place}": path for place, path in enumerate(paths)}
    declared = " ".join(f"${key}: String!" for key in variables)
    files = " ".join(
        f"f{place}: file(path: $f{place}) {{ ...plain }}" for place in range(len(paths))
    )
    tip = f"target {{ oid {f'... on Commit {{ {files} }}' if files else ''} }}"
    asked = " ".join(
        f"b{place}: ref(qualifiedName: $b{place}) {{ {tip} }}" for place in range(len(branches))
    )
    text = (
        f"query ({declared}) {{ rateLimit {{ cost }} "
        f"repository(owner: $owner, name: $name) {{ {asked} }} }}"
    )
    plain = """
fragment plain on TreeEntry {
  mode type object { ... on Blob { byteSize isBinary isTruncated text } }
}
"""
    return text + (plain if files else ""), variables


def _tip(data: object, paths: Sequence[str]) -> Tip | None:
    if not isinstance(data, dict):
        return None
    try:
        target = Fields(data, "a branch").fields("target")
        sha = target.text("oid")
    except ForgeError:
        return None
    files: dict[str, bytes | None] = {}
    for place, path in enumerate(paths):
        if not target.has(f"f{place}"):
            files[path] = None
            continue
        content = _content(target.fields(f"f{place}"))
        if content is not None:
            files[path] = content
    return Tip(sha, files)


def _content(entry: Fields) -> bytes | None:
    """Return the bytes of an ordinary file of text; `None` where they are not wholly here."""
    try:
        if entry.number("mode") not in _PLAIN or entry.text("type") != "blob":
            return None
        blob = entry.fields("object")
        if blob.truth("isTruncated") or not blob.has("text"):
            return None
        content = blob.text("text").encode()
        return content if len(content) == blob.number("byteSize") else None
    except (ForgeError, UnicodeEncodeError):
        return None


def _path(error: object) -> list[object]:
    path = error.get("path") if isinstance(error, dict) else None
    return path if isinstance(path, list) else []
