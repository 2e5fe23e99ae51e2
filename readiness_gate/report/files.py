"""The files of a run, in the report folder: `report.json`, `comment.md`, `logs/` (DESIGN 1.6).

The folder lies in a checkout that the pull request wrote, so no link is ever followed; and the
gate may be root in a container while the workspace belongs to the runner's user, so everything
is given to the workspace's owner.
"""

import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from readiness_gate.errors import GateError
from readiness_gate.model.report import Report
from readiness_gate.report.json_report import to_json

REPORT = "report.json"
COMMENT = "comment.md"
LOGS = "logs"
LOG_CAP = 1024 * 1024
_NAME = re.compile(r"[^A-Za-z0-9._-]+")


class ReportNotWritten(GateError):  # noqa: N818
    """The report folder cannot be written, or a link stands in its way. Exit code 3."""


def write(
    workspace: Path,
    report_dir: str,
    report: Report,
    *,
    comment: str = "",
    logs: Mapping[str, str] | None = None,
) -> str:
    """Write the files of a run and return the path of `report.json`, relative to `workspace`.

    Args:
        workspace: the checkout; its owner becomes the owner of what is written.
        report_dir: relative folder below it, made where it is missing.
        report: redacted before.
        comment: the comment as it was, or would have been, published; empty writes none.
        logs: texts by name, redacted before; each keeps its last MiB.

    Raises:
        ReportNotWritten: the folder leaves the workspace, is a link, or cannot be written.
    """
    parts = PurePosixPath(report_dir).parts
    if not parts or ".." in parts or PurePosixPath(report_dir).is_absolute():
        raise ReportNotWritten(f"report-dir: {report_dir!r} is no folder below the workspace")
    owner = workspace.stat()
    place = _Owner(owner.st_uid, owner.st_gid)
    try:
        with _folder(workspace, parts, place) as folder:
            _replace(folder, REPORT, to_json(report), place)
            if comment:
                _replace(folder, COMMENT, comment, place)
        if logs:
            with _folder(workspace, (*parts, LOGS), place) as folder:
                for name, text in logs.items():
                    _replace(folder, f"{_file_name(name)}.log", text[-LOG_CAP:], place)
    except OSError as error:
        raise ReportNotWritten(
            f"{report_dir}: {error.strerror or error}",
            advice="Remove what is in the way, or set report-dir to another folder.",
        ) from error
    return PurePosixPath(*parts, REPORT).as_posix()


class _Owner:
    def __init__(self, user: int, group: int) -> None:
        self._user, self._group = user, group

    def give(self, descriptor: int) -> None:
        if os.geteuid() == 0:
            os.fchown(descriptor, self._user, self._group)


@contextmanager
def _folder(workspace: Path, parts: tuple[str, ...], owner: _Owner) -> Iterator[int]:
    at = os.open(workspace, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in parts:
            made = _make(at, part)
            # O_NOFOLLOW on every step: a link in the middle would lead out just as well.
            below = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
            os.close(at)
            at = below
            if made:
                owner.give(at)
        yield at
    finally:
        os.close(at)


def _make(folder: int, name: str) -> bool:
    try:
        os.mkdir(name, 0o755, dir_fd=folder)
    except FileExistsError:
        return False
    return True


def _replace(folder: int, name: str, text: str, owner: _Owner) -> None:
    # A fresh file that takes the name at once: never half written, never through a link.
    fresh = f".{name}.{secrets.token_hex(6)}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    descriptor = os.open(fresh, flags, 0o644, dir_fd=folder)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace", newline="") as stream:
            owner.give(stream.fileno())
            stream.write(text)
        os.replace(fresh, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        os.unlink(fresh, dir_fd=folder)
        raise


def _file_name(name: str) -> str:
    return _NAME.sub("-", name).strip(".-")[:100] or "log"
