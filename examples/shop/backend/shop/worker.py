"""Takes orders off the stream and fulfils them: `python -m shop.worker`."""

import logging
import signal
import socket
import threading
from types import FrameType

from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from shop import catalogue, fulfilment, logs, queue
from shop.database import engine

PAUSE_SECONDS = 1.0
log = logging.getLogger("shop.worker")
stopping = threading.Event()


def stop(_number: int, _frame: FrameType | None) -> None:
    """Finish the order at hand, then end."""
    stopping.set()


def work(consumer: str, *, again: bool) -> None:
    """Fulfil what the stream holds right now."""
    for message, order_id in queue.receive(consumer, again=again):
        with Session(engine()) as session:
            status = fulfilment.fulfil(session, order_id)
            session.commit()
        catalogue.forget()
        queue.acknowledge(message)
        log.info("order %d is %s", order_id, status)


def main() -> None:
    """Work until somebody says stop; a missing dependency is waited for."""
    logs.set_up()
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    consumer = socket.gethostname()
    again, ready = True, False
    while not stopping.is_set():
        try:
            work(consumer, again=again)
        except (RedisError, OperationalError) as error:
            log.warning("waiting: %s", str(error).splitlines()[0])
            again = True
            stopping.wait(PAUSE_SECONDS)
            continue
        if not ready:
            log.info("worker ready")
            ready = True
        again = False
    log.info("worker stopped")


if __name__ == "__main__":
    main()
