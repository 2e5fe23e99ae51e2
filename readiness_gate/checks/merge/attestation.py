"""`attestation`: a person signed, with evidence, and the signature still holds.

Nothing that a machine measured: an absent or expired sign-off is `pending`, not red. The author of
the pull request never signs for it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from pydantic import Field

from readiness_gate.checks.base import Attestation, Check, CheckContext, CheckOptions
from readiness_gate.config.values import Duration, Flag, OneOrMany
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family
from readiness_gate.model.pull_request import PullRequest
from readiness_gate.model.result import CheckResult, cannot_tell, passed, pending

_PULL_REQUEST = re.compile(r"pull-request ([1-9][0-9]{0,9})")
_COMMIT = re.compile(r"commit ([0-9a-f]{40})")


class AttestationOptions(CheckOptions):
    """Who has to sign, and for how long a signature holds."""

    by: OneOrMany = Field(
        default=(),
        description="A role, @user or @organisation/team; default anyone but the author.",
    )
    max_age: Duration | None = Field(
        default=None, gt=0, description="How old a sign-off may be, such as 90d."
    )
    expires: Flag = Field(
        default=False, description="Whether a sign-off has to carry an expiry date of its own."
    )


def run(context: CheckContext, options: AttestationOptions) -> CheckResult:
    """Look for one sign-off of this item that counts; say of each why it does not."""
    unknown = [name for name in options.by if not _resolves(name, context.roles)]
    if unknown:
        return cannot_tell(
            ErrorClass.CONFIGURATION,
            f"{unknown[0]} is neither a role nor a @name",
            remediation="Add the role to `roles` in the configuration, or write @user.",
        )
    allowed = _people(options.by, context.roles)
    reasons: list[str] = []
    for attestation in context.attestations:
        if attestation.id != context.item_id:
            continue
        reason = _objection(attestation, allowed, context, options)
        if reason is None:
            return _signed(attestation)
        reasons.append(f"{attestation.by}, {attestation.date}: {reason}")
    return pending(
        "no sign-off that counts" if reasons else "not signed off",
        waiting_for=", ".join(options.by) or "a person other than the author",
        details="\n".join(reasons),
        remediation=f"Add an entry for {context.item_id} with evidence to "
        ".github/readiness-attestations.yml on the base branch.",
    )


def _signed(attestation: Attestation) -> CheckResult:
    until = f", holds until {attestation.expires}" if attestation.expires else ""
    row = (attestation.by, attestation.date, attestation.expires or "", attestation.scope)
    return passed(
        f"signed off by {attestation.by} on {attestation.date}{until}",
        evidence=(
            TableEvidence(
                title="Sign-off",
                columns=("by", "date", "expires", "scope", "evidence"),
                rows=((*row, attestation.evidence),),
            ),
        ),
    )


def _objection(
    attestation: Attestation,
    allowed: frozenset[str],
    context: CheckContext,
    options: AttestationOptions,
) -> str | None:
    person = _name(attestation.by)
    if options.by and person not in allowed:
        return "is not among those who may sign (members of a team have to stand in `roles`)"
    return (
        _author_objection(person, context)
        or ("gives no evidence" if not attestation.evidence.strip() else None)
        or _scope_objection(attestation.scope, context)
        or _time_objection(attestation, options, context.clock.now())
    )


def _author_objection(person: str, context: CheckContext) -> str | None:
    subject = _subject(context)
    if subject is not None and _name(subject.author) == person:
        return "is the author of the pull request"
    in_group = context.merge is not None and context.merge.merge_group is not None
    return "the author of the merge group is not known" if in_group and not subject else None


def _scope_objection(scope: str, context: CheckContext) -> str | None:
    subject = _subject(context)
    if scope == "repository":
        return None
    if match := _PULL_REQUEST.fullmatch(scope):
        own = subject.reference.number if subject else None
        return None if own == int(match[1]) else f"covers only pull request {match[1]}"
    if match := _COMMIT.fullmatch(scope):
        head = subject.head_sha if subject else None
        return None if head == match[1] else f"covers only commit {match[1][:7]}"
    return f"has a scope that is not understood: {scope}"


def _time_objection(
    attestation: Attestation, options: AttestationOptions, now: datetime
) -> str | None:
    today = now.astimezone(UTC).date()
    signed = _day(attestation.date)
    if signed is None or (attestation.expires and _day(attestation.expires) is None):
        return "has a date that is not understood (write YYYY-MM-DD)"
    if signed > today:
        return "is dated in the future"
    expires = _day(attestation.expires or "")
    if expires is None and options.expires:
        return "carries no expiry date"
    if expires is not None and expires < today:
        return f"expired on {expires}"
    if options.max_age is not None and today - signed > timedelta(seconds=options.max_age):
        return f"is older than {timedelta(seconds=options.max_age).days} days"
    return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _subject(context: CheckContext) -> PullRequest | None:
    if context.merge is None:
        return None
    group = context.merge.merge_group
    if group is None:
        return context.merge.pull_request
    fact = context.merge.facts.get(group.members[-1]) if group.members else None
    return fact if isinstance(fact, PullRequest) else None


def _resolves(name: str, roles: Mapping[str, Sequence[str]]) -> bool:
    return name.startswith("@") or name in roles


def _people(names: Iterable[str], roles: Mapping[str, Sequence[str]]) -> frozenset[str]:
    people: set[str] = set()
    for name in names:
        people.update(_name(one) for one in roles.get(name, (name,)))
    return frozenset(people)


def _name(person: str) -> str:
    return person.strip().removeprefix("@").casefold()


CHECK = Check(
    id="attestation",
    title="A person signed off",
    family=Family.MERGE,
    check_class=CheckClass.READ,
    needs=frozenset(),
    options=AttestationOptions,
    run=run,
    per_item=True,
    remediation="Have a permitted person add a sign-off with evidence.",
)
