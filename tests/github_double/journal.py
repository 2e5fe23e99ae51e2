"""Every request that reached the double, in order, for the tests to look at."""

import json
import threading
import time
from dataclasses import dataclass
from typing import Any

from tests.github_double.exchange import Request


@dataclass(frozen=True)
class Entry:
    """One request: who asked what, and the answer's code (None: no answer was sent).

    `at` is monotonic, in seconds; `points` are what a GraphQL query cost.
    """

    method: str
    path: str
    query: dict[str, str]
    body: Any
    identity: str | None
    code: int | None
    at: float
    points: int = 0
    fault: str | None = None

    @property
    def writes(self) -> bool:
        """True for a request that asked for a change."""
        if self.path.endswith("/graphql"):
            text = self.body.get("query", "") if isinstance(self.body, dict) else ""
            return str(text).lstrip().startswith("mutation")
        return self.method not in ("GET", "HEAD")

    def as_json(self) -> dict[str, Any]:
        """The entry for a process that reads it from outside."""
        return {key: value for key, value in vars(self).items() if key != "at"} | {
            "writes": self.writes
        }


class Journal:
    """The list of entries; complete once the client has its answer."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._lock = threading.Lock()

    def record(
        self,
        request: Request,
        *,
        identity: str | None,
        code: int | None,
        points: int = 0,
        fault: str | None = None,
    ) -> None:
        """Keeps one request."""
        try:
            body = json.loads(request.content) if request.content else None
        except ValueError:
            body = request.content.decode(errors="replace")
        entry = Entry(
            method=request.method,
            path=request.path,
            query=dict(request.query),
            body=body,
            identity=identity,
            code=code,
            at=time.monotonic(),
            points=points,
            fault=fault,
        )
        with self._lock:
            self._entries.append(entry)

    def entries(self) -> list[Entry]:
        """What has come so far."""
        with self._lock:
            return list(self._entries)

    def clear(self) -> None:
        """Forgets everything: a test's own preparation, for example."""
        with self._lock:
            self._entries.clear()
