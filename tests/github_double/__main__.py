"""`python -m tests.github_double SCENARIO.json --port 8099`: the double as a process of its own.

It prints the address it listens on, one line, and serves until it is ended. Its whole state is at
`GET /__double__/state`.
"""

import argparse
import json
import signal
import threading
from pathlib import Path

from tests.github_double.double import GitHubDouble
from tests.github_double.scenario import load


def main() -> None:
    """Serves a scenario until INT or TERM."""
    parser = argparse.ArgumentParser(prog="python -m tests.github_double", description=__doc__)
    parser.add_argument("scenario", type=Path)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    double = GitHubDouble(host=options.host, port=options.port)
    load(double, json.loads(options.scenario.read_text()))
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: ended.set())
    with double:
        print(double.api_url, flush=True)
        ended.wait()


if __name__ == "__main__":
    main()
