"""What a project says that it depends on: which files say it, and who reads them."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath

from readiness_gate.formats.dependency import Dependency
from readiness_gate.formats.node_dependencies import (
    package_json,
    package_lock,
    pnpm_lock,
    yarn_lock,
)
from readiness_gate.formats.python_dependencies import (
    pipfile,
    pipfile_lock,
    pyproject,
    requirements,
    setup_cfg,
    toml_lock,
)

Reader = Callable[[str], Iterator[Dependency]]
_MANIFESTS: Mapping[str, Reader] = {
    "pyproject.toml": pyproject,
    "setup.cfg": setup_cfg,
    "Pipfile": pipfile,
    "package.json": package_json,
}
_LOCKS: Mapping[str, Reader] = {
    "Pipfile.lock": pipfile_lock,
    "poetry.lock": toml_lock,
    "uv.lock": toml_lock,
    "pdm.lock": toml_lock,
    "package-lock.json": package_lock,
    "yarn.lock": yarn_lock,
    "pnpm-lock.yaml": pnpm_lock,
}


def reader_of(path: str) -> Reader | None:
    """Return the reader of a file by its name, `None` where it is no such file."""
    name = PurePosixPath(path).name
    if known := _MANIFESTS.get(name) or _LOCKS.get(name):
        return known
    if re.fullmatch(r"(?:[\w.-]*requirements[\w.-]*|constraints[\w.-]*)\.(?:txt|in)", name):
        return requirements
    if re.search(r"(?:^|/)requirements/[\w.-]+\.(?:txt|in)$", path):
        return requirements
    return None


def is_lock(path: str) -> bool:
    """Return whether a file holds resolved versions."""
    return PurePosixPath(path).name in _LOCKS
