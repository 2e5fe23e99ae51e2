"""Which dependencies are not declared, pinned or locked as they have to be."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from readiness_gate.checks.repository.declared_files import Declared
from readiness_gate.model.evidence import LocationEvidence


def wanted_range(text: str) -> Any:
    """Return the range that is wanted, in Python's words or in npm's.

    Raises:
        ValueError: it is none.
    """
    from readiness_gate.formats.versions import npm_range, python_range  # noqa: PLC0415

    try:
        return python_range(text)
    except ValueError:
        return npm_range(text)


def outside(
    names: Sequence[str],
    declared: Sequence[Declared],
    required: Mapping[str, str],
    *,
    locked: bool,
) -> Iterator[LocationEvidence]:
    """Yield what is required and not declared, or not in the range that is wanted."""
    from readiness_gate.formats.dependency import canonical  # noqa: PLC0415

    by_name = _by_name(declared)
    for name, wanted in required.items():
        mine = by_name.get(canonical(name), [])
        manifests = [one for one in mine if not one.lock]
        if not (manifests or (mine and all(one.lock for one in declared))):
            yield LocationEvidence(path=names[0], text=f"{name} is not declared in {names[0]}")
        elif wanted:
            yield from _not_inside(name, wanted, mine, locked=locked)


def present(declared: Sequence[Declared], absent: Sequence[str]) -> Iterator[LocationEvidence]:
    """Yield what is declared though it must not be."""
    from readiness_gate.formats.dependency import canonical  # noqa: PLC0415

    by_name = _by_name(declared)
    for name in absent:
        for one in by_name.get(canonical(name), []):
            yield _at(one, f"{one.path} declares {name}")


def unpinned(declared: Sequence[Declared]) -> Iterator[LocationEvidence]:
    """Yield what a manifest allows more than one version of."""
    for one in declared:
        if not (one.lock or one.dependency.pinned):
            yield _at(one, f"{one.path}: {_said(one)} is not pinned to one version")


def unlocked(names: Sequence[str], declared: Sequence[Declared]) -> Iterator[LocationEvidence]:
    """Yield what a manifest declares and no lock file resolves."""
    from readiness_gate.formats.dependencies import is_lock  # noqa: PLC0415

    if not any(is_lock(name) for name in names):
        yield LocationEvidence(path=names[0], text=f"there is no lock file beside {names[0]}")
        return
    locked = {one.dependency.name for one in declared if one.lock}
    for one in declared:
        known = one.lock or one.dependency.name in locked or one.dependency.name == "python"
        if not known:
            yield _at(one, f"{one.path}: {one.dependency.name} is in no lock file")


def _by_name(declared: Sequence[Declared]) -> Mapping[str, list[Declared]]:
    found: dict[str, list[Declared]] = {}
    for one in declared:
        found.setdefault(one.dependency.name, []).append(one)
    return found


def _not_inside(
    name: str, wanted: str, mine: Sequence[Declared], *, locked: bool
) -> Iterator[LocationEvidence]:
    from readiness_gate.formats.versions import inside  # noqa: PLC0415

    resolved = [one for one in mine if one.lock]
    allowed = wanted_range(wanted)
    for one in resolved if locked and resolved else mine:
        declared = one.dependency.range
        if declared is None or not inside(declared, allowed):
            yield _at(one, f"{one.path}: {_said(one)} is not inside {name} {wanted}")


def _said(one: Declared) -> str:
    return f"{one.dependency.name} {one.dependency.written or '(any version)'}"


def _at(one: Declared, text: str) -> LocationEvidence:
    return LocationEvidence(path=one.path, line=one.line, text=text)
