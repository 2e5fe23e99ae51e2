"""The steps on databases: reach them, seed them at the base, upgrade them to the head.

Alembic runs inside the target, through a probe on standard input; the gate's own process never
imports a project's revision (DESIGN 2, rule 5).
"""

import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from readiness_gate.checks.context import DatabaseAccess, StepRecord
from readiness_gate.config.schema import DatabaseConfig, MigrationsConfig, SeedConfig
from readiness_gate.database.connection import wait_until_accepting
from readiness_gate.database.scratch import Scratch, make, remove
from readiness_gate.doors.clock import Clock, Deadline
from readiness_gate.doors.programs import Completed
from readiness_gate.doors.workspace import Workspace
from readiness_gate.engine.reach import Place, file_of, is_file, reach
from readiness_gate.engine.refusal import nothing_to_orphan, refusal
from readiness_gate.engine.steps import MIGRATE, SEED
from readiness_gate.errors import ConfigurationError, DatabaseError
from readiness_gate.migrations.location import find_versions, revision_files
from readiness_gate.migrations.probe import Command, parse, request
from readiness_gate.migrations.run import MigrationRun
from readiness_gate.stack.base import NotSupported, Stack

SEED_TIMEOUT = 600.0
REHEARSALS = frozenset({"migrations-data-safety", "migrations-lint", "migrations-reversible"})
"""Checks that go the new revisions on a copy with the rows from before the upgrade."""
_ACCEPT_TIMEOUT = 60.0
_LOG_LINES = 40


@dataclass
class DatabaseSteps:
    """What the engine does with the configured databases."""

    databases: Mapping[str, DatabaseConfig]
    stack: Stack | None
    compose: bool
    workspace: Workspace
    clock: Clock
    deadline: Deadline
    base_tree: Callable[[], Path | None]
    """Returns the tree of the base tip, `None` on a laptop that has no base."""
    save_file: Callable[[Path], None]
    """Keeps a SQLite file, so that teardown puts it back as it was."""
    rehearsed: bool = False
    """Whether a check goes the migrations on copies: one is made before the upgrade."""
    _seed_later: set[str] = field(default_factory=set)
    _copies: list[tuple[Scratch, Mapping[str, str]]] = field(default_factory=list)

    @property
    def after_start(self) -> bool:
        """Whether any database is migrated when the stack is up."""
        return any(
            database.migrations is not None and database.migrations.run != "before-start"
            for database in self.databases.values()
        )

    @property
    def filled_late(self) -> bool:
        """Whether a database could not be filled at the base: it is after the upgrade."""
        return bool(self._seed_later)

    @property
    def seeded(self) -> bool:
        """Whether any database is filled by commands."""
        return any(database.seed for database in self.databases.values())

    @property
    def services(self) -> tuple[str, ...]:
        """Return the services that have to run before a connection can be opened."""
        if not self.compose:
            return ()
        wanted = (
            database.service
            for database in self.databases.values()
            if database.service is not None and not is_file(database)
        )
        return tuple(sorted(set(wanted)))

    def open(self) -> dict[str, DatabaseAccess]:
        """Return how each database is reached, once it accepts a query.

        Raises:
            ConfigurationError: an address cannot be derived.
            DatabaseError: it does not answer.
        """
        place = Place(self.stack, self.compose, self.workspace)
        found: dict[str, DatabaseAccess] = {}
        for name, database in self.databases.items():
            found[name] = access = reach(name, database, place)
            if access.dialect != "sqlite":
                seconds = self.deadline.remaining(_ACCEPT_TIMEOUT)
                wait_until_accepting(access.url, clock=self.clock, seconds=seconds)
            elif access.owned:
                self.save_file(file_of(access.url))
        return found

    def seed(self) -> StepRecord:
        """Fill the databases at the base's head, with the base tip's image.

        Where there is no base to build (a laptop, a first adoption), they are filled after the
        upgrade instead, and the record says so.
        """
        seeded = {name: one for name, one in self.databases.items() if one.seed}
        tree = self.base_tree()
        if tree is None:
            self._seed_later = set(seeded)
            return StepRecord(SEED, True, "no base tip here: filled after the upgrade")
        for name, database in seeded.items():
            failed = self._seed_at_base(name, database, tree)
            if failed is not None:
                return failed
        later = f", {', '.join(sorted(self._seed_later))} later" if self._seed_later else ""
        return StepRecord(SEED, True, f"filled at the base{later}")

    def _seed_at_base(self, name: str, database: DatabaseConfig, tree: Path) -> StepRecord | None:
        migrations = database.migrations
        if migrations is None or not _has_migrations(tree, migrations.config):
            self._seed_later.add(name)
            return None
        service = self._service(database, migrations)
        try:
            image = self._stack.build_base(service, str(tree), self.deadline.remaining(1_200.0))
        except NotSupported:
            self._seed_later.add(name)
            return None
        run = self._probe("upgrade", name, database, image=image)
        if run.error:
            return StepRecord(
                SEED, False, f"{name}: the base's own migrations fail: {run.error}",
                log=run.log, configuration=True,
            )  # fmt: skip
        return self._fill(name, database, image_of={service: image})

    def _fill(
        self, name: str, database: DatabaseConfig, image_of: Mapping[str, str]
    ) -> StepRecord | None:
        for one in database.seed:
            service = one.service or self._service(database, database.migrations)
            done = self._stack.one_off(
                service,
                one.command,
                timeout=self.deadline.remaining(SEED_TIMEOUT),
                directory=one.directory,
                image=image_of.get(service),
            )
            if not done.succeeded:
                return StepRecord(
                    SEED, False, f"{name}: {_ended(one, done)}", log=_tail(done),
                    configuration=True,
                )  # fmt: skip
        return None

    def migrate(
        self, opened: Mapping[str, DatabaseAccess]
    ) -> tuple[StepRecord, dict[str, DatabaseAccess]]:
        """Upgrade every database that the gate owns, and read the revisions of the others."""
        done: dict[str, DatabaseAccess] = {}
        for name, database in self.databases.items():
            if database.migrations is None:
                continue
            before = self._copied(database, opened[name])
            run = self._migrated(name, database, opened[name])
            done[name] = replace(opened[name], run=run, before=before)
            if run.error:
                summary = f"{name}: {run.error}"
                return StepRecord(MIGRATE, False, summary, log=run.log), done
        for name in sorted(self._seed_later):
            failed = self._fill(name, self.databases[name], image_of={})
            if failed is not None:
                return replace(failed, name=MIGRATE), done
        count = sum(len(one.run.applied) for one in done.values() if one.run is not None)
        return StepRecord(MIGRATE, True, f"{count} revisions applied"), done

    def close(self) -> None:
        """Remove the copies; a server that is gone took them with it."""
        while self._copies:
            made, environment = self._copies.pop()
            with suppress(DatabaseError):
                remove(made, environment=environment)

    def _copied(self, database: DatabaseConfig, access: DatabaseAccess) -> str:
        """Return the URL of a copy with the rows from before the upgrade, empty where none is."""
        migrations = database.migrations
        by_stack = migrations is not None and migrations.run == "by-stack"
        if not self.rehearsed or by_stack or not access.owned:
            return ""
        environment: Mapping[str, str] = {}
        if self.stack is not None and access.service is not None and access.dialect != "sqlite":
            environment = self.stack.environment(access.service)
        try:
            made = make(access.url, source=access.url, environment=environment)
        except DatabaseError:
            # PostgreSQL refuses while a service is connected; the checks then tell what they lack.
            return ""
        self._copies.append((made, environment))
        return made.url

    def _migrated(
        self, name: str, database: DatabaseConfig, access: DatabaseAccess
    ) -> MigrationRun:
        migrations = database.migrations
        if not access.owned or (migrations is not None and migrations.run == "by-stack"):
            return self._probe("current", name, database)
        if nothing_to_orphan(access.url):
            return self._probe("upgrade", name, database)
        before = self._probe("current", name, database)
        if before.error:
            return before
        refused = refusal(access.url, before, self._revision_files(access))
        if refused:
            return replace(before, error=refused)
        return self._probe("upgrade", name, database)

    def _revision_files(self, access: DatabaseAccess) -> Mapping[str, bytes]:
        if access.migrations_directory is None:
            return {}
        return revision_files(self.workspace, access.migrations_directory)

    def _probe(
        self, command: Command, name: str, database: DatabaseConfig, image: str | None = None
    ) -> MigrationRun:
        migrations = database.migrations or MigrationsConfig()
        nonce = secrets.token_hex(16)
        arguments, stdin = request(command, nonce=nonce, config=migrations.config)
        completed = self._stack.one_off(
            self._service(database, migrations),
            [migrations.python, *arguments],
            timeout=self.deadline.remaining(migrations.timeout),
            stdin=stdin,
            directory=migrations.directory,
            image=image,
        )
        return parse(completed, nonce=nonce, database=name)

    def _service(self, database: DatabaseConfig, migrations: MigrationsConfig | None) -> str:
        service = (migrations.service if migrations else None) or database.service
        if service is None:
            raise ConfigurationError(
                "migrations of a database without a service need migrations.service"
            )
        return service

    @property
    def _stack(self) -> Stack:
        if self.stack is None:
            raise ConfigurationError("migrations and seeds need the section stack")
        return self.stack


def _has_migrations(tree: Path, config: str) -> bool:
    try:
        return bool(find_versions(Workspace(tree), config))
    except ConfigurationError:
        return False


def _ended(seed: SeedConfig, done: Completed) -> str:
    how = "did not end in time" if done.timed_out else f"ended with exit code {done.exit_code}"
    return f"the seed {' '.join(seed.command)} {how}"


def _tail(done: Completed) -> str:
    return "\n".join(done.output.splitlines()[-_LOG_LINES:])
