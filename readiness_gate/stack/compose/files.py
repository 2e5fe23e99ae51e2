"""Compose files as text: which ones there are, and what they would read before any model exists.

`docker compose config` follows `include`, `extends` and `env_file` wherever they lead, also out of
the checkout and over the network. So the raw files are walked first (notes on security F6, S-04).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from readiness_gate.doors import project_yaml
from readiness_gate.doors.workspace import PathRefused, Workspace
from readiness_gate.errors import ConfigurationError, StackError

DEFAULT_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_OVERRIDES = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)
_FILE_CAP = 50
_REMOTE = re.compile(r"^([a-z][a-z0-9+.-]*://|git@|oci:|[^/\s]+\.git(#|$))", re.IGNORECASE)


@dataclass(frozen=True)
class Refusal:
    """One thing that the policy refuses, where it stands, and the name that would allow it."""

    path: str
    """Key path, such as `services.web.privileged`."""
    message: str
    allow: str
    """Name for `stack.allow`."""

    def __str__(self) -> str:
        """Return one line for a person."""
        return f"{self.path}: {self.message} (stack.allow: {self.allow})"


def compose_files(workspace: Workspace, configured: Sequence[str]) -> tuple[str, ...]:
    """Return the files to read, relative to the workspace; compose's own names by default.

    Raises:
        StackError: a file is not there or leads out of the workspace.
    """
    if configured:
        names = list(configured)
    else:
        names = [name for name in DEFAULT_NAMES if workspace.exists(name)][:1]
        names += [name for name in _OVERRIDES if names and workspace.exists(name)][:1]
    if not names:
        raise StackError(
            f"no compose file: none of {', '.join(DEFAULT_NAMES)} is in the checkout",
            advice="Name the files under stack.files.",
        )
    for name in names:
        try:
            if not workspace.path(name).is_file():
                raise StackError(
                    f"stack.files: {name} is not in the checkout",
                    advice="Correct stack.files, or add the file.",
                )
        except PathRefused as error:
            raise StackError(f"stack.files: {error}") from error
    return tuple(names)


def scan(workspace: Workspace, names: Sequence[str]) -> tuple[Refusal, ...]:
    """Return what the raw files, and the files that they include, would read outside.

    Raises:
        StackError: a file is not YAML or cannot be read.
    """
    found: list[Refusal] = []
    seen: set[str] = set()
    # Paths in files given together start at the first one's folder, in included ones at their own.
    start = Path(names[0]).parent
    rest = [(name, start) for name in names]
    while rest:
        name, base = rest.pop(0)
        if name in seen:
            continue
        seen.add(name)
        if len(seen) > _FILE_CAP:
            raise StackError(f"{name}: more than {_FILE_CAP} compose files are included")
        for document in _documents(workspace, name):
            for key, reference, follow in _references(document):
                target = (base / reference).as_posix()
                refusal = _refuse(workspace, name, key, reference, target)
                if refusal is not None:
                    found.append(refusal)
                elif follow:
                    rest.append((target, Path(target).parent))
    return tuple(found)


def _documents(workspace: Workspace, name: str) -> list[Any]:
    try:
        return project_yaml.load_all(workspace.text(name), name=name)
    except FileNotFoundError as error:
        raise StackError(f"{name} is not in the checkout") from error
    except (ConfigurationError, PathRefused) as error:
        raise StackError(str(error)) from error


def _references(document: Any) -> Iterator[tuple[str, str, bool]]:
    """Yield key path, path as written, and whether it is a compose file itself."""
    if not isinstance(document, dict):
        return
    for number, entry in enumerate(_listed(document.get("include"))):
        for part, follow in (("path", True), ("env_file", False), ("project_directory", False)):
            for text in _paths(entry.get(part) if isinstance(entry, dict) else entry):
                if isinstance(entry, dict) or follow:
                    yield f"include[{number}]", text, follow
    services = document.get("services")
    for service, body in (services if isinstance(services, dict) else {}).items():
        if not isinstance(body, dict):
            continue
        extends = body.get("extends")
        if isinstance(extends, dict) and extends.get("file"):
            yield f"services.{service}.extends.file", str(extends["file"]), True
        for key in ("env_file", "label_file"):
            for text in _paths(body.get(key)):
                yield f"services.{service}.{key}", text, False


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []


def _paths(value: Any) -> Iterator[str]:
    for entry in _listed(value):
        path = entry.get("path") if isinstance(entry, dict) else entry
        if isinstance(path, str) and path:
            yield path


def _refuse(
    workspace: Workspace, name: str, key: str, reference: str, target: str
) -> Refusal | None:
    if _REMOTE.match(reference):
        return Refusal(key, f"{reference!r} in {name} is fetched from elsewhere", "remote-file")
    if "$" in reference:
        return Refusal(key, f"{reference!r} in {name} depends on a variable", "variable-path")
    try:
        workspace.path(target)
    except PathRefused:
        return Refusal(key, f"{reference!r} in {name} is outside the checkout", "file-outside")
    return None


def uses_of(workspace: Workspace, names: Sequence[str], variable: str) -> str:
    """Return `file:line` of the first use of a variable, or the first file's name."""
    pattern = re.compile(rf"(?<!\$)\$\{{?{re.escape(variable)}\b")
    for name in names:
        for number, line in enumerate(workspace.text(name).splitlines(), start=1):
            if pattern.search(line):
                return f"{name}:{number}"
    return names[0] if names else "the compose file"
