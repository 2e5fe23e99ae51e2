"""One request and its answer, as plain data between the socket and the routes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.github_double.refusals import RefusalError

API_VERSIONS = ("2022-11-28", "2026-03-10")


@dataclass(frozen=True)
class Request:
    """What came in. `path` is decoded; header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    content: bytes = b""

    @classmethod
    def parse(
        cls, method: str, target: str, headers: Mapping[str, str], content: bytes
    ) -> "Request":
        """A request from its first line's target."""
        parts = urlsplit(target)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        return cls(method, unquote(parts.path), query, headers, content)

    @property
    def credential(self) -> str | None:
        """The token in the header, whatever the scheme is called."""
        _, _, value = self.headers.get("authorization", "").partition(" ")
        return value.strip() or None

    @property
    def version(self) -> str:
        """The asked version of the REST API; raises a 400 for one that does not exist."""
        version = self.headers.get("x-github-api-version", API_VERSIONS[0])
        if version not in API_VERSIONS:
            raise RefusalError(400, "Bad Request")
        return version

    def json(self) -> dict[str, Any]:
        """The body as an object; raises a 400 for anything else."""
        try:
            body = json.loads(self.content or b"{}")
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise RefusalError(400, "Problems parsing JSON")
        return body

    def text(self, name: str) -> str:
        """A text of the body; raises a 422 if it is missing or of another type."""
        value = self.json().get(name)
        if not isinstance(value, str):
            raise RefusalError(422, f'Invalid request.\n\n"{name}" wasn\'t supplied.')
        return value


@dataclass(frozen=True)
class Answer:
    """What goes out: JSON, or bytes as they are; None is an empty body."""

    code: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def content(self) -> bytes:
        """The body's bytes."""
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()

    def with_headers(self, headers: Mapping[str, str]) -> "Answer":
        """The same answer with more headers; those already there win."""
        return replace(self, headers={**headers, **self.headers})
