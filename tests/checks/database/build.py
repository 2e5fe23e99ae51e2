"""A check's context around one database."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from readiness_gate.checks.context import CheckContext, DatabaseAccess, StepRecord
from readiness_gate.doors.clock import SystemClock
from readiness_gate.doors.exchange import TargetWeb
from readiness_gate.doors.programs import Completed, HostPrograms
from readiness_gate.doors.workspace import Workspace
from readiness_gate.migrations.run import MigrationRun
from readiness_gate.stack.base import Stack
from tests.database.mariadb import MariaDatabase
from tests.database.postgres import Database
from tests.database.sqlite import File


class Interpreter:
    """The one thing that the checks ask of a stack: a program inside a service, run in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.services_asked: list[str] = []

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
        self.services_asked.append(service)
        return HostPrograms({"PATH": "/usr/bin:/bin"}).run(
            [sys.executable, *command[1:]], timeout=timeout, cwd=self.folder, stdin=stdin
        )


def access(
    database: File | Database | MariaDatabase | None = None,
    *,
    name: str = "main",
    url: str = "sqlite:////nonexistent.db",
    owned: bool = True,
    service: str | None = "api",
    run: MigrationRun | None = None,
) -> DatabaseAccess:
    where = database.url if database is not None else url
    return DatabaseAccess(
        name=name,
        dialect=where.partition("+")[0].partition(":")[0],
        url=where,
        owned=owned,
        service=service,
        migrations_directory=None,
        run=run,
    )


def context(
    *databases: DatabaseAccess,
    root: Path = Path("/nonexistent"),
    interpreter: Interpreter | None = None,
    step: StepRecord | None = None,
    migrations: Mapping[str, str] | None = None,
) -> CheckContext:
    return CheckContext(
        item_id="item",
        item_title="Item",
        home="acme/shop",
        workspace=Workspace(root),
        clock=SystemClock(),
        web=TargetWeb(),
        programs=HostPrograms({}),
        timeout=30.0,
        stack=cast(Stack, interpreter) if interpreter is not None else None,
        steps={step.name: step} if step is not None else {},
        databases={each.name: each for each in databases},
        migrations=migrations or {},
    )
