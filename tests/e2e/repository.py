"""A copy of the shop as a repository of its own: main, one pull request's branch, a checkout."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "examples" / "shop"
OVERLAYS = Path(__file__).parent / "overlays" / "shop"
CONFIG = ".github/readiness.yml"
NAME = "acme/shop"

_NOT_COPIED = ("__pycache__", "readiness-report", ".env", ".pytest_cache", ".ruff_cache")


@dataclass(frozen=True)
class Checkout:
    """A working tree at the test merge of the branch `feature` into `main`."""

    folder: Path
    base_sha: str
    head_sha: str
    test_merge_sha: str


def shop(
    folder: Path,
    *,
    overlay: str | None = None,
    base: Mapping[str, str | None] | None = None,
    feature: Mapping[str, str | None] | None = None,
) -> Checkout:
    """Return a checkout of a copy of the shop.

    Args:
        folder: where it is made.
        overlay: the fault that the pull request brings, a folder of `overlays/shop`.
        base: files that are different on main; `None` takes one away.
        feature: files that the pull request changes.
    """
    shutil.copytree(SHOP, folder, ignore=shutil.ignore_patterns(*_NOT_COPIED))
    write(folder, base or {})
    git(folder, "init", "-q", "-b", "main")
    git(folder, "remote", "add", "origin", f"https://github.com/{NAME}.git")
    base_sha = commit(folder, "The shop")
    git(folder, "checkout", "-q", "-b", "feature")
    if overlay is not None:
        shutil.copytree(OVERLAYS / overlay, folder, dirs_exist_ok=True)
    write(folder, {"docs/CHANGES.md": "# Changes\n", **(feature or {})})
    head_sha = commit(folder, "The change")
    git(folder, "checkout", "-q", "--detach", "main")
    git(folder, "merge", "-q", "--no-ff", "-m", "Test merge", "feature")
    return Checkout(folder, base_sha, head_sha, git(folder, "rev-parse", "HEAD"))


def write(folder: Path, files: Mapping[str, str | None]) -> None:
    """Write files below a folder; `None` removes one."""
    for name, text in files.items():
        path = folder / name
        if text is None:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def commit(folder: Path, message: str) -> str:
    """Commit everything; return the commit's SHA."""
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", message)
    return git(folder, "rev-parse", "HEAD")


def git(folder: Path, *arguments: str) -> str:
    """Return what git says; nobody's own configuration takes part."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    for who in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{who}_NAME": "Author", f"GIT_{who}_EMAIL": "author@example.test"}
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
