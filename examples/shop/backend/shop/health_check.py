"""The container's own health check: the API answers on its port."""

import sys
from urllib.error import URLError
from urllib.request import urlopen


def main() -> int:
    """Return 0 when `/health` answers."""
    try:
        with urlopen("http://127.0.0.1:8000/health", timeout=2) as answer:
            return 0 if answer.status == 200 else 1
    except (URLError, TimeoutError):
        return 1


if __name__ == "__main__":
    sys.exit(main())
