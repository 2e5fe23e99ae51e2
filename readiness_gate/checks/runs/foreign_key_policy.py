"""What `foreign-key-policy` does when it runs; what it promises stands beside its options."""

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from readiness_gate.checks.context import CheckContext, DatabaseAccess
from readiness_gate.checks.database.foreign_key_policy import ForeignKeyPolicyOptions
from readiness_gate.database import contradictions
from readiness_gate.database import models as project_models
from readiness_gate.database.cascades import meets, reaching
from readiness_gate.database.catalogue import foreign_keys
from readiness_gate.database.catalogue.foreign_key import ForeignKey
from readiness_gate.database.choice import choose
from readiness_gate.database.connection import reading
from readiness_gate.database.evidence import counted, keys_table
from readiness_gate.database.models import Models
from readiness_gate.database.policy import PolicyFinding, Rule, judge, unused
from readiness_gate.database.relationships import orm_cascades, relationships
from readiness_gate.database.structure import tables
from readiness_gate.database.unread import Unread
from readiness_gate.errors import ConfigurationError
from readiness_gate.matchers import compile_matcher
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed


def run(context: CheckContext, options: ForeignKeyPolicyOptions) -> CheckResult:
    """Hold every key of the database, and of the models, against the policy.

    Raises:
        ConfigurationError: no such database, or a rule that decides about no key.
        DatabaseError: it could not be read.
        StackError: the service of the models does not run.
    """
    access = choose(context.databases, options.database)
    with reading(access.url, seconds=context.timeout) as session:
        keys = foreign_keys(session)
        there = [(table.schema, table.name) for table in tables(session)]
    try:
        models = _models(context, options, access, there)
    except Unread as error:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"the models {options.metadata} could not be read: {error}",
            details=error.log,
            remediation="Name the models as module:attribute, the service that has them, and the "
            "modules that complete them under imports.",
        )
    if not keys and (models is None or not models.keys):
        return cannot_tell(
            ErrorClass.INCONCLUSIVE, f"{access.name} has no foreign key: there is nothing to judge"
        )
    rules = [Rule(each.tables, frozenset(each.on_delete), each.columns) for each in options.rules]
    findings = _findings(options, rules, keys, models)
    if models is not None:
        findings += contradictions.between(models, keys, there)
        findings += relationships(models)
    claims = _claims(options, keys)
    every = (*keys, *(contradictions.different(models, keys) if models is not None else ()))
    figures = _figures(keys, there)
    if findings or claims:
        return replace(_failed(findings, claims, every), figures=figures)
    _names_exist(options, rules, every, there, access.name)
    return replace(_passed(rules, keys, models), figures=figures)


def _figures(keys: Sequence[ForeignKey], there: Sequence[tuple[str, str]]) -> dict[str, float]:
    """Return what a checklist may state too; the table of Alembic's own is nobody's."""
    actions = Counter(key.on_delete for key in keys)
    return {
        "tables": sum(name != "alembic_version" for _, name in there),
        "foreign-keys": len(keys),
        **{
            action.lower().replace(" ", "-"): actions[action]
            for action in ("CASCADE", "SET NULL", "SET DEFAULT", "RESTRICT", "NO ACTION")
        },
    }


def _models(
    context: CheckContext,
    options: ForeignKeyPolicyOptions,
    access: DatabaseAccess,
    there: Sequence[tuple[str, str]],
) -> Models | None:
    if options.metadata is None:
        return None
    # A server's own service has no application in it.
    own = access.service if access.dialect == "sqlite" else None
    service = options.service or own
    if service is None or context.stack is None:
        raise ConfigurationError(
            "the models are read inside the target, and no service is known to have them",
            advice="write the service that has the application",
        )
    nonce = secrets.token_hex(16)
    done = context.stack.execute(
        service,
        [
            options.python,
            *project_models.arguments(options.metadata, imports=options.imports, nonce=nonce),
        ],
        timeout=context.timeout,
        stdin=project_models.probe(),
        directory=options.directory,
    )
    try:
        models = project_models.parse(done, nonce=nonce, dialect=access.dialect)
    except ValueError as error:
        raise Unread(str(error), done) from error
    return contradictions.located(models, there)


def _findings(
    options: ForeignKeyPolicyOptions,
    rules: Sequence[Rule],
    keys: Sequence[ForeignKey],
    models: Models | None,
) -> list[PolicyFinding]:
    """Return what breaks the policy; what models and database do alike is told once."""
    if models is None:
        found = [*judge(keys, rules, require_explicit=options.require_explicit)]
        return found + reaching(keys, options.protected)
    known = {contradictions.place(one.key) for one in models.keys}
    found = [
        finding
        for key in keys
        for finding in judge(
            [key],
            rules,
            require_explicit=options.require_explicit and contradictions.place(key) not in known,
        )
    ]
    if options.require_explicit:
        told = {each.key.label for each in found}
        found += [one for one in contradictions.unwritten(models) if one.key.label not in told]
    other = judge(contradictions.different(models, keys), rules, require_explicit=False)
    found += reaching(keys, options.protected)
    seen = {each.message for each in found}
    modelled = [*(one.key for one in models.keys), *orm_cascades(models)]
    for each in (*other, *reaching(modelled, options.protected)):
        if each in other or each.message not in seen:
            found.append(replace(each, message=f"in the models: {each.message}"))
    return list({(one.key.label, one.message): one for one in found}.values())


def _claims(options: ForeignKeyPolicyOptions, keys: Sequence[ForeignKey]) -> list[str]:
    actions = Counter(key.on_delete for key in keys)
    return [
        f"claimed of ON DELETE {action}: {cause}"
        for action, wanted in options.counts.items()
        if (cause := compile_matcher(wanted).explain(actions[action])) is not None
    ]


def _failed(
    findings: Sequence[PolicyFinding], claims: Sequence[str], every: Sequence[ForeignKey]
) -> CheckResult:
    if not findings:
        return failed(
            "; ".join(claims),
            remediation="Correct the claim, or the keys.",
        )
    broken = len({each.key.label for each in findings})
    total = counted(len({key.label for key in every}), "foreign key")
    return failed(
        f"{broken} of {total} against the policy: {findings[0].key.label}: {findings[0].message}",
        details="\n".join(claims),
        evidence=[
            keys_table(
                "Against the policy",
                ("finding",),
                [(each.key, (each.message,)) for each in findings],
            )
        ],
    )


def _names_exist(
    options: ForeignKeyPolicyOptions,
    rules: Sequence[Rule],
    keys: Sequence[ForeignKey],
    there: Sequence[tuple[str, str]],
    database: str,
) -> None:
    """Refuse a policy that is green because it speaks of nothing.

    Raises:
        ConfigurationError: a rule decides about no key, or a glob names no table.
    """
    for rule in unused(keys, rules):
        raise ConfigurationError(
            f"the rule for {', '.join(rule.tables)} decides about no foreign key of {database}",
            advice="correct the names of its tables, or take the rule out",
        )
    for glob in options.protected:
        if not any(meets(table, [glob]) for table in there):
            raise ConfigurationError(
                f"protected: {glob} names no table of {database}",
                advice="correct the name, or take it out",
            )


def _passed(
    rules: Sequence[Rule], keys: Sequence[ForeignKey], models: Models | None
) -> CheckResult:
    actions = [key.on_delete for key in keys]
    counts = ", ".join(f"{actions.count(each)} {each}" for each in sorted(set(actions)))
    free = sum(not any(rule.meets(key) for rule in rules) for key in keys)
    details = [f"{counted(free, 'key')} under no rule"] if free and rules else []
    if models is not None:
        seen = counted(len(models.relationships), "relationship")
        details.append(f"the models say the same: {counted(len(models.keys), 'key')}, {seen}")
    return passed(
        f"{counted(len(keys), 'foreign key')} within the policy: {counts}",
        details="\n".join(details),
    )
