"""What a project says that it depends on: manifests and lock files of Python and Node.

Names are normalised as their registries do. What is no version range (an address, a path, a
branch) is kept as it is written.
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from readiness_gate.formats.versions import Range, npm_range, python_range, version_of


@dataclass(frozen=True)
class Dependency:
    """One dependency as one file declares it."""

    name: str
    written: str
    """The version or range as written, empty for any."""
    range: Range | None
    """`None` where what is written is no range: an address, a path, a tag."""
    locked: bool = False
    """Whether it is one resolved version out of a lock file."""

    @property
    def pinned(self) -> bool:
        """Whether exactly one version is allowed."""
        if self.locked:
            return True
        if self.range is None or len(self.range) != 1:
            return False
        return any(
            one.operator in {"==", "==="} and not one.version.endswith(".*")
            for one in self.range[0]
        )


def reader_of(path: str) -> Callable[[str], Iterator[Dependency]] | None:
    """Return the reader of a file by its name, `None` where it is no such file."""
    name = PurePosixPath(path).name
    if name in _READERS:
        return _READERS[name]
    if re.fullmatch(r"(?:[\w.-]*requirements[\w.-]*|constraints[\w.-]*)\.(?:txt|in)", name):
        return _requirements
    if re.search(r"(?:^|/)requirements/[\w.-]+\.(?:txt|in)$", path):
        return _requirements
    return None


def is_lock(path: str) -> bool:
    """Return whether a file holds resolved versions."""
    return PurePosixPath(path).name in _LOCKS


def canonical(name: str) -> str:
    """Return a name in one spelling: `Foo_Bar` and `foo.bar` are one; npm's scopes stay."""
    return name.lower() if name.startswith("@") else canonicalize_name(name)


def _requirements(text: str) -> Iterator[Dependency]:
    joined = re.sub(r"\\\r?\n", " ", text)
    for line in joined.splitlines():
        plain = re.split(r"(?:^|\s)#", line, maxsplit=1)[0].strip()
        plain = re.split(r"\s--hash[= ]", plain, maxsplit=1)[0].strip()
        if plain and not plain.startswith("-"):
            yield from _requirement(plain)


def _requirement(text: str) -> Iterator[Dependency]:
    try:
        found = Requirement(text[:2_000])
    except InvalidRequirement:
        egg = re.search(r"#egg=([\w.-]+)", text)
        if egg is None and re.match(r"[\w.-]+\s*(?:[<>=!~]|\[|@|$)", text):
            raise ValueError(f"{text[:80]!r} is no requirement") from None
        if egg is not None:
            yield Dependency(canonical(egg[1]), text, None)
        return
    written = str(found.specifier)
    wanted = None if found.url else python_range(written)
    yield Dependency(canonical(found.name), found.url or written, wanted)


def _pyproject(text: str) -> Iterator[Dependency]:
    data = tomllib.loads(text)
    project = _table(data, "project")
    lists = [project.get("dependencies", []), *_table(project, "optional-dependencies").values()]
    lists += _table(data, "dependency-groups").values()
    for entries in lists:
        for entry in entries:
            if isinstance(entry, str):
                yield from _requirement(entry)
    poetry = _table(_table(data, "tool"), "poetry")
    groups = [poetry, *_table(poetry, "group").values()]
    for group in groups:
        for key in ("dependencies", "dev-dependencies"):
            for name, wanted in _table(group, key).items():
                yield _written(name, wanted)


def _pipfile(text: str) -> Iterator[Dependency]:
    data = tomllib.loads(text)
    for section in ("packages", "dev-packages"):
        for name, wanted in _table(data, section).items():
            yield _written(name, wanted)


def _written(name: str, wanted: Any) -> Dependency:
    version = wanted.get("version") if isinstance(wanted, dict) else wanted
    if not isinstance(version, str):
        return Dependency(canonical(name), "", None)
    return Dependency(canonical(name), version, _either_range(version))


def _either_range(text: str) -> Range | None:
    for read in (python_range, npm_range):
        try:
            return read("" if text == "*" else text)
        except ValueError:
            continue
    return None


def _package_json(text: str) -> Iterator[Dependency]:
    data = json.loads(text)
    for section in (
        "dependencies",
        "devDependencies",
        "peerDependencies",
        "optionalDependencies",
    ):
        for name, wanted in _table(data, section).items():
            try:
                allowed = npm_range(str(wanted))
            except ValueError:
                allowed = None
            yield Dependency(canonical(name), str(wanted), allowed)


def _package_lock(text: str) -> Iterator[Dependency]:
    data = json.loads(text)
    for path, entry in _table(data, "packages").items():
        name = path.rpartition("node_modules/")[2]
        if path.startswith("node_modules/") and isinstance(entry, dict):
            yield _locked(name, entry.get("version"))
    for name, entry in _table(data, "dependencies").items():
        if isinstance(entry, dict):
            yield _locked(name, entry.get("version"))


def _toml_lock(text: str) -> Iterator[Dependency]:
    for entry in tomllib.loads(text).get("package", []):
        yield _locked(str(entry["name"]), entry.get("version"))


def _pipfile_lock(text: str) -> Iterator[Dependency]:
    data = json.loads(text)
    for section in ("default", "develop"):
        for name, entry in _table(data, section).items():
            version = entry.get("version") if isinstance(entry, dict) else None
            yield _locked(name, version.lstrip("=") if isinstance(version, str) else None)


def _locked(name: str, version: object) -> Dependency:
    try:
        exact = python_range(f"=={version_of(version)}") if isinstance(version, str) else None
    except ValueError:
        exact = None
    return Dependency(canonical(name), str(version or ""), exact, locked=True)


def _table(data: Any, key: str) -> Mapping[str, Any]:
    found = data.get(key, {}) if isinstance(data, dict) else {}
    return found if isinstance(found, dict) else {}


_READERS: Mapping[str, Callable[[str], Iterator[Dependency]]] = {
    "pyproject.toml": _pyproject,
    "Pipfile": _pipfile,
    "Pipfile.lock": _pipfile_lock,
    "poetry.lock": _toml_lock,
    "uv.lock": _toml_lock,
    "pdm.lock": _toml_lock,
    "package.json": _package_json,
    "package-lock.json": _package_lock,
}
_LOCKS = frozenset({"Pipfile.lock", "poetry.lock", "uv.lock", "pdm.lock", "package-lock.json"})
