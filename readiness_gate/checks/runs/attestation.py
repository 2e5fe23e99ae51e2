"""What `attestation` does when it runs; what it promises stands beside its options."""

from collections.abc import Mapping, Sequence

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.merge.attestation import AttestationOptions
from readiness_gate.checks.per_member import of_every_member
from readiness_gate.checks.sign_off_judge import SignOffJudge, Terms, resolves
from readiness_gate.checks.sign_offs import SignOff
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.pull_request import PullRequest
from readiness_gate.model.result import CheckResult, cannot_tell, passed, pending


def run(context: CheckContext, options: AttestationOptions) -> CheckResult:
    """Look for sign-offs of this item that count; say of each why it does not."""
    unknown = [name for name in options.by if not resolves(name, context.roles)]
    if unknown:
        return cannot_tell(
            ErrorClass.CONFIGURATION,
            f"{unknown[0]} is neither a role nor a @name",
            remediation="Add the role to `roles` in the configuration, or write @user.",
        )
    facts = context.merge
    if facts is None or (facts.merge_group is None and facts.pull_request is None):
        return _decided(context, options, None)
    return of_every_member(facts, lambda one: _decided(context, options, one))


def _decided(
    context: CheckContext, options: AttestationOptions, subject: PullRequest | None
) -> CheckResult:
    judge = SignOffJudge(context, _terms(options), subject)
    good: dict[str, SignOff] = {}
    reasons: list[str] = []
    for one in judge.sign_offs():
        reason = judge.objection(one)
        if reason is not None:
            reasons.append(f"{one.by}, {one.date}: {reason}")
            continue
        good.setdefault(one.by.casefold(), one)
        if len(good) >= options.people:
            return _signed(list(good.values()))
    if judge.hidden is not None:
        # Somebody signed who may be in the team: neither yes nor no.
        raise judge.hidden
    return _waiting(context, options, judge, good, reasons)


def _terms(options: AttestationOptions) -> Terms:
    return Terms(
        by=options.by,
        max_age=options.max_age,
        expires=options.expires,
        accept=options.accept,
        approval=options.approval,
        scope=options.scope,
        permission=options.permission,
    )


def _waiting(
    context: CheckContext,
    options: AttestationOptions,
    judge: SignOffJudge,
    good: Mapping[str, SignOff],
    reasons: Sequence[str],
) -> CheckResult:
    summary = "no sign-off that counts" if reasons else "not signed off"
    if good:
        summary = f"{len(good)} of {options.people} sign-offs"
    ways = []
    if "comment" in options.accept and options.scope != "commit" and judge.subject:
        ways.append(f"write a comment with the line /readiness attest {context.item_id} URL")
    elif "review" in options.accept and judge.subject:
        ways.append(f"write a review with the line /readiness attest {context.item_id} URL")
    if "file" in options.accept:
        ways.append(
            f"add an entry for {context.item_id} with evidence to "
            ".github/readiness-attestations.yml on the base branch"
        )
    advice = ", or ".join(ways) or "ask for it on a pull request"
    return pending(
        summary,
        waiting_for=", ".join(options.by) or "a person other than the author",
        details="\n".join([*reasons, *judge.misunderstood, *judge.unread]),
        remediation=f"{advice[0].upper()}{advice[1:]}.",
    )


def _signed(signed: Sequence[SignOff]) -> CheckResult:
    names = " and ".join(one.by if one.source == "file" else f"@{one.by}" for one in signed)
    ends = sorted(one.expires for one in signed if one.expires)
    until = f", holds until {ends[0]}" if ends else ""
    return passed(
        f"signed off by {names} on {signed[-1].date}{until}",
        evidence=(
            TableEvidence(
                title="Sign-off",
                columns=("by", "date", "expires", "scope", "where", "evidence"),
                rows=tuple(
                    (one.by, one.date, one.expires or "", one.scope, one.source, one.evidence)
                    for one in signed
                ),
            ),
        ),
    )
