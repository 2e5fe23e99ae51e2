"""`python -m benchmarks [GROUP ...]`: print the figures of the groups, by default of all."""

import argparse
import os
import platform
from importlib import import_module

GROUPS = {
    "cold": "start of --version, checks and validate",
    "memory": "peak memory of the gate on the shop",
    "files": "checks of files over 10,000 of them, over a change, beside detect-secrets",
    "orphans": "audit of 20 M rows, beside VALIDATE CONSTRAINT and foreign_key_check",
    "migrations": "four checks of a history of 64 revisions, beside pytest-alembic",
    "histories": "what checks of migrations say of mlflow's and prefect's, on two engines",
    "checklists": "five documents, 10,000 items, 10 MB of Markdown",
    "merge": "requests and points of a sweep over 1,000, order of 10,000, hostile bodies",
    "shop": "wall clock on the shop, beside a shell script",
    "scales": "wall clock on 3, 10 and 30 services, beside build && up --wait",
    "noticed": "from healthy to noticed, beside docker compose up --wait",
    "load": "latency and cost of the load generator, beside hey",
    "probes": "500 HTTP probes, beside goss",
    "image": "size of the action's image over its base",
}


def main() -> None:
    """Print the machine and every group that was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    listed = ", ".join(f"{name} ({what})" for name, what in GROUPS.items())
    parser.add_argument("group", nargs="*", choices=[[], *GROUPS], help=listed, metavar="GROUP")
    asked = parser.parse_args().group or list(GROUPS)
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, {platform.system()}")
    for name in asked:
        import_module(f"benchmarks.{name}").run()


if __name__ == "__main__":
    main()
