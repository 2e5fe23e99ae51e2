"""Projects that are not one `env.py` on one database by an administrator."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from readiness_gate.checks.database import (
    migrations_applied,
    migrations_data_safety,
    migrations_lint,
    migrations_reversible,
)
from readiness_gate.errors import DatabaseError
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.checks.database import test_migrations_applied, test_migrations_data_safety
from tests.checks.database.build import access
from tests.checks.database.rehearsed import OneOff, Project
from tests.database.mariadb import MariaDatabase
from tests.database.postgres import PASSWORD, Database
from tests.database.sqlite import File

SEVERAL = """
from alembic import context
import sqlalchemy as sa
for name, url in {urls!r}.items():
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection, upgrade_token=f"{{name}}_upgrades",
            downgrade_token=f"{{name}}_downgrades",
        )
        with context.begin_transaction():
            context.run_migrations(engine_name=name)
"""
REVISION = """
from alembic import op
import sqlalchemy as sa
revision = {name!r}
down_revision = {down!r}
def upgrade(engine_name):
    globals()["up_" + engine_name]()
def downgrade(engine_name):
    globals()["down_" + engine_name]()
def up_users():
    {users}
def down_users():
    {users_back}
def up_goods():
    {goods}
def down_goods():
    {goods_back}
"""
TABLES = (
    "CREATE TABLE {0} (id INTEGER PRIMARY KEY); INSERT INTO {0} VALUES (1), (2);"
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);"
    "INSERT INTO alembic_version VALUES ('a')"
)


class Several(Project):
    """One history over two databases, as Alembic's template `multidb` has it."""

    def __init__(self, folder: Path, users: Any, goods: Any) -> None:
        super().__init__(folder, users)
        self.others = {"users": users, "goods": goods}
        urls = {name: one.url for name, one in self.others.items()}
        self.write("migrations/env.py", SEVERAL.format(urls=urls))
        self.several("a", None)
        self.is_the_base()

    def several(self, name: str, down: str | None, **parts: str) -> None:
        given = dict.fromkeys(("users", "users_back", "goods", "goods_back"), "pass") | parts
        text = REVISION.format(name=name, down=down, **given)
        self.write(f"migrations/versions/{name}_.py", text)

    def look(self, module: Any, database: str, **options: Any) -> CheckResult:
        given = self.context()
        project = given.databases["main"].alembic
        opened = {
            name: replace(access(one, name=name), alembic=project, before=one.url)
            for name, one in self.others.items()
        }
        chosen = module.CHECK.options.model_validate({"database": database, **options})
        result: CheckResult = module.CHECK.run(replace(given, databases=opened), chosen)
        return result


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgres", marks=pytest.mark.docker),
        pytest.param("mariadb", marks=pytest.mark.docker),
    ]
)
def several(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Several]:
    first = request.getfixturevalue(request.param)
    second: Any = (
        File(tmp_path / "goods.db") if isinstance(first, File) else type(first)(first.server)
    )
    for name, one in (("users", first), ("goods", second)):
        one.execute(TABLES.format(name))
    yield Several(tmp_path, first, second)
    if not isinstance(second, File):
        second.drop()


def test_every_database_of_one_history_is_copied_and_none_is_touched(several: Several) -> None:
    several.several(
        "b",
        "a",
        goods="op.add_column('goods', sa.Column('x', sa.Integer))",
        goods_back="op.drop_column('goods', 'x')",
    )
    for database in ("users", "goods"):
        result = several.look(migrations_reversible, database)
        assert result.outcome is Outcome.PASSED, (database, result)
        result = several.look(migrations_lint, database)
        assert result.outcome is Outcome.PASSED, (database, result)
    several.several("b", "a", goods="op.execute('DELETE FROM goods WHERE id = 2')")
    for one in several.others.values():
        assert one.value("SELECT version_num FROM alembic_version") == "a"
    assert several.others["goods"].value("SELECT count(*) FROM goods") == 2


@pytest.mark.parametrize("broken", ["users", "goods"])
def test_a_loss_in_either_database_is_found(several: Several, broken: str) -> None:
    several.several("b", "a", **{broken: f"op.execute('DELETE FROM {broken} WHERE id = 2')"})
    for database in ("users", "goods"):
        result = several.look(migrations_data_safety, database)
        assert result.outcome is Outcome.FAILED, (database, result)
        assert f"{broken}: 2 rows before, 1 after" in result.summary


@pytest.mark.parametrize("broken", ["users", "goods"])
def test_a_step_of_either_database_that_has_no_way_back_is_found(
    several: Several, broken: str
) -> None:
    change = f"op.add_column('{broken}', sa.Column('x', sa.Integer))"
    several.several("b", "a", **{broken: change})
    result = several.look(migrations_reversible, "users")
    assert result.outcome is Outcome.FAILED, result
    assert "x" in result.summary


@pytest.mark.parametrize("broken", ["users", "goods"])
def test_a_hidden_error_of_either_database_is_no_step(several: Several, broken: str) -> None:
    env = several.folder / "migrations/env.py"
    text = env.read_text().replace(
        "            context.run_migrations(engine_name=name)",
        "            try:\n                context.run_migrations(engine_name=name)\n"
        "            except Exception as problem:\n                print(problem)",
    )
    env.write_text(text)
    several.several("b", "a", **{broken: "raise KeyError('x')"})
    for module in (migrations_lint, migrations_data_safety, migrations_reversible):
        result = several.look(module, "users")
        assert result.outcome is Outcome.ERROR, (module.__name__, result)
        assert "env.py hid the error of revision b" in result.summary
    several.several("a", None, users="op.execute('CREATE TABLE users (id INT)')")
    given = several.context()
    project = given.databases["main"].alembic
    run = test_migrations_applied.ran(heads=("b",), after=("b",))
    opened = {
        name: replace(access(one, name=name), alembic=project, run=run)
        for name, one in several.others.items()
    }
    options = migrations_applied.CHECK.options.model_validate(
        {"database": "users", "from_empty": True}
    )
    result = migrations_applied.CHECK.run(replace(given, databases=opened), options)
    assert result.outcome is Outcome.FAILED, result
    assert "env.py hid the error of revision b" in result.summary


@pytest.mark.parametrize("broken", ["users", "goods"])
def test_a_hidden_failure_to_open_either_database_is_no_step(several: Several, broken: str) -> None:
    several.several("b", "a", goods="op.add_column('goods', sa.Column('x', sa.Integer))")
    env = several.folder / "migrations/env.py"
    lines = env.read_text().splitlines()
    place = next(n for n, line in enumerate(lines) if "create_engine" in line)
    lines[place:] = [
        "    try:",
        f"        if name == {broken!r}:",
        "            url = url.replace('sqlite:///', 'sqlite:////gone')",
        "            url = __import__('re').sub(r':\\d+/', ':9/', url)",
        *(f"    {line}" for line in lines[place:]),
        "    except Exception as problem:",
        "        print(problem)",
    ]
    env.write_text("\n".join(lines))
    for module in (migrations_lint, migrations_data_safety, migrations_reversible):
        result = several.look(module, "users")
        assert result.outcome is Outcome.ERROR, (module.__name__, result)
        told = (
            "cannot be seen beside it" if isinstance(several.others[broken], File) else "hid that"
        )
        assert told in result.summary, (module.__name__, result)


class Administered(OneOff):
    """A service whose environment tells root's password, as the official image has it."""

    def environment(self, service: str) -> Mapping[str, str]:
        return {"MARIADB_ROOT_PASSWORD": PASSWORD}


@pytest.fixture
def narrow(mariadb: MariaDatabase) -> str:
    """A user of one database, with a password of its own."""
    user = f"u_{mariadb.name[2:]}"
    mariadb.execute(
        f"CREATE USER '{user}'@'%' IDENTIFIED BY 'pass%w:rd@/';"
        f"GRANT ALL ON {mariadb.name}.* TO '{user}'@'%'"
    )
    return user


@pytest.mark.docker
def test_a_user_of_one_database_of_mariadb_works_through_root(
    tmp_path: Path, mariadb: MariaDatabase, narrow: str
) -> None:
    project = test_migrations_data_safety.filled(tmp_path, mariadb)
    url = mariadb.url_of(narrow)
    project.stack = Administered(project.folder)
    env = project.folder / "migrations/env.py"
    env.write_text(env.read_text().replace(mariadb.url, url))
    project.revision(
        "b",
        "a",
        "op.add_column('parent', sa.Column('x', sa.Integer))",
        "op.drop_column('parent', 'x')",
    )

    def look(module: Any, **options: Any) -> CheckResult:
        given = project.context()
        opened = replace(given.databases["main"], url=url)
        if module is migrations_applied:
            opened = replace(opened, run=test_migrations_applied.ran(heads=("b",), after=("b",)))
        chosen = module.CHECK.options.model_validate(options)
        result: CheckResult = module.CHECK.run(replace(given, databases={"main": opened}), chosen)
        return result

    for module in (migrations_data_safety, migrations_reversible, migrations_lint):
        result = look(module)
        assert result.outcome is Outcome.PASSED, (module.__name__, result)
    project.revision("a", None, "op.create_table('parent', sa.Column('id', sa.Integer))")
    assert look(migrations_applied, from_empty=True).outcome is Outcome.PASSED
    # Whoever may create no database, and is told no password of root's, is told so.
    project.stack = OneOff(project.folder)
    with pytest.raises(DatabaseError) as told:
        look(migrations_lint)
    assert "Access denied" in told.value.message
    assert quote(PASSWORD, safe="") not in told.value.message
    assert PASSWORD not in told.value.message
    assert mariadb.value(
        "SELECT count(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'readiness%'"
    ) == 0  # fmt: skip


def test_a_driver_that_the_target_does_not_have_is_named(tmp_path: Path, sqlite: File) -> None:
    project = Project(tmp_path, sqlite)
    project.table("a", None)
    env = project.folder / "migrations/env.py"
    env.write_text("import no_such_driver\n" + env.read_text())
    result = project.check(migrations_lint.CHECK)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert "ModuleNotFoundError: No module named" in result.summary


@pytest.mark.docker
def test_a_way_to_a_server_without_its_driver_is_named(tmp_path: Path, postgres: Database) -> None:
    project = Project(tmp_path, postgres)
    project.table("a", None)
    env = project.folder / "migrations/env.py"
    env.write_text(env.read_text().replace("+psycopg:", "+pg8000:"))
    result = test_migrations_applied.from_empty(project)
    assert result.outcome is Outcome.FAILED
    assert "No module named 'pg8000'" in result.summary
