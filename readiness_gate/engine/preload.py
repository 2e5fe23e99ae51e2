"""Loads what loads lazily, before threads begin.

Cold commands must not wait for SQLAlchemy or Docker's library, so checks import them when they
run. Imports with circles inside a library are not safe from two threads at once (Python breaks a
deadlock of module locks by showing one of them a half-loaded module), so the first import happens
here, in one thread.
"""

from collections.abc import Iterable
from importlib import import_module

from readiness_gate.engine.bind import BoundCheck
from readiness_gate.model.outcome import Family, Need

_BY_FAMILY = {
    Family.DATABASE: (
        "sqlalchemy",
        "sqlalchemy.dialects.postgresql.psycopg",
        "sqlalchemy.dialects.sqlite.pysqlite",
        "alembic.script.revision",
        "psycopg",
    ),
    Family.REPOSITORY: ("re2",),
    Family.NETWORK: ("re2", "jsonpath"),
    Family.STACK: ("re2",),
}
_BY_CHECK = {"tls": ("ssl", "cryptography.x509")}
_BY_NEED = {
    Need.IMAGES: ("docker",),
    Need.STACK: ("docker",),
    Need.DATABASE: _BY_FAMILY[Family.DATABASE],
}


def preload(checks: Iterable[BoundCheck]) -> None:
    """Import what the checks, and the steps that they need, will import."""
    names: dict[str, None] = {}
    for bound in checks:
        names |= dict.fromkeys(_BY_FAMILY.get(bound.check.family, ()))
        names |= dict.fromkeys(_BY_CHECK.get(bound.check.id, ()))
        for need in bound.needs:
            names |= dict.fromkeys(_BY_NEED.get(need, ()))
    for name in names:
        import_module(name)
