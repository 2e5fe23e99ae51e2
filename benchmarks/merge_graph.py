"""A graph of many pull requests, built and ordered in a process of its own; prints two seconds."""

import sys
import time
from collections.abc import Iterator

from readiness_gate.merge.graph import build
from readiness_gate.merge.order import arrange
from readiness_gate.merge.rules import Rules
from readiness_gate.model.pull_request import PullRequest, Reference

HOME = "acme/shop"


def opened(count: int, edges: int) -> Iterator[PullRequest]:
    """Yield pull requests, each of which names those shortly before it."""
    each = edges // count
    for number in range(1, count + 1):
        names = ", ".join(f"#{one}" for one in range(max(1, number - each), number))
        yield PullRequest(
            reference=Reference(HOME, number),
            title=f"Change {number}",
            body=f"Adds a thing.\n\nDepends on {names}\n" if names else "Adds a thing.\n",
            state="open",
            draft=False,
            merged=False,
            base_branch="main",
            base_sha="b" * 40,
            head_branch=f"change-{number}",
            head_sha=f"{number:040x}",
            head_repository=HOME,
            author="author",
        )


def main() -> None:
    """Build and order; print the number of edges and the seconds of both."""
    count, edges = int(sys.argv[1]), int(sys.argv[2])
    rules = Rules(home=HOME, trunks=frozenset({"main"}))
    began = time.perf_counter()
    graph = build(opened(count, edges), rules=rules, facts={})
    built = time.perf_counter()
    order = arrange(graph.opened, graph.edges)
    ended = time.perf_counter()
    if len(order.order) != count:
        raise SystemExit("not all have a place in the order")
    print(len(graph.edges), f"{built - began:.3f}", f"{ended - built:.3f}")


if __name__ == "__main__":
    main()
