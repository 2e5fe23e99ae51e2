"""`migrations-drift`: the migrations and the models say the same.

Alembic compares a copy that was upgraded from nothing with the models; then the catalogue of that
copy is compared with one that the models alone create, which finds what Alembic does not look at:
CHECK constraints, predicates of indexes, keys that are not validated.
"""

import re

from pydantic import Field

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.rehearsal import place, unanswered
from readiness_gate.config.values import Name, Text
from readiness_gate.database.choice import choose
from readiness_gate.database.evidence import counted
from readiness_gate.doors.workspace import PathRefused
from readiness_gate.errors import ConfigurationError
from readiness_gate.migrations.drift import catalogue_lines, extensions
from readiness_gate.migrations.walk import Asked
from readiness_gate.model.evidence import TextEvidence
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family, Need
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_LINES = 100


class MigrationsDriftOptions(CheckOptions):
    """Whose migrations, and what is known already."""

    database: Name | None = Field(
        default=None, description="Name under `databases`; default the only one."
    )
    baseline: Text | None = Field(
        default=None,
        description="File with the differences that are known, one a line; read at the base.",
    )
    server_defaults: bool = Field(
        default=False, description="Whether Alembic compares the server's defaults, too."
    )
    catalogue: bool = Field(
        default=True, description="Whether to compare with a database made by the models alone."
    )


def run(context: CheckContext, options: MigrationsDriftOptions) -> CheckResult:
    """Compare, and leave out what the baseline knows.

    Raises:
        ConfigurationError: no migrations, or no baseline where one is named.
        DatabaseError: no copy could be made.
        StackError: the target did not run the probe.
    """
    access = choose(context.databases, options.database)
    at = place(context, access)
    known = _baseline(context, options.baseline)
    upgraded = at.rehearse(Asked("drift", server_defaults=options.server_defaults), from_empty=True)
    error = unanswered(upgraded)
    if error is not None:
        return error
    found = list(upgraded.differences)
    if options.catalogue:
        made = at.rehearse(
            Asked("create", extensions=extensions(upgraded.schema or {})), from_empty=True
        )
        if not made.answered or made.error:
            cause = made.error.partition("\n")[0]
            return cannot_tell(
                ErrorClass.INCONCLUSIVE,
                f"the models alone do not make a database: {cause}",
                details="\n".join((made.error, *found)),
                remediation="Set catalogue: false where they never could.",
            )
        found += catalogue_lines(upgraded.schema or {}, made.schema or {})
    return _judged(tuple(dict.fromkeys(found)), known)


def _judged(found: tuple[str, ...], known: frozenset[str]) -> CheckResult:
    new = [line for line in found if line not in known]
    stale = sorted(known - set(found))
    details = [f"no longer there, take it out of the baseline: {line}" for line in stale]
    if new:
        more = f" (and {len(new) - 1} more)" if len(new) > 1 else ""
        return failed(
            f"the models differ from the migrations: {new[0]}{more}",
            details="\n".join(details),
            evidence=(TextEvidence(title="Differences", text="\n".join(new[:_LINES])),),
        )
    standing = len(known) - len(stale)
    word = f"; {counted(standing, 'difference')} known" if standing else ""
    return passed(f"the models and the migrations say the same{word}", details="\n".join(details))


def _baseline(context: CheckContext, path: str | None) -> frozenset[str]:
    """Return the known differences as they stand at the base, on a laptop in the checkout."""
    if path is None:
        return frozenset()
    if context.base_sha is not None and context.git is not None:
        content = context.git.file(context.base_sha, path)
        text = content.decode("utf-8", errors="replace") if content is not None else ""
    else:
        try:
            text = context.workspace.text(path)
        except (FileNotFoundError, PathRefused) as error:
            raise ConfigurationError(f"there is no baseline {path}") from error
    lines = (re.sub(r"\s+", " ", line).strip() for line in text.splitlines())
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _needs(options: MigrationsDriftOptions) -> frozenset[Need]:
    needs = frozenset({Need.DATABASE, Need.STACK})
    return needs | {Need.GIT} if options.baseline is not None else needs


CHECK = Check(
    id="migrations-drift",
    title="The migrations make what the models say",
    family=Family.DATABASE,
    check_class=CheckClass.EXERCISE,
    needs=frozenset({Need.DATABASE, Need.STACK}),
    options=MigrationsDriftOptions,
    work=run,
    remediation="Write the missing revision (alembic revision --autogenerate), or put the lines "
    "into the baseline.",
    refine_needs=_needs,
    example={"baseline": "migrations/drift-baseline.txt"},
)
