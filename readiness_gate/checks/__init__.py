"""The catalogue: one module per check, and one ordered tuple that names them all."""

from typing import Any

from readiness_gate.checks.base import Check

CHECKS: tuple[Check[Any], ...] = ()
"""Every check, in the order of the catalogue (DESIGN 3)."""


def find(check_id: str) -> Check[Any] | None:
    """Return the check of an id, `None` where there is none."""
    return next((check for check in CHECKS if check.id == check_id), None)
