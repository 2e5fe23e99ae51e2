"""The one door through which the target sends something to the gate; `sink_server.py` opens it.

A small HTTP server that answers everything alike and keeps what it is sent, within limits: webhooks
and error reports.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

MOST = 1_000
"""Requests that are kept; more are answered and forgotten."""


@dataclass(frozen=True)
class Reply:
    """What every request is answered with."""

    status: int = 200
    media_type: str = "application/json"
    body: bytes = b"{}"


@dataclass(frozen=True)
class Received:
    """One request of the target. Header names are lower case."""

    method: str
    path: str
    """With its query."""
    headers: tuple[tuple[str, str], ...]
    body: bytes
    truncated: bool = False
    packed: bool = False
    """Whether the body is still compressed, in a way that is not known here or that is broken."""


class Sink(Protocol):
    """Listens until it is closed."""

    def received(self) -> tuple[Received, ...]:
        """Return what came so far, in order."""
        ...

    def forgotten(self) -> int:
        """Return how many more began to come and were not kept: beyond a limit, or broken off."""
        ...


class Sinks(Protocol):
    """Opens sinks."""

    def open(self, address: str, port: int, reply: Reply) -> AbstractContextManager[Sink]:
        """Return a sink that listens as long as it is entered.

        Raises:
            OSError: somebody else has the port, or the address is not of this machine.
        """
        ...
