"""The engine's log stream as lines, read as they come: a log of any length costs no memory.

Without a terminal the stream is in frames (one byte of source, three of zero, four of length),
each a message with its time; a line over 16 KiB comes in several frames.
"""

from calendar import timegm
from collections.abc import Iterable, Iterator
from time import strptime

from readiness_gate.stack.facts import LINE_LIMIT

_HEAD = 8
_FRAME_CAP = 16 * 1024 * 1024
Line = tuple[float, str, bool]
"""Unix time, text, and whether it was cut."""


def framed_lines(chunks: Iterable[bytes]) -> Iterator[Line]:
    """Yield the lines of a multiplexed stream that was asked for with time stamps.

    Raises:
        ValueError: it is no such stream.
    """
    open_lines: dict[int, tuple[bytes, bytes]] = {}
    times = Times()
    for source, message in _frames(chunks):
        stamp, sign, text = message.partition(b" ")
        if not sign:
            stamp, text = message.rstrip(b"\n"), message[len(message.rstrip(b"\n")) :]
        first, before = open_lines.pop(source, (stamp, b""))
        whole = before + text if len(before) <= LINE_LIMIT else before
        if text.endswith(b"\n"):
            yield times.unix(first), *_line(whole)
        else:
            open_lines[source] = (first, whole)
    for first, whole in open_lines.values():
        yield times.unix(first), *_line(whole)


def terminal_lines(chunks: Iterable[bytes]) -> Iterator[Line]:
    """Yield the lines of a stream of a terminal, which has no frames."""
    times = Times()
    for line in _plain(chunks):
        stamp, _, text = line.partition(b" ")
        yield times.unix(stamp), *_line(text)


def plain_lines(chunks: Iterable[bytes]) -> Iterator[Line]:
    """Yield the lines of a file that a program wrote; nobody noted their times."""
    for line in _plain(chunks):
        yield 0.0, *_line(line)


def _frames(chunks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    pending = b""
    for chunk in chunks:
        pending = pending + chunk if pending else chunk
        at, length = 0, len(pending)
        while length - at >= _HEAD:
            if pending[at + 1 : at + 4] != b"\0\0\0" or pending[at] > 2:
                raise ValueError("the log is no stream of frames")
            size = int.from_bytes(pending[at + 4 : at + _HEAD], "big")
            if size > _FRAME_CAP:
                raise ValueError(f"a frame of the log has {size} bytes")
            end = at + _HEAD + size
            if end > length:
                break
            yield pending[at], pending[at + _HEAD : end]
            at = end
        pending = pending[at:]
    if pending:
        raise ValueError("the log ends within a frame")


def _plain(chunks: Iterable[bytes]) -> Iterator[bytes]:
    pending = b""
    for chunk in chunks:
        *whole, rest = chunk.split(b"\n")
        for line in whole:
            yield pending + line
            pending = b""
        if len(pending) <= LINE_LIMIT:
            pending += rest
    if pending:
        yield pending


def _line(raw: bytes) -> tuple[str, bool]:
    cut = len(raw) > LINE_LIMIT
    return raw[:LINE_LIMIT].rstrip(b"\r\n").decode("utf-8", "replace"), cut


class Times:
    """Reads the engine's time stamps; neighbours mostly share their second."""

    def __init__(self) -> None:
        """Know no second yet."""
        self._prefix = b""
        self._second = 0

    def unix(self, stamp: bytes) -> float:
        """Return the Unix time of `2026-11-22T20:00:00.123456789Z`; 0 of anything else."""
        prefix, rest = stamp[:19], stamp[19:]
        if prefix != self._prefix:
            try:
                second = timegm(strptime(prefix.decode("ascii"), "%Y-%m-%dT%H:%M:%S"))
            except ValueError:
                return 0.0
            self._prefix, self._second = prefix, second
        digits = rest[1:].rstrip(b"Z")
        if rest[:1] != b"." or not digits.isdigit():
            return float(self._second)
        return self._second + float(f"0.{digits.decode()}")
