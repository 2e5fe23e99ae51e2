"""`readiness-gate snapshot`: records GitHub's facts for machines without a token."""

from pathlib import Path

from readiness_gate.cli.console import Console
from readiness_gate.cli.doors import open_doors, open_forge
from readiness_gate.cli.subject import policy_of_branch
from readiness_gate.doors.settings import Settings
from readiness_gate.engine.merge_facts import MergeGraphs, rules_of
from readiness_gate.errors import ConfigurationError, ForgeError
from readiness_gate.forge.recorded import dump_snapshot
from readiness_gate.forge.recording import record
from readiness_gate.merge.graph import read_bodies, wanted


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
    people = (name for names in policy.loaded.config.roles.values() for name in names)
    facts = record(
        forge,
        *numbers,
        clock=doors.clock,
        references=references,
        paths=paths,
        teams=[name.removeprefix("@") for name in dict.fromkeys(people) if "/" in name],
    )
    try:
        Path(output).write_text(dump_snapshot(facts), "utf-8")
    except OSError as error:
        raise ConfigurationError(f"{output}: {error.strerror}") from error
    console.note(
        f"{output}: {len(facts.pull_requests)} pull requests, {forge.usage.requests} requests"
    )
    return 0
