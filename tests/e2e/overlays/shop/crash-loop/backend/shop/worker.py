"""Takes orders off the stream and fulfils them: `python -m shop.worker`."""

import logging
import sys
import time

log = logging.getLogger("shop.worker")


def main() -> None:
    """Start, and fail over a warehouse that nobody configured."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    log.info("worker ready")
    time.sleep(2)
    log.error("WAREHOUSE_URL is not set")
    sys.exit(1)


if __name__ == "__main__":
    main()
