import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from readiness_gate.checks.database.query_plan import CHECK, QueryPlanOptions
from readiness_gate.doors.web import Answer
from readiness_gate.errors import ConfigurationError, DatabaseError
from readiness_gate.model.outcome import ErrorClass, Need, Outcome
from readiness_gate.model.result import CheckResult
from tests.checks.database.build import access, context
from tests.database.mariadb import MariaDatabase
from tests.database.postgres import Database, Server
from tests.database.sqlite import File

Engine = File | Database | MariaDatabase
SCHEMA = """
CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR(40));
CREATE TABLE visits (id INTEGER PRIMARY KEY, user_id INTEGER, at INTEGER);
CREATE INDEX visits_user ON visits (user_id);
INSERT INTO users VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd');
INSERT INTO visits VALUES (1, 1, 1), (2, 1, 2), (3, 2, 3), (4, 2, 4);
"""
BY_KEY = "SELECT * FROM visits WHERE user_id = 1"
WHOLE = "SELECT * FROM visits WHERE at > 2"


def run(database: Engine, **given: Any) -> CheckResult:
    options = QueryPlanOptions.model_validate_json(json.dumps(given))
    return CHECK.run(context(access(database)), options)


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgres", marks=pytest.mark.docker),
        pytest.param("mariadb", marks=pytest.mark.docker),
    ]
)
def database(request: pytest.FixtureRequest) -> Engine:
    made = request.getfixturevalue(request.param)
    assert isinstance(made, Engine)
    made.execute(SCHEMA)
    if isinstance(made, Database):
        made.execute("ANALYZE")
    return made


def test_a_table_that_is_read_as_a_whole_fails(database: Engine) -> None:
    found = run(database, statements=[WHOLE], **{"rows-above": 2})
    assert (found.outcome, found.summary) == (
        Outcome.FAILED,
        f"visits is read as a whole: 4 rows: {WHOLE}",
    )


def test_small_tables_may_be_read_as_a_whole(database: Engine) -> None:
    found = run(database, statements=[WHOLE, "SELECT * FROM users WHERE id = 1"])
    assert found.outcome is Outcome.PASSED
    assert found.summary == "2 statements planned: nothing is read as a whole, nothing repeated"


def test_an_exception_may_be_read_as_a_whole(database: Engine) -> None:
    found = run(database, statements=[WHOLE], **{"rows-above": 2, "except": ["vis*"]})
    assert found.outcome is Outcome.PASSED


def test_a_statement_that_cannot_be_planned_is_no_pass(database: Engine) -> None:
    found = run(database, statements=["SELECT * FROM nowhere"])
    assert (found.outcome, found.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


def test_a_table_in_a_join_is_seen(database: Engine) -> None:
    query = "SELECT * FROM users u JOIN visits v ON v.at = u.id + 1"
    assert run(database, statements=[query], **{"rows-above": 2}).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("query", "whole"),
    [
        ("SELECT max(id) FROM visits", False),
        ("SELECT count(*) FROM visits", True),
        ("SELECT user_id FROM visits", True),
        ("SELECT * FROM visits v WHERE v.user_id IN (1, 2)", False),
        ("SELECT * FROM (SELECT * FROM visits WHERE at = 1) AS sub", True),
        ("SELECT * FROM users WHERE id IN (SELECT user_id FROM visits WHERE at = 3)", True),
    ],
)
def test_sqlite_s_byte_code_tells_what_is_read(sqlite: File, query: str, whole: bool) -> None:
    sqlite.execute(SCHEMA)
    found = run(sqlite, statements=[query], **{"rows-above": 0, "except": ["users"]})
    assert (found.outcome is Outcome.FAILED) is whole, found.summary


def test_sqlite_is_served_by_an_index(sqlite: File) -> None:
    sqlite.execute(SCHEMA)
    assert run(sqlite, statements=[BY_KEY], **{"rows-above": 0}).outcome is Outcome.PASSED


@pytest.mark.docker
def test_as_if_tables_were_large_an_index_is_used_where_there_is_one(postgres: Database) -> None:
    postgres.execute(SCHEMA)
    given = {"as-if-large": True}
    assert run(postgres, statements=[BY_KEY], **given).outcome is Outcome.PASSED
    found = run(postgres, statements=[WHOLE], **given)
    assert found.summary.startswith("visits is read as a whole: no index serves it")


@pytest.mark.docker
def test_values_can_be_left_open(postgres: Database) -> None:
    postgres.execute(SCHEMA)
    query = "SELECT * FROM visits WHERE user_id = $1"
    assert run(postgres, statements=[query], **{"as-if-large": True}).outcome is Outcome.PASSED


@pytest.mark.docker
def test_cost_and_rows_are_capped(postgres: Database) -> None:
    postgres.execute(SCHEMA)
    assert "costs " in run(postgres, statements=[WHOLE], **{"max-cost": 0.1}).summary
    assert "returns " in run(postgres, statements=[WHOLE], **{"max-rows": 0.1}).summary


class Site:
    """Answers requests by running statements, as an application would."""

    def __init__(self, work: Callable[[], None], status: int = 200) -> None:
        self.work = work
        self.status = status

    def request(self, method: str, url: str, **_: Any) -> Answer:
        self.work()
        return Answer(method, url, self.status, (), b"{}", 0.01)


@pytest.fixture(scope="module")
def watched_server() -> Iterator[Server]:
    server = Server("-c", "shared_preload_libraries=pg_stat_statements")
    yield server
    server.container.remove(force=True)


@pytest.fixture
def watched(watched_server: Server) -> Iterator[Database]:
    database = Database(watched_server)
    database.execute(SCHEMA + "CREATE EXTENSION pg_stat_statements")
    yield database
    database.drop()


def requested(database: Database, work: Callable[[], None], status: int = 200) -> CheckResult:
    options = QueryPlanOptions.model_validate_json('{"requests": ["http://api:8000/visits"]}')
    made = replace(context(access(database)), web=Site(work, status), base_url="http://api:8000")
    return CHECK.run(made, options)


def each(database: Database, times: int) -> Callable[[], None]:
    def work() -> None:
        with database.server.connect(database.name) as connection:
            connection.execute("SELECT id FROM users")
            for number in range(times):
                connection.execute("SELECT * FROM visits WHERE user_id = %s", [number])

    return work


@pytest.mark.docker
def test_one_statement_many_times_in_a_request_is_named_with_its_endpoint(
    watched: Database,
) -> None:
    found = requested(watched, each(watched, 12))
    assert found.outcome is Outcome.FAILED
    assert found.summary == (
        "GET http://api:8000/visits runs it 12 times (N+1): SELECT * FROM visits WHERE user_id = $1"
    )


@pytest.mark.docker
def test_a_few_statements_in_a_request_are_no_problem(watched: Database) -> None:
    found = requested(watched, each(watched, 3))
    assert found.outcome is Outcome.PASSED, found


@pytest.mark.docker
@pytest.mark.parametrize(
    ("times", "status", "said"), [(0, 500, "status 500"), (None, 200, "runs no")]
)
def test_a_request_that_tells_nothing_is_no_pass(
    watched: Database, times: int | None, status: int, said: str
) -> None:
    work = each(watched, times) if times is not None else lambda: None
    found = requested(watched, work, status)
    assert (found.outcome, found.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert said in found.summary


@pytest.mark.docker
def test_what_was_observed_is_planned(watched: Database) -> None:
    assert run(watched, observed=True).outcome is Outcome.ERROR
    each(watched, 1)()
    assert run(watched, observed=True).outcome is Outcome.PASSED
    with watched.server.connect(watched.name) as connection:
        connection.execute(WHOLE)
    found = run(watched, observed=True, **{"as-if-large": True, "except": ["users"]})
    assert "visits is read as a whole" in found.summary


@pytest.mark.docker
def test_a_server_that_observes_nothing_says_what_to_set(postgres: Database) -> None:
    found = run(postgres, observed=True)
    assert (found.outcome, found.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert "shared_preload_libraries" in found.summary


def test_other_engines_are_not_observed(sqlite: File) -> None:
    with pytest.raises(ConfigurationError, match="on PostgreSQL alone"):
        run(sqlite, observed=True)


def test_a_database_that_is_not_there_is_an_error(sqlite: File) -> None:
    sqlite.path.unlink()
    with pytest.raises(DatabaseError):
        run(sqlite, statements=["SELECT 1"])


def test_only_requests_need_the_stack() -> None:
    assert CHECK.refine_needs is not None
    assert CHECK.refine_needs(QueryPlanOptions(statements=("SELECT 1",))) == {Need.DATABASE}
    assert Need.STACK in CHECK.refine_needs(QueryPlanOptions(observed=True))


@pytest.mark.parametrize(
    "options", [{}, {"statements": []}, {"statements": ["SELECT 1; DROP TABLE x"]}]
)
def test_what_asserts_nothing_or_too_much_is_refused(options: object) -> None:
    with pytest.raises(ValidationError):
        QueryPlanOptions.model_validate_json(json.dumps(options))
