"""A real repository for a test: `Checkout(path).commit({"a.py": "x"})` returns the commit."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from readiness_gate.doors.git import HostGit
from readiness_gate.doors.programs import HostPrograms

_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


class Checkout:
    """A repository below a folder that is made here."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self.run("init", "-q", "-b", "main")

    @property
    def git(self) -> HostGit:
        return HostGit(HostPrograms({"PATH": os.environ["PATH"]}), self.root)

    def run(self, *arguments: str) -> str:
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        done = subprocess.run(
            ["git", *identity, "-C", str(self.root), *arguments],
            check=True,
            capture_output=True,
            text=True,
            env=_ENVIRONMENT,
        )
        return done.stdout.strip()

    def commit(self, files: Mapping[str, str | bytes | None]) -> str:
        """Write files (`None` takes one away) and return the commit that holds them."""
        for name, content in files.items():
            path = self.root / name
            if content is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        self.run("add", "-A")
        self.run("commit", "-q", "--allow-empty", "-m", "change")
        return self.run("rev-parse", "HEAD")
