"""What `gate-files-unchanged` does when it runs; what it promises stands beside its options."""

from collections.abc import Sequence
from dataclasses import dataclass

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.merge.gate_files_unchanged import GateFilesUnchangedOptions
from readiness_gate.checks.per_member import of_every_member
from readiness_gate.doors.workspace import matches
from readiness_gate.errors import PermissionMissing
from readiness_gate.forge.base import Facts
from readiness_gate.formats.code_owners import PLACES, CodeOwners, code_owners
from readiness_gate.model.evidence import LocationEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.pull_request import PullRequest
from readiness_gate.model.result import CheckResult, cannot_tell, passed, pending
from readiness_gate.model.review import Review

GATE_FILES = (
    ".github/workflows/**",
    ".github/actions/**",
    "**/action.yml",
    "**/action.yaml",
    ".github/readiness*",
    *PLACES,
    "**/.secrets.baseline",
    "**/docker-compose*.y*ml",
    "**/compose*.y*ml",
    "**/Dockerfile*",
    "**/*.Dockerfile",
    "**/Containerfile*",
    "**/.dockerignore",
    "**/alembic.ini",
    "**/env.py",
)

_SHOWN = 20


def run(context: CheckContext, options: GateFilesUnchangedOptions) -> CheckResult:
    """Judge every pull request by its own files, owners at the base, and approvals of its head."""
    github = context.github
    if github is None or context.base_sha is None:
        return cannot_tell(ErrorClass.INCONCLUSIVE, "there is no GitHub to ask")
    unknown = [one for one in options.by if not one.startswith("@") and one not in context.roles]
    if unknown:
        return cannot_tell(
            ErrorClass.CONFIGURATION,
            f"{unknown[0]} is neither a role nor a @name",
            remediation="Add the role to `roles` in the configuration, or write @user.",
        )
    return of_every_member(context.merge, lambda one: _judge(one, context, github, options))


@dataclass(frozen=True)
class _Touched:
    """A gate file that changed, and who may approve that."""

    path: str
    owners: tuple[str, ...]
    rule: str
    """Where the owners stand."""


def _judge(
    subject: PullRequest, context: CheckContext, github: Facts, options: GateFilesUnchangedOptions
) -> CheckResult:
    number = subject.reference.number
    changes = github.inventory.changes(number)
    if not changes:
        return cannot_tell(ErrorClass.INCONCLUSIVE, "GitHub lists no changed file")
    patterns = (*GATE_FILES, *context.policy_files, *options.also)
    names = sorted({name for one in changes for name in one.names})
    paths = [name for name in names if _any(name, patterns) and not _any(name, options.exclude)]
    if not paths:
        return passed(f"none of {len(names)} changed files is one that the gate rests on")
    touched = _owned(paths, context, github, options)
    ownerless = next((one for one in touched if not one.owners), None)
    evidence = [LocationEvidence(path=one.path, text=one.rule) for one in touched[:_SHOWN]]
    if ownerless is not None:
        return cannot_tell(
            ErrorClass.CONFIGURATION,
            f"nobody is named who may approve a change of {ownerless.path}",
            evidence=evidence,
            remediation="Give it an owner in CODEOWNERS, or name people in the item's `by`.",
        )
    opinions = github.reviews(number).opinions
    approvers = [one.author for one in opinions if _objection(one, subject) is None]
    teams = _Teams(github)
    open_ = [one for one in touched if not _approved(one, approvers, teams)]
    if not open_:
        by = ", ".join(f"@{one}" for one in approvers)
        said = f"{_files(len(paths))} that the gate rests on changed, approved by {by}"
        return passed(said, evidence=evidence)
    if teams.hidden is not None and approvers:
        # One of those who approved may be in the team: neither yes nor no.
        raise teams.hidden
    return _waiting(open_, paths, subject, opinions, evidence)


def _waiting(
    open_: Sequence[_Touched],
    paths: Sequence[str],
    subject: PullRequest,
    opinions: Sequence[Review],
    evidence: Sequence[LocationEvidence],
) -> CheckResult:
    first = open_[0]
    able = [one for one in first.owners if one.lower() != f"@{subject.author}".lower()]
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    reasons = [
        f"@{one.author}: {reason}"
        for one in opinions
        if (reason := _objection(one, subject)) is not None
    ]
    return pending(
        f"{paths[0]}{more} changed, and no owner of {first.path} approved {subject.head_sha[:7]}",
        waiting_for=" or ".join(able) or "an owner other than the author",
        details="\n".join(reasons),
        evidence=evidence,
        remediation=f"Ask {' or '.join(able)} for an approving review of the present head."
        if able
        else f"Name another owner of {first.path}: the author is the only one.",
    )


def _owned(
    paths: Sequence[str], context: CheckContext, github: Facts, options: GateFilesUnchangedOptions
) -> list[_Touched]:
    file = github.inventory.owners(context.base_sha or "")
    owners = code_owners(file.text)
    kept = CodeOwners(tuple(rule for rule in owners.rules if rule.line not in file.errors))
    named = tuple(name for one in options.by for name in _names(one, context))
    found: list[_Touched] = []
    for path in paths:
        rule = kept.rule_for(path)
        if rule is not None and rule.owners:
            found.append(_Touched(path, rule.owners, f"{file.path}:{rule.line}"))
        else:
            found.append(_Touched(path, named, "by the item's `by`"))
    return found


def _names(one: str, context: CheckContext) -> tuple[str, ...]:
    people = context.roles.get(one, (one,))
    return tuple(f"@{person.removeprefix('@')}" for person in people)


def _objection(review: Review, subject: PullRequest) -> str | None:
    if review.state != "approved":
        return review.state.replace("_", " ")
    if review.author.lower() == subject.author.lower():
        return "is the author"
    if review.bot:
        return "is no person"
    if review.commit != subject.head_sha:
        return f"approved {review.commit[:7] or 'an unknown commit'}, not the present head"
    return None if review.writer else "may not write to this repository"


class _Teams:
    """Members of teams; `hidden` keeps the first refusal."""

    def __init__(self, github: Facts) -> None:
        self._github = github
        self.hidden: PermissionMissing | None = None

    def members(self, team: str) -> frozenset[str]:
        try:
            return frozenset(one.lower() for one in self._github.team(team))
        except PermissionMissing as refusal:
            self.hidden = self.hidden or refusal
            return frozenset()


def _approved(one: _Touched, approvers: Sequence[str], teams: _Teams) -> bool:
    given = {login.lower() for login in approvers}
    people = {owner[1:].lower() for owner in one.owners if _is_person(owner)}
    if given & people:
        return True
    # Nobody asks who is in a team as long as nobody approved.
    return bool(given) and any(
        given & teams.members(owner[1:]) for owner in one.owners if _is_team(owner)
    )


def _is_person(owner: str) -> bool:
    return owner.startswith("@") and "/" not in owner


def _is_team(owner: str) -> bool:
    return owner.startswith("@") and "/" in owner


def _any(name: str, patterns: Sequence[str]) -> bool:
    return any(matches(name, pattern) for pattern in patterns)


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"
