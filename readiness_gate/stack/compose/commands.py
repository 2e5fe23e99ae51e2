"""Commands in the target: in a one-off container of a service, or inside the running one."""

import secrets
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from readiness_gate.doors.programs import Completed
from readiness_gate.errors import StackError
from readiness_gate.stack.compose.base import Engine, NotThere
from readiness_gate.stack.compose.command_line import CommandLine, environment_arguments
from readiness_gate.stack.compose.failures import as_error, start_failure

# The engine's codes for a command that is not there or cannot be executed.
_NO_COMMAND = frozenset({126, 127})
_MARK = "READINESS_GATE_COMMAND"
_KILLING = 10.0
# Twice, for what is started between the look and the kill; the shell itself has no mark.
_KILL = """
command -v grep >/dev/null || exit 1
for turn in 1 2; do
  for folder in /proc/[0-9]*; do
    if grep -qs -- "$1" "$folder/environ"; then kill -9 "${folder#/proc/}"; fi
  done
done
exit 0
"""


@dataclass(frozen=True)
class Commands:
    """Runs commands for one project."""

    engine: Engine
    command_line: CommandLine
    project: str
    directory: Path

    def one_off(
        self,
        service: str,
        command: Sequence[str],
        *,
        model: Path,
        timeout: float,
        environment: Mapping[str, str],
        stdin: bytes,
        directory: str | None,
    ) -> Completed:
        """Run in a new container without the entrypoint; it is removed whatever happens.

        Raises:
            StackError: the container could not be created or started.
        """
        name = f"{self.project}-run-{service}-{secrets.token_hex(4)}"
        variables, handed = environment_arguments(environment)
        options = ["--progress", "quiet", "run", "--no-deps", "-T", "--name", name, *variables]
        options += ["-w", directory] if directory else []
        # Compose reads the entrypoint as a shell would and appends the arguments untouched.
        options += ["--entrypoint", shlex.quote(command[0]), service, *command[1:]]
        try:
            done = self.command_line.compose(
                options,
                files=[model],
                directory=self.directory,
                timeout=timeout,
                environment=handed,
                stdin=stdin,
            )
            return self._ended(name, service, command, done)
        finally:
            self.engine.remove_container(name)

    def _ended(self, name: str, service: str, command: Sequence[str], done: Completed) -> Completed:
        """Take the exit code from the container: the CLI's own failures look the same."""
        if done.timed_out:
            return Completed(tuple(command), None, done.stdout, done.stderr, done.seconds)
        try:
            state = self.engine.container(name)["State"]
        except NotThere:
            cause = as_error(start_failure(done.stderr), done.output)
            cause.message = f"a one-off container of {service}: {cause.message}"
            raise cause from None
        code = int(state.get("ExitCode") or 0)
        if state.get("Status") == "created" and code not in _NO_COMMAND:
            raise StackError(
                f"a one-off container of {service} did not start: "
                f"{state.get('Error') or done.stderr.strip()[-300:]}",
                log=done.output[-4000:],
            )
        return Completed(tuple(command), code, done.stdout, done.stderr, done.seconds)

    def execute(
        self,
        container: str,
        service: str,
        command: Sequence[str],
        *,
        timeout: float,
        environment: Mapping[str, str],
        stdin: bytes,
        directory: str | None,
    ) -> Completed:
        """Run inside a running container; past `timeout` it is killed there, with all it started.

        Raises:
            StackError: the container does not run any more.
        """
        variables, handed = environment_arguments(environment)
        mark = secrets.token_hex(16)
        options = ["exec", "-i", "-e", f"{_MARK}={mark}", *variables]
        options += ["-w", directory] if directory else []
        done = self.command_line.docker(
            [*options, container, *command], timeout=timeout, environment=handed, stdin=stdin
        )
        if done.timed_out:
            left = self._end(container, mark)
            return Completed(tuple(command), None, done.stdout, done.stderr + left, done.seconds)
        if done.exit_code == 1 and "is not running" in done.stderr[-300:]:
            raise StackError(f"service {service} stopped: {done.stderr.strip()[-300:]}")
        return Completed(tuple(command), done.exit_code, done.stdout, done.stderr, done.seconds)

    def _end(self, container: str, mark: str) -> str:
        """Kill what carries the mark: ending the CLI leaves a command of `exec` running.

        Returns what to tell where that is impossible; an image without a shell has nothing that
        could be asked to.
        """
        done = self.command_line.docker(
            ["exec", container, "sh", "-c", _KILL, "sh", f"{_MARK}={mark}"], timeout=_KILLING
        )
        if done.succeeded:
            return ""
        return "\nreadiness-gate: the command may still run in the container, which has no shell\n"
