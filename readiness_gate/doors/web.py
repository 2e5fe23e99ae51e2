"""The one door to HTTP servers of the target, as others see it; `exchange.py` opens it.

Never to GitHub, which has a door of its own. Redirects are followed only on the same host and
only when asked for; bodies are capped (notes on security S-22).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

BODY_CAP = 1_048_576


@dataclass(frozen=True)
class Answer:
    """An HTTP answer. Header names are lower case; repeated ones are in order of arrival."""

    method: str
    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    seconds: float
    """From sending the request to the last byte that was read."""
    truncated: bool = False

    def header(self, name: str) -> str | None:
        """Return the values of a header joined by a comma, or `None` where it is absent."""
        values = [value for key, value in self.headers if key == name.lower()]
        return ", ".join(values) if values else None

    @property
    def text(self) -> str:
        """Return the body as text; bytes that are not UTF-8 are replaced."""
        return self.body.decode("utf-8", errors="replace")


class NoAnswer(Exception):  # noqa: N818
    """No HTTP answer came: refused, unknown name, time-out, broken TLS, not HTTP."""


class Web(Protocol):
    """Sends requests to the target."""

    def request(
        self,
        method: str,
        url: str,
        *,
        timeout: float,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        follow_redirects: bool = False,
        verify: bool = True,
    ) -> Answer:
        """Return the answer.

        Raises:
            NoAnswer: none came within `timeout` seconds.
            ValueError: the URL is not http or https.
        """
        ...
