"""A project with migrations on one of the engines, and a context whose stack runs its probe."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from readiness_gate.checks.base import Check
from readiness_gate.checks.context import CheckContext
from readiness_gate.doors.programs import Completed, HostPrograms
from readiness_gate.migrations.run import AlembicProject
from readiness_gate.model.result import CheckResult
from readiness_gate.stack.base import Stack
from tests.checks.database.build import access, context
from tests.database.mariadb import MariaDatabase
from tests.database.postgres import Database
from tests.database.sqlite import File

ENV = """
import os
from alembic import context
import sqlalchemy as sa
metadata = sa.MetaData()
{models}
connectable = sa.create_engine({url}, poolclass=sa.pool.NullPool)
{after}
with connectable.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
"""
ENFORCED = """
@sa.event.listens_for(connectable, 'connect')
def enforce(connection, record):
    connection.execute('PRAGMA foreign_keys = ON')
"""


class OneOff:
    """The parts of a stack that a rehearsal asks for: the probe, run on this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = sys.executable
        self.runs = 0

    def one_off(
        self,
        service: str,
        command: Sequence[str],
        *,
        timeout: float,
        environment: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        directory: str | None = None,
        image: str | None = None,
    ) -> Completed:
        self.runs += 1
        return HostPrograms({"PATH": "/usr/bin:/bin"}).run(
            [self.python, *command[1:]], timeout=timeout, cwd=self.folder, stdin=stdin
        )

    def environment(self, service: str) -> Mapping[str, str]:
        return {}


class Project:
    """An Alembic project in a folder, whose database is one of a test."""

    def __init__(self, folder: Path, database: File | Database | MariaDatabase) -> None:
        self.folder = folder / "project"
        self.base: Path | None = None
        self.database = database
        self.stack = OneOff(self.folder)
        self.before = ""
        self.timeout = 60.0
        self.git: Any = None
        (self.folder / "migrations/versions").mkdir(parents=True)
        self.write("alembic.ini", "[alembic]\nscript_location = %(here)s/migrations\n")
        self.environment()

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def environment(self, *, models: str = "", after: str = "") -> None:
        url = repr(self.database.url)
        if isinstance(self.database, File):
            # A path with a question mark cannot be written as text of a URL.
            url = f"sa.engine.URL.create('sqlite', database={str(self.database.path)!r})"
        self.write("migrations/env.py", ENV.format(models=models, url=url, after=after))

    def revision(self, name: str, down: object, up: str, back: str = "pass") -> None:
        upgrade, downgrade = (text.replace("\n", "\n    ") for text in (up, back))
        self.write(
            f"migrations/versions/{name}_.py",
            "from alembic import op\nimport sqlalchemy as sa\n"
            f"revision = {name!r}\ndown_revision = {down!r}\n"
            f"def upgrade():\n    {upgrade}\ndef downgrade():\n    {downgrade}\n",
        )

    def table(self, name: str, down: object, columns: str = "") -> None:
        self.revision(
            name,
            down,
            f"op.create_table('t_{name}', sa.Column('id', sa.Integer, primary_key=True){columns})",
            f"op.drop_table('t_{name}')",
        )

    def is_the_base(self) -> None:
        """Keep what is there as the tree of the base; later revisions are new."""
        self.base = self.folder.parent / "base"
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                copy = self.base / path.relative_to(self.folder)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(path.read_bytes())

    def context(self) -> CheckContext:
        opened = replace(
            access(self.database),
            alembic=AlembicProject("api", "alembic.ini", None, "python3"),
            before=self.before,
        )
        made = context(opened, root=self.folder, migrations={"main": "alembic.ini"})
        return replace(
            made,
            stack=cast(Stack, self.stack),
            base_tree=lambda: self.base,
            timeout=self.timeout,
            git=self.git,
            base_sha="0" * 40 if self.git is not None else None,
        )

    def check(self, check: Check[Any], **options: Any) -> CheckResult:
        return check.run(self.context(), check.options.model_validate(options, strict=False))
