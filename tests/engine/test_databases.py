"""The steps on databases: reached, filled at the base, upgraded to the head, never over orphans."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from readiness_gate.checks.context import DatabaseAccess
from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.programs import Completed
from readiness_gate.doors.workspace import Workspace
from readiness_gate.engine.databases import DatabaseSteps
from readiness_gate.engine.reach import Place, file_of, reach
from readiness_gate.errors import ConfigurationError, StackError
from readiness_gate.stack.base import Address
from tests.engine.builders import policy
from tests.fakes.stack import Call, FakeStack, completed
from tests.forge.clock import FakeClock
from tests.migrations.builders import revision_file

PROJECT = {
    "alembic.ini": b"[alembic]\nscript_location = migrations\n",
    "migrations/env.py": b"",
    "migrations/versions/a_.py": revision_file("a"),
    "migrations/versions/b_.py": revision_file("b", "a"),
}
FILE = "databases: {main: {service: api, url: 'sqlite:///data/app.db', migrations: {}"


def answer(call: Call, **changed: object) -> Completed:
    """What the probe says: the database stands at `a`, and goes to `b`."""
    asked = json.loads(call.command[-1])
    upgrade = asked["command"] == "upgrade"
    said = {
        "heads": ["b"], "before": ["a"], "after": ["b"] if upgrade else ["a"],
        "applied": ["b"] if upgrade else [], "pending": [] if upgrade else ["b"],
        "tables": 1, "failed": "", "error": "", "kind": "", "complete": True, **changed,
    }  # fmt: skip
    return completed(stdout=f"\nreadiness-gate:{asked['nonce']} {json.dumps(said)}\n")


def is_probe(call: Call) -> bool:
    return call.command[1:2] == ("-",)


def probe(**changed: object) -> Callable[[Call], Completed]:
    def say(call: Call) -> Completed:
        return answer(call, **changed) if is_probe(call) else completed()

    return say


class Based(FakeStack):
    """A stack that can build the base tip's image."""

    def build_base(self, service: str, tree: str, timeout: float) -> str:
        self.done.append(f"build_base {service}")
        return "rg-base"


def project(folder: Path) -> Path:
    for name, content in PROJECT.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (folder / "data").mkdir(exist_ok=True)
    return folder


def database_steps(
    text: str,
    stack: FakeStack | None,
    workspace: Path,
    *,
    base: Path | None = None,
    compose: bool = False,
    saved: list[Path] | None = None,
) -> DatabaseSteps:
    clock = FakeClock()
    kept = [] if saved is None else saved
    return DatabaseSteps(
        databases=policy(text).loaded.config.databases,
        stack=stack,
        compose=compose,
        workspace=Workspace(project(workspace)),
        clock=clock,
        deadline=Deadline(clock, 1000),
        base_tree=lambda: base,
        save_file=kept.append,
    )


def commands(stack: FakeStack) -> list[str]:
    return [
        json.loads(call.command[-1])["command"] if is_probe(call) else " ".join(call.command)
        for call in stack.calls
    ]


# Reaching them


def test_a_file_of_the_stack_is_kept_for_teardown(tmp_path: Path) -> None:
    saved: list[Path] = []
    steps = database_steps(f"{FILE}}}}}", FakeStack(), tmp_path, saved=saved)
    access = steps.open()["main"]
    assert saved == [tmp_path / "data/app.db"]
    assert (access.dialect, access.owned, access.service) == ("sqlite", True, "api")
    assert access.migrations_directory == "migrations/versions"


def test_somebody_else_s_file_is_read_and_not_kept(tmp_path: Path) -> None:
    saved: list[Path] = []
    text = "databases: {main: {url: 'sqlite:///data/app.db'}}"
    access = database_steps(text, None, tmp_path, saved=saved).open()["main"]
    assert not access.owned
    assert saved == []


def test_a_file_whose_name_needs_escapes_is_the_file_itself(tmp_path: Path) -> None:
    steps = database_steps(
        "databases: {main: {service: api, url: 'sqlite:///a b#c.db'}}", FakeStack(), tmp_path
    )
    assert file_of(steps.open()["main"].url) == tmp_path / "a b#c.db"


def test_no_file_is_no_sqlite_file() -> None:
    with pytest.raises(ConfigurationError):
        file_of("postgresql+psycopg://u:secret@h/d")


def test_a_server_of_the_stack_is_reached_where_the_stack_says(tmp_path: Path) -> None:
    stack = FakeStack(
        images={"db": "postgres:17"},
        environments={"db": {"POSTGRES_PASSWORD": "pw", "POSTGRES_USER": "u", "POSTGRES_DB": "d"}},
        addresses={("db", 5432): Address("127.0.0.1", 1)},
    )
    config = policy("databases: {main: {service: db}}").loaded.config
    access = reach("main", config.databases["main"], Place(stack, True, Workspace(tmp_path)))
    assert access.url == "postgresql+psycopg://u:pw@127.0.0.1:1/d"


def test_services_start_first_only_where_they_serve_the_database(tmp_path: Path) -> None:
    text = "databases: {a: {service: db}, b: {service: db}, c: {service: api, url: 'sqlite:///x'}}"
    assert database_steps(text, FakeStack(), tmp_path, compose=True).services == ("db",)
    assert database_steps(text, FakeStack(), tmp_path).services == ()


# Upgrading them


def migrate(steps: DatabaseSteps) -> tuple[bool, str, dict[str, DatabaseAccess]]:
    record, databases = steps.migrate(steps.open())
    return record.succeeded, record.summary, databases


def referring(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE c (id INTEGER PRIMARY KEY, up INTEGER REFERENCES c (id))")
    connection.close()


@pytest.mark.parametrize(
    ("fill", "asked"), [(None, ["upgrade"]), (referring, ["current", "upgrade"])]
)
def test_an_own_database_is_read_where_it_holds_references_and_then_upgraded(
    fill: Callable[[Path], None] | None, asked: list[str], tmp_path: Path
) -> None:
    stack = FakeStack(answer=probe())
    steps = database_steps(f"{FILE}}}}}", stack, tmp_path)
    if fill is not None:
        fill(file_of(steps.open()["main"].url))
    done, summary, databases = migrate(steps)
    assert (done, summary) == (True, "1 revisions applied")
    assert commands(stack) == asked
    run = databases["main"].run
    assert run is not None
    assert (run.before, run.after) == (("a",), ("b",))


@pytest.mark.parametrize(
    "text",
    [
        "databases: {main: {url: 'sqlite:///data/app.db', migrations: {service: api}}}",
        f"{FILE[:-1]}run: by-stack}}}}}}",
    ],
)
def test_what_the_gate_does_not_upgrade_is_only_read(text: str, tmp_path: Path) -> None:
    stack = FakeStack(answer=probe())
    done, _, _ = migrate(database_steps(text, stack, tmp_path))
    assert done
    assert commands(stack) == ["current"]


@pytest.mark.parametrize(
    ("say", "cause"),
    [
        (probe(error="duplicate column", failed="b"), "main: duplicate column"),
        (lambda call: completed(1, stderr="boom"), "main: the probe gave no answer (exit code 1)"),
        (lambda call: completed(None), "main: the migrations did not end in 0 s"),
        (probe(complete=False), "main: the probe's answer is not complete"),
    ],
)
def test_a_probe_that_does_not_succeed_fails_the_step(
    say: Callable[[Call], Completed], cause: str, tmp_path: Path
) -> None:
    steps = database_steps(f"{FILE}}}}}", FakeStack(answer=say), tmp_path)
    done, summary, databases = migrate(steps)
    assert (done, summary) == (False, cause)
    assert databases["main"].run is not None


def orphans(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(
        "CREATE TABLE p (id INTEGER PRIMARY KEY);"
        "CREATE TABLE c (id INTEGER PRIMARY KEY, p_id INTEGER REFERENCES p (id));"
        "INSERT INTO c VALUES (1, 7), (2, 8);"
    )
    connection.close()


@pytest.mark.parametrize("file", ["data/app.db", "data/a b%20#c.db"])
def test_an_upgrade_over_orphans_is_refused(file: str, tmp_path: Path) -> None:
    stack = FakeStack(answer=probe())
    text = FILE.replace("data/app.db", file.replace("%", "%25").replace("#", "%23"))
    steps = database_steps(f"{text}}}}}", stack, tmp_path)
    orphans(file_of(steps.open()["main"].url))
    done, summary, _ = migrate(steps)
    assert not done
    assert summary.startswith("main: refused: 2 orphaned rows stand in the way of b")
    assert commands(stack) == ["current"]


def test_the_clean_up_revision_may_run_over_orphans(tmp_path: Path) -> None:
    stack = FakeStack(answer=probe())
    steps = database_steps(f"{FILE}}}}}", stack, tmp_path)
    cleaning = PROJECT["migrations/versions/b_.py"] + b'\nreadiness_gate = "clean-up"\n'
    (tmp_path / "migrations/versions/b_.py").write_bytes(cleaning)
    orphans(tmp_path / "data/app.db")
    done, _, _ = migrate(steps)
    assert done
    assert commands(stack) == ["current", "upgrade"]


def test_with_nothing_pending_orphans_are_left_to_their_own_check(tmp_path: Path) -> None:
    stack = FakeStack(answer=probe(pending=[]))
    steps = database_steps(f"{FILE}}}}}", stack, tmp_path)
    orphans(tmp_path / "data/app.db")
    assert migrate(steps)[0]


def test_migrations_without_any_service_are_a_configuration_error(tmp_path: Path) -> None:
    text = "databases: {main: {url: 'sqlite:///data/app.db', migrations: {}}}"
    with pytest.raises(ConfigurationError, match=r"need migrations\.service"):
        migrate(database_steps(text, FakeStack(), tmp_path))
    with pytest.raises(ConfigurationError, match="section stack"):
        migrate(database_steps(text, None, tmp_path))


# Filling them


SEEDED = f"{FILE}, seed: [{{command: [fill, it]}}]}}}}"


def test_the_base_is_migrated_and_filled_with_its_own_image(tmp_path: Path) -> None:
    stack = Based(answer=probe())
    base = project(tmp_path / "base")
    record = database_steps(SEEDED, stack, tmp_path / "head", base=base).seed()
    assert (record.succeeded, record.summary) == (True, "filled at the base")
    assert stack.done == ["build_base api"]
    assert commands(stack) == ["upgrade", "fill it"]
    assert {call.image for call in stack.calls} == {"rg-base"}


@pytest.mark.parametrize("case", ["no base", "no migrations at the base", "no base image"])
def test_where_the_base_cannot_be_filled_the_head_is_after_its_upgrade(
    case: str, tmp_path: Path
) -> None:
    bases = {
        "no base": None,
        "no migrations at the base": tmp_path,
        "no base image": project(tmp_path / "base"),
    }
    stack = FakeStack(answer=probe())
    steps = database_steps(SEEDED, stack, tmp_path / "head", base=bases[case])
    assert steps.seed().succeeded
    assert commands(stack) == []
    assert migrate(steps)[0]
    assert commands(stack) == ["upgrade", "fill it"]


def fails_to_fill(call: Call) -> Completed:
    return answer(call) if is_probe(call) else completed(3, stderr="no such table")


def test_a_seed_that_fails_says_so_with_its_log(tmp_path: Path) -> None:
    base = project(tmp_path / "base")
    steps = database_steps(SEEDED, Based(answer=fails_to_fill), tmp_path / "head", base=base)
    record = steps.seed()
    assert not record.succeeded
    assert record.configuration
    assert record.summary == "main: the seed fill it ended with exit code 3"
    assert record.log == "no such table"


def test_a_late_seed_that_fails_fails_the_migration_step(tmp_path: Path) -> None:
    steps = database_steps(SEEDED, FakeStack(answer=fails_to_fill), tmp_path)
    steps.seed()
    record, _ = steps.migrate(steps.open())
    assert (record.name, record.succeeded) == ("migrate", False)


def test_a_base_whose_own_migrations_fail_is_named_as_such(tmp_path: Path) -> None:
    base = project(tmp_path / "base")
    stack = Based(answer=probe(error="broken at the base"))
    record = database_steps(SEEDED, stack, tmp_path / "head", base=base).seed()
    assert not record.succeeded
    assert record.summary == "main: the base's own migrations fail: broken at the base"


def test_a_stack_that_breaks_is_heard(tmp_path: Path) -> None:
    def gone(call: Call) -> Completed:
        raise StackError("gone")

    with pytest.raises(StackError):
        migrate(database_steps(f"{FILE}}}}}", FakeStack(answer=gone), tmp_path))


# A copy from before the upgrade


def test_a_copy_from_before_the_upgrade_is_kept_until_the_end(tmp_path: Path) -> None:
    steps = database_steps(f"{FILE}}}}}", FakeStack(answer=probe()), tmp_path)
    steps.rehearsed = True
    file = tmp_path / "data/app.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS id")
    connection.close()
    _, done = steps.migrate(steps.open())
    copy = file_of(done["main"].before)
    assert copy.parent == file.parent
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (1,)
    connection.close()
    steps.close()
    assert [path.name for path in file.parent.iterdir()] == ["app.db"]


def test_no_copy_is_made_where_no_check_asks_for_one(tmp_path: Path) -> None:
    steps = database_steps(f"{FILE}}}}}", FakeStack(answer=probe()), tmp_path)
    _, done = steps.migrate(steps.open())
    assert done["main"].before == ""
