"""`readiness-gate snapshot`: records GitHub's facts for machines without a token."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from readiness_gate.cli.console import Console
from readiness_gate.cli.doors import Doors, open_doors, open_forge
from readiness_gate.cli.evaluation import evaluate_case, open_gate, plan_case
from readiness_gate.cli.subject import case_of, policy_of_branch
from readiness_gate.doors.settings import Settings
from readiness_gate.engine.merge_facts import MergeGraphs, rules_of
from readiness_gate.errors import ConfigurationError, ForgeError
from readiness_gate.forge.base import Forge
from readiness_gate.forge.events import requested
from readiness_gate.forge.inventory_once import Question
from readiness_gate.forge.inventory_recorded import inventory_of
from readiness_gate.forge.recorded import dump_snapshot
from readiness_gate.forge.recording import record
from readiness_gate.formats.code_owners import code_owners
from readiness_gate.merge.graph import read_bodies, wanted
from readiness_gate.model.outcome import Half


def command(settings: Settings, console: Console, *, output: str) -> int:
    """Write the snapshot; return 0.

    Raises:
        ForgeError: there is no GitHub, or no usable answer.
    """
    doors = open_doors(settings)
    forge = open_forge(settings, doors.clock)
    if forge is None:
        raise ForgeError(
            "there is no GitHub to ask", advice="Set GITHUB_TOKEN and GITHUB_REPOSITORY."
        )
    policy = policy_of_branch(forge.default_branch(), settings, doors, forge)
    opened = MergeGraphs(forge, settings.server_url).opened()
    rules = rules_of(
        policy.loaded.config,
        home=forge.repository,
        server_url=settings.server_url,
        default_branch=forge.default_branch(),
    )
    references = wanted(opened, read_bodies(opened, rules), rules)
    numbers = [settings.pull_request] if settings.pull_request is not None else []
    paths = [settings.config, *policy.loaded.config.checklist]
    people = [name for names in policy.loaded.config.roles.values() for name in names]
    asked = _asked(settings, doors, forge, numbers)
    for owners in inventory_of(asked).owners:
        people += [name for rule in code_owners(owners.text).rules for name in rule.owners]
    facts = record(
        forge,
        *numbers,
        clock=doors.clock,
        references=references,
        paths=paths,
        teams=[name.removeprefix("@") for name in dict.fromkeys(people) if "/" in name],
        inventory=asked,
    )
    try:
        Path(output).write_text(dump_snapshot(facts), "utf-8")
    except OSError as error:
        raise ConfigurationError(f"{output}: {error.strerror}") from error
    console.note(
        f"{output}: {len(facts.pull_requests)} pull requests, {forge.usage.requests} requests"
    )
    return 0


def _asked(
    settings: Settings, doors: Doors, forge: Forge, numbers: Sequence[int]
) -> Mapping[Question, Any]:
    """Return what the checks ask of the repository, by having them ask; nothing is written."""
    gate = open_gate(settings, doors, forge, Console())
    for number in numbers:
        event = requested(mode="merge", pull_request=number)
        case = case_of(event, settings, doors, forge)
        evaluate_case(gate, case, plan_case(gate, case), frozenset({Half.MERGE}), quiet=True)
    return gate.facts.inventory.answers if gate.facts is not None else {}
