"""A real git repository's branches in the double, under the SHAs that git gave them."""

import os
import subprocess
from pathlib import Path

from tests.github_double.objects import Commit, Executable, SymbolicLink
from tests.github_double.repository import Repository

_FORMAT = "%H%x00%T%x00%P%x00%an%x00%cI%x00%B"

_FORMS: dict[str, type[bytes]] = {"100755": Executable, "120000": SymbolicLink}


def _git(directory: Path, *arguments: str) -> bytes:
    # Somebody's own configuration must not change what the tests see.
    environment = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1"}
    environment |= {"HOME": "/nonexistent", "GIT_CONFIG_COUNT": "1"}
    environment |= {"GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
    command = ["git", "-C", str(directory), *arguments]
    return subprocess.run(command, check=True, capture_output=True, env=environment).stdout


def _files(directory: Path, sha: str) -> dict[str, bytes]:
    rows = _git(directory, "ls-tree", "-r", "-z", sha).decode().split("\0")[:-1]
    files: dict[str, bytes] = {}
    for row in rows:
        meta, _, path = row.partition("\t")
        mode, kind, blob = meta.split()
        if kind == "blob":
            form = _FORMS.get(mode, bytes)
            files[path] = form(_git(directory, "cat-file", "blob", blob))
    return files


def import_git(home: Repository, directory: Path) -> None:
    """Takes over every local branch; open pull requests from those that moved follow."""
    wanted = _git(directory, "rev-list", "--branches", "--reverse", "--topo-order").decode()
    for sha in wanted.split():
        if home.objects.get(sha) is not None:
            continue
        text = _git(directory, "log", "-1", f"--format={_FORMAT}", sha).decode()
        _, tree, parents, author, date, message = text.split("\0", 5)
        files = _files(directory, sha)
        home.objects.add(
            Commit(sha, tree, files, tuple(parents.split()), message.strip(), author, date)
        )
    form = "%(refname:lstrip=2) %(objectname)"
    for line in (
        _git(directory, "for-each-ref", f"--format={form}", "refs/heads").decode().split("\n")
    ):
        name, _, sha = line.partition(" ")
        if sha and home.refs.get(f"refs/heads/{name}") != sha:
            home.move(name, sha)
