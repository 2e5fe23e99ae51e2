"""`connection-pool`: the pools of all workers fit into the server, and give back what they take.

Two connections of each engine are opened inside its service, to see whether PostgreSQL itself or a
pooler answers (PgBouncer, or another one by any name). A pooler in transaction mode that does not
bring along what the driver prepares fails. Behind a pooler the pools are held against `pooler`, and
the server against what the pooler opens.
"""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.options.target_url import TargetUrl
from readiness_gate.config.values import Duration, Flag, Name, Text
from readiness_gate.model.outcome import CheckClass, Family, Need

Whole = Annotated[int, Field(strict=True, ge=0)]
Positive = Annotated[int, Field(strict=True, ge=1, le=10_000)]


class PoolHolder(CheckOptions):
    """A service that opens connections: its engine, or the numbers where it has none to read."""

    service: Name = Field(description="Name in the stack.")
    engine: Text | None = Field(
        default=None,
        pattern=r"^[A-Za-z_][A-Za-z0-9_.]*:[A-Za-z_][A-Za-z0-9_.]*$",
        description="The application's engine as module:attribute, sync or async; also a session "
        "factory.",
    )
    connections: Positive | None = Field(
        default=None,
        description="Connections that one process opens at most, where no engine tells it: "
        "no SQLAlchemy, or a pool without a bound of its own (NullPool).",
    )
    replicas: Positive | None = Field(
        default=None, description="How many of it run; default as many as the stack has."
    )
    workers: Positive = Field(default=1, description="Processes in each replica.")
    through_pooler: Flag = Field(
        default=False,
        description="Whether it connects through the `pooler`; an engine tells it by itself.",
    )
    python: Text = Field(default="python3", description="Interpreter of the service.")
    directory: Text | None = Field(
        default=None, description="Folder inside the service to run in; default its own."
    )

    @model_validator(mode="after")
    def _is_known(self) -> Self:
        if self.engine is None and self.connections is None:
            raise ValueError("write engine: module:attribute, or connections: how many")
        if self.engine is not None and self.through_pooler:
            raise ValueError("an engine tells by itself whether it connects through-pooler")
        return self


class PoolerSizes(CheckOptions):
    """What bounds the pooler between services and server, by the names of `pgbouncer.ini`."""

    max_client_conn: Annotated[int, Field(strict=True, ge=1)] = Field(
        description="Connections that it takes (PgBouncer: 100 where nothing is written)."
    )
    default_pool_size: Positive = Field(
        description="Connections to the server for each pair of database and user (PgBouncer: 20)."
    )
    reserve_pool_size: Whole = Field(default=0, description="Further ones for each pair.")
    max_db_connections: Whole = Field(
        default=0, description="Connections to the server for a database; 0: no bound."
    )
    pools: Positive = Field(default=1, description="How many pairs of database and user there are.")
    replicas: Positive = Field(default=1, description="How many poolers run.")


class ConnectionPoolOptions(CheckOptions):
    """Who connects, what is kept for others, and which requests are sent to look for a leak."""

    database: Name | None = Field(
        default=None, description="Name under `databases`; default the only one."
    )
    services: tuple[PoolHolder, ...] = Field(min_length=1, description="Everything that connects.")
    reserve: Whole = Field(
        default=0, description="Connections kept free: migrations, backups, people."
    )
    pooler: PoolerSizes | None = Field(
        default=None,
        description="PgBouncer or its like, where services connect through one. It is seen on the "
        "connections of an engine; its sizes are where its console lets psycopg's or psycopg2's "
        "role in (stats_users), and count then in place of those written here.",
    )
    classes: tuple[Text, ...] = Field(
        default=("QueuePool", "AsyncAdaptedQueuePool", "FallbackAsyncAdaptedQueuePool"),
        min_length=1,
        description="Classes of pools that are allowed.",
    )
    pre_ping: Flag = Field(default=True, description="Whether `pool_pre_ping` has to be on.")
    requests: tuple[TargetUrl, ...] = Field(
        default=(), description="URLs to load, to see that connections are given back."
    )
    count: Positive = Field(default=40, description="How many requests are sent to each of them.")
    clients: Annotated[int, Field(strict=True, ge=1, le=50)] = Field(
        default=8, description="How many requests are under way at once."
    )
    settle: Duration = Field(
        default=5.0, gt=0, description="How long connections may take to be given back."
    )
    headers: Mapping[str, str] = Field(
        default_factory=dict, description="Headers of the requests, such as a token."
    )

    @model_validator(mode="after")
    def _knows_the_pooler(self) -> Self:
        if self.pooler is None and any(each.through_pooler for each in self.services):
            raise ValueError("through-pooler belongs to pooler: its sizes")
        return self


def _needs(options: ConnectionPoolOptions) -> frozenset[Need]:
    engines = any(each.engine is not None for each in options.services)
    needs = frozenset({Need.DATABASE})
    return needs | {Need.STACK} if engines or options.requests else needs


CHECK = Check(
    id="connection-pool",
    title="The pools fit into the server, and give back what they take",
    family=Family.DATABASE,
    check_class=CheckClass.MEASURE,
    needs=frozenset({Need.DATABASE}),
    options=ConnectionPoolOptions,
    remediation="Set pool_size, max_overflow, pool_recycle and pool_pre_ping for what runs, or "
    "raise the server's limit.",
    refine_needs=_needs,
    example={
        "database": "main",
        "services": [{"service": "api", "engine": "app.db:engine", "replicas": 3, "workers": 4}],
        "reserve": 5,
        "requests": ["/orders"],
    },
)
