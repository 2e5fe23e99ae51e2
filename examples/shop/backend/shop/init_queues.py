"""One-shot: create the stream and the consumer group, then end."""

import logging

from shop import logs
from shop.queue import ensure_group
from shop.settings import settings

log = logging.getLogger("shop.init_queues")


def main() -> None:
    """Create what the worker reads from."""
    logs.set_up()
    created = ensure_group()
    log.info("stream %s %s", settings().stream, "created" if created else "was there")


if __name__ == "__main__":
    main()
