"""Real histories of migrations through every check of migrations, on SQLite and PostgreSQL.

What is printed stands in docs/migrations.md. The packages are installed into interpreters of their
own, kept beside the temporary files.
"""

import re
import shutil
import subprocess
import tempfile
import time
import venv
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks import engine, told
from benchmarks.seeds import fill
from readiness_gate.checks.base import Check
from readiness_gate.checks.database import (
    migrations_applied,
    migrations_data_safety,
    migrations_drift,
    migrations_heads,
    migrations_lint,
    migrations_reversible,
)
from readiness_gate.doors.workspace import Workspace
from readiness_gate.errors import GateError
from readiness_gate.migrations import history, probe
from readiness_gate.migrations.location import revision_files
from readiness_gate.migrations.run import MigrationRun
from tests.checks.database.rehearsed import Project
from tests.database.postgres import Database, Server
from tests.database.sqlite import File

Engine = File | Database
SECONDS = 1800.0
_NONCE = "a-history-of-others"


@dataclass(frozen=True)
class History:
    """A package with a history, and how its own program starts Alembic."""

    package: str
    folder: str
    """Its script directory below site-packages."""
    env: str
    """An env.py that runs the published one; `{published}` and `{url}` are filled in."""
    drivers: Mapping[str, str]
    also: tuple[str, ...] = ()
    """What is installed beside it; where there is none, what it asks for, of any age."""
    leave: tuple[str, ...] = ()
    """Tables that stay empty: a revision reads what is inside of a text."""
    first: tuple[str, str] = ("", "")
    """Where no revision makes the first tables: one that does, and the file that comes after."""


_MLFLOW = """
import runpy
import mlflow.store.db.utils  # as its own program has it: the models are there
from alembic import context
context.config.set_main_option("sqlalchemy.url", {url!r}.replace("%", "%%"))
runpy.run_path({published!r})
"""
_FIRST_TABLES = """
from alembic import op
from mlflow.store.tracking.dbmodels.initial_models import Base
revision, down_revision = "first", None
def upgrade():
    Base.metadata.create_all(op.get_bind())
def downgrade():
    Base.metadata.drop_all(op.get_bind())
"""
_PREFECT = """
import os
import runpy
import anyio
os.environ["PREFECT_HOME"] = os.path.join(os.getcwd(), "home")
os.environ["PREFECT_API_DATABASE_CONNECTION_URL"] = {url!r}
async def go():  # as its own program has it: in a worker thread of AnyIO
    await anyio.to_thread.run_sync(runpy.run_path, {published!r})
anyio.run(go)
"""
HISTORIES = (
    History(
        "mlflow==3.18.0",
        "mlflow/store/db_migrations",
        _MLFLOW,
        {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"},
        also=(
            "alembic", "sqlalchemy", "psycopg[binary]", "cachetools", "click", "cloudpickle",
            "databricks-sdk", "fastapi", "gitpython", "importlib_metadata", "numpy", "pandas",
            "opentelemetry-api", "opentelemetry-proto", "opentelemetry-sdk", "packaging",
            "protobuf", "pydantic", "python-dotenv", "pyyaml", "requests", "sqlparse", "uvicorn",
        ),
        leave=("spans", "span_metrics", "issues"),
        first=(_FIRST_TABLES, "451aebb31d03_add_metric_step.py"),
    ),
    History(
        "prefect==3.9.1",
        "prefect/server/database/_migrations",
        _PREFECT,
        {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"},
    ),
)  # fmt: skip
# Where the base stands: what comes later is new. A base at the beginning has the first tables.
BASES = (0.0, 0.5, 0.9)


def run() -> None:
    """Print what every check says of every history on every engine."""
    told.heading("histories: of others, through every check of migrations")
    for one in HISTORIES:
        python = interpreter(one)
        for kind in one.drivers:
            with engine_of(kind) as make, tempfile.TemporaryDirectory() as name:
                if make is not None:
                    told.heading(f"{one.package} on {kind}")
                    Looked(one, python, Path(name), make).everything()


def interpreter(one: History) -> str:
    """Return an interpreter with the package, made once and kept."""
    name = one.package.replace("==", "-")
    folder = Path(tempfile.gettempdir()) / "readiness-gate-histories" / name
    python = str(folder / "bin/python")
    if not (folder / "complete").exists():
        venv.create(folder, with_pip=True, clear=True)
        install = [python, "-m", "pip", "install", "-q"]
        subprocess.run([*install, "--no-deps", one.package], check=True, capture_output=True)
        also = one.also or _asked_for(python, one.package.partition("==")[0])
        subprocess.run([*install, *also], check=True, capture_output=True)
        (folder / "complete").touch()
    return python


def _asked_for(python: str, package: str) -> list[str]:
    code = f"import importlib.metadata as m; print(*m.requires({package!r}), sep='\\n')"
    done = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True)
    needed = [line for line in done.stdout.splitlines() if "extra ==" not in line]
    # An index may not have the newest of everything yet.
    return [re.sub(r">=[\d.]+", ">=0", line) for line in needed]


@contextmanager
def engine_of(kind: str) -> Iterator[Callable[[Path], Engine] | None]:
    """Yield what makes a database, nothing where there is no engine for it."""
    if kind == "sqlite":
        yield lambda folder: File(folder / "app.db")
    elif engine.answers():
        server = Server()
        try:
            yield lambda _: Database(server)
        finally:
            server.container.remove(force=True)
    else:
        yield None


class Looked:
    """One history on one engine."""

    def __init__(
        self, one: History, python: str, folder: Path, make: Callable[[Path], Engine]
    ) -> None:
        self.history, self.python, self.folder, self.make = one, python, folder, make
        found = subprocess.run(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        self.published = Path(found.stdout.strip()) / one.folder
        self.number = 0

    def everything(self) -> None:
        """Print what the checks say: of the whole history, and of what is new since a base."""
        if self.history.first[0]:
            told.note("as it is published")
            project = self.project(published=True)
            self.told(project, migrations_heads.CHECK)
            run = MigrationRun("main", (), (), (), ())
            run = replace(run, heads=self.order(project)[-1:], after=self.order(project)[-1:])
            self.told(project, migrations_applied.CHECK, run=run, from_empty=True)
            told.note("with a revision in front that makes the first tables")
        project = self.project()
        self.told(project, migrations_heads.CHECK)
        run = self.upgraded(project)
        self.told(project, migrations_applied.CHECK, run=run)
        self.told(project, migrations_applied.CHECK, run=run, from_empty=True)
        self.told(project, migrations_drift.CHECK)
        self.told(project, migrations_drift.CHECK, catalogue=False)
        self.told(project, migrations_reversible.CHECK, revisions="all")
        self.told(project, migrations_lint.CHECK, revisions="all")
        for part in BASES:
            count = round(len(self.order(project)) * part) or 1
            project = self.project(base=count)
            rows = fill(project.database.url, leave=self.history.leave)
            empty = f"; empty stayed {', '.join(rows[1])}" if rows[1] else ""
            told.note(f"the base has {count} revisions, its database {rows[0]} rows{empty}")
            project.before = project.database.url
            for check in (migrations_data_safety, migrations_reversible, migrations_lint):
                self.told(project, check.CHECK)

    def project(self, *, base: int = 0, published: bool = False) -> Project:
        """Return a project whose base, and database, have the first revisions."""
        self.number += 1
        folder = self.folder / str(self.number)
        folder.mkdir()
        made = Project(folder, self.make(folder))
        made.stack.python, made.timeout = self.python, SECONDS
        url = made.database.url
        url = f"{self.history.drivers[self.kind(url)]}:{url.partition(':')[2]}"
        shutil.copytree(self.published, made.folder / "migrations", dirs_exist_ok=True)
        env = str(self.published / "env.py")
        made.write("migrations/env.py", self.history.env.format(url=url, published=env))
        text, after = self.history.first
        if text and not published:
            made.write("migrations/versions/first_.py", text)
            made.write(f"migrations/versions/{after}", self.after_the_first(after))
        first = self.order(made)[:base]
        if first:
            self.upgraded(made, first[-1])
        made.is_the_base()
        assert made.base is not None
        for one in self.history_of(made).revisions:
            if one.revision not in first:
                (made.base / one.path).unlink()
        return made

    def after_the_first(self, name: str) -> str:
        """Return a published revision that begins the history, with the one in front of it."""
        text = (self.published / "versions" / name).read_text(encoding="utf-8")
        return text.replace("down_revision = None", 'down_revision = "first"')

    @staticmethod
    def kind(url: str) -> str:
        return "sqlite" if url.startswith("sqlite") else "postgresql"

    def history_of(self, project: Project) -> history.History:
        """Return the history of this engine, as its files say it."""
        top = "migrations/versions"
        own = f"{top}/{self.kind(project.database.url)}"
        where = own if (project.folder / own).is_dir() else top
        return history.read(revision_files(Workspace(project.folder), where))

    def order(self, project: Project) -> tuple[str, ...]:
        """Return its revisions, parents first."""
        return self.history_of(project).order

    def upgraded(self, project: Project, revision: str = "heads") -> MigrationRun:
        """Upgrade the project's own database, as the gate does before the services start."""
        arguments, stdin = probe.request("upgrade", nonce=_NONCE, revision=revision)
        done = project.stack.one_off("api", ["python3", *arguments], timeout=SECONDS, stdin=stdin)
        return probe.parse(done, nonce=_NONCE, database="main")

    def told(
        self, project: Project, check: Check[Any], run: MigrationRun | None = None, **options: Any
    ) -> None:
        """Print what a check says."""
        given = project.context()
        opened = replace(given.databases["main"], run=run)
        given = replace(given, databases={"main": opened})
        began = time.perf_counter()
        try:
            result = check.run(given, check.options.model_validate(options, strict=False))
            outcome, summary = result.outcome.value, result.summary
        except GateError as error:
            outcome, summary = type(error).__name__, error.message
        took = time.perf_counter() - began
        asked = ", ".join(f"{key}: {value}" for key, value in options.items())
        told.figure(f"{check.id} {asked}".strip(), outcome, f"{took:.1f} s  {summary}")
