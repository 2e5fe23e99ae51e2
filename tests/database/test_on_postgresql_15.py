"""PostgreSQL 15 beside 17: the same traps, read and tried on an older server."""

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.checks.database import (
    test_backup_restore,
    test_foreign_key_enforcement,
    test_foreign_key_index,
    test_orphaned_rows,
    test_query_plan,
    test_schema,
    test_sql,
)
from tests.database import test_catalogue, test_connection, test_enforcement
from tests.database.cleanup import test_revision
from tests.database.orphans import test_audit, test_plan
from tests.database.postgres import Database, Server
from tests.database.structure import test_tables

pytestmark = pytest.mark.docker
MODULES = (
    test_audit, test_plan, test_catalogue, test_connection, test_enforcement, test_tables,
    test_backup_restore, test_foreign_key_enforcement, test_foreign_key_index,
    test_orphaned_rows, test_query_plan, test_schema, test_sql,
)  # fmt: skip
NEWER = {"test_values_can_be_left_open": "EXPLAIN (GENERIC_PLAN) came with PostgreSQL 16"}


def of_postgresql() -> dict[str, Callable[..., None]]:
    """Return the tests that take a PostgreSQL database and nothing else."""
    return {
        f"{module.__name__.rpartition('.')[2]}-{name}": function
        for module in MODULES
        for name, function in vars(module).items()
        if name.startswith("test_")
        and name not in NEWER
        and list(inspect.signature(function).parameters) == ["postgres"]
    }


@pytest.fixture(scope="module")
def older_server() -> Iterator[Server]:
    server = Server(image="postgres:15")
    yield server
    server.container.remove(force=True)


@pytest.fixture
def older(older_server: Server) -> Iterator[Database]:
    database = Database(older_server)
    yield database
    database.drop()


@pytest.mark.parametrize("again", of_postgresql().values(), ids=list(of_postgresql()))
def test_what_holds_on_17_holds_on_15(again: Callable[..., None], older: Database) -> None:
    assert str(older.value("SHOW server_version")).startswith("15.")
    again(older)


def test_a_clean_up_is_done_and_undone(older: Database, tmp_path: Path) -> None:
    older.execute(test_revision.SCHEMA)
    older.execute("SET session_replication_role = replica;" + test_revision.ROWS)
    test_revision.test_no_orphan_is_left_and_a_downgrade_brings_every_row_back(older, tmp_path)


def test_open_values_cannot_be_planned_and_that_is_said(older: Database) -> None:
    older.execute(test_query_plan.SCHEMA)
    query = "SELECT * FROM visits WHERE user_id = $1"
    found: Any = test_query_plan.run(older, statements=[query])
    assert found.outcome == "error"
    assert "could not be planned" in found.summary
