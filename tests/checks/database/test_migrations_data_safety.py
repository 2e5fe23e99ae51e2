from pathlib import Path

import pytest

from readiness_gate.checks.database.migrations_data_safety import CHECK
from readiness_gate.database.scratch import make, remove
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass, Outcome
from tests.checks.database.rehearsed import ENFORCED, Project
from tests.database.mariadb import MariaDatabase
from tests.database.postgres import Database
from tests.database.sqlite import File

TABLES = (
    "CREATE TABLE parent (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(20));"
    "CREATE TABLE child (id INTEGER NOT NULL PRIMARY KEY, parent_id INTEGER, CONSTRAINT fk "
    "FOREIGN KEY (parent_id) REFERENCES parent (id) ON DELETE CASCADE);"
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);"
    "INSERT INTO alembic_version VALUES ('a');"
)
ROWS = (
    "INSERT INTO parent VALUES (1, 'x'), (2, 'y');"
    "INSERT INTO child VALUES (10, 1), (11, 2), (12, 2);"
)
BATCH = (
    "with op.batch_alter_table('parent', recreate='always') as batch:\n"
    "    batch.alter_column('name', type_=sa.String(40))"
)


def filled(folder: Path, database: File | Database | MariaDatabase) -> Project:
    project = Project(folder, database)
    project.revision("a", None, "pass")
    project.is_the_base()
    database.execute(TABLES + ROWS)
    project.before = database.url
    return project


@pytest.fixture
def project(tmp_path: Path, sqlite: File) -> Project:
    return filled(tmp_path, sqlite)


def test_rows_that_stay_pass(project: Project) -> None:
    project.revision("b", "a", "op.add_column('parent', sa.Column('x', sa.Integer))")
    result = project.check(CHECK)
    assert result.outcome is Outcome.PASSED, result
    assert result.summary == "5 rows in 2 tables conserved over 1 revision"


def test_a_batch_of_sqlite_that_deletes_the_children_by_cascade_is_caught(
    project: Project, sqlite: File
) -> None:
    project.environment(after=ENFORCED)
    project.revision("b", "a", BATCH)
    result = project.check(CHECK)
    assert result.outcome is Outcome.FAILED, result
    assert result.summary == "revision b loses rows of child: 3 rows before, 0 after"
    assert sqlite.value("SELECT count(*) FROM child") == 3


def test_the_same_batch_without_enforcement_keeps_the_rows(project: Project) -> None:
    project.revision("b", "a", BATCH)
    assert project.check(CHECK).outcome is Outcome.PASSED


def test_a_loss_that_is_declared_with_a_reason_passes(project: Project) -> None:
    project.revision("b", "a", "op.execute('DELETE FROM child WHERE id > 10')")
    assert project.check(CHECK).outcome is Outcome.FAILED
    meant = [{"revision": "b", "table": "child", "reason": "orphans"}]
    result = project.check(CHECK, losses=meant)
    assert result.outcome is Outcome.PASSED, result
    assert result.summary.endswith("; 1 loss meant")
    other = [{"revision": "c", "table": "child", "reason": "orphans"}]
    assert project.check(CHECK, losses=other).outcome is Outcome.FAILED


def test_as_many_rows_with_other_keys_are_a_loss(project: Project) -> None:
    project.revision("b", "a", "op.execute('UPDATE child SET id = id + 100')")
    result = project.check(CHECK)
    assert result.outcome is Outcome.FAILED
    assert "3 of 3 rows are gone, others came" in result.summary


def test_a_renamed_table_lost_nothing_and_a_dropped_one_everything(project: Project) -> None:
    project.revision("b", "a", "op.rename_table('child', 'kid')")
    assert project.check(CHECK).outcome is Outcome.PASSED
    project.revision("c", "b", "op.drop_table('kid')")
    result = project.check(CHECK)
    assert "revision c loses rows of kid: 3 rows before, 0 after" in result.summary


def test_the_step_that_loses_is_told_though_a_later_one_fills_again(project: Project) -> None:
    project.revision("b", "a", "op.execute('DELETE FROM child')")
    project.revision("c", "b", "op.execute('INSERT INTO child VALUES (10,1),(11,2),(12,2)')")
    result = project.check(CHECK)
    assert "revision b loses rows of child" in result.summary
    table = next(each for each in result.evidence if isinstance(each, TableEvidence))
    assert table.rows == (("b", "child", "3", "0", "3", "no"),)


def test_a_database_without_rows_proves_nothing(tmp_path: Path, sqlite: File) -> None:
    project = Project(tmp_path, sqlite)
    project.table("a", None)
    result = project.check(CHECK)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert "nothing could be lost" in result.summary


MANY = "WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n LIMIT 200001)"


def many(database: File | Database | MariaDatabase) -> None:
    """More rows than are read."""
    rows = (
        "FROM generate_series(100, 200100) n(i)"
        if isinstance(database, Database)
        else "FROM seq_100_to_200100 n"
        if isinstance(database, MariaDatabase)
        else "FROM n"
    )
    number = "seq" if isinstance(database, MariaDatabase) else "i"
    with_ = MANY if isinstance(database, File) else ""
    database.execute(f"{with_} INSERT INTO child SELECT {number}, 1 {rows}")


def large(project: Project) -> None:
    """What a step does to a table that is too large to be read."""
    many(project.database)
    project.revision("b", "a", "op.add_column('child', sa.Column('x', sa.Integer))")
    result = project.check(CHECK)
    assert result.outcome is Outcome.PASSED, result
    assert result.summary == "200006 rows in 2 tables conserved over 1 revision"
    for step, line in (
        ("UPDATE child SET id = -id", "some of 200004 rows are gone, others came"),
        ("UPDATE child SET id = 999999 WHERE id = 5000", "some of 200004 rows are gone"),
        ("DELETE FROM child WHERE id = 5000", "200004 rows before, 200003 after"),
        ("ALTER TABLE child RENAME TO grandchild", ""),
        ("INSERT INTO child VALUES (999999, 1)", ""),
    ):
        project.revision("b", "a", f"op.execute('{step}')")
        result = project.check(CHECK)
        assert result.outcome is (Outcome.FAILED if line else Outcome.PASSED), (step, result)
        assert line in result.summary
    between = "INSERT INTO child VALUES (50, 1)"
    project.revision("b", "a", f"op.execute('{between}')")
    result = project.check(CHECK)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert result.summary.startswith("revision b adds rows to child between those that were there")
    exchanged = f"op.execute('DELETE FROM child WHERE id = 5000')\nop.execute('{between}')"
    project.revision("b", "a", exchanged)
    assert "some of 200004 rows are gone" in project.check(CHECK).summary


@pytest.mark.slow
def test_the_keys_of_a_table_too_large_to_be_read_are_compared_by_digest(project: Project) -> None:
    large(project)


def test_a_table_that_grows_too_large_within_a_step_keeps_its_keys(project: Project) -> None:
    grow = f"{MANY} INSERT INTO child SELECT i, 1 FROM n"
    project.revision(
        "b", "a", f"op.execute('{grow}')\nop.execute('DELETE FROM child WHERE id = 11')"
    )
    result = project.check(CHECK)
    assert result.summary == "revision b loses rows of child: some of 3 rows are gone, others came"


WITHOUT = (
    "CREATE TABLE loose (name VARCHAR(9), n INTEGER); INSERT INTO loose VALUES ('a', 1), ('b', 2)"
)
ANEW = (
    "op.execute('CREATE TABLE made (id INTEGER, parent_id INTEGER)')\n"
    "op.execute('INSERT INTO made SELECT {} FROM child')\n"
    "op.execute('DROP TABLE child')\nop.execute('ALTER TABLE made RENAME TO child')"
)


def keyless(project: Project) -> None:
    """What steps do to tables that have no key, or none any more."""
    project.database.execute(WITHOUT)
    for step, outcome in (
        ("op.execute('UPDATE parent SET id = id')", Outcome.PASSED),
        ("op.execute(\"INSERT INTO loose VALUES ('c', 3)\")", Outcome.PASSED),
        ("op.execute(\"UPDATE loose SET name = 'x' WHERE n = 2\")", Outcome.ERROR),
        (
            (
                "op.execute('DELETE FROM loose WHERE n = 1')\n"
                "op.execute(\"INSERT INTO loose VALUES ('b', 2), ('c', 3)\")"
            ),
            Outcome.ERROR,
        ),
        (
            (
                "op.execute('DELETE FROM loose WHERE n = 1')\n"
                "op.execute(\"INSERT INTO loose VALUES ('b', 2)\")"
            ),
            Outcome.ERROR,
        ),
        ("op.execute('DELETE FROM loose WHERE n = 1')", Outcome.FAILED),
    ):
        project.revision("b", "a", step)
        result = project.check(CHECK)
        assert result.outcome is outcome, (step, result)
        if outcome is Outcome.ERROR:
            assert result.error_class is ErrorClass.INCONCLUSIVE
            assert result.summary == (
                "revision b changes rows of loose, which have no key to tell them by: it is not "
                "known whether all that were there stayed"
            )
            meant = [{"revision": "b", "table": "loose", "reason": "new names"}]
            assert project.check(CHECK, losses=meant).outcome is Outcome.PASSED
    project.revision("b", "a", ANEW.format("id, parent_id"))
    result = project.check(CHECK)
    assert result.outcome is Outcome.PASSED, result
    project.revision("b", "a", ANEW.format("id + 100, parent_id"))
    result = project.check(CHECK)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE), result
    assert result.summary.startswith("revision b changes rows of child, which have no key")
    project.revision(
        "b", "a", "op.add_column('loose', sa.Column('x', sa.Integer, server_default='1'))"
    )
    result = project.check(CHECK)
    assert result.outcome is Outcome.PASSED, result
    assert result.summary.endswith("; only counted, because their columns changed: loose")


def test_rows_without_a_key_are_not_taken_for_conserved(project: Project) -> None:
    keyless(project)


@pytest.mark.docker
def test_rows_of_postgresql_without_a_key_are_not_taken_for_conserved(
    tmp_path: Path, postgres: Database
) -> None:
    keyless(filled(tmp_path, postgres))


@pytest.mark.docker
def test_rows_of_mariadb_without_a_key_are_not_taken_for_conserved(
    tmp_path: Path, mariadb: MariaDatabase
) -> None:
    keyless(filled(tmp_path, mariadb))


def test_a_large_table_that_loses_its_key_is_not_taken_for_conserved(project: Project) -> None:
    many(project.database)
    project.revision("b", "a", ANEW.format("id + 1, parent_id"))
    result = project.check(CHECK)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE), result
    assert result.summary.startswith("revision b changes rows of child, which have no key")


OTHER_KEY = (
    "op.execute('CREATE TABLE made ({})')\n"
    "op.execute('INSERT INTO made SELECT {} FROM child')\n"
    "op.execute('DROP TABLE child')\nop.execute('ALTER TABLE made RENAME TO child')"
)
WIDER = "id INTEGER NOT NULL, parent_id INTEGER NOT NULL, PRIMARY KEY (parent_id, id)"
RENAMED = "number INTEGER NOT NULL PRIMARY KEY, parent_id INTEGER"


def other_key(project: Project, rows: str = "3 of 3") -> None:
    """What steps do that give a table another key."""
    text = "CHAR" if isinstance(project.database, MariaDatabase) else "VARCHAR(20)"
    words = "id VARCHAR(20) NOT NULL PRIMARY KEY, parent_id INTEGER"
    for columns, values, outcome in (
        (WIDER, "id, parent_id", Outcome.PASSED),
        (WIDER, "-id, parent_id", Outcome.FAILED),
        (RENAMED, "id, parent_id", Outcome.PASSED),
        (RENAMED, "id + 1000000, parent_id", Outcome.ERROR),
        (words, f"CAST(id AS {text}), parent_id", Outcome.PASSED),
    ):
        project.revision("b", "a", OTHER_KEY.format(columns, values))
        result = project.check(CHECK)
        assert result.outcome is outcome, (columns, values, result)
        if outcome is Outcome.FAILED:
            assert f"{rows} rows are gone, others came" in result.summary
        if outcome is Outcome.ERROR:
            assert result.error_class is ErrorClass.INCONCLUSIVE
            assert result.summary.startswith("revision b changes rows of child, which have no key")


def test_a_table_with_another_key_is_compared_by_the_old_one(project: Project) -> None:
    other_key(project)


@pytest.mark.docker
def test_a_table_of_postgresql_with_another_key_is_compared_by_the_old_one(
    tmp_path: Path, postgres: Database
) -> None:
    other_key(filled(tmp_path, postgres))


@pytest.mark.docker
def test_a_table_of_mariadb_with_another_key_is_compared_by_the_old_one(
    tmp_path: Path, mariadb: MariaDatabase
) -> None:
    other_key(filled(tmp_path, mariadb))


@pytest.mark.slow
def test_a_large_table_with_another_key_is_compared_by_the_old_one(project: Project) -> None:
    many(project.database)
    for values, outcome in (("id, parent_id", Outcome.PASSED), ("-id, parent_id", Outcome.FAILED)):
        project.revision("b", "a", OTHER_KEY.format(WIDER, values))
        result = project.check(CHECK)
        assert result.outcome is outcome, (values, result)
    project.revision("b", "a", OTHER_KEY.format(RENAMED, "-id, parent_id"))
    result = project.check(CHECK)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE), result


def test_rows_of_revisions_are_not_those_of_the_database(project: Project) -> None:
    project.before = ""
    statements = f"{TABLES.partition('INSERT')[0]}{ROWS}".split(";")
    made = [one for one in statements if one.strip() and "alembic_version" not in one]
    project.revision("a", None, f"for one in {made!r}:\n    op.execute(one)")
    project.is_the_base()
    project.revision("b", "a", "op.add_column('parent', sa.Column('x', sa.Integer))")
    result = project.check(CHECK)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert "no copy of main was made before the upgrade" in result.summary


def test_a_copy_that_has_the_new_revision_already_proves_nothing(
    project: Project, sqlite: File
) -> None:
    project.revision("b", "a", "pass")
    sqlite.execute("UPDATE alembic_version SET version_num = 'b'")
    result = project.check(CHECK)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert "b was applied before" in result.summary


def judged(project: Project) -> None:
    project.revision("b", "a", "op.add_column('parent', sa.Column('x', sa.Integer))")
    result = project.check(CHECK)
    assert result.outcome is Outcome.PASSED, result
    assert result.summary == "5 rows in 2 tables conserved over 1 revision"
    project.revision("c", "b", "op.execute('DELETE FROM parent WHERE id = 2')")
    result = project.check(CHECK)
    assert result.outcome is Outcome.FAILED, result
    assert "child: 3 rows before, 1 after" in result.details
    assert "parent: 2 rows before, 1 after" in result.details
    assert project.database.value("SELECT count(*) FROM child") == 3


@pytest.mark.docker
def test_postgresql_rows_are_compared_on_a_copy(tmp_path: Path, postgres: Database) -> None:
    judged(filled(tmp_path, postgres))


@pytest.mark.docker
def test_digests_of_postgresql_are_its_own(tmp_path: Path, postgres: Database) -> None:
    large(filled(tmp_path, postgres))


@pytest.mark.docker
def test_digests_of_mariadb_are_its_own(tmp_path: Path, mariadb: MariaDatabase) -> None:
    large(filled(tmp_path, mariadb))


@pytest.mark.docker
def test_mariadb_rows_are_compared_on_a_copy(tmp_path: Path, mariadb: MariaDatabase) -> None:
    judged(filled(tmp_path, mariadb))


@pytest.mark.docker
def test_a_copy_of_postgresql_has_the_owner_and_the_settings(postgres: Database) -> None:
    postgres.execute(f"ALTER DATABASE {postgres.name} SET search_path TO app, public")
    made = make(postgres.url, source=postgres.url)
    try:
        told = postgres.value(
            "SELECT s.setconfig[1] FROM pg_db_role_setting s JOIN pg_database d "
            f"ON d.oid = s.setdatabase WHERE d.datname = '{made.name}'"
        )
        assert told == "search_path=app, public"
    finally:
        remove(made)


@pytest.mark.docker
def test_a_copy_of_mariadb_has_keys_views_triggers_and_computed_columns(
    mariadb: MariaDatabase,
) -> None:
    mariadb.execute(
        TABLES + ROWS + "CREATE TABLE c (id INT PRIMARY KEY, d INT AS (id * 2) STORED);"
        "INSERT INTO c (id) VALUES (4);"
        "CREATE VIEW v AS SELECT id FROM parent;"
        "CREATE TRIGGER t BEFORE INSERT ON c FOR EACH ROW SET NEW.id = NEW.id + 1"
    )
    made = make(mariadb.url, source=mariadb.url)
    try:
        counted = "SELECT count(*) FROM information_schema.{} WHERE {} = '" + made.name + "'"
        assert mariadb.value(f"SELECT d FROM {made.name}.c") == 8
        assert mariadb.value(f"SELECT count(*) FROM {made.name}.v") == 2
        assert mariadb.value(counted.format("TRIGGERS", "TRIGGER_SCHEMA")) == 1
        keys = counted.format("REFERENTIAL_CONSTRAINTS", "CONSTRAINT_SCHEMA")
        assert mariadb.value(keys) == 1
    finally:
        remove(made)
