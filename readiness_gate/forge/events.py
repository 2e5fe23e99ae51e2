"""What the gate was called for, from GitHub's event; the table of DESIGN 1.1; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from readiness_gate.errors import ConfigurationError
from readiness_gate.forge.payload import Payload
from readiness_gate.model.outcome import Half, Stage

if TYPE_CHECKING:
    from readiness_gate.merge.commands import Command


class Mode(StrEnum):
    """The action's modes that are driven by an event of their own."""

    RUN = "run"
    CHECKS = "checks"
    MERGE = "merge"


class Subject(StrEnum):
    """What is evaluated."""

    PULL_REQUEST = "pull-request"
    CLOSED_PULL_REQUEST = "closed-pull-request"
    """Nothing on the pull request itself; its dependants only."""
    MERGE_GROUP = "merge-group"
    OPEN_PULL_REQUESTS = "open-pull-requests"
    """The merge half of every open pull request."""
    STAGE = "stage"
    """The items of a stage after the merge, on a commit."""
    NOTHING = "nothing"
    """The event cannot have changed anything."""


@dataclass(frozen=True)
class QueuedGroup:
    """The merge group of a `merge_group` event, as its payload names it."""

    head_ref: str
    head_sha: str
    base_sha: str
    base_branch: str


@dataclass(frozen=True)
class Commented:
    """A new comment on the pull request that holds commands; nobody has been asked who may."""

    id: int
    author: str
    commands: "tuple[Command, ...]"


@dataclass(frozen=True)
class Event:
    """What one call of the gate evaluates.

    `halves` are those that are recomputed for the subject; `joined_by` are keys of an item's
    `when` (`labels`, `draft`) that make the checks half join them if a planned item names one.
    """

    name: str
    action: str
    mode: Mode
    subject: Subject
    halves: frozenset[Half]
    joined_by: frozenset[str] = frozenset()
    pull_request: int | None = None
    head_sha: str | None = None
    """Head in the payload; what was checked out belongs to it, the live head may have moved."""
    merge_group: QueuedGroup | None = None
    stage: Stage = Stage.PRE_MERGE
    sha: str | None = None
    """The deployed commit of a stage after the merge."""
    environment: str | None = None
    dependants: bool = False
    """Whether the merge half of the pull requests that depend on this one follows."""
    comment: Commented | None = None
    sent_elsewhere: str | None = None
    """When its base branch became another one, as the payload writes times; else `None`."""


_BOTH = frozenset(Half)
_HALVES = {
    Mode.RUN: _BOTH,
    Mode.CHECKS: frozenset({Half.CHECKS}),
    Mode.MERGE: frozenset({Half.MERGE}),
}
_NEW_CODE = frozenset({"opened", "synchronize", "reopened", "ready_for_review"})
_JOINED_BY = {
    "edited": frozenset[str](),
    "labeled": frozenset({"labels"}),
    "unlabeled": frozenset({"labels"}),
    "converted_to_draft": frozenset({"draft"}),
}
_AFTER_MERGE = frozenset({"push", "schedule", "deployment_status", "workflow_dispatch"})
_SWEEPS = frozenset(
    {"push", "workflow_run", "deployment_status", "schedule", "repository_dispatch"}
)
_SUPPORTED = {
    Mode.RUN: (
        "pull_request (opened, synchronize, reopened, ready_for_review, edited, labeled, "
        "unlabeled, converted_to_draft, closed), pull_request_review, merge_group "
        "(checks_requested), workflow_dispatch with a pull request's number; and push, schedule, "
        "deployment_status, workflow_dispatch with a stage other than pre-merge"
    ),
    Mode.MERGE: (
        "pull_request_target, pull_request, pull_request_review, merge_group (checks_requested), "
        "push, workflow_run, deployment_status, schedule, workflow_dispatch, repository_dispatch, "
        "issue_comment"
    ),
}
_SUPPORTED[Mode.CHECKS] = _SUPPORTED[Mode.RUN]


def parse(
    name: str,
    payload: Mapping[str, object],
    *,
    mode: str = "run",
    stage: Stage = Stage.PRE_MERGE,
    pull_request: int | None = None,
    sha: str | None = None,
    environment: str | None = None,
) -> Event:
    """Return what an event asks for.

    `name` is `GITHUB_EVENT_NAME`, `payload` the parsed file at `GITHUB_EVENT_PATH`, `sha` is
    `GITHUB_SHA`; `stage`, `pull_request` and `environment` are the inputs of the action.

    Raises:
        ConfigurationError: the event is unknown or the mode refuses it (the supported ones are
            listed), or the payload lacks what every such event has.
    """
    call = _Call(name, Payload(name, payload), _mode(mode), stage, pull_request, sha, environment)
    if stage is not Stage.PRE_MERGE:
        return _after_merge(call)
    if name in {"pull_request", "pull_request_target"}:
        return _pull_request(call)
    if name == "pull_request_review":
        return _review(call)
    if name == "merge_group":
        return _merge_group(call)
    if name == "workflow_dispatch":
        return _dispatched(call)
    return _trusted_only(call)


def requested(
    *,
    mode: str = "run",
    stage: Stage = Stage.PRE_MERGE,
    pull_request: int | None = None,
    sha: str | None = None,
    environment: str | None = None,
) -> Event:
    """Return what a call of the command line outside of Actions asks for; there is no event."""
    chosen = _mode(mode)
    event = Event("", "", chosen, Subject.PULL_REQUEST, _HALVES[chosen], pull_request=pull_request)
    if stage is not Stage.PRE_MERGE:
        return replace(event, subject=Subject.STAGE, stage=stage, sha=sha, environment=environment)
    if pull_request is None and chosen is Mode.MERGE:
        return replace(event, subject=Subject.OPEN_PULL_REQUESTS)
    return event


@dataclass(frozen=True)
class _Call:
    name: str
    payload: Payload
    mode: Mode
    stage: Stage
    number: int | None
    sha: str | None
    environment: str | None

    @property
    def action(self) -> str:
        return self.payload.text("action", default="")

    def event(self, subject: Subject) -> Event:
        """Return an event of the mode's own halves; callers narrow it."""
        return Event(self.name, self.action, self.mode, subject, _HALVES[self.mode])

    def refused(self, why: str = "") -> ConfigurationError:
        what = f"{self.name} ({self.action})" if self.action else self.name
        message = f"mode {self.mode} does not support the event {what or 'without a name'}"
        return ConfigurationError(
            f"{message}: {why}" if why else message, advice=f"supported: {_SUPPORTED[self.mode]}"
        )


def _mode(text: str) -> Mode:
    try:
        return Mode(text)
    except ValueError:
        raise ConfigurationError(
            f"mode {text!r} takes no event", advice=f"modes: {', '.join(Mode)}"
        ) from None


def _pull_request(call: _Call) -> Event:
    if call.name == "pull_request_target" and call.mode is not Mode.MERGE:
        raise call.refused("it holds a writing token, and code of the pull request would run")
    number = _own_number(call, call.payload.number("pull_request", "number"))
    event = replace(
        call.event(Subject.PULL_REQUEST),
        pull_request=number,
        head_sha=call.payload.text("pull_request", "head", "sha"),
        dependants=call.mode is not Mode.CHECKS,
    )
    if call.action == "closed":
        return replace(event, subject=Subject.CLOSED_PULL_REQUEST, halves=frozenset())
    if call.action in _NEW_CODE:
        return event
    if call.action == "edited" and call.payload.has("changes", "base"):
        at = call.payload.text("pull_request", "updated_at", default="")
        return replace(event, sent_elsewhere=at)
    if call.action in _JOINED_BY:
        return _merge_half(event, _JOINED_BY[call.action])
    if call.mode is Mode.MERGE:
        return event
    raise call.refused()


def _review(call: _Call) -> Event:
    number = _own_number(call, call.payload.number("pull_request", "number"))
    event = replace(
        call.event(Subject.PULL_REQUEST),
        pull_request=number,
        head_sha=call.payload.text("pull_request", "head", "sha"),
        dependants=call.mode is not Mode.CHECKS,
    )
    return _merge_half(event, frozenset())


def _merge_half(event: Event, joined_by: frozenset[str]) -> Event:
    halves = event.halves & {Half.MERGE}
    joins = joined_by if event.mode is not Mode.MERGE else frozenset[str]()
    return replace(event, halves=halves, joined_by=joins)


def _merge_group(call: _Call) -> Event:
    if call.action != "checks_requested":
        raise call.refused()
    group = QueuedGroup(
        head_ref=call.payload.text("merge_group", "head_ref"),
        head_sha=call.payload.text("merge_group", "head_sha"),
        base_sha=call.payload.text("merge_group", "base_sha"),
        base_branch=call.payload.text("merge_group", "base_ref").removeprefix("refs/heads/"),
    )
    return replace(call.event(Subject.MERGE_GROUP), merge_group=group, head_sha=group.head_sha)


def _dispatched(call: _Call) -> Event:
    number = call.number or call.payload.optional_number("inputs", "pull-request")
    number = number or call.payload.optional_number("inputs", "pull_request")
    if number is not None:
        event = replace(call.event(Subject.PULL_REQUEST), pull_request=number)
        return replace(event, dependants=call.mode is not Mode.CHECKS)
    if call.mode is Mode.MERGE:
        return call.event(Subject.OPEN_PULL_REQUESTS)
    raise call.refused("it names neither a pull request nor a stage other than pre-merge")


def _trusted_only(call: _Call) -> Event:
    if call.mode is not Mode.MERGE:
        late = call.name in _AFTER_MERGE
        raise call.refused("set a stage other than pre-merge" if late else "")
    if call.name == "issue_comment":
        return _comment(call)
    if call.name not in _SWEEPS:
        raise call.refused()
    if call.number is not None:
        event = replace(call.event(Subject.PULL_REQUEST), pull_request=call.number)
        return replace(event, dependants=True)
    return call.event(Subject.OPEN_PULL_REQUESTS)


def _comment(call: _Call) -> Event:
    nothing = replace(call.event(Subject.NOTHING), halves=frozenset())
    if not call.payload.has("issue", "pull_request"):
        return nothing
    number = _own_number(call, call.payload.number("issue", "number"))
    event = replace(call.event(Subject.PULL_REQUEST), pull_request=number, dependants=True)
    if not call.payload.has("comment"):
        return event
    from readiness_gate.merge.commands import commands  # noqa: PLC0415 - reads Markdown

    written = commands(call.payload.text("comment", "body", default=""))
    if call.action == "created" and written:
        author = call.payload.text("comment", "user", "login", default="ghost")
        said = Commented(call.payload.number("comment", "id"), author, written)
        return replace(event, comment=said)
    # An edited comment commands nothing, but a sign-off in it ends here; so it does in a deleted.
    before = commands(call.payload.text("changes", "body", "from", default=""))
    return event if written or before else nothing


def _after_merge(call: _Call) -> Event:
    if call.name not in _AFTER_MERGE:
        raise call.refused(f"it cannot carry the stage {call.stage}")
    sha, environment = call.sha, call.environment
    if call.name == "deployment_status":
        sha = call.payload.text("deployment", "sha")
        environment = environment or call.payload.text("deployment", "environment", default="")
    if call.name == "push":
        sha = call.payload.text("after")
    if not sha or not sha.strip("0"):
        raise call.refused("it names no deployed commit")
    return replace(
        call.event(Subject.STAGE), stage=call.stage, sha=sha, environment=environment or None
    )


def _own_number(call: _Call, number: int) -> int:
    if call.number not in {None, number}:
        raise call.refused(f"the input pull-request says {call.number}, the event {number}")
    return number
