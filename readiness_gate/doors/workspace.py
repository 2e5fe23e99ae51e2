"""The one door to the files of the checkout; nothing outside of it is ever read (S-14)."""

import errno
import os
import stat
import threading
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path

from readiness_gate.doors.unseen import Unseen, unseen

FILE_CAP = 8 * 1024 * 1024
_NAME_MAX = 255
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_NEVER_ENTERED = frozenset({".git", ".hg", ".svn", "node_modules", ".venv", "__pycache__"})


class PathRefused(ValueError):  # noqa: N818
    """A path leads out of the workspace, through `..`, an absolute path or a link."""


class Workspace:
    """A checked-out tree."""

    def __init__(self, root: Path) -> None:
        """Guard everything below `root`."""
        self.root = root.resolve()
        self._listed: tuple[str, ...] | None = None
        self._known: frozenset[str] = frozenset()
        self._links: list[str] = []
        self._unseen: tuple[Unseen, ...] | None = None
        self._globbed: dict[str, tuple[str, ...]] = {}
        self._listing = threading.Lock()

    def path(self, relative: str) -> Path:
        """Return the real path of `relative`.

        Raises:
            PathRefused: it, or a link on its way, leaves the workspace.
        """
        if not relative or "\0" in relative or Path(relative).is_absolute():
            raise PathRefused(f"{relative!r} is not a path below the workspace")
        try:
            if any(len(os.fsencode(part)) > _NAME_MAX for part in relative.split("/")):
                raise PathRefused(f"{relative[:80]!r} has a name that no file can have")
            real = (self.root / relative).resolve()
        except (OSError, RuntimeError, UnicodeError) as error:  # links in a circle
            raise PathRefused(f"{relative!r} leads nowhere ({type(error).__name__})") from error
        if real != self.root and not real.is_relative_to(self.root):
            raise PathRefused(f"{relative!r} leads out of the workspace")
        return real

    def exists(self, relative: str) -> bool:
        """Return whether a file or folder is there (guarded like `path`)."""
        return self.path(relative).exists()

    def read(self, relative: str, *, cap: int = FILE_CAP) -> bytes:
        """Return the file's bytes.

        Raises:
            PathRefused: the path leaves the workspace, or is no regular file, or is over `cap`.
            FileNotFoundError: there is no such file.
        """
        data = self._bytes(relative, cap + 1)
        if len(data) > cap:
            raise PathRefused(f"{relative!r} is larger than {cap} bytes")
        return data

    def _bytes(self, relative: str, size: int) -> bytes:
        descriptor = self._opened_as_listed(relative) if relative in self._known else None
        if descriptor is None:
            descriptor = self._opened(relative)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise PathRefused(f"{relative!r} is not a regular file")
            with open(descriptor, "rb", closefd=False) as stream:
                return stream.read(size)
        finally:
            os.close(descriptor)

    def _opened(self, relative: str) -> int:
        path = self.path(relative)
        try:
            return os.open(path, _READ)
        except NotADirectoryError as error:
            raise FileNotFoundError(f"{relative!r}: a part of the path is a file") from error
        except OSError as error:
            if error.errno in {errno.ELOOP, errno.ENXIO}:  # became a link, or is a socket
                raise PathRefused(f"{relative!r} is not a regular file") from error
            raise

    def _opened_as_listed(self, relative: str) -> int | None:
        """Return a descriptor of a listed file, `None` where only the long way can tell.

        No link led to it when it was listed; the kernel says whether that is so still, in a
        fraction of the time that looking at every part of the path takes.
        """
        path = os.path.join(self.root, relative)  # noqa: PTH118 - ten thousands of times
        try:
            descriptor = os.open(path, _READ)
        except OSError:
            return None
        try:
            if os.readlink(f"/proc/self/fd/{descriptor}") == path:  # noqa: PTH115
                return descriptor
        except OSError:  # a system without /proc
            pass
        os.close(descriptor)
        return None

    def text(self, relative: str, *, cap: int = FILE_CAP) -> str:
        """Return the file as text; bytes that are not UTF-8 are replaced."""
        return self.read(relative, cap=cap).decode("utf-8-sig", errors="replace")

    def lists(self, relative: str) -> bool:
        """Return whether `files` yields this path, written as it does."""
        self._all()
        return relative in self._known

    def begins(self, relative: str, *, size: int = 8192) -> bytes:
        """Return the first bytes of a file, however large it is; raises as `read` does."""
        return self._bytes(relative, size)

    def files(self) -> Iterator[str]:
        """Yield every regular file once, as a POSIX path relative to the root, in a fixed order.

        Folders of version control, environments and caches are not entered, nor are links. The
        tree is walked once for all who ask.
        """
        yield from self._all()

    def _all(self) -> tuple[str, ...]:
        with self._listing:
            if self._listed is None:
                self._listed = tuple(self._walk())
                self._known = frozenset(self._listed)
            return self._listed

    def _walk(self) -> Iterator[str]:
        top = len(os.fspath(self.root)) + 1
        for folder, names, files in os.walk(self.root):
            names[:] = sorted(name for name in names if name not in _NEVER_ENTERED)
            for name in names:
                path = os.path.join(folder, name)  # noqa: PTH118 - ten thousands of times
                if os.path.islink(path):  # noqa: PTH114
                    self._links.append(path[top:])
            for name in sorted(files):
                path = os.path.join(folder, name)  # noqa: PTH118 - ten thousands of times
                mode = _mode(path)
                if stat.S_ISREG(mode):
                    yield path[top:]
                elif stat.S_ISLNK(mode):
                    self._links.append(path[top:])

    def glob(self, pattern: str) -> list[str]:
        """Return the files that match a pattern, `**` crossing folders (`docs/**/*.md`)."""
        if pattern not in self._globbed:  # two threads at once only find the same twice
            self._globbed[pattern] = tuple(one for one in self.files() if matches(one, pattern))
        return list(self._globbed[pattern])

    def links(self) -> tuple[str, ...]:
        """Return every link of the tree, wherever it leads; none is among `files`."""
        self._all()
        return tuple(self._links)

    def unseen(self, pattern: str) -> list[Unseen]:
        """Return what `glob` does not see though the pattern may mean it, each with the reason.

        Links to files outside or in folders that are not entered, links to such folders, and
        submodules that are not checked out.
        """
        self._all()
        if self._unseen is None:  # two threads at once only find the same twice
            self._unseen = tuple(unseen(self.root, self._links, self._known, _NEVER_ENTERED))
        return [one for one in self._unseen if _may_mean(one, pattern)]


def _mode(path: str) -> int:
    try:
        return os.lstat(path).st_mode
    except OSError:  # went away since its folder was listed
        return 0


def has_wildcards(path: str) -> bool:
    """Return whether a path may be a pattern that leads to several files."""
    return any(sign in path for sign in "*?[")


def matches(name: str, pattern: str) -> bool:
    """Return whether a POSIX path matches a glob; `*` stays in a folder, `**` crosses them."""
    parts, patterns = name.split("/"), _parts(pattern)
    if patterns[-1] != "**" and not fnmatchcase(parts[-1], patterns[-1]):
        return False  # the name decides most, and in a tenth of the time
    return _matches(tuple(parts), patterns)


def _may_mean(one: Unseen, pattern: str) -> bool:
    """Return whether a pattern matches a path, or may match something below it."""
    parts = _parts(pattern)
    below = ("/".join((one.name, *parts[at:])) for at in range(len(parts) if one.folder else 0))
    return matches(one.name, pattern) or any(matches(path, pattern) for path in below)


@lru_cache(maxsize=4096)
def _parts(pattern: str) -> tuple[str, ...]:
    return tuple(pattern.removeprefix("./").split("/"))


def _matches(parts: tuple[str, ...], patterns: tuple[str, ...]) -> bool:
    # Iterative with a row of reachable positions, so that `**/**/**` stays linear.
    reachable = {0}
    for pattern in patterns:
        if pattern == "**":
            reachable = set(range(min(reachable, default=len(parts) + 1), len(parts) + 1))
        else:
            reachable = {
                at + 1 for at in reachable if at < len(parts) and fnmatchcase(parts[at], pattern)
            }
    return len(parts) in reachable
