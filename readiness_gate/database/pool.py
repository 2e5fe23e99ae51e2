"""The application's pools as a probe inside the target reads them, and what they may take; pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from readiness_gate.database.pooler import Way, way_of
from readiness_gate.doors.programs import Completed
from readiness_gate.migrations.probe import answer_of, source


@dataclass(frozen=True)
class Pool:
    """One engine's pool."""

    dialect: str
    name: str
    """Its class."""
    size: int | None
    """Connections that it keeps; 0: no bound. `None`: the class has no such setting."""
    overflow: int | None
    """Further ones under load; -1: no bound."""
    recycle: int | None
    """Seconds after which a connection is replaced; -1: never."""
    pre_ping: bool
    user: str = ""
    """The role that it connects as, empty where it is not known."""
    way: Way | None = None
    """What is between it and the server; `None`: not looked for."""

    @property
    def most(self) -> int | None:
        """Return how many connections it opens at most, `None` where nothing bounds them."""
        if self.name in {"StaticPool", "AssertionPool"}:
            return 1
        if not self.size or self.overflow is None or self.overflow < 0:
            return None
        return self.size + self.overflow


@dataclass(frozen=True)
class Holder:
    """A service that opens connections: every worker of every replica has a pool of its own."""

    service: str
    replicas: int
    workers: int
    pool: Pool

    declared: int | None = None
    """Connections of one process as people wrote them, for a pool without a bound of its own."""
    through_pooler: bool = False
    """Whether people wrote that it connects through a pooler."""

    @property
    def pooled(self) -> bool:
        """Return whether its connections are a pooler's, and not the server's."""
        return self.through_pooler or (self.pool.way is not None and self.pool.way.between)

    @property
    def processes(self) -> int:
        """Return how many processes hold a pool."""
        return self.replicas * self.workers

    @property
    def most(self) -> int | None:
        """Return how many connections the service opens at most, `None` where nothing tells."""
        bound = self.declared if self.pool.most is None else self.pool.most
        return None if bound is None else self.processes * bound

    @property
    def kept(self) -> int:
        """Return how many stay open once the load is over: overflow is closed when given back."""
        return 0 if self.pool.name == "NullPool" else self.processes * (self.pool.size or 1)


def arguments(engine: str, *, nonce: str, connect: bool = False) -> tuple[str, ...]:
    """Return what follows the interpreter's name on the command line.

    `connect`: whether two connections are opened, to see what is between.

    Raises:
        ValueError: the nonce could be guessed.
    """
    if len(nonce) < 16:
        raise ValueError("the nonce of a probe has at least 16 characters")
    asked = {"nonce": nonce, "engine": engine, "connect": connect}
    return ("-", json.dumps(asked, sort_keys=True))


def probe() -> bytes:
    """Return the probe's text, for the interpreter's standard input."""
    return source("named_object.py") + source("pooler_probe.py") + source("pool_probe.py")


def parse(completed: Completed, *, nonce: str) -> Pool:
    """Return the engine's pool.

    Raises:
        ValueError: there is no whole answer, or the answer is that it could not be read.
    """
    if completed.timed_out:
        raise ValueError(f"the probe did not end in {completed.seconds:.0f} s")
    answer = answer_of(completed, nonce)
    if answer.get("error"):
        raise ValueError(str(answer["error"]))
    texts = [answer.get(key) for key in ("dialect", "pool", "user")]
    pre_ping = answer.get("pre_ping")
    if not all(isinstance(each, str) for each in texts) or not isinstance(pre_ping, bool):
        raise ValueError("the probe's answer is not understood")
    dialect, name, user = (str(each) for each in texts)
    size, overflow, recycle = (_whole(answer, key) for key in ("size", "overflow", "recycle"))
    way = way_of(answer["way"]) if "way" in answer else None
    return Pool(dialect, name, size, overflow, recycle, pre_ping, user, way)


def _whole(answer: dict[str, Any], key: str) -> int | None:
    value = answer.get(key)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise ValueError("the probe's answer is not understood")
    return value


def wrong(
    holder: Holder,
    *,
    classes: Sequence[str],
    pre_ping: bool,
    wait_timeout: int | None,
) -> list[str]:
    """Return what is wrong with one service's pool.

    `wait_timeout`: seconds after which the server closes an idle connection, where it does.
    """
    pool, found = holder.pool, []
    if pool.way is not None and pool.way.wrong:
        found.append(pool.way.wrong)
    if pool.name not in classes:
        found.append(f"{pool.name}, allowed is {' or '.join(classes)}")
    if pool.size == 0:  # SQLAlchemy takes it for max_overflow=-1 as well
        found.append("pool_size=0: nothing bounds its connections")
    elif pool.overflow is not None and pool.overflow < 0:
        found.append("max_overflow=-1: nothing bounds its connections")
    elif holder.most is None and pool.name in classes:
        found.append(f"{pool.name}: nothing bounds its connections (write connections)")
    if pre_ping and not pool.pre_ping and pool.name != "NullPool":
        found.append("pool_pre_ping is off: a connection that the server closed fails a request")
    if wait_timeout is not None and pool.name != "NullPool":
        if pool.recycle is None or pool.recycle < 0:
            found.append(f"pool_recycle is off, and the server closes after {wait_timeout} s")
        elif pool.recycle >= wait_timeout:
            found.append(
                f"pool_recycle={pool.recycle}, but the server closes after {wait_timeout} s"
            )
    return found
