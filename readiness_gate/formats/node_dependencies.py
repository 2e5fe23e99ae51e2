"""What Node projects depend on: package.json, and the locks of npm, Yarn and pnpm."""

import json
import re
from collections.abc import Iterator

from readiness_gate.formats.dependency import Dependency, canonical, locked_at, table
from readiness_gate.formats.versions import npm_range

_YARN_NAME = re.compile(r"\"?(@[^/@\"]{1,214}/[^@\"]{1,214}|[^@\"]{1,214})@([^\"]*)")
_YARN_VERSION = re.compile(r"  version:? \"?([^\"\s]{1,100})\"?\s*")
_PNPM_KEY = re.compile(
    r"  '?/?(@[^/@']{1,214}/[^/@']{1,214}|[^/@' ]{1,214})[@/]"
    r"([^(_']{1,300})[^']{0,2000}'?:(?: \{\})?"
)
_NOT_RESOLVED = ("workspace:", "link:", "portal:")


def package_json(text: str) -> Iterator[Dependency]:
    """Yield what package.json declares."""
    data = json.loads(text)
    for section in (
        "dependencies",
        "devDependencies",
        "peerDependencies",
        "optionalDependencies",
    ):
        for name, wanted in table(data, section).items():
            try:
                allowed = npm_range(str(wanted))
            except ValueError:
                allowed = None
            yield Dependency(canonical(name), str(wanted), allowed)


def package_lock(text: str) -> Iterator[Dependency]:
    """Yield the packages of package-lock.json."""
    data = json.loads(text)
    for path, entry in table(data, "packages").items():
        name = path.rpartition("node_modules/")[2]
        if path.startswith("node_modules/") and isinstance(entry, dict):
            yield locked_at(name, entry.get("version"))
    for name, entry in table(data, "dependencies").items():
        if isinstance(entry, dict):
            yield locked_at(name, entry.get("version"))


def yarn_lock(text: str) -> Iterator[Dependency]:
    """Yield the packages of yarn.lock, of Yarn 1 and of later ones; not the project's own.

    Raises:
        ValueError: a line is none of such a file, or an entry has no version.
    """
    name, own = "", False
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        if not line.startswith(" "):
            if name:
                raise ValueError(f"line {number}: {name} before it has no version")
            name, own = _yarn_name(line, number)
        elif name and (version := _YARN_VERSION.fullmatch(line)):
            if not own:
                yield locked_at(name, version[1])
            name = ""
    if name:
        raise ValueError(f"{name} at its end has no version")


def _yarn_name(line: str, number: int) -> tuple[str, bool]:
    """Return the package of an entry, and whether it is the project's own; of settings, nothing."""
    entry = line.rstrip()
    if entry == "__metadata:":
        return "", False
    found = _YARN_NAME.match(entry) if entry.endswith(":") else None
    if found is None:
        raise ValueError(f"line {number}: {entry[:80]!r} is no entry of a yarn.lock")
    return found[1], found[2].startswith(_NOT_RESOLVED)


def pnpm_lock(text: str) -> Iterator[Dependency]:
    """Yield the packages of pnpm-lock.yaml, of whichever version.

    Read by its lines, which pnpm always writes alike: large ones are beyond the bounds of YAML.

    Raises:
        ValueError: a line is none of such a file, or it says no version of itself.
    """
    section, sections = "", set()
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith(("#", "---")):
            continue
        if not line.startswith(" "):
            section, colon, _ = line.partition(":")
            if not colon or not section.isalnum():
                raise ValueError(f"line {number}: {line[:80]!r} is no section of a pnpm-lock.yaml")
            sections.add(section)
        elif section == "packages" and (key := _PNPM_KEY.fullmatch(line)):
            yield locked_at(key[1], key[2])
    if "lockfileVersion" not in sections:
        raise ValueError("it has no lockfileVersion")
