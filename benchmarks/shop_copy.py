"""A copy of the example shop as a repository, so that the example stays as it is."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SHOP = Path(__file__).parents[1] / "examples" / "shop"
_NOT_COPIED = ("__pycache__", "readiness-report", ".env", ".pytest_cache", ".ruff_cache")
_AUTHOR = ("-c", "user.name=Author", "-c", "user.email=author@example.test")


@contextmanager
def shop_copy() -> Iterator[Path]:
    """Give a folder with the shop under git; it is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="shop-") as parent:
        folder = Path(parent, "shop")
        shutil.copytree(SHOP, folder, ignore=shutil.ignore_patterns(*_NOT_COPIED))
        for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "Shop"]):
            subprocess.run(["git", *_AUTHOR, *arguments], cwd=folder, check=True)
        yield folder
