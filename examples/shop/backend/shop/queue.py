"""The stream of orders between the API and the worker."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError
from redis.retry import Retry

from shop.settings import settings

WAIT_MILLISECONDS = 1000
PATIENCE = 5.0


@cache
def client(patience: float = PATIENCE) -> "Redis":
    """Return a connection pool of this process; `patience` is how long one answer may take."""
    return Redis.from_url(
        settings().redis_url,
        decode_responses=True,
        socket_connect_timeout=min(3.0, patience),
        socket_timeout=patience,
        retry=Retry(NoBackoff(), 0),
    )


def ensure_group() -> bool:
    """Create the stream and its consumer group; whether they were new."""
    try:
        client().xgroup_create(settings().stream, settings().group, id="0", mkstream=True)
    except ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise
        return False
    return True


def publish(order_id: int) -> None:
    """Hand an order to the worker."""
    client().xadd(settings().stream, {"order": str(order_id)})


def waiting() -> int:
    """Return how many orders the stream holds."""
    return int(client().xlen(settings().stream))


def receive(consumer: str, *, again: bool) -> Iterator[tuple[str, int]]:
    """Yield message and order numbers: new ones, or with `again` those never acknowledged."""
    answer: Any = client().xreadgroup(
        settings().group,
        consumer,
        {settings().stream: "0" if again else ">"},
        count=10,
        block=None if again else WAIT_MILLISECONDS,
    )
    for _stream, messages in answer or ():
        for message, fields in messages:
            yield message, int(fields["order"])


def acknowledge(message: str) -> None:
    """Take a message off the stream for good."""
    client().xack(settings().stream, settings().group, message)
    client().xdel(settings().stream, message)
