"""What Python projects depend on: pyproject, setup.cfg, requirements, Pipfile, and their locks."""

import configparser
import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

from readiness_gate.formats.dependency import Dependency, canonical, locked_at, table
from readiness_gate.formats.versions import Range, npm_range, python_range


def requirements(text: str) -> Iterator[Dependency]:
    """Yield the requirements of a pip file; options and included files are left out."""
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


def pyproject(text: str) -> Iterator[Dependency]:
    """Yield what pyproject.toml declares: project, extras, groups, Poetry."""
    data = tomllib.loads(text)
    project = table(data, "project")
    lists = [project.get("dependencies", []), *table(project, "optional-dependencies").values()]
    lists += table(data, "dependency-groups").values()
    for entries in lists:
        for entry in entries:
            if isinstance(entry, str):
                yield from _requirement(entry)
    poetry = table(table(data, "tool"), "poetry")
    groups = [poetry, *table(poetry, "group").values()]
    for group in groups:
        for key in ("dependencies", "dev-dependencies"):
            for name, wanted in table(group, key).items():
                yield _written(name, wanted)


def setup_cfg(text: str) -> Iterator[Dependency]:
    """Yield what setuptools reads of setup.cfg: install_requires and extras_require."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise ValueError(" ".join(str(error).split())[:200]) from None
    written = [parser.get("options", "install_requires", fallback="")]
    if parser.has_section("options.extras_require"):
        written += [value for _, value in parser.items("options.extras_require")]
    for lines in written:
        if lines.strip().startswith("file:"):
            raise ValueError(f"{lines.strip()[:80]!r} is in another file: name that one")
        yield from requirements(lines.replace(";\n", "\n"))


def pipfile(text: str) -> Iterator[Dependency]:
    """Yield what a Pipfile declares."""
    data = tomllib.loads(text)
    for section in ("packages", "dev-packages"):
        for name, wanted in table(data, section).items():
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


def toml_lock(text: str) -> Iterator[Dependency]:
    """Yield the packages of poetry.lock, uv.lock or pdm.lock."""
    for entry in tomllib.loads(text).get("package", []):
        yield locked_at(str(entry["name"]), entry.get("version"))


def pipfile_lock(text: str) -> Iterator[Dependency]:
    """Yield the packages of Pipfile.lock."""
    data = json.loads(text)
    for section in ("default", "develop"):
        for name, entry in table(data, section).items():
            version = entry.get("version") if isinstance(entry, dict) else None
            yield locked_at(name, version.lstrip("=") if isinstance(version, str) else None)
