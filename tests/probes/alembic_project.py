"""A project with an Alembic history on SQLite, in a folder; and the probe run in it."""

import json
import sys
from pathlib import Path

from readiness_gate.doors.programs import Completed, HostPrograms
from readiness_gate.migrations.probe import Command, parse, request
from readiness_gate.migrations.run import MigrationRun

NONCE = "f00dfeedf00dfeed"
ENV = """
from alembic import context
from sqlalchemy import create_engine, pool
url = context.config.get_main_option("sqlalchemy.url")
connectable = create_engine(url, poolclass=pool.NullPool)
with connectable.connect() as connection:
    context.configure(connection=connection, target_metadata=None)
    with context.begin_transaction():
        context.run_migrations()
"""


class AlembicProject:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "app.db"
        self.python = sys.executable
        (folder / "migrations/versions").mkdir(parents=True)
        self.write(
            "alembic.ini",
            "[alembic]\nscript_location = %(here)s/migrations\nprepend_sys_path = .\n"
            f"sqlalchemy.url = sqlite:///{self.database}\n",
        )
        self.write("migrations/env.py", ENV)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def revision(self, name: str, down: object, body: str = "pass", header: str = "") -> None:
        steps = "\n    ".join(body.splitlines())
        self.write(
            f"migrations/versions/{name}_.py",
            f"from alembic import op\nimport sqlalchemy as sa\n{header}\n"
            f"revision = {name!r}\ndown_revision = {down!r}\n"
            f"def upgrade():\n    {steps}\n"
            "def downgrade():\n    pass\n",
        )

    def table(self, name: str, down: object) -> None:
        self.revision(name, down, f"op.create_table('t_{name}', sa.Column('id', sa.Integer))")

    def raw(
        self, command: Command, *, timeout: float = 30, config: str = "alembic.ini"
    ) -> Completed:
        arguments, stdin = request(command, nonce=NONCE, config=config)
        return HostPrograms({"PATH": "/usr/bin:/bin"}).run(
            [self.python, *arguments], timeout=timeout, cwd=self.folder, stdin=stdin
        )

    def run(
        self, command: Command, *, timeout: float = 30, config: str = "alembic.ini"
    ) -> MigrationRun:
        done = self.raw(command, timeout=timeout, config=config)
        return parse(done, nonce=NONCE, database="main")

    def forged(self) -> str:
        answer = {"heads": ["x"], "after": ["x"], "complete": True}
        return f"readiness-gate:{NONCE} {json.dumps(answer)}"
