import pytest

from readiness_gate.database.catalogue import foreign_keys
from readiness_gate.database.connection import reading
from readiness_gate.database.orphans.plan import chosen, limited, planned
from readiness_gate.database.session import StatementFailed
from tests.database.postgres import Database

MILLIONS = 20_000_000


def test_small_tables_are_left_to_the_planner() -> None:
    assert chosen(999_999, MILLIONS, 1.0, None, indexed=True) == {}


def test_an_index_without_dead_rows_is_merged() -> None:
    found = chosen(MILLIONS, 2_000_000, 0.99, 0.0, indexed=True)
    assert found == {"enable_hashjoin": "off", "enable_nestloop": "off", "enable_seqscan": "off"}


def test_an_index_with_many_dead_rows_is_not_trusted_to_be_quick() -> None:
    assert "enable_seqscan" not in chosen(MILLIONS, 2_000_000, 0.2, 0.0, indexed=True)


def test_without_an_index_both_sides_are_sorted() -> None:
    assert chosen(MILLIONS, 2_000_000, 1.0, 0.0, indexed=False)["work_mem"] == "256MB"


@pytest.mark.parametrize(("parent", "correlation"), [(100, 0.0), (2_000_000, 0.9)])
def test_a_small_parent_or_an_order_like_the_parent_s_is_hashed(
    parent: int, correlation: float
) -> None:
    assert chosen(MILLIONS, parent, 1.0, correlation, indexed=False) == {}


@pytest.mark.docker
def test_settings_end_with_the_savepoint(postgres: Database) -> None:
    postgres.execute(
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p_id int REFERENCES p);"
        "CREATE INDEX i ON c (p_id); UPDATE pg_class SET reltuples = 5000000, relpages = 10,"
        " relallvisible = 10 WHERE relname IN ('c', 'p')"
    )
    with reading(postgres.url) as session:
        (key,) = foreign_keys(session)
        with session.guarded():
            planned(session, key)
            assert session.value("SHOW enable_hashjoin") == "off"
        assert session.value("SHOW enable_hashjoin") == "on"


@pytest.mark.docker
def test_a_statement_ends_when_time_is_up(postgres: Database) -> None:
    with reading(postgres.url) as session, session.guarded():
        limited(session, 0.05)
        with pytest.raises(StatementFailed, match="statement timeout"):
            session.rows("SELECT pg_sleep(5)")
