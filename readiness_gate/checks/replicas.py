"""Requests that go to each replica of a service by turns, past whatever spreads them otherwise."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from readiness_gate.checks.target import Endpoint
from readiness_gate.stack.base import Stack


@dataclass
class Turns:
    """Whose turn it is."""

    stack: Stack
    service: str
    replicas: tuple[str, ...]
    asked: set[str] = field(default_factory=set)
    turn: int = 0

    def next(self, target: Endpoint) -> tuple[Endpoint, str]:
        """Return where this request goes, and the replica; others than the service's stay.

        Raises:
            StackError: the replica cannot be reached alone.
        """
        known = urlsplit(target.url)
        if known.hostname != self.service.lower():
            return target, ""
        replica = self.replicas[self.turn % len(self.replicas)]
        self.turn += 1
        self.asked.add(replica)
        port = known.port or (443 if known.scheme == "https" else 80)
        address = self.stack.disruption().address(replica, port)
        host = f"[{address.host}]" if ":" in address.host else address.host
        parts = urlsplit(target.reached)._replace(netloc=f"{host}:{address.port}")
        return Endpoint(target.url, parts.geturl()), replica

    @property
    def missing(self) -> tuple[str, ...]:
        """The replicas that no request went to."""
        return tuple(one for one in self.replicas if one not in self.asked)
