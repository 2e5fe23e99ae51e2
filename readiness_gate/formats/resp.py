"""Redis's protocol, RESP2: commands written, replies read, both bounded."""

from collections.abc import Callable, Sequence

_LINE = 65_536
_BULK = 4_194_304
_ELEMENTS = 100_000
_DEEPEST = 8

Reply = str | int | None | list["Reply"]


class RedisRefusal(Exception):  # noqa: N818 - the fact is the name
    """The server's own error, such as `NOAUTH Authentication required`."""


class NotRedis(Exception):  # noqa: N818 - the fact is the name
    """What came is no reply, or longer than is read."""


def command(words: Sequence[str]) -> bytes:
    """Return a command as it is sent."""
    parts = [word.encode() for word in words]
    bulks = b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
    return b"*%d\r\n%s" % (len(parts), bulks)


class Replies:
    """Reads replies out of a stream."""

    def __init__(self, receive: Callable[[], bytes]) -> None:
        """Take what returns some bytes, none at the end."""
        self._receive = receive
        self._data = b""

    def read(self) -> Reply:
        """Return the next reply; texts that are not UTF-8 are replaced.

        Raises:
            RedisRefusal: it is an error.
            NotRedis: it is none, or too long.
        """
        return self._read(0)

    def _read(self, depth: int) -> Reply:
        line = self._line()
        kind, rest = line[:1], line[1:]
        if kind == b"+":
            return rest.decode("utf-8", "replace")
        if kind == b"-":
            raise RedisRefusal(rest.decode("utf-8", "replace")[:300])
        if kind == b":":
            return self._whole(rest, 2**63)
        if kind == b"$":
            length = self._whole(rest, _BULK)
            return None if length < 0 else self._exactly(length).decode("utf-8", "replace")
        if kind == b"*":
            length = self._whole(rest, _ELEMENTS)
            if depth >= _DEEPEST:
                raise NotRedis(f"a reply nested deeper than {_DEEPEST}")
            return None if length < 0 else [self._read(depth + 1) for _ in range(length)]
        raise NotRedis(f"{line[:40]!r} is no reply of Redis")

    def _whole(self, text: bytes, most: int) -> int:
        if not text.removeprefix(b"-").isdigit() or len(text) > 20:
            raise NotRedis(f"{text[:40]!r} is no number")
        number = int(text)
        if number > most:
            raise NotRedis(f"a reply of {number}, more than {most}")
        return number

    def _line(self) -> bytes:
        while b"\r\n" not in self._data:
            if len(self._data) > _LINE:
                raise NotRedis("a line that does not end")
            self._more()
        line, _, self._data = self._data.partition(b"\r\n")
        return line

    def _exactly(self, length: int) -> bytes:
        parts, have = [self._data], len(self._data)
        while have < length + 2:
            part = self._receive()
            if not part:
                raise NotRedis("the connection ended within a reply")
            parts.append(part)
            have += len(part)
        self._data = b"".join(parts)
        text, end = self._data[:length], self._data[length : length + 2]
        if end != b"\r\n":
            raise NotRedis("a reply of another length than it says")
        self._data = self._data[length + 2 :]
        return text

    def _more(self) -> None:
        part = self._receive()
        if not part:
            raise NotRedis("the connection ended without a reply")
        self._data += part
