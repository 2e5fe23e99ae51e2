"""Records the facts behind one or more pull requests as a snapshot."""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from typing import Any, TypeVar

from readiness_gate.doors.clock import Clock
from readiness_gate.errors import ForgeError, PermissionMissing
from readiness_gate.forge.base import Forge
from readiness_gate.forge.inventory_once import Question
from readiness_gate.forge.inventory_recorded import inventory_of
from readiness_gate.forge.recorded import (
    RecordedIssue,
    RecordedLoss,
    RecordedPullRequest,
    RecordedStatus,
    RecordedUnreachable,
    Snapshot,
    alerts_key,
)
from readiness_gate.model.alert import AlertKind, Alerts
from readiness_gate.model.delivery import LineHistory
from readiness_gate.model.pull_request import (
    Fact,
    Issue,
    Missing,
    PullRequest,
    Reference,
    Unreachable,
)

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


def record(
    forge: Forge,
    *numbers: int,
    clock: Clock,
    references: Collection[Reference] = (),
    paths: Sequence[str] = (),
    teams: Sequence[str] = (),
    inventory: Mapping[Question, Any] | None = None,
) -> Snapshot:
    """Return what a run for the pull requests `numbers` reads, the first one being at hand.

    `references` are what they depend on, `paths` the files that are read at the base's tip,
    `teams` (`organisation/team`) those whose members may be asked for, `inventory` what checks
    asked of the repository beside its pull requests, with the errors among the answers.
    What checks would ask about them is recorded as well; where GitHub refuses that, the refusal.
    The gate's own comments and merge groups are not recorded: they belong to the moment.

    Raises:
        ForgeError: something could not be read; nothing is recorded as absent for that.
    """
    home = forge.repository
    own = [forge.pull_request(number) for number in numbers]
    facts: dict[Reference, Fact] = dict(forge.resolve([*references]))
    opened = forge.open_pull_requests()
    facts |= {pull.reference: pull for pull in opened}
    facts |= {pull.reference: pull for pull in own}
    default = forge.default_branch()
    branches = {name: forge.branch_tip(name) for name in {default, *(p.base_branch for p in own)}}
    lost: list[RecordedLoss] = []
    for (fact, key), answer in (inventory or {}).items():
        if isinstance(answer, ForgeError):
            _kept(fact, {key: answer}, lost)
    # Without a number it is recorded for a sweep, which asks about all of them.
    asked = own or opened
    heads = [pull.head_sha for pull in asked]
    return Snapshot(
        recorded_at=clock.now(),
        repository=home,
        default_branch=default,
        identity=forge.identity(),
        pull_request=numbers[0] if numbers else None,
        branches=branches,
        pull_requests=tuple(
            _pull_request(fact, home, forge.changed_files(fact.reference.number))
            if fact in own
            else _pull_request(fact, home, None)
            for fact in facts.values()
            if isinstance(fact, PullRequest)
        ),
        issues=tuple(_issue(fact, home) for fact in facts.values() if isinstance(fact, Issue)),
        missing=tuple(str(fact.reference) for fact in facts.values() if isinstance(fact, Missing)),
        unreachable=tuple(
            RecordedUnreachable(reference=str(fact.reference), reason=fact.reason)
            for fact in facts.values()
            if isinstance(fact, Unreachable)
        ),
        files={tip: _files(forge, tip, paths) for tip in sorted(set(branches.values()))},
        statuses={pull.head_sha: _statuses(forge, pull.head_sha) for pull in own},
        checks=_kept("checks", forge.checks(heads), lost),
        deployments=_kept("deployments", forge.deployments(heads), lost),
        remarks=_kept("remarks", forge.remarks(_numbers(asked)), lost),
        inventory=inventory_of(inventory or {}),
        reviews=_kept("reviews", forge.reviews([*_numbers(asked), *_ticking(inventory)]), lost),
        alerts=_kept("alerts", _alerts(forge, numbers), lost),
        teams=_kept("teams", _each(lambda name: tuple(sorted(forge.team(name))), teams), lost),
        branch_rules=_kept("branch_rules", _each(forge.branch_rules, branches), lost),
        # Last: the facts above fill it.
        lost=tuple(lost),
    )


def _numbers(pull_requests: Sequence[PullRequest]) -> list[int]:
    return [one.reference.number for one in pull_requests]


def _ticking(inventory: Mapping[Question, Any] | None) -> list[int]:
    """Return the pull requests that ticked lines, whose reviewers a sign-off may hang on."""
    return sorted(
        {
            pull.number
            for answer in (inventory or {}).values()
            if isinstance(answer, LineHistory)
            for one in answer.ranges
            for pull in one.pull_requests
        }
    )


def _each(read: Callable[[Key], Value], keys: Collection[Key]) -> dict[Key, Value | ForgeError]:
    found: dict[Key, Value | ForgeError] = {}
    for key in keys:
        try:
            found[key] = read(key)
        except ForgeError as error:
            found[key] = error
    return found


def _alerts(forge: Forge, numbers: Sequence[int]) -> dict[str, Alerts | ForgeError]:
    """Return the alerts that a run for these pull requests can ask for, by key."""
    if not numbers:
        return {}
    asked: list[tuple[AlertKind, str]] = [("dependabot", ""), ("secret-scanning", "")]
    asked += [("code-scanning", f"pull-request {number}") for number in numbers]
    found = _each(lambda one: forge.alerts(*one), asked)
    return {alerts_key(*one): value for one, value in found.items()}


def _kept(
    fact: str, found: Mapping[Key, Value | ForgeError], lost: list[RecordedLoss]
) -> dict[Key, Value]:
    """Return what could be read; what could not is added to `lost` with its reason."""
    for key, value in found.items():
        if isinstance(value, ForgeError):
            lacking = value.permission if isinstance(value, PermissionMissing) else None
            entry = RecordedLoss(fact=fact, key=str(key), reason=value.message, permission=lacking)
            lost.append(entry)
    return {key: value for key, value in found.items() if not isinstance(value, ForgeError)}


def _files(forge: Forge, commit: str, paths: Sequence[str]) -> dict[str, str]:
    found = {path: forge.file(path, commit) for path in paths}
    return {path: data.decode(errors="replace") for path, data in found.items() if data is not None}


def _statuses(forge: Forge, sha: str) -> tuple[RecordedStatus, ...]:
    return tuple(
        RecordedStatus(
            context=status.context,
            state=status.state,
            description=status.description,
            target_url=status.target_url,
            creator=status.creator,
        )
        for status in forge.statuses(sha).values()
    )


def _pull_request(fact: PullRequest, home: str, files: Sequence[str] | None) -> RecordedPullRequest:
    repository = fact.reference.repository
    return RecordedPullRequest(
        repository=None if repository.lower() == home.lower() else repository,
        number=fact.reference.number,
        title=fact.title,
        body=fact.body,
        state="open" if fact.state == "open" else "closed",
        draft=fact.draft,
        merged=fact.merged,
        merged_at=fact.merged_at,
        merge_commit_sha=fact.merge_commit_sha,
        base_branch=fact.base_branch,
        base_sha=fact.base_sha,
        head_branch=fact.head_branch,
        head_sha=fact.head_sha,
        head_repository=None if fact.head_repository == repository else fact.head_repository,
        author=fact.author,
        labels=fact.labels,
        reverted_by=str(fact.reverted_by) if fact.reverted_by else None,
        stack_parent=str(fact.stack_parent) if fact.stack_parent else None,
        stack_position=fact.stack_position,
        changed_files=None if files is None else tuple(files),
    )


def _issue(fact: Issue, home: str) -> RecordedIssue:
    repository = fact.reference.repository
    return RecordedIssue(
        repository=None if repository.lower() == home.lower() else repository,
        number=fact.reference.number,
        title=fact.title,
        state="open" if fact.state == "open" else "closed",
        state_reason=fact.state_reason,
    )
