"""A document as a tree whose every node knows its file and line, so that files can be merged."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from readiness_gate.doors.project_yaml import PlacedDocument

_REPLACED = frozenset({"command", "entrypoint", "test"})
"""Lists that a later file replaces as a whole; others are added to."""


@dataclass(frozen=True)
class Tree:
    """A mapping to trees, a list of trees, or one plain value."""

    value: Any
    place: tuple[str, int]
    """File and line."""
    tag: str = ""

    @property
    def is_list(self) -> bool:
        """Whether it is a list."""
        return isinstance(self.value, list)

    @property
    def size(self) -> int:
        """Return how many values are in it, itself included."""
        below = self.value.values() if isinstance(self.value, dict) else self.value
        return 1 + (sum(one.size for one in below) if isinstance(self.value, dict | list) else 0)


def planted(document: PlacedDocument, name: str) -> Tree:
    """Return a document of the file `name` as a tree."""

    def grown(value: Any, line: int, tag: str) -> Tree:
        if isinstance(value, dict | list):
            keys = value if isinstance(value, dict) else range(len(value))
            below = {
                key: grown(value[key], document.line_of(value, key), document.tag_of(value, key))
                for key in keys
            }
            return Tree(
                below if isinstance(value, dict) else list(below.values()), (name, line), tag
            )
        return Tree(value, (name, line), tag)

    return grown(document.data, document.line, "")


def merged(base: Tree, over: Tree, key: str = "") -> Tree:
    """Return `over` on top of `base`, as compose merges files: mappings into, lists onto."""
    if over.tag == "!override":
        return replace(over, tag="")
    if isinstance(base.value, dict) and isinstance(over.value, dict):
        value = dict(base.value)
        for name, one in over.value.items():
            if one.tag == "!reset":
                value.pop(name, None)
            elif name in value:
                value[name] = merged(value[name], one, name)
            else:
                value[name] = one
        return Tree(value, over.place)
    if base.is_list and over.is_list and key not in _REPLACED:
        identified = {_identity(one, key): one for one in [*base.value, *over.value]}
        return Tree(list(identified.values()), over.place)
    if over.value is None and base.value is not None:
        return base
    return over


def _identity(one: Tree, key: str) -> str:
    if key == "volumes" and isinstance(one.value, dict) and "target" in one.value:
        return f"target {one.value['target'].value}"
    return repr(plain(one, str))


def plain(tree: Tree, text: Callable[[str], str]) -> Any:
    """Return plain data; `text` is applied to every text that is not a key."""
    if isinstance(tree.value, dict):
        return {key: plain(one, text) for key, one in tree.value.items() if one.tag != "!reset"}
    if isinstance(tree.value, list):
        return [plain(one, text) for one in tree.value]
    return text(tree.value) if isinstance(tree.value, str) else tree.value


def places(tree: Tree, *, depth: int) -> Mapping[tuple[str, ...], tuple[str, int]]:
    """Return file and line of every key down to `depth` levels of mappings, by its path."""
    found: dict[tuple[str, ...], tuple[str, int]] = {(): tree.place}
    rest: list[tuple[tuple[str, ...], Tree]] = [((), tree)]
    while rest:
        path, one = rest.pop()
        if len(path) < depth and isinstance(one.value, dict):
            for key, below in one.value.items():
                found[*path, key] = below.place
                rest.append(((*path, key), below))
    return found
