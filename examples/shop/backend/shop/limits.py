"""How often one customer may try to log in, counted in Redis by all replicas together."""

import hashlib
import logging

from redis.exceptions import RedisError

from shop.breaks import broken
from shop.queue import client
from shop.settings import settings

WINDOW = 60
PATIENCE = 0.5
log = logging.getLogger("shop.limits")


def refused_for(email: str) -> int | None:
    """Return for how many seconds further tries are refused; `None`: this one may go on."""
    key = f"logins:{hashlib.sha256(email.encode()).hexdigest()[:32]}"
    try:
        redis = client(PATIENCE)
        tries = int(redis.incr(key))  # type: ignore[arg-type]
        if tries == 1 and not broken("expiry"):
            redis.expire(key, WINDOW)
        if tries <= settings().logins_per_minute or broken("rate-limit"):
            return None
        return max(1, int(redis.ttl(key)))  # type: ignore[arg-type]
    except RedisError as error:
        # Without Redis nobody could log in at all: the password still has to be right.
        log.warning("logins not counted: %s", error)
        return None
