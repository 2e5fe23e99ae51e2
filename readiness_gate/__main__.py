"""`python -m readiness_gate`."""

from readiness_gate.cli import main

main()
