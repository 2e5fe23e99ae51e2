"""What threads will import lazily is there before they begin."""

import sys

from readiness_gate.checks import CHECKS
from readiness_gate.engine.bind import BoundCheck
from readiness_gate.engine.preload import preload
from readiness_gate.model.outcome import Family
from tests.engine.builders import Options, check


def test_libraries_of_a_family_are_loaded_before_its_checks_run() -> None:
    preload([BoundCheck(check("orphaned-rows", family=Family.DATABASE), Options(), "a")])
    assert {"sqlalchemy", "psycopg", "alembic.script.revision"} <= set(sys.modules)


def test_what_is_loaded_for_the_whole_catalogue_is_installed() -> None:
    preload(BoundCheck(one, Options(), "a") for one in CHECKS.values() if one.refine_needs is None)
    assert "docker" in sys.modules


def test_without_checks_nothing_is_asked_for() -> None:
    preload([])
