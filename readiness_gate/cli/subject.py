"""What an event is about, and the policy that decides over it."""

import json
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, replace

from readiness_gate.checks import CHECKS
from readiness_gate.cli.doors import Doors
from readiness_gate.cli.validate import require_policy, working_tree
from readiness_gate.config.schema import EnvironmentConfig, GateConfig
from readiness_gate.doors.settings import Settings
from readiness_gate.engine.deployed import deployed, environment_named
from readiness_gate.engine.evaluate import Subject
from readiness_gate.engine.policy import Policy, Read, preview, read_policy
from readiness_gate.errors import ConfigurationError, ForgeError, NoConfiguration
from readiness_gate.forge.base import Forge
from readiness_gate.forge.events import Event, parse, requested
from readiness_gate.forge.events import Subject as EventSubject
from readiness_gate.model.outcome import Stage
from readiness_gate.model.pull_request import MergeGroup, PullRequest

_PAYLOAD_CAP = 25 * 1024 * 1024
"""GitHub caps a webhook's payload at 25 MB."""


Policies = MutableMapping[str, tuple[Policy, str]]
"""The policy at the tip of each base branch, and that tip."""


@dataclass(frozen=True)
class Case:
    """A subject with the policy that decides over it."""

    subject: Subject
    policy: Policy
    event: str
    base_branch: str | None
    labels: tuple[str, ...] = ()
    environment: EnvironmentConfig | None = None
    """The deployed copy that a later stage is about, as the configuration describes it."""

    @property
    def config(self) -> GateConfig:
        """Return the configuration as it stands for what is evaluated."""
        config = self.policy.loaded.config
        return config if self.environment is None else deployed(config, self.environment)


def read_event(settings: Settings) -> Event:
    """Return what this call is about.

    Raises:
        ConfigurationError: the event, or the mode under it, is not supported.
    """
    stage = Stage(settings.stage)
    if not settings.event_name:
        return requested(
            mode=settings.mode,
            stage=stage,
            pull_request=settings.pull_request,
            sha=settings.sha or None,
            environment=settings.environment,
        )
    return parse(
        settings.event_name,
        read_payload(settings),
        mode=settings.mode,
        stage=stage,
        pull_request=settings.pull_request,
        sha=settings.sha or None,
        environment=settings.environment,
    )


def read_payload(settings: Settings) -> Mapping[str, object]:
    """Return the event's own JSON.

    Raises:
        ConfigurationError: there is none, or it cannot be read.
    """
    if settings.event_path is None:
        raise ConfigurationError("GITHUB_EVENT_PATH is not set")
    try:
        with settings.event_path.open("rb") as stream:
            text = stream.read(_PAYLOAD_CAP + 1)
        payload = json.loads(text) if len(text) <= _PAYLOAD_CAP else None
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigurationError(f"the event's file is unreadable: {error}") from error
    if not isinstance(payload, dict):
        raise ConfigurationError("the event's file holds no JSON object")
    return payload


def case_of(event: Event, settings: Settings, doors: Doors, forge: Forge | None) -> Case:
    """Return the subject of an event and the policy over it.

    Raises:
        ConfigurationError: there is no configuration, or it is wrong.
        ForgeError: GitHub gave no usable answer.
    """
    if event.subject is EventSubject.MERGE_GROUP:
        return _group_case(event, settings, doors, _required(forge))
    if event.subject is EventSubject.STAGE:
        return _stage_case(event, settings, doors, forge)
    if event.pull_request is None:
        return _tree_case(settings, doors, forge)
    pull_request = _required(forge).pull_request(event.pull_request)
    return pull_request_case(pull_request, event, settings, doors, _required(forge))


def pull_request_case(
    pull_request: PullRequest,
    event: Event,
    settings: Settings,
    doors: Doors,
    forge: Forge,
    *,
    policies: Policies | None = None,
) -> Case:
    """Return the case of one pull request; its head is the event's, which may be behind.

    `policies` keeps what was read for the next one onto the same branch.
    """
    head = pull_request.head_sha
    if event.pull_request == pull_request.reference.number and event.head_sha:
        head = event.head_sha
    known = {} if policies is None else policies
    base = pull_request.base_branch
    policy, base_sha = known.get(base) or _policy(base, head, settings, doors, forge)
    if not policy.preview:
        known[base] = (policy, base_sha)
    subject = Subject(
        repository=forge.repository,
        pull_request=replace(pull_request, head_sha=head),
        merge_group=None,
        head_sha=head,
        base_sha=base_sha,
        tested_sha=doors.git.head() or settings.sha,
    )
    return Case(
        subject, policy, event.name or "pull_request", pull_request.base_branch, pull_request.labels
    )


def _group_case(event: Event, settings: Settings, doors: Doors, forge: Forge) -> Case:
    queued = event.merge_group
    if queued is None:
        raise ConfigurationError("the event carries no merge group")
    policy, base_sha = _policy(queued.base_branch, None, settings, doors, forge)
    group = forge.merge_group(queued.head_ref, queued.head_sha, queued.base_sha)
    subject = Subject(
        repository=forge.repository,
        pull_request=None,
        merge_group=group,
        head_sha=queued.head_sha,
        base_sha=base_sha,
        tested_sha=doors.git.head() or settings.sha,
    )
    return Case(subject, policy, event.name, queued.base_branch, _labels(group, policy, forge))


def _labels(group: MergeGroup, policy: Policy, forge: Forge) -> tuple[str, ...]:
    """Return the labels of all members, where an item asks for labels: one that has it counts."""
    if not any(item.when and item.when.labels for item in policy.loaded.config.items.values()):
        return ()
    members = [forge.pull_request(one.number) for one in group.members]
    return tuple(dict.fromkeys(label for one in members for label in one.labels))


def _stage_case(event: Event, settings: Settings, doors: Doors, forge: Forge | None) -> Case:
    sha = base_sha = event.sha
    if forge is not None and sha is not None and settings.in_actions:
        if event.name != "push":
            # A commit of a pull request can be deployed as well; it does not judge itself.
            base_sha = forge.branch_tip(forge.default_branch())
        found = _read(at_commit(forge, base_sha or sha), settings, doors)
        policy = require_policy(found, settings.config)
    else:
        policy = _from_working_tree(settings, doors)
    subject = Subject(
        repository=forge.repository if forge else settings.repository,
        pull_request=None,
        merge_group=None,
        head_sha=sha,
        base_sha=base_sha,
        tested_sha=settings.sha or sha,
    )
    environment = environment_named(
        policy.loaded.config, event.environment, asked_for=settings.environment is not None
    )
    return Case(subject, policy, event.name, None, environment=environment)


def _tree_case(settings: Settings, doors: Doors, forge: Forge | None) -> Case:
    head = doors.git.head()
    subject = Subject(
        repository=forge.repository if forge else settings.repository,
        pull_request=None,
        merge_group=None,
        head_sha=head,
        base_sha=None,
        tested_sha=head,
    )
    return Case(subject, _from_working_tree(settings, doors), "", None)


def _policy(
    base_branch: str, head: str | None, settings: Settings, doors: Doors, forge: Forge
) -> tuple[Policy, str]:
    base_sha = forge.branch_tip(base_branch)
    if not (settings.in_actions or settings.publish):
        return _from_working_tree(settings, doors), base_sha
    policy = _read(at_commit(forge, base_sha), settings, doors)
    if policy is not None:
        return policy, base_sha
    adopted = _adopted(head, settings, doors, forge) if head else None
    return preview(require_policy(adopted, settings.config)), base_sha


def _adopted(head: str, settings: Settings, doors: Doors, forge: Forge) -> Policy | None:
    try:
        return _read(at_commit(forge, head), settings, doors)
    except ConfigurationError as error:
        # What is not adopted yet decides nothing, be it right or wrong.
        raise NoConfiguration(error.message, advice=error.advice) from error


def policy_of_branch(branch: str, settings: Settings, doors: Doors, forge: Forge) -> Policy:
    """Return the policy at the tip of a branch in CI, of the working tree on a laptop.

    Raises:
        ConfigurationError: there is none, or it is wrong.
        ForgeError: GitHub gave no usable answer.
    """
    policy, _ = _policy(branch, None, settings, doors, forge)
    return policy


def _from_working_tree(settings: Settings, doors: Doors) -> Policy:
    policy = _read(working_tree(doors.workspace), settings, doors)
    return require_policy(policy, settings.config)


def _read(read: Read, settings: Settings, doors: Doors) -> Policy | None:
    return read_policy(read, settings.config, check_ids=CHECKS, now=doors.clock.now())


def at_commit(forge: Forge, commit: str) -> Read:
    """Return a reader of the files at a commit."""
    return lambda path: forge.file(path, commit)


def _required(forge: Forge | None) -> Forge:
    if forge is None:
        raise ForgeError(
            "there is no GitHub to ask",
            advice="Set GITHUB_TOKEN and GITHUB_REPOSITORY, or give --snapshot FILE.",
        )
    return forge
