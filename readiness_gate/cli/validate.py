"""`readiness-gate validate`: everything that can be wrong before anything is evaluated."""

import json
from collections.abc import Iterable, Iterator, Sequence

from readiness_gate.checklist.document import Checklist
from readiness_gate.checks import CHECKS
from readiness_gate.cli.console import Console
from readiness_gate.cli.formats import require_format
from readiness_gate.config.schema import GateConfig
from readiness_gate.doors.clock import SystemClock
from readiness_gate.doors.fork import forked
from readiness_gate.doors.records import Problem, did_you_mean
from readiness_gate.doors.settings import Settings
from readiness_gate.doors.workspace import PathRefused, Workspace
from readiness_gate.engine.plan import PlannedItem, Scope, plan
from readiness_gate.engine.policy import Policy, Read, in_turn, joined, read_policy
from readiness_gate.engine.when import Circumstances
from readiness_gate.errors import ConfigurationError, NoConfiguration
from readiness_gate.model.outcome import Stage

_SHOWN = 10
"""Ids that one line names."""


def working_tree(workspace: Workspace) -> Read:
    """Return a reader of the checkout; on a laptop it is what decides (DESIGN 1.5)."""

    def read(path: str) -> bytes | None:
        try:
            return workspace.read(path)
        except FileNotFoundError:
            return None
        except PathRefused as error:
            raise ConfigurationError(str(error)) from error

    return read


def require_policy(policy: Policy | None, path: str) -> Policy:
    """Return the policy.

    Raises:
        ConfigurationError: there is none.
    """
    if policy is None:
        raise NoConfiguration(
            f"there is no {path}",
            advice="Write one with `readiness-gate init`, or out of a checklist with "
            "`readiness-gate import FILE`; or give --config.",
        )
    return policy


def command(settings: Settings, console: Console, *, output_format: str) -> int:
    """Print the items that the configuration makes; return 0, or raise with every problem."""
    require_format(output_format)
    refused: list[ConfigurationError] = []
    policy = policy_of_working_tree(settings, refused=refused)
    try:
        items = items_of(policy)
    except ConfigurationError as error:
        refused.insert(0, error)
    else:
        refused += [policy.loaded.failure(found)] if (found := [*_unmeant(policy, items)]) else []
    if refused:
        raise joined(refused)
    if output_format == "json":
        console.out(json.dumps([_described(item) for item in items], indent=2, ensure_ascii=False))
        return 0
    width = max((len(item.id) for item in items), default=0)
    for item in items:
        console.out(f"{item.id:<{width}}  {item.check_id:<24} {item.stage:<11} {item.title}")
    for note in (*policy.notes, *_unbound(policy)):
        console.note(f"note: {note}")
    console.note(f"{settings.config}: valid, {len(items)} items")
    return 0


def policy_of_working_tree(
    settings: Settings, *, refused: list[ConfigurationError] | None = None
) -> Policy:
    """Return what decides, as the checkout has it; `refused` as in `read_policy`.

    Raises:
        ConfigurationError: there is no configuration, or it is wrong.
    """
    # Three doors alone: all of them would load what only requests and programs need.
    found = read_policy(
        working_tree(Workspace(settings.workspace)),
        settings.config,
        check_ids=CHECKS,
        now=SystemClock().now(),
        refused=refused,
        checklists=_beside_the_checks,
    )
    return require_policy(found, settings.config)


def _beside_the_checks(sources: Sequence[tuple[str, bytes]], config: GateConfig) -> Checklist:
    """Read checklists on one processor, while another loads what their items are bound by."""
    bound = (one.check for item in config.items.values() for one in item.checks or (item,))
    with forked(lambda: in_turn(sources, config)) as checklist:
        for check_id in dict.fromkeys(bound):
            if check_id is not None:
                CHECKS[check_id].options.model_rebuild()
        return checklist()


def items_of(policy: Policy) -> tuple[PlannedItem, ...]:
    """Return the items that a policy makes, as for a change onto any branch."""
    circumstances = Circumstances("", None, (), draft=False, changed_files=list)
    scope = Scope(Stage.PRE_MERGE, None, (), circumstances)
    return plan(policy.loaded, policy.checklist, CHECKS, scope)


def _unmeant(policy: Policy, items: Iterable[PlannedItem]) -> Iterator[Problem]:
    """Yield names that stand for nobody and nothing: who may sign, and what is aimed at."""
    loaded, config = policy.loaded, policy.loaded.config
    for item in items:
        for number, bound in enumerate(item.checks):
            inside = ("checks", number) if item.roll_up else ()
            for name in getattr(bound.options, "by", ()):
                if not name.startswith("@") and name not in config.roles:
                    advice = did_you_mean(name, list(config.roles))
                    yield loaded.problem(
                        ("items", item.id, *inside, "with", "by"),
                        f"{name[:80]!r} is no role{advice}; write a role, or @user",
                    )
    phases = config.phases or policy.checklist.phases
    for category, by_phase in config.targets.items():
        for phase in by_phase:
            if phase not in phases:
                advice = did_you_mean(phase, phases)
                yield loaded.problem(
                    ("targets", category, phase), f"there is no phase {phase[:80]!r}{advice}"
                )


def _unbound(policy: Policy) -> Iterator[str]:
    """Yield what is easily overlooked: a misspelt id binds nothing, and its line stays unproven."""
    bound = policy.loaded.config.items
    lines = [line.id for line in policy.checklist.lines if line.id not in bound]
    strange = [id_ for id_ in bound if id_ not in {line.id for line in policy.checklist.lines}]
    for id_ in strange:
        if near := did_you_mean(id_, lines):
            yield f"items.{id_} is no line of the checklist{near}"
    if lines:
        shown = ", ".join(lines[:_SHOWN]) + (", …" if len(lines) > _SHOWN else "")
        yield f"bound to no check, so waiting for somebody's signature before a deploy: {shown}"


def _described(item: PlannedItem) -> dict[str, object]:
    return {
        "id": item.id,
        "title": item.title,
        "check": item.check_id,
        "category": item.category,
        "severity": item.severity.value,
        "phase": item.phase,
        "stage": item.stage.value,
        "half": item.half.value,
        "blocking": item.blocking,
    }
