import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import ValidationError

from readiness_gate.checks.database.backup_restore import CHECK, BackupRestoreOptions
from readiness_gate.doors.programs import Completed
from readiness_gate.errors import ConfigurationError, DatabaseError
from readiness_gate.model.evidence import TextEvidence
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from readiness_gate.stack.base import Stack
from tests.checks.database.build import access, context
from tests.database.mariadb import MariaDatabase
from tests.database.postgres import PASSWORD, Database
from tests.database.sqlite import File

Server = Database | MariaDatabase
SCHEMA = """
CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY);
INSERT INTO alembic_version VALUES ('abc');
CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(40));
CREATE TABLE visits (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL,
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE);
CREATE INDEX visits_user ON visits (user_id);
INSERT INTO users VALUES (1, 'it''s'), (2, 'ü%');
INSERT INTO visits VALUES (1, 1), (2, 1), (3, 2);
"""


class InContainer:
    """Runs what the check asks for inside the server's container."""

    def __init__(self, server: Server, *, before: Mapping[str, str] | None = None) -> None:
        self.server = server
        self.before = before or {}
        self.ran: list[str] = []

    def execute(
        self,
        service: str,
        command: Sequence[str],
        *,
        timeout: float,
        environment: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        directory: str | None = None,
    ) -> Completed:
        assert not any(PASSWORD in word for word in command)
        self.ran.append(" ".join(command))
        for word, statement in self.before.items():
            if word in command[0] or (len(command) > 2 and word in command[2]):
                self.server.execute(statement)
        done = self.server.server.container.exec_run(
            list(command), environment=dict(environment or {}), demux=True
        )
        out, err = ((part or b"").decode() for part in cast(tuple[bytes, bytes], done.output))
        return Completed(tuple(command), done.exit_code, out, err, 0.5)


def run(database: Server, stack: InContainer | None = None, **given: Any) -> CheckResult:
    options = BackupRestoreOptions.model_validate_json(json.dumps(given))
    used = stack or InContainer(database)
    made = replace(context(access(database, service="db")), stack=cast(Stack, used))
    return CHECK.run(made, options)


def databases(server: Server) -> set[str]:
    if isinstance(server, Database):
        with server.server.connect("postgres") as connection:
            rows = connection.execute("SELECT datname FROM pg_database").fetchall()
    else:
        with server.server.connect(None) as connection, connection.cursor() as cursor:
            cursor.execute("SHOW DATABASES")
            rows = list(cursor.fetchall())
    return {row[0] for row in rows if row[0].startswith("readiness_gate")}


@pytest.fixture(params=["postgres", "mariadb"])
def server(request: pytest.FixtureRequest) -> Server:
    made = request.getfixturevalue(request.param)
    assert isinstance(made, Server)
    made.execute(SCHEMA)
    return made


@pytest.mark.docker
def test_a_backup_that_comes_back_the_same_passes_and_leaves_nothing(server: Server) -> None:
    found = run(server, within="1m")
    assert found.outcome is Outcome.PASSED, found
    assert found.summary == "3 tables with 6 rows restored in 0.5 s, and the same"
    assert databases(server) == set()
    left = server.server.container.exec_run(["sh", "-c", "ls /tmp/readiness-gate-* 2>/dev/null"])
    assert left.output == b""


@pytest.mark.docker
def test_a_restore_that_takes_longer_than_promised_fails(server: Server) -> None:
    found = run(server, within="100ms")
    assert (found.outcome, found.summary) == (
        Outcome.FAILED,
        "the restore took 0.5 s, more than 0 s",
    )


@pytest.mark.docker
def test_an_orphan_that_a_valid_key_hides_makes_a_backup_that_cannot_be_restored(
    postgres: Database,
) -> None:
    postgres.execute(SCHEMA)
    postgres.execute("SET session_replication_role = replica; INSERT INTO visits VALUES (9, 77)")
    found = run(postgres)
    assert found.outcome is Outcome.FAILED
    assert found.summary.startswith("the restore failed: ")
    assert databases(postgres) == set()


@pytest.mark.docker
def test_an_orphan_that_a_restore_does_not_look_for_is_found_in_the_copy(
    mariadb: MariaDatabase,
) -> None:
    mariadb.execute(SCHEMA)
    mariadb.execute("SET SESSION foreign_key_checks = 0; INSERT INTO visits VALUES (9, 77)")
    found = run(mariadb)
    assert found.outcome is Outcome.FAILED
    assert found.summary == (
        "the restored copy is another: 1 orphaned rows under visits(user_id) → users(id)"
    )


@pytest.mark.docker
def test_what_the_team_s_own_backup_leaves_out_fails(postgres: Database) -> None:
    postgres.execute(SCHEMA)
    found = run(
        postgres,
        command=[
            "sh",
            "-c",
            f'pg_dump -U postgres -T visits -Fc -f "$BACKUP_FILE" {postgres.name}',
        ],
        restore=["sh", "-c", 'pg_restore -U postgres -d "$SCRATCH_DATABASE" "$BACKUP_FILE"'],
    )
    assert found.outcome is Outcome.FAILED
    assert found.summary.startswith("the restored copy is another: table visits is missing")


@pytest.mark.docker
def test_the_team_s_own_way_passes_too(postgres: Database) -> None:
    postgres.execute(SCHEMA)
    found = run(
        postgres,
        command=["sh", "-c", f'pg_dump -U postgres -Fc -f "$BACKUP_FILE" {postgres.name}'],
        restore=["sh", "-c", 'pg_restore -U postgres -d "$SCRATCH_DATABASE" "$BACKUP_FILE"'],
    )
    assert found.outcome is Outcome.PASSED, found


@pytest.mark.docker
def test_rows_that_come_while_postgresql_is_dumped_do_not_matter(postgres: Database) -> None:
    postgres.execute(SCHEMA)
    stack = InContainer(postgres, before={"pg_dump": "INSERT INTO users VALUES (3, 'late')"})
    assert run(postgres, stack).outcome is Outcome.PASSED


@pytest.mark.docker
def test_rows_that_come_meanwhile_leave_nothing_to_compare(mariadb: MariaDatabase) -> None:
    mariadb.execute(SCHEMA)
    stack = InContainer(mariadb, before={"dump": "INSERT IGNORE INTO users VALUES (3, 'late')"})
    found = run(mariadb, stack)
    assert (found.outcome, found.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert found.summary.startswith("users changed while the backup was made")
    assert databases(mariadb) == set()


@pytest.mark.docker
def test_a_tool_that_is_not_there_is_no_verdict_and_no_password_is_shown(
    postgres: Database,
) -> None:
    postgres.execute(SCHEMA)
    found = run(
        postgres,
        command=["sh", "-c", 'echo "secret $PGPASSWORD" >&2; exit 127'],
        restore=["true"],
    )
    assert (found.outcome, found.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)
    (shown,) = found.evidence
    assert isinstance(shown, TextEvidence)
    assert shown.text.strip() == "secret ***"
    assert "***" in found.summary


@pytest.mark.docker
def test_a_database_without_rows_proves_nothing(postgres: Database) -> None:
    postgres.execute("CREATE TABLE t (a int)")
    found = run(postgres)
    assert (found.outcome, found.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


def of_file(database: File, folder: Path) -> CheckResult:
    made = replace(context(access(database)), scratch=str(folder))
    return CHECK.run(made, BackupRestoreOptions())


def test_a_file_is_copied_by_sqlite(sqlite: File, tmp_path: Path) -> None:
    sqlite.execute(SCHEMA)
    found = of_file(sqlite, tmp_path)
    assert found.outcome is Outcome.PASSED
    assert found.summary.startswith("3 tables with 6 rows restored in ")


def test_orphans_of_a_file_are_found_in_the_copy(sqlite: File, tmp_path: Path) -> None:
    sqlite.execute(SCHEMA + "INSERT INTO visits VALUES (9, 77)")
    found = of_file(sqlite, tmp_path)
    assert found.outcome is Outcome.FAILED
    assert "1 orphaned rows" in found.summary


def test_a_file_that_is_damaged_fails(sqlite: File, tmp_path: Path) -> None:
    sqlite.execute(SCHEMA)
    sqlite.execute("CREATE INDEX part ON users (name) WHERE id > 0")
    page = sqlite.value("SELECT rootpage FROM sqlite_schema WHERE name = 'part'")
    size = sqlite.value("PRAGMA page_size")
    assert isinstance(page, int)
    assert isinstance(size, int)
    content = bytearray(sqlite.path.read_bytes())
    content[(page - 1) * size : page * size] = b"\0" * size
    sqlite.path.write_bytes(bytes(content))
    found = of_file(sqlite, tmp_path)
    assert found.outcome is Outcome.FAILED
    assert found.summary.startswith("the backup failed: ")


def test_a_file_that_is_not_there_is_an_error(sqlite: File, tmp_path: Path) -> None:
    sqlite.path.unlink()
    with pytest.raises(DatabaseError):
        of_file(sqlite, tmp_path)


def test_nothing_is_restored_beside_somebody_else_s(sqlite: File) -> None:
    with pytest.raises(ConfigurationError, match="somebody else's"):
        CHECK.run(context(access(sqlite, owned=False)), BackupRestoreOptions())


@pytest.mark.parametrize("options", [{"command": "x"}, {"restore": "x"}, {"within": "0s"}])
def test_half_of_a_way_is_refused(options: object) -> None:
    with pytest.raises(ValidationError):
        BackupRestoreOptions.model_validate_json(json.dumps(options))
