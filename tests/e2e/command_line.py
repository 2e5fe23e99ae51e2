"""The installed command as a person, or a job without the action, calls it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAM = Path(sys.executable).parent / "readiness-gate"


@dataclass(frozen=True)
class Called:
    """What a call came to."""

    exit_code: int
    stdout: str
    stderr: str
    pid: int
    folder: Path

    @property
    def said(self) -> str:
        """Return both streams, for messages of tests."""
        return f"exit code {self.exit_code}\n{self.stdout}\n{self.stderr}"

    @property
    def json(self) -> Any:
        """Return standard output as JSON."""
        return json.loads(self.stdout)

    @property
    def report(self) -> dict[str, Any]:
        """Return the written report."""
        path = self.folder / "readiness-report" / "report.json"
        report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return report

    def item(self, id_: str) -> dict[str, Any]:
        """Return an item of the report."""
        return next(one for one in self.report["items"] if one["id"] == id_)

    @property
    def project_prefix(self) -> str:
        """Return how the name of this call's project begins."""
        return f"rg-local-{self.pid}-"


def begin(
    folder: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> "subprocess.Popen[str]":
    """Start the command in a folder; of this process's environment it gets only the basics."""
    basics = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    if "DOCKER_HOST" in os.environ:
        basics["DOCKER_HOST"] = os.environ["DOCKER_HOST"]
    return subprocess.Popen(
        [str(PROGRAM), *arguments],
        cwd=folder,
        env={**basics, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: "subprocess.Popen[str]", folder: Path, seconds: float = 300) -> Called:
    """Wait for a started command."""
    try:
        stdout, stderr = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
        raise AssertionError(f"it did not end:\n{stdout}\n{stderr}") from None
    return Called(process.returncode, stdout, stderr, process.pid, folder)


def call(
    folder: Path,
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    seconds: float = 300,
) -> Called:
    """Run the command to its end."""
    return finish(begin(folder, *arguments, environment=environment), folder, seconds)


def wait_until(what: str, happened: Callable[[], object], seconds: float = 120) -> None:
    """Wait until something is true; fails with its name."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"never happened: {what}"
        time.sleep(0.1)
