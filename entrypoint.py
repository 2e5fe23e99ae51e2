#!/opt/readiness-gate/bin/python -I
"""Entry of the container action: the gate itself, or its teardown when called by that name."""

import sys
from pathlib import Path

from readiness_gate.cli.action import main

if __name__ == "__main__":
    sys.exit(main(teardown=Path(sys.argv[0]).name == "teardown"))
