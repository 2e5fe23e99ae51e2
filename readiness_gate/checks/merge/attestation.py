"""`attestation`: a person signed, with evidence, and the signature still holds.

Nothing that a machine measured: an absent or expired sign-off is `pending`, not red. It stands in
`.github/readiness-attestations.yml` at the base, or in a comment or review of the pull request as
a line of its own, `/readiness attest ID URL`. The author of the pull request never signs for it.
What was edited, hidden, dismissed or deleted no longer counts, and who signs by comment or review
needs the permission that GitHub knows. In a merge group every member needs its sign-off.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, timedelta
from itertools import islice
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from readiness_gate.checks.base import Check, CheckContext, CheckOptions
from readiness_gate.checks.judged import judged, members
from readiness_gate.checks.sign_offs import SignOff, misunderstood, of_file, of_remarks
from readiness_gate.config.values import Duration, Flag, OneOrMany, one_or_many
from readiness_gate.errors import PermissionMissing
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family, Outcome
from readiness_gate.model.pull_request import PullRequest
from readiness_gate.model.result import CheckResult, cannot_tell, passed, pending

_ROLES = ("none", "read", "triage", "write", "maintain", "admin")
_SOURCES = ("file", "comment", "review")
_SHOWN = 10
_SCOPES = ("repository", "pull-request", "commit")
Sources = Annotated[
    tuple[Literal["file", "comment", "review"], ...],
    BeforeValidator(one_or_many),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": list(_SOURCES)},
                {"type": "array", "items": {"enum": list(_SOURCES)}, "minItems": 1},
            ]
        }
    ),
]


class AttestationOptions(CheckOptions):
    """Who has to sign, where, and for how long a signature holds."""

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
    accept: Sources = Field(
        default=("file", "comment", "review"),
        min_length=1,
        description="Where a sign-off may stand: `file`, `comment`, `review`.",
    )
    approval: Flag = Field(
        default=False,
        description="Whether an approving review of the present head is a sign-off without a "
        "word, and itself the evidence.",
    )
    scope: Literal["repository", "pull-request", "commit"] = Field(
        default="repository",
        description="How much a sign-off may cover at most; `commit` asks for one of the present "
        "head, which a comment cannot give.",
    )
    permission: Literal["read", "triage", "write", "maintain", "admin"] = Field(
        default="write",
        description="What who signs by comment or review may do in the repository at least.",
    )
    people: int = Field(
        default=1, ge=1, le=20, description="How many different people have to sign."
    )


def run(context: CheckContext, options: AttestationOptions) -> CheckResult:
    """Look for sign-offs of this item that count; say of each why it does not."""
    unknown = [name for name in options.by if not _resolves(name, context.roles)]
    if unknown:
        return cannot_tell(
            ErrorClass.CONFIGURATION,
            f"{unknown[0]} is neither a role nor a @name",
            remediation="Add the role to `roles` in the configuration, or write @user.",
        )
    facts = judged(context.merge) if context.merge is not None else None
    if isinstance(facts, CheckResult):
        return facts
    pull_requests = members(facts) if facts is not None else ()
    if facts is not None and facts.merge_group is not None and not pull_requests:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE, "every member of the merge group is merged already"
        )
    if facts is None or not pull_requests:
        return _decided(context, options, None)
    results = [_decided(context, options, one) for one in pull_requests]
    if len(results) == 1:
        return results[0]
    # A queue can be told to look at the last group alone, which then stands for all in it.
    named = [
        replace(result, summary=f"{one.reference.short(facts.home)}: {result.summary}")
        for one, result in zip(pull_requests, results, strict=True)
    ]
    missing = next((one for one in named if one.outcome is not Outcome.PASSED), None)
    return missing or passed(
        "; ".join(one.summary for one in named),
        evidence=[evidence for one in named for evidence in one.evidence],
    )


def _decided(
    context: CheckContext, options: AttestationOptions, subject: PullRequest | None
) -> CheckResult:
    judge = _Judge(context, options, subject)
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


def _waiting(
    context: CheckContext,
    options: AttestationOptions,
    judge: "_Judge",
    good: Mapping[str, SignOff],
    reasons: Sequence[str],
) -> CheckResult:
    summary = "no sign-off that counts" if reasons else "not signed off"
    if good:
        summary = f"{len(good)} of {options.people} sign-offs"
    ways = []
    if "comment" in options.accept and options.scope != "commit" and judge.subject:
        ways.append(f"comment: /readiness attest {context.item_id} URL")
    elif "review" in options.accept and judge.subject:
        ways.append(f"write a review with the line: /readiness attest {context.item_id} URL")
    if "file" in options.accept:
        ways.append(
            f"add an entry for {context.item_id} with evidence to "
            ".github/readiness-attestations.yml on the base branch"
        )
    advice = ", or ".join(ways) or "ask for it on a pull request"
    return pending(
        summary,
        waiting_for=", ".join(options.by) or "a person other than the author",
        details="\n".join([*reasons, *judge.misunderstood]),
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


class _Judge:
    """Decides over one sign-off after the other; asks GitHub only where the answer hangs on it."""

    def __init__(
        self, context: CheckContext, options: AttestationOptions, subject: PullRequest | None
    ) -> None:
        self._context = context
        self._options = options
        self._allowed = _people(options.by, context.roles)
        self.subject = subject
        self.hidden: PermissionMissing | None = None
        self.misunderstood: list[str] = []

    def sign_offs(self) -> Iterator[SignOff]:
        """Yield those of the file first: where they do, nothing is asked of GitHub."""
        item, accepted = self._context.item_id, self._options.accept
        if "file" in accepted:
            yield from of_file(self._context.attestations, item)
        if self.subject is None or self._context.github is None or set(accepted) <= {"file"}:
            return
        number = self.subject.reference.number
        remarks = [one for one in self._context.github.remarks(number) if one.kind in accepted]
        self.misunderstood = list(islice(misunderstood(remarks), _SHOWN))
        yield from of_remarks(remarks, item, number, approvals=self._options.approval)

    def objection(self, one: SignOff) -> str | None:
        """Return why a sign-off does not count, `None` where it does."""
        return (
            one.spoilt
            or self._author(one)
            or (None if one.evidence.strip() else "gives no evidence")
            or self._scope(one)
            or self._time(one)
            or self._person(one)
        )

    def _author(self, one: SignOff) -> str | None:
        if self.subject is not None and _name(self.subject.author) == _name(one.by):
            return "is the author of the pull request"
        return None

    def _scope(self, one: SignOff) -> str | None:
        kind, _, what = one.scope.partition(" ")
        if kind not in _SCOPES or (kind == "repository") != (not what):
            return f"has a scope that is not understood: {one.scope}"
        if _SCOPES.index(kind) < _SCOPES.index(self._options.scope):
            wider = "a comment covers the pull request, not a commit: write a review"
            return wider if one.source == "comment" else f"covers the {kind}, which is too much"
        if kind == "pull-request":
            own = str(self.subject.reference.number) if self.subject else None
            return None if own == what else f"covers only pull request {what}"
        if kind == "commit":
            if len(what) != 40 or not set(what) <= set("0123456789abcdef"):
                return f"has a scope that is not understood: {one.scope}"
            head = self.subject.head_sha if self.subject else None
            return None if head == what else f"covers only commit {what[:7]}"
        return None

    def _time(self, one: SignOff) -> str | None:
        today = self._context.clock.now().astimezone(UTC).date()
        if one.day is None or (one.expires and one.last_day is None):
            return "has a date that is not understood (write YYYY-MM-DD)"
        if one.day > today:
            return "is dated in the future"
        if one.last_day is None and self._options.expires:
            return "carries no expiry date"
        # The last day counts to its end, in UTC.
        if one.last_day is not None and one.last_day < today:
            return f"expired on {one.last_day}"
        allowed = self._options.max_age
        if allowed is not None and today - one.day > timedelta(seconds=allowed):
            return f"is older than {timedelta(seconds=allowed).days} days"
        return None

    def _person(self, one: SignOff) -> str | None:
        person = _name(one.by)
        named = not self._options.by or person in self._allowed
        teams = [name for name in self._allowed if "/" in name and one.source != "file"]
        stranger = "is not among those who may sign (members of a team have to stand in `roles`)"
        if not (named or teams):
            return stranger
        # Before teams are asked for: what a stranger writes must not turn waiting into an error.
        refusal = self._permission(one)
        if refusal is not None:
            return refusal
        return None if named or self._in_a_team(person, teams) else stranger

    def _in_a_team(self, person: str, teams: Sequence[str]) -> bool:
        github = self._context.github
        if github is None:
            return False
        for team in teams:
            try:
                if person in {member.casefold() for member in github.team(team)}:
                    return True
            except PermissionMissing as refusal:
                self.hidden = self.hidden or refusal
        return False

    def _permission(self, one: SignOff) -> str | None:
        github = self._context.github
        if one.source == "file" or github is None:
            return None  # whoever merged it into the base could write
        found = github.inventory.permission(one.by)
        if found in _ROLES and _ROLES.index(found) >= _ROLES.index(self._options.permission):
            return None
        return f"has the permission {found}, {self._options.permission} is asked for"


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
