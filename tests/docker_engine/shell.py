"""Runs the set-up's programs and says what happens, so that no minute passes in silence."""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

STARTED = time.monotonic()


class SetUpError(Exception):
    """Something is missing that this program may not or cannot bring; the text says what."""


def state_folder() -> Path:
    """Return the folder of the lock, the engine's process id and its log; created when absent."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "readiness-gate-engine"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def say(text: str) -> None:
    """Print one line of progress with the seconds since the start."""
    print(f"engine {time.monotonic() - STARTED:6.1f}s  {text}", flush=True)


@contextmanager
def step(text: str) -> Iterator[None]:
    """Announce a step and say how long it took; a step that raises has said its name."""
    begun = time.monotonic()
    say(f"{text} ...")
    yield
    say(f"{text}: done in {time.monotonic() - begun:.1f} s")


def answer(*argv: str, timeout: float = 30) -> str | None:
    """Return the standard output of a short question, stripped; None when it cannot be asked."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=timeout, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def do(*argv: str, timeout: float = 900, environment: Mapping[str, str] | None = None) -> str:
    """Run a program to its end and return its output.

    Raises:
        SetUpError: it failed, took longer than `timeout` seconds, or is not installed.
    """
    try:
        done = subprocess.run(
            argv,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            env={**os.environ, **(environment or {})},
        )
    except subprocess.TimeoutExpired as error:
        raise SetUpError(f"`{' '.join(argv)}` took longer than {timeout:.0f} s") from error
    except OSError as error:
        raise SetUpError(f"`{argv[0]}` cannot be run: {error.strerror}") from error
    if done.returncode:
        tail = "\n".join(f"    {line}" for line in done.stdout.splitlines()[-25:])
        raise SetUpError(f"`{' '.join(argv)}` ended with {done.returncode}:\n{tail}")
    return done.stdout
