"""Long answers of the Engine API, read piece by piece and closed where enough was read."""

import base64
import json
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import IO, Any, cast
from urllib.parse import quote

from readiness_gate.errors import StackError
from readiness_gate.stack.compose.base import ArchiveEntry, NotThere
from readiness_gate.stack.log_frames import Line, framed_lines, terminal_lines

_PIECE = 256 * 1024
_STAT = "x-docker-container-path-stat"


def log_lines(
    client: Any,
    container: str,
    *,
    terminal: bool,
    since: float | None,
    until: float | None,
    timeout: float,
) -> Iterator[Line]:
    """Yield the lines of a container's log up to its present end.

    `client` is the package's: a session of requests that knows the engine's address and version.
    """
    asked: dict[str, object] = {"stdout": 1, "stderr": 1, "timestamps": 1, "tail": "all"}
    asked |= {"since": f"{since:.9f}"} if since else {}
    asked |= {"until": f"{until:.9f}"} if until else {}
    with closing(_get(client, container, "logs", asked, timeout)) as answer:
        chunks = answer.iter_content(_PIECE)
        try:
            yield from terminal_lines(chunks) if terminal else framed_lines(chunks)
        except ValueError as error:
            raise StackError(f"the log cannot be read: {error}", infrastructure=True) from error


def archive_entry(
    client: Any, container: str, path: str, *, content_cap: int, timeout: float
) -> ArchiveEntry:
    """Return the first entry of the archive of a path, and its content up to `content_cap`.

    Only as much is read as that takes: the archive of a folder holds all that is below it.

    Raises:
        NotThere: there is nothing at the path.
    """
    with closing(_get(client, container, "archive", {"path": path}, timeout)) as answer:
        stat = _stat(answer.headers.get(_STAT))
        source = cast("IO[bytes]", _Pieces(answer.iter_content(64 * 1024)))
        try:
            with tarfile.open(fileobj=source, mode="r|", bufsize=10_240) as tar:
                member = tar.next()
                if member is None:
                    raise NotThere(f"the archive of {path} is empty")
                content = None
                if member.isreg() and member.size <= content_cap:
                    stream = tar.extractfile(member)
                    content = stream.read() if stream is not None else None
                return ArchiveEntry(member, str(stat.get("linkTarget") or ""), content)
        except tarfile.TarError as error:
            raise StackError(f"{path} cannot be read: {error}", infrastructure=True) from error


def _get(
    client: Any, container: str, what: str, asked: Mapping[str, object], timeout: float
) -> Any:
    url = f"{client.base_url}/v{client.api_version}/containers/{quote(container, safe='')}/{what}"
    # An archive that was packed twice would have to be unpacked before its end is known.
    headers = {"Accept-Encoding": "identity"}
    answer = client.get(url, params=asked, headers=headers, stream=True, timeout=timeout)
    if answer.status_code < 400:
        return answer
    with closing(answer):
        try:
            message = str(json.loads(answer.content).get("message") or "")
        except (ValueError, AttributeError):
            message = ""
    message = message or f"the engine answers {answer.status_code}"
    if answer.status_code == 404 or "not a directory" in message:
        raise NotThere(message)
    raise StackError(message, infrastructure=answer.status_code >= 500)


def _stat(header: str | None) -> Mapping[str, Any]:
    try:
        stat = json.loads(base64.b64decode(header or ""))
    except ValueError:
        return {}
    return stat if isinstance(stat, dict) else {}


class _Pieces:
    """A stream to read from, over pieces as they arrive."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def read(self, size: int) -> bytes:
        while len(self._rest) < size:
            piece = next(self._pieces, b"")
            if not piece:
                break
            self._rest += piece
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken
