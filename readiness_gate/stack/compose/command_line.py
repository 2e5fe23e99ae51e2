"""The compose and docker commands: always named files, project and variables; scrubbed environment.

`-f`, `-p` and `--env-file` are always given, so that a `.env` of the pull request can set neither
files nor project (notes on security F5). Remote includes are switched off in compose itself too.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from readiness_gate.doors.programs import Completed, Programs
from readiness_gate.errors import StackError
from readiness_gate.stack.compose.base import DEFAULT_HOST
from readiness_gate.stack.compose.own_commands import end_commands_with

_REMOTE = ("COMPOSE_EXPERIMENTAL_GIT_REMOTE", "COMPOSE_EXPERIMENTAL_OCI_REMOTE")
_FIXED = {
    "COMPOSE_ANSI": "never",
    "COMPOSE_MENU": "false",
    "COMPOSE_STATUS_STDOUT": "false",
    "COMPOSE_PROFILES": "",
    "DOCKER_CLI_HINTS": "false",
    "DOCKER_BUILDKIT": "1",
    "BUILDKIT_PROGRESS": "plain",
}
# Names that would change the command line tools themselves rather than reach the container.
_STEERING = ("DOCKER_", "COMPOSE_", "BUILDX_", "BUILDKIT_", "LD_", "PATH", "HOME", "XDG_", "SSL_")
_NO_VARIABLES = "/dev/null"
_CREDENTIAL_KEYS = ("auths", "credsStore", "credHelpers")


@dataclass(frozen=True)
class DockerAccess:
    """How the engine is reached, and with which credentials images are pulled."""

    host: str = ""
    """`DOCKER_HOST`; empty: the usual socket."""
    configuration: Path | None = None
    """The user's Docker folder (`~/.docker`), for plugins and credentials."""
    certificates: Path | None = None
    """Folder of `DOCKER_CERT_PATH`, where the engine asks for certificates."""
    auth: str = field(default="", repr=False)
    """`DOCKER_AUTH_CONFIG`; wins over the folder's credentials."""


class CommandLine:
    """Runs `docker` and `docker compose` for one project."""

    def __init__(
        self,
        programs: Programs,
        access: DockerAccess,
        *,
        project: str,
        scratch: Path,
        passed_on: Mapping[str, str],
        remote_files: bool = False,
    ) -> None:
        """Prepare two configuration folders below `scratch`, with and without credentials.

        `remote_files`: the base branch allows includes that are fetched from elsewhere.
        """
        self._fixed = {**_FIXED, **dict.fromkeys(_REMOTE, "true" if remote_files else "false")}
        self._programs = programs
        self._project = project
        self._passed_on = {
            name: value for name, value in passed_on.items() if not is_steering(name)
        }
        self._host = access.host or DEFAULT_HOST
        self._reached = {"DOCKER_HOST": self._host}
        if access.certificates is not None:
            self._reached["DOCKER_TLS_VERIFY"] = "1"
            self._reached["DOCKER_CERT_PATH"] = str(access.certificates)
        self._plain = scratch / "docker"
        self._pulling = scratch / "docker-pull"
        self._closed = False
        _write_configuration(self._plain, access, credentials=False)
        _write_configuration(self._pulling, access, credentials=True)

    def docker(
        self,
        arguments: Sequence[str],
        *,
        timeout: float,
        environment: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        pulls: bool = False,
    ) -> Completed:
        """Run `docker ARGUMENTS`; `pulls` hands it the registry credentials.

        Raises:
            StackError: there is no docker command, or the stack is being taken down.
        """
        if self._closed:
            raise StackError("the stack is being taken down", infrastructure=True)
        own = {**self._reached, **self._fixed}
        own["DOCKER_CONFIG"] = str(self._pulling if pulls else self._plain)
        try:
            return self._programs.run(
                ["docker", *arguments],
                timeout=timeout,
                environment={**(environment or {}), **own},
                stdin=stdin,
            )
        except (FileNotFoundError, PermissionError) as error:
            raise StackError(
                "the docker command is not installed",
                advice="Install Docker with its compose plugin, or use stack.driver: process.",
                infrastructure=True,
            ) from error

    def close(self) -> None:
        """Begin no more commands and end those that other threads wait for."""
        self._closed = True
        self.end_all()

    def end_all(self) -> None:
        """End every docker command of this object; its folder in their environment tells."""
        end_commands_with(f"DOCKER_CONFIG={self._plain}\0".encode())
        end_commands_with(f"DOCKER_CONFIG={self._pulling}\0".encode())

    def compose(
        self,
        arguments: Sequence[str],
        *,
        files: Sequence[Path],
        directory: Path,
        timeout: float,
        env_file: str = _NO_VARIABLES,
        environment: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        pulls: bool = False,
    ) -> Completed:
        """Run `docker compose ARGUMENTS` on the files; raises as `docker`."""
        head = ["compose", "-p", self._project, "--project-directory", str(directory)]
        for file in files:
            head += ["-f", str(file)]
        head += ["--env-file", env_file]
        return self.docker(
            [*head, *arguments],
            timeout=timeout,
            environment={**self._passed_on, **(environment or {})},
            stdin=stdin,
            pulls=pulls,
        )


def is_steering(name: str) -> bool:
    """Return whether a variable would steer the docker command itself."""
    return name.upper().startswith(_STEERING)


def environment_arguments(variables: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """Return `-e` arguments, and the values to hand over in the environment.

    Values stay off the command line, where every user of the machine can read them; only names
    that would steer the tools themselves are written out.
    """
    arguments: list[str] = []
    handed: dict[str, str] = {}
    for name, value in variables.items():
        if is_steering(name):
            arguments += ["-e", f"{name}={value}"]
        else:
            arguments += ["-e", name]
            handed[name] = value
    return arguments, handed


def _write_configuration(folder: Path, access: DockerAccess, *, credentials: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    own = _read(access.configuration / "config.json") if access.configuration else {}
    kept = {key: own[key] for key in ("cliPluginsExtraDirs",) if key in own}
    if credentials:
        source = _parsed(access.auth) if access.auth else own
        kept |= {key: source[key] for key in _CREDENTIAL_KEYS if key in source}
    (folder / "config.json").write_text(json.dumps(kept))
    plugins = access.configuration / "cli-plugins" if access.configuration else None
    link = folder / "cli-plugins"
    if plugins is not None and plugins.is_dir() and not link.is_symlink():
        link.symlink_to(plugins, target_is_directory=True)


def _read(path: Path) -> dict[str, object]:
    try:
        return _parsed(path.read_text())
    except OSError:
        return {}


def _parsed(text: str) -> dict[str, object]:
    try:
        parsed = json.loads(text)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
