"""One dependency as a manifest or a lock file says it.

Names are normalised as their registries do. What is no version range (an address, a path, a
branch) is kept as it is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from packaging.utils import canonicalize_name

from readiness_gate.formats.versions import Range, python_range, version_of


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


def canonical(name: str) -> str:
    """Return a name in one spelling: `Foo_Bar` and `foo.bar` are one; npm's scopes stay."""
    return name.lower() if name.startswith("@") else canonicalize_name(name)


def locked_at(name: str, version: object) -> Dependency:
    """Return a resolved dependency; what is resolved to no version has no range."""
    try:
        exact = python_range(f"=={version_of(version)}") if isinstance(version, str) else None
    except ValueError:
        exact = None
    return Dependency(canonical(name), str(version or ""), exact, locked=True)


def table(data: Any, key: str) -> Mapping[str, Any]:
    """Return a mapping in a mapping, an empty one for everything else."""
    found = data.get(key, {}) if isinstance(data, dict) else {}
    return found if isinstance(found, dict) else {}
