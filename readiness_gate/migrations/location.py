"""Where in the checkout a project keeps its revision files, out of Alembic's configuration.

Alembic's own words: `script_location`, `version_locations`, `path_separator`, `%(here)s`.
"""

import configparser
import posixpath
import re
import tomllib

from readiness_gate.doors.workspace import PathRefused, Workspace
from readiness_gate.errors import ConfigurationError

_SEPARATORS = {"os": ":", "space": " ", "newline": "\n", ":": ":", ";": ";"}
_DIALECTS = frozenset({"postgresql", "postgres", "sqlite", "mysql", "mariadb", "mssql", "oracle"})
_READ_BY_ALEMBIC = re.compile(r"(?!\.#|__init__)[^/]*\.py")


def version_folders(workspace: Workspace, config: str) -> tuple[str, ...]:
    """Return the folders of revision files that a configuration file of the checkout names.

    Raises:
        ConfigurationError: the file is absent or names no folder of the checkout.
    """
    here = posixpath.dirname(config)
    settings = _settings(workspace, config, here or ".")
    script = settings.get("script_location", "") or _beside(workspace, here)
    named = _split(settings) or ((posixpath.join(script, "versions"),) if script else ())
    folders = tuple(
        folder for name in named if (folder := _folder(workspace, name, here)) is not None
    )
    if not named or len(folders) != len(named):
        raise ConfigurationError(
            f"{config} names no folder of the checkout as script_location",
            advice="write script_location as a path, such as %(here)s/alembic",
        )
    return tuple(one for folder in folders for one in _with_below(workspace, folder, settings))


def _beside(workspace: Workspace, here: str) -> str:
    """Return the configuration's own folder where it is the script directory (Flask-Migrate)."""
    env = workspace.exists(posixpath.join(here, "env.py"))
    return (
        (here or ".") if env and workspace.path(posixpath.join(here, "versions")).is_dir() else ""
    )


def _with_below(workspace: Workspace, folder: str, settings: dict[str, str]) -> tuple[str, ...]:
    """Return the folder, or those below it where Alembic or env.py reads them.

    All where `recursive_version_locations` says so; and where the folder itself has no revision,
    as in a project with a history for each dialect.
    """
    below = sorted(
        posixpath.join(folder, path.relative_to(workspace.path(folder)).as_posix())
        for path in workspace.path(folder).rglob("*")
        if path.is_dir() and not path.is_symlink() and path.name != "__pycache__"
    )
    filled = tuple(one for one in below if _python_files(workspace, one))
    if settings.get("recursive_version_locations", "").lower() in {"true", "1", "yes", "on"}:
        return (folder, *filled)
    return (folder,) if _python_files(workspace, folder) or not filled else filled


def separate(folders: tuple[str, ...]) -> bool:
    """Return whether folders are histories of their own, one for each dialect of a project."""
    names = {posixpath.basename(folder) for folder in folders}
    return len(folders) > 1 and names <= _DIALECTS


def find_versions(workspace: Workspace, config: str = "alembic.ini") -> tuple[str, ...]:
    """Return the version folders of the one configuration with this file name in the checkout.

    Raises:
        ConfigurationError: there is none, or more than one.
    """
    name = posixpath.basename(config)
    found = [path for path in workspace.files() if posixpath.basename(path) == name]
    exact = [path for path in found if path == config.removeprefix("./")]
    candidates = exact or [path for path in found if path.endswith(f"/{config}")] or found
    if len(candidates) != 1:
        word = f"{len(candidates)} files" if candidates else "no file"
        raise ConfigurationError(
            f"the checkout has {word} named {name}",
            advice="name it as databases.NAME.migrations.config, with its folder",
        )
    return version_folders(workspace, candidates[0])


def revision_files(workspace: Workspace, directory: str) -> dict[str, bytes]:
    """Return path → content of the files that Alembic would load from a folder.

    The folder may be the one of the revisions, the script directory above it, or the one with
    `alembic.ini`.

    Raises:
        ConfigurationError: there is no such folder, or it leads out of the checkout.
    """
    try:
        if not workspace.path(directory).is_dir():
            raise ConfigurationError(f"there is no folder {directory}")
        folders = _below(workspace, directory)
        return {
            path: workspace.read(path)
            for folder in folders
            for path in _python_files(workspace, folder)
        }
    except PathRefused as error:
        raise ConfigurationError(str(error)) from error


def _below(workspace: Workspace, directory: str) -> tuple[str, ...]:
    config = posixpath.join(directory, "alembic.ini")
    if workspace.exists(config):
        return version_folders(workspace, posixpath.normpath(config))
    versions = posixpath.join(directory, "versions")
    return (versions,) if workspace.path(versions).is_dir() else (directory,)


def _python_files(workspace: Workspace, folder: str) -> list[str]:
    return sorted(
        posixpath.normpath(posixpath.join(folder, entry.name))
        for entry in workspace.path(folder).iterdir()
        if entry.is_file() and _READ_BY_ALEMBIC.fullmatch(entry.name)
    )


def _settings(workspace: Workspace, config: str, here: str) -> dict[str, str]:
    try:
        text = workspace.text(config)
    except (FileNotFoundError, PathRefused) as error:
        raise ConfigurationError(f"{config} is not in the checkout") from error
    try:
        found = _toml(text) if config.endswith(".toml") else _ini(text)
    except (configparser.Error, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{config} cannot be read: {error}") from error
    return {key: value.replace("%(here)s", here) for key, value in found.items()}


def _toml(text: str) -> dict[str, str]:
    table = tomllib.loads(text).get("tool", {}).get("alembic", {})
    named = {
        str(key): "\n".join(map(str, value)) if isinstance(value, list) else str(value)
        for key, value in table.items()
    }
    return {**named, "path_separator": "newline"}


def _ini(text: str) -> dict[str, str]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    return dict(parser["alembic"]) if parser.has_section("alembic") else {}


def _split(settings: dict[str, str]) -> tuple[str, ...]:
    value = settings.get("version_locations", "").strip()
    named = settings.get("path_separator") or settings.get("version_path_separator") or ""
    separator = _SEPARATORS.get(named.strip())
    parts = value.split(separator) if separator else re.split(r", *| +|\n", value)
    return tuple(part.strip() for part in parts if part.strip())


def _folder(workspace: Workspace, name: str, here: str) -> str | None:
    package, _, inside = name.partition(":")
    # `app:db:migrations` is the folder db/migrations of the package, as Alembic has it.
    inside = inside.replace(":", "/")
    path = posixpath.join(package.replace(".", "/"), inside) if inside else name
    # Alembic resolves a relative location from the folder it is started in: the one of the file.
    candidates = [posixpath.join(here, path), path, posixpath.join(here, "src", path)]
    for candidate in candidates:
        clean = posixpath.normpath(candidate)
        try:
            if workspace.path(clean).is_dir():
                return clean
        except PathRefused:
            continue
    return None
