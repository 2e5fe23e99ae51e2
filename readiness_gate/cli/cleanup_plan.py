"""`readiness-gate database cleanup-plan`: a reviewable revision that sets orphaned rows right."""

import json
import posixpath
import re
from collections.abc import Sequence
from pathlib import Path

from readiness_gate.checks.database.foreign_key_policy import ForeignKeyPolicyOptions
from readiness_gate.cli.cleanup_stack import booted
from readiness_gate.cli.console import Console
from readiness_gate.cli.doors import open_doors
from readiness_gate.cli.formats import require_format
from readiness_gate.cli.validate import items_of, policy_of_working_tree
from readiness_gate.config.databases import DatabaseConfig
from readiness_gate.config.schema import GateConfig
from readiness_gate.database import address
from readiness_gate.database.catalogue import foreign_keys
from readiness_gate.database.choice import choose
from readiness_gate.database.cleanup.action import Decision, decide
from readiness_gate.database.cleanup.backup import has_every_parent
from readiness_gate.database.cleanup.plan import Step, steps
from readiness_gate.database.cleanup.revision import identifier, text
from readiness_gate.database.connection import reading
from readiness_gate.database.evidence import counted
from readiness_gate.database.orphans import Orphans, audit
from readiness_gate.database.policy import Rule
from readiness_gate.database.search_path import use_the_project_s
from readiness_gate.database.session import Session, StatementFailed
from readiness_gate.database.structure import tables
from readiness_gate.doors.settings import Settings
from readiness_gate.doors.workspace import Workspace
from readiness_gate.engine.plan import PlannedItem
from readiness_gate.engine.reach import is_file
from readiness_gate.errors import ConfigurationError, DatabaseError
from readiness_gate.migrations import history
from readiness_gate.migrations.location import find_versions, revision_files

_SECONDS = 600.0
_REVISION = re.compile(r"[A-Za-z0-9_.+-]{1,64}")


def command(
    settings: Settings,
    console: Console,
    *,
    database: str,
    url: str,
    base: str,
    backup: str,
    dry_run: bool,
    output_format: str,
) -> int:
    """Print the plan, write the revision unless it is a dry run; return 0.

    Raises:
        ConfigurationError: no such database, somebody else's that was not asked for by name, or a
            table whose rows cannot be told apart.
        DatabaseError: it could not be read, or a key could not be audited.
        StackError: the stack that it belongs to could not be booted.
        Interrupted: somebody asked to stop; what was booted is removed.
    """
    require_format(output_format)
    doors = open_doors(settings)
    policy = policy_of_working_tree(settings)
    databases = policy.loaded.config.databases
    chosen = choose(databases, database or None)
    name = next(key for key, one in databases.items() if one is chosen)
    rules = _rules(items_of(policy), name)
    config = policy.loaded.config
    if not url and _is_booted(config, chosen):
        boot = booted(config, name, base=base, settings=settings, doors=doors, console=console)
        with boot as where:
            made, after = _planned(name, where, backup, rules)
    else:
        where = _address(name, chosen, url, doors.workspace, by_name=bool(database))
        made, after = _planned(name, where, backup, rules)
    if output_format == "json":
        console.out(json.dumps([_described(step) for step in made], indent=2, ensure_ascii=False))
    else:
        console.out("\n".join(_lines(made)) if made else f"{name}: no orphaned row")
    if dry_run or not made:
        return 0
    path = _write(doors.workspace, chosen, made, after)
    console.note(f"written: {path}")
    for line in _next_steps(doors.workspace, path, identifier(made, after), after):
        console.note(line)
    return 0


def _address(
    name: str, config: DatabaseConfig, url: str, workspace: Workspace, *, by_name: bool
) -> str:
    if url:
        return address.resolve(url, workspace)
    if config.service is None and not by_name:
        raise ConfigurationError(
            f"{name} is given by its url alone: it is somebody else's",
            advice=f"ask for it by name: --database {name}",
        )
    if config.url is None:
        raise ConfigurationError(
            f"{name} has no url, and no stack of compose has its service",
            advice="give the address of the database that has the orphans with --url",
        )
    found = address.resolve(config.url, workspace)
    file = address.sqlite_file(found)
    if file is not None and not file.exists():
        raise DatabaseError(
            f"{name}: there is no {file}",
            advice="run the migrations first, or give the database that has the orphans with --url",
        )
    return found


def _is_booted(config: GateConfig, database: DatabaseConfig) -> bool:
    """Return whether a database is there only while the stack is."""
    compose = config.stack is not None and config.stack.driver == "compose"
    return compose and database.service is not None and not is_file(database)


def _rules(items: Sequence[PlannedItem], database: str) -> tuple[Rule, ...]:
    """Return the rules of the items that hold this database against a policy, in their order."""
    return tuple(
        Rule(each.tables, frozenset(each.on_delete), each.columns)
        for item in items
        for bound in item.checks
        if isinstance(bound.options, ForeignKeyPolicyOptions)
        and bound.options.database in {None, database}
        for each in bound.options.rules
    )


def _planned(
    name: str, url: str, backup: str, rules: Sequence[Rule]
) -> tuple[tuple[Step, ...], tuple[str, ...]]:
    with reading(url, seconds=_SECONDS) as session:
        keys = foreign_keys(session)
        found = audit(session, keys, samples=0)
        for one in found.errors:
            raise DatabaseError(f"{name}: {one.key.label} could not be audited: {one.error}")
        if not found.rows:
            return (), ()
        broken = [one for one in found.found if one.partial]
        if broken:
            raise ConfigurationError(
                f"{broken[0].key.label}: {broken[0].partial} rows are partly NULL under MATCH FULL",
                advice="fill or empty the other columns by hand; no plan can guess them",
            )
        decided = {key.label: decide(key, rules) for key in keys}
        if backup:
            decided |= _out_of_backup(session, backup, found.found, rules)
        return steps(found.found, keys, tables(session), decided), _revisions(session)


def _out_of_backup(
    session: Session, backup: str, found: Sequence[Orphans], rules: Sequence[Rule]
) -> dict[str, Decision]:
    with reading(backup, seconds=_SECONDS) as other:
        return {
            one.key.label: decide(
                one.key, rules, in_backup=has_every_parent(session, other, one.key)
            )
            for one in found
            if one.rows
        }


def _revisions(session: Session) -> tuple[str, ...]:
    """Return the revisions at which the database stands, from Alembic's own table."""
    with session.guarded():
        use_the_project_s(session)
        try:
            rows = session.rows("SELECT version_num FROM alembic_version ORDER BY version_num")
        except StatementFailed as error:
            raise ConfigurationError(
                f"the database has no alembic_version: {error.message}",
                advice="stamp it, so that the clean-up knows which revision it follows",
            ) from error
    found = tuple(str(row[0]) for row in rows)
    strange = next((one for one in found if _REVISION.fullmatch(one) is None), None)
    if strange is not None:
        raise ConfigurationError(f"{strange[:80]!r} is no id of a revision")
    return found


def _described(step: Step) -> dict[str, object]:
    return {
        "key": step.key.label,
        "action": step.decision.action.value,
        "reason": step.decision.reason,
        "rows": step.rows,
        "cause": step.cause,
    }


def _lines(made: Sequence[Step]) -> list[str]:
    width = max(len(step.key.label) for step in made)
    lines = []
    for step in made:
        rows = f"{step.rows:>7} rows" if not step.cause else "what hangs on"
        because = f"hangs on the orphans of {step.cause}" if step.cause else step.decision.reason
        lines.append(
            f"  {step.key.label:<{width}}  {rows:>13}  {step.decision.action:<10}  {because}"
        )
    total = sum(step.rows for step in made)
    return [f"{counted(total, 'orphaned row')}; every one is copied before it is changed", *lines]


def _write(
    workspace: Workspace, config: DatabaseConfig, made: Sequence[Step], after: Sequence[str]
) -> str:
    if config.migrations is None:
        raise ConfigurationError(
            "the database has no migrations: there is no folder for a revision",
            advice="describe them under databases.NAME.migrations, or use --dry-run",
        )
    folder = find_versions(workspace, config.migrations.config)[0]
    path = posixpath.join(folder, f"{identifier(made, after)}_clean_up_orphans.py")
    Path(workspace.path(path)).write_text(text(made, after), "utf-8")
    return path


def _next_steps(workspace: Workspace, path: str, revision: str, after: Sequence[str]) -> list[str]:
    known = history.read(revision_files(workspace, posixpath.dirname(path)))
    followers = [
        one
        for one in known.revisions
        if one.revision != revision and set(one.down_revision) & set(after)
    ]
    lines = [f"  {one.path}: set down_revision to {revision!r}" for one in followers]
    first = ["it has to be the first pending revision, so:"] if lines else []
    return [*first, *lines, "next: review STEPS, commit, and upgrade"]
