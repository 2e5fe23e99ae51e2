"""What `migrations-lint` does when it runs; what it promises stands beside its options."""

import sysconfig
from collections.abc import Iterator, Mapping
from pathlib import Path

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.database.migrations_lint import MigrationsLintOptions
from readiness_gate.checks.rehearsal import new_revisions, nothing_new, place, unanswered
from readiness_gate.database.choice import choose
from readiness_gate.database.evidence import counted
from readiness_gate.migrations import squawk
from readiness_gate.migrations.lint import UNREAD_STATEMENT, LintFinding, held, lint, new_keys
from readiness_gate.migrations.statements import understood, unread
from readiness_gate.migrations.walk import Asked, Rehearsed, Step
from readiness_gate.model.evidence import TableEvidence, TextEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, not_applicable, passed

_ROWS = 50
_SQL_CAP = 20_000
_SQUAWK_SECONDS = 30.0


def run(context: CheckContext, options: MigrationsLintOptions) -> CheckResult:
    """Record the statements, and hold the rules against them.

    Raises:
        ConfigurationError: no migrations, or the database is somebody else's.
        DatabaseError: no copy could be made.
        StackError: the target did not run the probe.
    """
    access = choose(context.databases, options.database)
    at = place(context, access)
    wanted = new_revisions(context, at)
    if options.revisions == "new":
        reason = nothing_new(at.project.config, wanted)
        if reason:
            return not_applicable(reason)
    every = options.revisions == "all"
    found = at.rehearse(
        Asked("walk", wanted=None if every else wanted, rows=not every), from_empty=every
    )
    error = unanswered(found)
    if error is not None:
        return error
    if not found.steps:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE, "no step took place: the copy was at the head already"
        )
    said: Mapping[str, squawk.Heard] = {}
    if access.dialect == "postgresql":
        try:
            said = {one.revision: _asked(context, one, found, options) for one in found.steps}
        except (OSError, ValueError) as problem:
            return cannot_tell(
                ErrorClass.INFRASTRUCTURE,
                f"squawk gives no answer: {problem}",
                remediation="Install the gate with its locked dependencies; squawk is one.",
            )
    return _judged(found, options, access.dialect, said)


def _asked(
    context: CheckContext, step: Step, found: Rehearsed, options: MigrationsLintOptions
) -> squawk.Heard:
    """Return what squawk says of a revision; a second time without what it cannot read.

    Raises:
        OSError: it is not installed.
        ValueError: it gives no answer.
    """
    program = str(Path(sysconfig.get_path("scripts"), "squawk"))
    unread: frozenset[int] = frozenset()
    for _ in range(2):
        done = context.programs.run(
            [program, *squawk.arguments(found.version, options.also)],
            timeout=_SQUAWK_SECONDS,
            cwd=Path(context.scratch) if context.scratch else None,
            stdin=squawk.given(squawk.separate(step.statements), unread),
        )
        if done.exit_code not in {0, 1}:
            raise ValueError(done.output[-200:].strip() or "it did not end in time")
        said = squawk.heard(done.stdout, done.exit_code)
        if not said.not_understood:
            break
        unread = said.not_understood
    return squawk.Heard(said.findings, unread | said.not_understood)


def _judged(
    found: Rehearsed,
    options: MigrationsLintOptions,
    dialect: str,
    said: Mapping[str, squawk.Heard],
) -> CheckResult:
    findings = [*_findings(found, options, dialect, said), *_unread(found, dialect, said)]
    unsure = [
        one
        for one in findings
        if one.rule == UNREAD_STATEMENT and UNREAD_STATEMENT not in options.ignore
    ]
    wrong = [one for one in findings if one.rule not in {UNREAD_STATEMENT, *options.ignore}]
    evidence: list[TableEvidence | TextEvidence] = [*_table(findings, options), *_sql(found.steps)]
    by_own = [
        (step.revision, one.text[:200])
        for step in found.steps
        if step.revision in said
        for number, one in enumerate(squawk.separate(step.statements))
        if number in said[step.revision].not_understood
    ]
    if by_own:
        text = "\n".join(f"{name}: {one}" for name, one in by_own[:_ROWS])
        evidence.append(TextEvidence(title="Read by the gate's own rules alone", text=text))
    statements = sum(len(step.statements) for step in found.steps)
    if wrong:
        first = wrong[0]
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        return failed(
            f"revision {first.revision}: {first.rule} on {first.table}: {first.why}{more}",
            details="\n".join(f"{one.revision}: {one.rule}: {one.statement}" for one in wrong[:50]),
            evidence=evidence,
        )
    if unsure:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"revision {unsure[0].revision}: {unsure[0].why}",
            details="\n".join(f"{one.revision}: {one.statement}" for one in unsure[:50]),
            evidence=evidence,
            remediation=f"Write it out, or name {UNREAD_STATEMENT} under ignore with the reason.",
        )
    ignored = f"; {len(findings)} ignored" if findings else ""
    return passed(
        f"{counted(statements, 'statement')} of {counted(len(found.steps), 'revision')} hurt no "
        f"table in use{ignored}",
        evidence=evidence,
    )


def _unread(
    found: Rehearsed, dialect: str, said: Mapping[str, squawk.Heard]
) -> Iterator[LintFinding]:
    """Yield what nobody can read: it may do whatever the rules are about."""
    for step in found.steps:
        told: list[tuple[str, str]] = []
        if step.revision in said:
            strange = said[step.revision].not_understood
            read = enumerate(squawk.separate(step.statements))
            told += [
                (f"neither squawk nor the gate's own rules can read {one.text[:200]}", one.text)
                for number, one in read
                if number in strange and not understood(one.text)
            ]
        texts = [one.text for one in step.statements]
        told += [
            (f"what it runs is put together as it runs: {one[:200]}", one)
            for one in unread(texts, dialect)
        ]
        if not step.whole:
            told.append(("it runs more statements than are kept", ""))
        for why, text in told:
            yield LintFinding(UNREAD_STATEMENT, step.revision, "the schema", why, text[:500])


def _findings(
    found: Rehearsed,
    options: MigrationsLintOptions,
    dialect: str,
    said: Mapping[str, squawk.Heard],
) -> list[LintFinding]:
    findings: list[LintFinding] = []
    tables, indexes = set(found.tables), dict(found.indexes)
    for step in found.steps:
        texts = [one.text for one in step.statements]
        own = list(lint(step.revision, texts, dialect=dialect, tables=tables))
        findings += own
        if step.revision in said:
            findings += squawk.findings(
                step.revision,
                squawk.separate(step.statements),
                said[step.revision],
                tables=tables,
                known={(one.rule, one.statement) for one in own},
                also=options.also,
                indexes=indexes,
            )
        indexes |= step.indexes
        findings += new_keys(step.revision, step.new, texts)
        findings += held(
            step.revision,
            step.locks,
            found.rows or {},
            seconds=sum(one.seconds for one in step.statements),
            allowed=options.longest_lock,
        )
        if options.revisions == "all":
            # Each revision by itself: what was new in an earlier one is in use by now.
            prefix = "additional: table "
            new = [line.removeprefix(prefix) for line in step.new if line.startswith(prefix)]
            tables |= {line.partition(" ")[0] for line in new}
    return findings


def _table(findings: list[LintFinding], options: MigrationsLintOptions) -> list[TableEvidence]:
    if not findings:
        return []
    rows = tuple(
        (one.revision, one.rule, one.table, one.why, options.ignore.get(one.rule, ""))
        for one in findings
    )
    return [
        TableEvidence(
            title="Statements against a rule",
            columns=("revision", "rule", "table", "why", "ignored because"),
            rows=rows[:_ROWS],
            omitted=max(0, len(rows) - _ROWS),
        )
    ]


def _sql(steps: tuple[Step, ...]) -> list[TextEvidence]:
    text = "\n".join(
        f"-- revision {step.revision}\n" + "\n".join(f"{one.text};" for one in step.statements)
        for step in steps
    )
    return [TextEvidence(title="Statements that ran", text=text[:_SQL_CAP])]
