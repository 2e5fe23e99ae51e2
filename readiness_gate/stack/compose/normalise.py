"""The model as compose sees it, or why there is none."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from readiness_gate.doors.programs import Completed
from readiness_gate.doors.workspace import PathRefused, Workspace
from readiness_gate.errors import StackError
from readiness_gate.stack.compose.command_line import CommandLine
from readiness_gate.stack.compose.files import uses_of

_TIMEOUT = 60.0
_MODEL_CAP = 8 * 1024 * 1024
_UNSET = re.compile(r"The \\*\"(\w+)\\*\" variable is not set")
_REQUIRED = re.compile(r"required variable (\w+) is missing a value(?:: (.*))?")


@dataclass(frozen=True)
class Source:
    """What the project wrote: files in order, profiles and the file of variables."""

    workspace: Workspace
    known_as: Path
    """The workspace under the name that the engine's machine has for it."""
    files: tuple[str, ...]
    profiles: Sequence[str] = ()
    env_file: str | None = None

    @property
    def directory(self) -> Path:
        """Return compose's project directory, that of the first file."""
        return self.known_as / Path(self.files[0]).parent


# Without its plugin `docker` takes compose's options for its own, and points at its own help.
_NO_PLUGIN = ("is not a docker command", "Run 'docker --help'")


def normalise(command_line: CommandLine, source: Source, scratch: Path) -> dict[str, Any]:
    """Return the answer of `docker compose config --format json`, with all profiles if possible.

    Services of other profiles are only run by name (`run tests`). Where the profiles exclude each
    other, for example by one `container_name`, only those that are configured are read.

    Raises:
        StackError: the model is invalid, or a variable has no value; names variable and file.
    """
    answer = scratch / "normalised.json"
    done = _configure(command_line, source, ["*"], answer)
    if not done.succeeded and not done.timed_out:
        done = _configure(command_line, source, source.profiles, answer)
    _require_values(done, source)
    if not done.succeeded:
        raise _invalid(done, source)
    text = answer.read_text() if answer.stat().st_size <= _MODEL_CAP else ""
    answer.unlink()
    try:
        model = json.loads(text)
    except ValueError as error:
        raise StackError("docker compose config gave no JSON model") from error
    if not isinstance(model, dict) or not model.get("services"):
        raise StackError(f"{', '.join(source.files)}: there is no service")
    return model


def _configure(
    command_line: CommandLine, source: Source, profiles: Sequence[str], answer: Path
) -> Completed:
    arguments = [part for profile in profiles for part in ("--profile", profile)]
    return command_line.compose(
        [*arguments, "config", "--format", "json", "--output", str(answer)],
        files=[source.known_as / name for name in source.files],
        directory=source.directory,
        timeout=_TIMEOUT,
        env_file=_env_file(source),
    )


def _env_file(source: Source) -> str:
    if source.env_file is None:
        return "/dev/null"
    try:
        if not source.workspace.path(source.env_file).is_file():
            raise StackError(
                f"stack.env-file: {source.env_file} is not in the checkout",
                advice="Commit it with throw-away values, or correct stack.env-file.",
            )
    except PathRefused as error:
        raise StackError(f"stack.env-file: {error}") from error
    return str(source.known_as / source.env_file)


def _require_values(done: Completed, source: Source) -> None:
    """Refuse what compose only warns about: a variable without a value becomes an empty text."""
    unset = sorted(set(_UNSET.findall(done.stderr)))
    if unset:
        places = [f"{name} ({uses_of(source.workspace, source.files, name)})" for name in unset]
        raise StackError(
            f"variables without a value: {', '.join(places)}",
            advice=_where_to_set(source),
        )
    required = _REQUIRED.search(done.stderr)
    if required:
        place = uses_of(source.workspace, source.files, required[1])
        said = f": {required[2].strip()}" if required[2] else ""
        raise StackError(
            f"the required variable {required[1]} has no value ({place}){said}"[:500],
            advice=_where_to_set(source),
        )


def _where_to_set(source: Source) -> str:
    place = source.env_file or "a file named under stack.env-file"
    return f"Set it in {place}, name it under stack.environment, or give it a default."


def _invalid(done: Completed, source: Source) -> StackError:
    log = done.stderr[-4000:]
    if done.timed_out:
        return StackError("docker compose config did not end in time", infrastructure=True)
    lines = [line for line in done.stderr.splitlines() if line.strip() and "level=" not in line]
    if any(mark in line for line in lines for mark in _NO_PLUGIN):
        return StackError(
            "docker has no compose plugin",
            advice="Install Docker Compose v2.",
            infrastructure=True,
        )
    cause = lines[-1].strip() if lines else f"exit code {done.exit_code}"
    return StackError(f"{', '.join(source.files)}: {cause}"[:800], log=log)
