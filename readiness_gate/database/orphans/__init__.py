"""Rows whose parent is gone, for every foreign key, validated or not (notes on databases 2.3)."""

from readiness_gate.database.orphans.audit import Audit, audit
from readiness_gate.database.orphans.count import Orphans, count
from readiness_gate.database.orphans.queries import counting, orphaned

__all__ = ["Audit", "Orphans", "audit", "count", "counting", "orphaned"]
