"""What is asked of a process driver's program from beside it: commands, files, output."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from readiness_gate.doors.programs import Completed, Programs
from readiness_gate.doors.workspace import PathRefused, Workspace
from readiness_gate.errors import StackError
from readiness_gate.stack.process_launch import Launch, ProcessSpec

_TAIL_CAP = 256 * 1024


def run_beside(
    launch: Launch,
    programs: Programs,
    spec: ProcessSpec,
    command: Sequence[str],
    *,
    timeout: float,
    environment: Mapping[str, str],
    stdin: bytes,
    directory: str | None,
) -> Completed:
    """Run a command with the program's interpreter, variables and folder; 127: not there.

    Raises:
        StackError: the folder is not in the checkout.
    """
    argv = launch.arguments(spec, command)
    try:
        return programs.run(
            argv,
            timeout=timeout,
            cwd=launch.directory(directory or spec.directory),
            environment={**launch.environment(spec), **environment},
            stdin=stdin,
        )
    except (FileNotFoundError, PermissionError) as error:
        return Completed(tuple(argv), 127, "", f"{argv[0]}: {error.strerror}", 0.0)


def read_beside(
    launch: Launch, workspace: Workspace, spec: ProcessSpec, service: str, path: str
) -> bytes:
    """Return a file of the workspace, relative to the program's folder.

    Raises:
        StackError: it is not there, or not in the checkout.
    """
    folder = launch.directory(spec.directory)
    try:
        relative = (folder / path).relative_to(workspace.root)
        return workspace.read(str(relative))
    except (PathRefused, ValueError, OSError) as error:
        raise StackError(f"{path} of {service} cannot be read: {error}") from error


def tail(path: Path, lines: int) -> str:
    """Return the last lines of a file, at most 256 KiB; empty where there is none."""
    try:
        with path.open("rb") as stream:
            stream.seek(max(0, path.stat().st_size - _TAIL_CAP))
            text = stream.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])
