"""The one door to HTTP servers of the target, as others see it; `exchange.py` opens it.

Never to GitHub, which has a door of its own. Redirects are followed only on the same host and
only when asked for; bodies are capped (notes on security S-22).
"""

from collections.abc import Mapping, Sequence
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
    redirects: tuple[str, ...] = ()
    """The URLs that were left for another one, first to last."""
    certificate: bytes = b""
    """The server's certificate (DER), empty without TLS."""

    def header(self, name: str) -> str | None:
        """Return the values of a header joined by a comma, or `None` where it is absent."""
        values = [value for key, value in self.headers if key == name.lower()]
        return ", ".join(values) if values else None

    @property
    def text(self) -> str:
        """Return the body as text; bytes that are not UTF-8 are replaced."""
        return self.body.decode("utf-8", errors="replace")


class Jar(Protocol):
    """Cookies of one host, over several exchanges."""

    def header(self, url: str) -> str:
        """Return what the header `Cookie` of a request to `url` is, empty without one."""
        ...

    def take(self, url: str, values: Sequence[str]) -> None:
        """Keep what the headers `Set-Cookie` of an answer from `url` say."""
        ...


@dataclass(frozen=True)
class Manner:
    """How one request is sent, beyond what most need."""

    size: int = 0
    """Bytes of a body that is generated while it is sent; 0: the body that is given."""
    pace: float = 0.0
    """Bytes of the body that leave in a second; 0: as fast as they are taken."""
    authority: str = ""
    """Certificates (PEM) to trust instead of the system's."""
    server_name: str = ""
    """Name that is asked for, and that the certificate has to carry; default the URL's host."""
    client: tuple[str, str] | None = None
    """Files of a certificate and its key (PEM) that the client shows."""
    same: tuple[str, ...] = ()
    """Hosts with ports under which redirects name the very host that was asked."""
    jar: Jar | None = None
    """Cookies to send, and to keep."""


ORDINARY = Manner()


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
        manner: Manner = ORDINARY,
    ) -> Answer:
        """Return the answer.

        Raises:
            NoAnswer: none came within `timeout` seconds.
            ValueError: the URL is not http or https, or the manner's authority no certificate.
        """
        ...
