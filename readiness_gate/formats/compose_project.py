"""Compose files into one model without compose: merged, extended, included, with places.

After the Compose specification as far as assertions need it: files in order, `include`,
`extends`, `!reset` and `!override`, short forms written long, defaults of variables filled in.
Variables without a default stay as they are written; nobody's environment is read.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from readiness_gate.doors.project_yaml import EXPANDED_CAP, PlacedDocument
from readiness_gate.formats.compose_forms import written_long
from readiness_gate.formats.placed_tree import Tree, merged, places, plain, planted

_FILES = 50
_DEFAULT = re.compile(r"\$\{\w+:?-([^${}]*)\}")
_NESTED = 5

Read = Callable[[str], Sequence[PlacedDocument]]
"""Returns the documents of a file by its path in the checkout."""
Place = tuple[str, int]
"""A file and a line in it."""


class ComposeInvalid(Exception):  # noqa: N818 - the fact is the name
    """The files are no compose project; says where."""

    def __init__(self, message: str, place: Place) -> None:
        """Keep the cause and where it stands."""
        super().__init__(message)
        self.place = place


@dataclass(frozen=True)
class ComposeProject:
    """The merged model and where its parts were written last."""

    data: Mapping[str, Any]
    files: tuple[str, ...]
    _places: Mapping[tuple[str, ...], Place] = field(repr=False)

    @property
    def services(self) -> Mapping[str, Mapping[str, Any]]:
        """Return every service by name, of all profiles, in the order of the files."""
        services: Mapping[str, Mapping[str, Any]] = self.data["services"]
        return services

    def place(self, *path: str) -> Place:
        """Return where a key was written last, or its nearest parent that is there."""
        while path and path not in self._places:
            path = path[:-1]
        return self._places.get(path, (self.files[0], 1))


def compose_project(names: Sequence[str], read: Read) -> ComposeProject:
    """Return the project that `docker compose -f … -f …` would see.

    Raises:
        ComposeInvalid: a part has the wrong shape, a file includes or extends in a circle, comes
            from elsewhere, or there are too many of them.
    """
    reader = _Reader(read)
    tree = reader.project(names)
    services = tree.value.get("services") if isinstance(tree.value, dict) else None
    if services is None or not isinstance(services.value, dict) or not services.value:
        raise ComposeInvalid("there is no service", (names[0], 1))
    for name, service in services.value.items():
        if not isinstance(service.value, dict):
            raise ComposeInvalid(f"service {name[:80]} is no mapping", service.place)
    return ComposeProject(plain(tree, _filled), tuple(reader.seen), places(tree, depth=4))


def _filled(text: str) -> str:
    for _ in range(_NESTED):
        filled = _DEFAULT.sub(lambda match: match[1], text)
        if filled == text:
            break
        text = filled
    return text.replace("$$", "$")


class _Reader:
    """Reads files, each at most once at a time."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self.seen: dict[str, None] = {}
        self._open: list[str] = []
        self._opening: list[tuple[str, ...]] = []
        self._projects: dict[tuple[str, ...], Tree] = {}
        self._known: dict[str, Tree] = {}
        self._size = 0

    def project(self, names: Sequence[str]) -> Tree:
        """Return files as one, with what they include below them."""
        key = tuple(names)
        if key in self._projects:
            return self._projects[key]
        if key in self._opening:
            raise ComposeInvalid(f"{names[0]} includes itself", (names[0], 1))
        self._opening.append(key)
        own = [self._file(name) for name in key]
        tree = Tree({}, (names[0], 1))
        for name, one in zip(key, own, strict=True):
            for part in self._included(name, one):
                tree = merged(tree, part)
        for one in own:
            tree = merged(tree, one)
        self._opening.pop()
        self._projects[key] = tree
        return tree

    def _file(self, name: str) -> Tree:
        if name in self._known:
            return self._known[name]
        if name in self._open:
            raise ComposeInvalid(f"{name} extends itself through other files", (name, 1))
        self.seen[name] = None
        if len(self.seen) > _FILES:
            raise ComposeInvalid(f"more than {_FILES} files", (name, 1))
        documents = self._read(name)
        if len(documents) != 1 or not isinstance(documents[0].data, dict):
            raise ComposeInvalid("a compose file holds one mapping", (name, 1))
        self._open.append(name)
        tree = self._bounded(written_long(planted(documents[0], name)))
        tree = self._extended(name, tree)
        self._open.pop()
        self._known[name] = tree
        return tree

    def _included(self, name: str, tree: Tree) -> Iterator[Tree]:
        entries = tree.value.get("include")
        for entry in entries.value if entries is not None and entries.is_list else ():
            paths = entry.value.get("path") if isinstance(entry.value, dict) else entry
            listed = paths.value if paths is not None and paths.is_list else [paths]
            yield self.project([self._beside(name, one, entry.place) for one in listed])

    def _extended(self, name: str, tree: Tree) -> Tree:
        services = tree.value.get("services")
        if services is None or not isinstance(services.value, dict):
            return tree
        done: dict[str, Tree] = {}
        for service in services.value:
            self._extend(name, services.value, service, done, ())
        return Tree({**tree.value, "services": Tree(done, services.place)}, tree.place)

    def _extend(
        self,
        name: str,
        services: Mapping[str, Tree],
        service: str,
        done: dict[str, Tree],
        above: tuple[str, ...],
    ) -> Tree:
        if service in done:
            return done[service]
        own = services[service]
        if service in above or len(above) > _FILES:
            raise ComposeInvalid(f"service {service[:80]} extends itself", own.place)
        extends = own.value.get("extends") if isinstance(own.value, dict) else None
        if extends is None:
            done[service] = own
            return own
        parts = extends.value if isinstance(extends.value, dict) else {"service": extends}
        wanted = str(parts["service"].value) if "service" in parts else ""
        other = self._beside(name, parts["file"], extends.place) if "file" in parts else name
        if other != name:
            found = self._file(other).value.get("services")
            services_there = found.value if found is not None else None
            base = services_there.get(wanted) if isinstance(services_there, dict) else None
        elif wanted in services:
            base = self._extend(name, services, wanted, done, (*above, service))
        else:
            base = None
        if base is None:
            raise ComposeInvalid(f"there is no service {wanted[:80]!r} to extend", extends.place)
        rest = {key: value for key, value in own.value.items() if key != "extends"}
        done[service] = self._bounded(merged(base, Tree(rest, own.place, own.tag)))
        return done[service]

    def _bounded(self, tree: Tree) -> Tree:
        self._size += tree.size
        if self._size > EXPANDED_CAP:
            raise ComposeInvalid(f"the files make more than {EXPANDED_CAP} values", tree.place)
        return tree

    def _beside(self, name: str, path: Tree | None, place: Place) -> str:
        text = _filled(str(path.value)) if path is not None and not path.is_list else ""
        if not text or "$" in text or "://" in text or text.startswith(("git@", "oci:")):
            raise ComposeInvalid(f"{text[:80] or 'a path'} cannot be read from the checkout", place)
        parts: list[str] = []
        for part in (PurePosixPath(name).parent / text).parts:
            if part == ".." and parts and parts[-1] != "..":
                parts.pop()
            else:
                parts.append(part)
        return "/".join(parts)
