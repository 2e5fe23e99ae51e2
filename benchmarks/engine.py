"""Whether a Docker engine answers; what needs one says so where there is none."""

import shutil
import subprocess

from benchmarks import told


def answers() -> bool:
    """Return whether an engine with compose answers; say aloud what is skipped where not."""
    if shutil.which("docker") is not None:
        for command in (["docker", "info"], ["docker", "compose", "version"]):
            if subprocess.run(command, capture_output=True, check=False).returncode:
                break
        else:
            return True
    told.note("skipped: no engine")
    return False


def docker(*arguments: str) -> str:
    """Return what a docker command prints.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()
