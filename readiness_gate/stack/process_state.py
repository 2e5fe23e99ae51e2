"""What a run of the process driver leaves on disk, so that another process can clean up after it.

One folder per project below the machine's temporary folder: which processes were started, and
copies of files that have to be put back.
"""

import hashlib
import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from readiness_gate.stack.owner import ProcessIdentity, identity_of
from readiness_gate.stack.saved_file import SavedFile

_STATE = "state.json"


@dataclass(frozen=True)
class Started:
    """One process of a project; leader of its group."""

    service: str
    identity: ProcessIdentity


class ProcessState:
    """The folder of one project."""

    def __init__(self, project: str, root: Path | None = None) -> None:
        """Name the folder; nothing is written before there is something to remember."""
        self._root = root or _default_root()
        self.folder = self._root / project
        self._started: list[Started] = []
        self._files: list[tuple[str, str]] = []
        self._read()

    def open(self) -> None:
        """Make the folder, for this user alone, and write who owns it."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._write()

    def log(self, service: str) -> Path:
        """Return the file that a process writes its output to."""
        return self.folder / f"{service}.log"

    def add_process(self, service: str, pid: int) -> None:
        """Remember a process that was started."""
        identity = identity_of(pid)
        if identity is not None:
            self._started.append(Started(service, identity))
            self._write()

    def keep_file(self, path: Path, workspace: Path) -> None:
        """Save a file of the workspace, so that `tear_down` puts it back.

        Raises:
            OSError: it cannot be read, or the copy cannot be written.
        """
        name = hashlib.sha256(str(workspace).encode()).hexdigest()[:16]
        keep = self._root / f"kept-{name}"
        entry = (str(path), str(keep))
        if entry not in self._files:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            SavedFile(path, keep).save()
            self._files.append(entry)
            self._write()

    def tear_down(self, timeout: float) -> tuple[str, ...]:
        """End what still runs and put files back; return the processes that could not be ended."""
        left = _end(self._started, timeout)
        for path, keep in self._files:
            SavedFile(Path(path), Path(keep)).restore()
        if not left:
            self._files, self._started = [], []
            shutil.rmtree(self.folder, ignore_errors=True)
        return left

    def _read(self) -> None:
        try:
            state = json.loads((self.folder / _STATE).read_text())
        except (OSError, ValueError):
            return
        self._started = [
            Started(entry["service"], ProcessIdentity(**entry["identity"]))
            for entry in state["processes"]
        ]
        self._files = [(path, keep) for path, keep in state["files"]]

    def _write(self) -> None:
        owner = identity_of(os.getpid())
        state = {
            "owner": None if owner is None else asdict(owner),
            "processes": [asdict(started) for started in self._started],
            "files": self._files,
        }
        partial = self.folder / f".{_STATE}.partial"
        partial.write_text(json.dumps(state))
        partial.replace(self.folder / _STATE)


def abandoned(
    root: Path | None = None,
    living: Callable[[int], ProcessIdentity | None] = identity_of,
) -> Iterator[str]:
    """Yield the projects whose gate was killed before it could clean up."""
    for file in sorted((root or _default_root()).glob(f"*/{_STATE}")):
        try:
            owner = json.loads(file.read_text()).get("owner")
        except (OSError, ValueError):
            continue
        if owner is not None and living(int(owner["pid"])) != ProcessIdentity(**owner):
            yield file.parent.name


def temporary_folder() -> Path:
    """Return the machine's temporary folder; on a full disk where it is looked for usually.

    Nothing can be written there then, but what a run left can be read, and removed.
    """
    try:
        return Path(tempfile.gettempdir())
    except FileNotFoundError:
        return Path("/tmp")  # noqa: S108


def _default_root() -> Path:
    return temporary_folder() / f"readiness-gate-{os.getuid()}"


def _end(started: Sequence[Started], timeout: float) -> tuple[str, ...]:
    end = time.monotonic() + timeout
    alive = [one for one in started if _signal(one, signal.SIGTERM)]
    while alive and time.monotonic() < end:
        time.sleep(0.05)
        alive = [one for one in alive if _lives(one)]
    for one in started:
        _signal(one, signal.SIGKILL)
    if alive:
        time.sleep(0.1)
    return tuple(f"process {one.identity.pid} ({one.service})" for one in alive if _lives(one))


def _lives(started: Started) -> bool:
    return identity_of(started.identity.pid) == started.identity


def _signal(started: Started, number: signal.Signals) -> bool:
    """Signal the group of a process; `False` where it is gone, or its id is somebody else's now."""
    now = identity_of(started.identity.pid)
    if now is not None and now != started.identity:
        return False
    try:
        os.killpg(started.identity.pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True
