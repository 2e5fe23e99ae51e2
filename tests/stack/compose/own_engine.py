"""A second Docker engine, alone in a folder, that a test may kill: never the one of the machine."""

import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.docker_engine.images import RECIPES
from tests.docker_engine.server import SEARCH_PATH

_SECONDS = 60.0


def require_means() -> None:
    """Skip by name, or fail where CI=true, what only root with a dockerd at hand can do."""
    if os.geteuid() == 0 and shutil.which("dockerd", path=SEARCH_PATH) is not None:
        return
    reason = "only root can start a second engine, with dockerd (make engine)"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


class OwnEngine:
    """One dockerd with its own socket, storage, networks and containerd namespace."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.host = f"unix://{folder}/sock"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, attempts: int = 3) -> None:
        """Start it, and wait until it answers; its containerd may be too slow."""
        command = self.command()
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, env={**os.environ, "PATH": SEARCH_PATH}
            )
        end = time.monotonic() + _SECONDS
        while not self.answers():
            if self._process.poll() is not None and attempts > 1:
                return self.start(attempts - 1)
            if self._process.poll() is not None or time.monotonic() > end:
                tail = (self.folder / "log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"the second engine does not start:\n{tail}")
            time.sleep(0.1)
        return None

    def command(self) -> list[str]:
        """Return what starts it."""
        # In a network of its own: even without a bridge it would remove the machine's.
        alone = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$0" "$@"']
        dockerd = shutil.which("dockerd", path=SEARCH_PATH) or "dockerd"
        return [*alone, dockerd, *self.options(str(self.folder))]

    def options(self, folder: str) -> list[str]:
        """Return its options, `folder` being where it finds its own."""
        # Names of folders may end in what no namespace of containerd ends in.
        name = "readiness-gate-" + "".join(filter(str.isalnum, self.folder.name))
        return [
            f"--data-root={folder}/data",
            f"--exec-root={folder}/exec",
            f"--pidfile={folder}/pid",
            f"--host=unix://{folder}/sock",
            "--bridge=none", "--iptables=false", "--ip6tables=false",
            "--default-address-pool=base=10.213.0.0/16,size=24",
            f"--containerd-namespace={name}",
            f"--containerd-plugins-namespace={name}-plugins",
        ]  # fmt: skip

    def answers(self) -> bool:
        """Return whether it answers."""
        return self.docker("version", check=False).returncode == 0

    def load(self, *images: str) -> None:
        """Bring images of the machine's engine."""
        saved = subprocess.run(["docker", "save", *images], capture_output=True, check=True)
        self.docker("load", stdin=saved.stdout)

    def docker(
        self, *arguments: str, stdin: bytes = b"", check: bool = True
    ) -> "subprocess.CompletedProcess[bytes]":
        """Call it by the docker command."""
        return subprocess.run(
            ["docker", "--host", self.host, *arguments],
            input=stdin, capture_output=True, check=check, timeout=120,
        )  # fmt: skip

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End it."""
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(_SECONDS)
            self._process = None
            # A killed engine leaves the containerd that it started, which keeps the next out.
            with suppress(OSError, ValueError):
                left = int((self.folder / "exec/containerd/containerd.pid").read_text())
                end = time.monotonic() + _SECONDS
                while time.monotonic() < end:
                    os.kill(left, number)
                    time.sleep(0.1)


class NewerEngine(OwnEngine):
    """An engine whose images lie in containerd's store, out of an image of its own.

    Beside it, in its network, a program listens for what it asks of a runner.
    """

    def __init__(self, folder: Path, beside: Sequence[str]) -> None:
        super().__init__(folder)
        self._beside = shlex.join(beside)

    def command(self) -> list[str]:
        """Return what starts it, in a network and with mounts of its own."""
        root = shlex.quote(f"{self.folder}/root")
        script = f"""
ip link set lo up
unshare --mount {self._beside} &
# The program that starts containers wants a root that is a mount.
mount --bind {root} {root} && cd {root} && mkdir -p old
mount -t proc proc proc && mount --rbind /sys sys && mount --rbind /dev dev
mount -t tmpfs run run && mount --bind {shlex.quote(str(self.folder))} shared
pivot_root . old && umount --lazy old && exec dockerd "$@"
"""
        return ["unshare", "--net", "--mount", "sh", "-c", script, "sh", *self.options("/shared")]

    def unpack(self) -> None:
        """Build the image of the engine and lay its files out."""
        name = "readiness-gate-test/engine"
        recipe = RECIPES / "engine"
        subprocess.run(
            ["docker", "build", "-q", "-t", name, recipe], capture_output=True, check=True
        )
        made = subprocess.run(["docker", "create", name], capture_output=True, check=True)
        container = made.stdout.decode().strip()
        root = self.folder / "root"
        root.mkdir()
        exported = subprocess.Popen(["docker", "export", container], stdout=subprocess.PIPE)
        subprocess.run(["tar", "-x", "-C", str(root)], stdin=exported.stdout, check=True)
        exported.wait()
        subprocess.run(["docker", "rm", container], capture_output=True, check=True)


@contextmanager
def own_engine(folder: Path, engine: OwnEngine | None = None) -> Iterator[OwnEngine]:
    """Give a running engine; at the end it is stopped with all its containers."""
    engine = engine or OwnEngine(folder)
    engine.start()
    try:
        yield engine
    finally:
        if not engine.answers():
            engine.kill()
            engine.start()
        left = engine.docker("ps", "--all", "--quiet").stdout.decode().split()
        if left:
            engine.docker("rm", "--force", *left)
        engine.kill(signal.SIGTERM)
        for mount in _mounts_below(folder):
            subprocess.run(["umount", mount], check=False, capture_output=True)


def _mounts_below(folder: Path) -> list[str]:
    places = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    return sorted((one for one in places if one.startswith(f"{folder}/")), reverse=True)
