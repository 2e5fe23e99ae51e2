"""What all pools take together, held against the server and a pooler between; pure.

Behind a pooler an application's connections are the pooler's, and the server has those that the
pooler opens (notes on databases 2.15).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from readiness_gate.database.limits import Limit
from readiness_gate.database.pool import Holder
from readiness_gate.database.pooler import Sizes


@dataclass(frozen=True)
class Budget:
    """Everything that connects, and the pooler that some of it connects through."""

    holders: Sequence[Holder]
    reserve: int = 0
    """Connections of the server that are kept free."""
    pooler: Sizes | None = None

    @property
    def pooled(self) -> list[Holder]:
        """Return those behind the pooler."""
        return [each for each in self.holders if each.pooled]

    @property
    def direct(self) -> list[Holder]:
        """Return those that connect to the server."""
        return [each for each in self.holders if not each.pooled]

    @property
    def most(self) -> int:
        """Return how many connections the server sees at most."""
        return sum(each.most or 0 for each in self.direct) + self._of_pooler

    @property
    def kept(self) -> int:
        """Return how many of them stay open once a load is over."""
        return sum(each.kept for each in self.direct) + self._of_pooler

    @property
    def clients(self) -> int:
        """Return how many connections the pooler sees at most."""
        return sum(each.most or 0 for each in self.pooled)

    @property
    def _of_pooler(self) -> int:
        return self.pooler.servers if self.pooler is not None and self.pooled else 0

    def over(self, server: Limit, by_role: Mapping[str, Limit]) -> list[str]:
        """Return which limits are broken; pools without a bound are findings of their own."""
        found = []
        if self.pooler is not None and self.clients > self.pooler.clients:
            found.append(
                f"{self.clients} connections ({_sum(self.pooled)}), and the pooler takes "
                f"{self.pooler.clients} (max_client_conn)"
            )
        total = self.most + self.reserve
        if total > server.usable:
            parts = [_sum(self.direct)] if self.direct else []
            parts += [f"the pooler {self._of_pooler}"] if self._of_pooler else []
            parts += [f"{self.reserve} kept free"] if self.reserve else []
            found.append(
                f"{total} connections ({' + '.join(parts)}), and the "
                f"server takes {server.usable} ({server.words})"
            )
        for role, limit in by_role.items():
            own = sum(each.most or 0 for each in self.direct if each.pool.user == role)
            if self.pooler is not None and any(each.pool.user == role for each in self.pooled):
                own += self.pooler.of_role()
            if own > limit.usable and limit.usable < server.usable:
                found.append(f"{own} connections of {role}, and it may have {limit.words}")
        return found

    def fits(self, server: Limit) -> str:
        """Return what is taken of what there is, where nothing is over."""
        words = f"the pools take {self.most} of {server.usable} connections ({server.words})"
        if self.pooler is not None and self.pooled:
            words += (
                f", and {self.clients} of {self.pooler.clients} of the pooler (max_client_conn)"
            )
        return f"{words} at most"


def _sum(holders: Sequence[Holder]) -> str:
    return " + ".join(f"{each.service} {each.most or 0}" for each in holders)
