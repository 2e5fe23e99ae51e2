"""The engine: uses the one that answers, else installs and starts one; stops only its own."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from tests.docker_engine import packages
from tests.docker_engine.shell import SetUpError, answer, do, say, state_folder, step

START_SECONDS = 60.0
# A root shell opened by plain `su` has no folder of system programs; dockerd needs iptables.
SEARCH_PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"


def version() -> str | None:
    """Return the version of the engine that answers (`DOCKER_HOST` or the socket), or None."""
    return answer("docker", "version", "--format", "{{.Server.Version}}", timeout=15)


def ensure() -> str:
    """Return the version of a running engine; one is installed and started when none answers.

    Raises:
        SetUpError: none answers and none can be had here.
    """
    if found := version():
        return found
    if host := os.environ.get("DOCKER_HOST"):
        raise SetUpError(f"DOCKER_HOST is {host}, and no engine answers there")
    if shutil.which("dockerd", path=SEARCH_PATH) is None:
        packages.install("docker.io", "iptables", reason="a Docker engine")
    if shutil.which("docker") is None:
        packages.install("docker-cli", reason="the docker command")
    if found := version():
        return found
    if os.geteuid() != 0:
        raise SetUpError("no Docker engine answers, and only root can start one")
    with step("starting the engine"):
        if Path("/run/systemd/system").is_dir():
            do("systemctl", "start", "docker")
        else:
            _start()
    return version() or _failed("the engine does not answer")


def stop() -> bool:
    """Stop the engine that `ensure` started; False when there is none of ours.

    Raises:
        SetUpError: it does not end within 60 seconds.
    """
    process = _ours()
    if process is None:
        return False
    os.kill(process, signal.SIGTERM)
    deadline = time.monotonic() + START_SECONDS
    while _ours() is not None:
        if time.monotonic() > deadline:
            _failed("the engine does not stop")
        time.sleep(0.1)
    _process_file().unlink(missing_ok=True)
    return True


def _start() -> None:
    # A session of its own: the engine outlives `make`, the terminal and this program.
    with _log_file().open("ab") as log:
        process = subprocess.Popen(
            [shutil.which("dockerd", path=SEARCH_PATH) or "dockerd"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd="/",
            env={**os.environ, "PATH": SEARCH_PATH},
        )
    _process_file().write_text(str(process.pid), encoding="ascii")
    deadline = time.monotonic() + START_SECONDS
    while version() is None:
        if process.poll() is not None:
            _failed(f"dockerd ended with {process.returncode}")
        if time.monotonic() > deadline:
            _failed(f"dockerd does not answer after {START_SECONDS:.0f} s")
        time.sleep(0.2)
    # Not waited for on purpose; otherwise the interpreter warns that the child still runs.
    process.returncode = 0
    say(f"the engine's log is {_log_file()}")


def _ours() -> int | None:
    try:
        process = int(_process_file().read_text(encoding="ascii"))
        status = Path(f"/proc/{process}/stat").read_text(encoding="ascii")
    except (OSError, ValueError):
        return None
    # "<id> (<name>) <state> ...": a zombie has ended, its parent has only not noticed yet.
    alive = "(dockerd)" in status and "(dockerd) Z" not in status
    return process if alive else None


def _failed(text: str) -> str:
    log = _log_file()
    tail = log.read_text(errors="replace").splitlines()[-15:] if log.is_file() else []
    raise SetUpError("\n".join([text, *(f"    {line}" for line in tail)]))


def _process_file() -> Path:
    return state_folder() / "dockerd.pid"


def _log_file() -> Path:
    return state_folder() / "dockerd.log"
