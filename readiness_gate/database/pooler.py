"""A pooler between an engine and its PostgreSQL: what it does to statements, and to the sums; pure.

PgBouncer gives a connection of the server away after each transaction (`pool_mode=transaction`).
What a driver prepares under a name is then missing, or there already, unless the pooler brings it
along: PgBouncer 1.21 and newer with `max_prepared_statements` above 0, which is the default as of
1.24 (its NEWS and the page of its configuration).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

ADVICE = (
    "set max_prepared_statements in PgBouncer 1.21 or newer, or let the driver prepare nothing "
    "(psycopg: prepare_threshold=None; asyncpg: statement_cache_size=0)"
)

_TOLD = ("max_client_conn", "default_pool_size", "reserve_pool_size", "max_db_connections")


@dataclass(frozen=True)
class Sizes:
    """What bounds a pooler, by the names of `pgbouncer.ini`."""

    max_client_conn: int
    default_pool_size: int
    reserve_pool_size: int = 0
    max_db_connections: int = 0
    """Of all pools of a database; 0: no bound."""
    pools: int = 1
    """Pairs of database and user."""
    replicas: int = 1

    @property
    def clients(self) -> int:
        """Return how many connections it takes."""
        return self.replicas * self.max_client_conn

    @property
    def servers(self) -> int:
        """Return how many connections it opens at most."""
        most = self.pools * (self.default_pool_size + self.reserve_pool_size)
        return self.replicas * min(most, self.max_db_connections or most)

    def of_role(self) -> int:
        """Return how many connections it opens at most as one role to one database."""
        most = self.default_pool_size + self.reserve_pool_size
        return self.replicas * min(most, self.max_db_connections or most)


@dataclass(frozen=True)
class Way:
    """What two connections of an engine told of what is between it and its server."""

    between: bool = False
    """Whether there is a pooler."""
    shared: bool = False
    """Whether it gives a connection of the server to another client after a transaction."""
    named: str | None = ""
    """Why statements stay prepared under a name; empty: none does, `None`: not known."""
    carried: bool | None = None
    """Whether the pooler brings prepared statements along; `None`: not seen."""
    broken: str = ""
    """The error of a prepared statement that was missing, or there already, while it was opened."""
    error: str = ""
    """Why nothing was seen."""
    sizes: Sizes | None = None
    """What the pooler's console told, where it let the engine's role in."""

    @property
    def wrong(self) -> str:
        """Return what fails behind this pooler, empty where nothing does."""
        if self.broken:
            return f"a statement that the driver prepared failed: {self.broken}; {ADVICE}"
        if self.shared and self.named and self.carried is False:
            return (
                f"{self.named}, and the pooler gives its connections away after each transaction "
                f"without the statements; {ADVICE}"
            )
        return ""

    @property
    def doubt(self) -> str:
        """Return what could not be seen and has to be, empty where all was."""
        if self.error:
            return f"what is between it and the server was not seen: {self.error}"
        if self.shared and self.named is None and self.carried is not True:
            return "a pooler shares connections, and whether its driver prepares is not known"
        if self.shared and self.named and self.carried is None:
            return f"{self.named}, and whether the pooler brings statements along was not seen"
        return ""


def way_of(raw: Any) -> Way:
    """Return what the probe told.

    Raises:
        ValueError: it is not understood.
    """
    if not isinstance(raw, dict):
        raise ValueError("the probe's answer is not understood")
    if raw.get("error"):
        return Way(error=str(raw["error"]))
    if raw.get("broken"):
        return Way(between=True, broken=str(raw["broken"]))
    carried, named = raw.get("carried"), raw.get("named")
    flags = (raw.get("between"), raw.get("shared"), *(() if carried is None else (carried,)))
    if not all(isinstance(each, bool) for each in flags) or not isinstance(named, str | None):
        raise ValueError("the probe's answer is not understood")
    sizes = raw.get("sizes")
    if sizes is not None and not (
        isinstance(sizes, dict)
        and set(sizes) == set(_TOLD)
        and all(type(each) is int for each in sizes.values())
    ):
        raise ValueError("the probe's answer is not understood")
    told = None if sizes is None else Sizes(**sizes)
    return Way(bool(raw["between"]), bool(raw["shared"]), named, carried, sizes=told)


def known(written: Sizes | None, told: Sequence[Sizes], users: int) -> Sizes | None:
    """Return the sizes of the pooler: what its console told wins over what people wrote.

    `users`: roles that connect through it, each with a pool of its own where nobody wrote `pools`.
    """
    if not told:
        return written
    base = written or replace(told[0], pools=users)
    largest = {
        "max_client_conn": min(each.max_client_conn for each in told),
        "default_pool_size": max(each.default_pool_size for each in told),
        "reserve_pool_size": max(each.reserve_pool_size for each in told),
    }
    bounds = [each.max_db_connections for each in told]
    return replace(base, **largest, max_db_connections=max(bounds) if all(bounds) else 0)
