"""The one door to subprocesses: list argv, a built environment, a time limit, capped output.

No shell, no inherited environment (notes on security S-05, S-16): a child sees an allow-list of
names and what its caller adds. Its process group is ended as a whole when time is up.
"""

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")
OUTPUT_CAP = 1_048_576
_GRACE = 3.0


@dataclass(frozen=True)
class Completed:
    """A program that ended or was ended. `exit_code` is `None` when time ran out."""

    argv: tuple[str, ...]
    exit_code: int | None
    stdout: str
    stderr: str
    seconds: float
    stdout_bytes: bytes | None = None
    """What `stdout` was decoded from, at most `OUTPUT_CAP`; `None` where only text came."""

    @property
    def timed_out(self) -> bool:
        """Whether the program had to be ended."""
        return self.exit_code is None

    @property
    def succeeded(self) -> bool:
        """Whether it ended by itself with exit code 0."""
        return self.exit_code == 0

    @property
    def output(self) -> str:
        """Return what it printed, errors last."""
        return "\n".join(part for part in (self.stdout.rstrip(), self.stderr.rstrip()) if part)


class Programs(Protocol):
    """Runs programs."""

    def run(
        self,
        argv: Sequence[str],
        *,
        timeout: float,
        cwd: Path | None = None,
        environment: Mapping[str, str] | None = None,
        stdin: bytes = b"",
    ) -> Completed:
        """Run to the end; never raises for an exit code or a time-out.

        Raises:
            FileNotFoundError: there is no such program.
            PermissionError: it may not be executed.
        """
        ...

    def start(
        self,
        argv: Sequence[str],
        *,
        log: Path,
        cwd: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> "Running":
        """Start in a process group of its own, output to the file `log`; return at once."""
        ...


class Running(Protocol):
    """A program that was started and goes on."""

    @property
    def pid(self) -> int:
        """Process id, which is also the id of its group."""
        ...

    def poll(self) -> int | None:
        """Return the exit code, or `None` while it runs."""
        ...

    def terminate(self) -> None:
        """Send SIGTERM to the group and return at once."""
        ...

    def stop(self, grace: float = 5.0) -> int:
        """Send SIGTERM to the group, SIGKILL after `grace` seconds; return the exit code."""
        ...


class HostPrograms:
    """Programs of the machine that the gate runs on."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Take the allow-listed names out of `environment`; nothing else is ever passed on."""
        self._base = {name: environment[name] for name in PASSED_ON if name in environment}
        self._running: set[subprocess.Popen[bytes]] = set()

    def end_all(self) -> None:
        """End whatever `run` is waiting for, from another thread; for an interrupted gate."""
        for process in list(self._running):
            _end_group(process, 0.5)

    def run(
        self,
        argv: Sequence[str],
        *,
        timeout: float,
        cwd: Path | None = None,
        environment: Mapping[str, str] | None = None,
        stdin: bytes = b"",
    ) -> Completed:
        """Run to the end, at most `timeout` seconds, keeping the tail of each stream."""
        started = time.monotonic()
        # Files, not pipes: a child that floods a stream can neither block nor fill memory.
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            with tempfile.TemporaryFile() as source:
                source.write(stdin)
                source.seek(0)
                process = subprocess.Popen(  # noqa: S603
                    list(argv),
                    cwd=cwd,
                    env=self._environment(environment),
                    stdin=source,
                    stdout=out,
                    stderr=err,
                    start_new_session=True,
                )
            self._running.add(process)
            try:
                exit_code: int | None = process.wait(timeout=timeout)
            except subprocess.TimeoutExpired:
                _end_group(process, _GRACE)
                exit_code = None
            except BaseException:
                _end_group(process, _GRACE)
                raise
            finally:
                self._running.discard(process)
            # A program that ended may have left children of its group behind.
            _signal_group(process, signal.SIGKILL)
            seconds = time.monotonic() - started
            raw, left_out = _tail(out)
            return Completed(
                tuple(argv), exit_code, _text(raw, left_out), _text(*_tail(err)), seconds, raw
            )

    def start(
        self,
        argv: Sequence[str],
        *,
        log: Path,
        cwd: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Running:
        """Start a program that outlives this call; both its streams go to `log`."""
        with log.open("ab") as sink:
            process = subprocess.Popen(  # noqa: S603
                list(argv),
                cwd=cwd,
                env=self._environment(environment),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return _HostRunning(process)

    def _environment(self, added: Mapping[str, str] | None) -> dict[str, str]:
        return {**self._base, "HOME": tempfile.gettempdir(), **(added or {})}


class _HostRunning:
    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    def poll(self) -> int | None:
        return self._process.poll()

    def terminate(self) -> None:
        _signal_group(self._process, signal.SIGTERM)

    def stop(self, grace: float = 5.0) -> int:
        return _end_group(self._process, grace)


def _end_group(process: "subprocess.Popen[bytes]", grace: float) -> int:
    _signal_group(process, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=grace)
    # The leader may be gone while children of its group live on.
    _signal_group(process, signal.SIGKILL)
    return process.wait()


def _signal_group(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        process.poll()


def _tail(stream: BinaryIO) -> tuple[bytes, int]:
    """Return the last bytes of a stream and how many came before them."""
    length = stream.seek(0, os.SEEK_END)
    left_out = max(0, length - OUTPUT_CAP)
    stream.seek(left_out)
    return stream.read(OUTPUT_CAP), left_out


def _text(raw: bytes, left_out: int) -> str:
    text = raw.decode("utf-8", errors="replace")
    return f"[… {left_out} bytes left out]\n{text}" if left_out else text
