"""What `migrations-reversible` does when it runs; what it promises stands beside its options."""

from dataclasses import replace

from readiness_gate.checks.context import CheckContext, DatabaseAccess
from readiness_gate.checks.database.migrations_reversible import MigrationsReversibleOptions
from readiness_gate.checks.rehearsal import Place, new_revisions, nothing_new, place, unanswered
from readiness_gate.database.choice import choose
from readiness_gate.database.evidence import counted
from readiness_gate.errors import ConfigurationError
from readiness_gate.migrations.walk import Asked, Rehearsed, Step, WayBack
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, not_applicable, passed

_ROUNDS = 12
_ROWS = 50


def run(context: CheckContext, options: MigrationsReversibleOptions) -> CheckResult:
    """Go down and up again at each step.

    Raises:
        ConfigurationError: no migrations, or `irreversible` names what is no revision.
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
    steps, last = _walked(at, options, None if options.revisions == "all" else wanted)
    error = unanswered(last)
    if error is not None:
        return error
    if not steps:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE, "no step took place: the copy was at the head already"
        )
    strange = set(options.irreversible) - {step.revision for step in steps} - set(wanted)
    if strange and options.revisions == "all":
        raise ConfigurationError(f"irreversible names {min(strange)}, which is no revision")
    has_rows = bool(last.rows and any(last.rows.values()))
    unseen = _unseen(access)
    result = _judged(steps, options, has_rows=has_rows, unseen=unseen)
    if not last.stopped:
        return result
    rest = f"what comes after {last.stopped} was not tried: too many revisions have no way back"
    return replace(result, details=f"{result.details}\n{rest}")


def _walked(
    at: Place, options: MigrationsReversibleOptions, wanted: tuple[str, ...] | None
) -> tuple[list[Step], Rehearsed]:
    """Return every step with its way back; begins anew where one left the copy unusable."""
    done: dict[str, Step] = {}
    skip = set(options.irreversible)
    every = options.revisions == "all"
    for _ in range(_ROUNDS):
        found = at.rehearse(
            Asked("walk", wanted=wanted, skip=skip, down=True, rows=not every),
            from_empty=every,
        )
        for step in found.steps:
            if step.back is not None or step.revision not in done:
                done[step.revision] = step
        if not found.stopped or not found.answered or found.error:
            break
        skip |= {step.revision for step in found.steps}
    return list(done.values()), found


def _unseen(access: DatabaseAccess) -> str:
    """Return why rows were not compared, empty where they were."""
    return "" if access.before else f"no copy of {access.name} was made before the upgrade"


def _judged(
    steps: list[Step], options: MigrationsReversibleOptions, *, has_rows: bool, unseen: str
) -> CheckResult:
    rows = [(step.revision, *_told(step, options, has_rows=has_rows)) for step in steps]
    table = TableEvidence(
        title="Ways back",
        columns=("revision", "way back", "what"),
        rows=tuple((one, word, text) for one, word, text, _ in rows[:_ROWS]),
        omitted=max(0, len(rows) - _ROWS),
    )
    bad = [(one, text) for one, _, text, wrong in rows if wrong]
    if bad:
        first, text = bad[0]
        more = f" (and {len(bad) - 1} more)" if len(bad) > 1 else ""
        return failed(
            f"revision {first} has no way back: {text.partition(chr(10))[0]}{more}",
            details="\n".join(f"{one}: {text}" for one, text in bad),
            evidence=(table,),
        )
    untried = sum(step.back is None for step in steps)
    if untried and any(
        step.back is None and step.revision not in options.irreversible for step in steps
    ):
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"the way back of {counted(untried, 'revision')} was not tried",
            evidence=(table,),
        )
    if options.lossless and not has_rows:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            "the database had no row before the new revisions: nothing could be lost",
            evidence=(table,),
            remediation="Fill it at the base: set seed.",
        )
    if options.lossless and unseen:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"{unseen}: rows were not compared",
            evidence=(table,),
            remediation="Migrate before the services connect, or leave `lossless` out.",
        )
    declared = f"; {untried} declared irreversible" if untried else ""
    return passed(
        f"{counted(len(steps) - untried, 'revision')} down and up again, the schema the same"
        f"{declared}",
        evidence=(table,),
    )


def _told(
    step: Step, options: MigrationsReversibleOptions, *, has_rows: bool
) -> tuple[str, str, bool]:
    """Return a word, what there is to say, and whether it is a finding."""
    back = step.back
    if back is None:
        reason = options.irreversible.get(step.revision)
        return ("declared irreversible", reason, False) if reason else ("not tried", "", False)
    problem = _problem(back)
    if problem:
        return "broken", problem, True
    if back.rows:
        return "schema only", f"other rows in {', '.join(back.rows)}", options.lossless
    return ("lossless" if has_rows else "schema only"), "", False


def _problem(back: WayBack) -> str:
    if back.down:
        return "after the downgrade, " + "; ".join(back.down[:5])
    if back.error:
        return back.error
    return "after down and up again, " + "; ".join(back.up[:5]) if back.up else ""
