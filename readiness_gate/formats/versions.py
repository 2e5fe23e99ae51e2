"""Version ranges as Python (PEP 440), Poetry and npm write them, and whether one is inside another.

Every range becomes alternatives of PEP 440 specifiers. Inside is tested at the points where an
answer can change: every version that is named, just below, just above, and the ends.
"""

import re
from collections.abc import Iterator, Sequence

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

Range = tuple[SpecifierSet, ...]
"""Alternatives: a version is inside where one of them has it."""

_PARTIAL = re.compile(r"[v=\s]*([0-9]+)(?:\.([0-9]+|[xX*]))?(?:\.([0-9]+|[xX*]))?([-+.][\w.+-]*)?")
_NPM_PART = re.compile(r"(\^|~>?|>=|<=|>|<|=)?\s*(v?[0-9xX*][^\s,]*)")
_LONGEST = 300


def python_range(text: str) -> Range:
    """Return the range of a PEP 440 specifier, such as `>=2.1,<3`; empty: every version.

    Raises:
        ValueError: it is none.
    """
    try:
        return (SpecifierSet(text[:_LONGEST]),)
    except InvalidSpecifier:
        raise ValueError(f"{text[:80]!r} is no version range such as >=2.1,<3") from None


def npm_range(text: str) -> Range:
    """Return the range of npm's and Poetry's words, such as `^1.2`, `~1.2.3`, `1.x || >=3`.

    Raises:
        ValueError: it is none (a tag, an address, a file).
    """
    try:
        return tuple(
            SpecifierSet(",".join(_npm_alternative(part.strip())))
            for part in text[:_LONGEST].split("||")
        )
    except InvalidSpecifier:
        raise ValueError(f"{text[:80]!r} is no version range such as ^1.2") from None


def inside(inner: Range, outer: Range) -> bool:
    """Return whether every version that `inner` allows is one that `outer` allows."""
    return all(has(outer, version) for version in _points((*inner, *outer)) if has(inner, version))


def has(wanted: Range, version: Version) -> bool:
    """Return whether a range allows a version; pre-releases count."""
    return any(one.contains(version, prereleases=True) for one in wanted)


def version_of(text: str) -> Version:
    """Return one version.

    Raises:
        ValueError: it is none.
    """
    try:
        return Version(text.strip().removeprefix("v")[:_LONGEST])
    except InvalidVersion:
        raise ValueError(f"{text[:80]!r} is no version") from None


def _points(ranges: Sequence[SpecifierSet]) -> Iterator[Version]:
    yield Version("0")
    yield Version("999999")
    for one in ranges:
        for specifier in one:
            base = Version(specifier.version.removesuffix(".*"))
            release = base.release
            yield base
            yield Version(".".join(map(str, (*release, 0, 0, 1))))
            for end in range(1, len(release) + 1):
                bumped = (*release[: end - 1], release[end - 1] + 1)
                yield Version(".".join(map(str, bumped)))
                if release[end - 1]:
                    below = (*release[: end - 1], release[end - 1] - 1, 999_999)
                    yield Version(".".join(map(str, below)))


def _npm_alternative(text: str) -> list[str]:
    if text in {"", "*", "x", "X", "latest"}:
        return []
    if hyphen := re.fullmatch(r"(\S+)\s+-\s+(\S+)", text):
        low, high = _numbers(hyphen[1]), _numbers(hyphen[2])
        top = f"<={_dotted(high)}" if len(high) == 3 else f"<{_dotted(_bumped(high, len(high)))}"
        return [f">={_dotted(low)}", top]
    parts = _NPM_PART.findall(text)
    if not parts or re.sub(r"[\s,]", "", _NPM_PART.sub("", text)):
        raise ValueError(f"{text[:80]!r} is no version range such as ^1.2")
    return [one for sign, version in parts for one in _npm_part(sign, version)]


def _npm_part(sign: str, version: str) -> list[str]:
    if version in {"*", "x", "X"}:
        return []
    numbers = _numbers(version)
    low = _dotted(numbers)
    if sign in {">", "<", ">=", "<="}:
        return [f"{sign}{low}"]
    if sign == "^":
        first = next((at for at, one in enumerate(numbers, start=1) if one), len(numbers))
        return [f">={low}", f"<{_dotted(_bumped(numbers, first))}"]
    if sign.startswith("~"):
        return [f">={low}", f"<{_dotted(_bumped(numbers, min(2, len(numbers))))}"]
    if len(numbers) == 3:
        return [f"=={low}"]
    return [f">={low}", f"<{_dotted(_bumped(numbers, len(numbers)))}"]


def _numbers(text: str) -> tuple[int, ...]:
    match = _PARTIAL.fullmatch(text)
    if match is None or len(text) > 60:
        raise ValueError(f"{text[:80]!r} is no version")
    return tuple(int(one) for one in match.groups()[:3] if one and one.isdecimal())


def _bumped(numbers: Sequence[int], at: int) -> tuple[int, ...]:
    return (*numbers[: at - 1], numbers[at - 1] + 1)


def _dotted(numbers: Sequence[int]) -> str:
    return ".".join(map(str, numbers))
