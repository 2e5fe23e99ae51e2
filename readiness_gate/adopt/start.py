"""A configuration to start from, for a repository without a checklist: what can be asked today."""

from collections.abc import Iterator, Mapping
from typing import Any

from readiness_gate.adopt import yaml_text
from readiness_gate.adopt.configuration import binding
from readiness_gate.adopt.proposal import Proposal, Proposer
from readiness_gate.adopt.repository_facts import RepositoryFacts
from readiness_gate.adopt.rules import known_rules
from readiness_gate.adopt.target import Target, target_of
from readiness_gate.checklist.document import Item
from readiness_gate.checks.base import Check
from readiness_gate.model.outcome import Stage

_ASKED = {
    "no-secrets": "No hardcoded secrets in the code",
    "environment-documented": "Environment variables documented",
    "dockerfile": "Dockerfile runs as a non-root user",
    "images-build": "Docker images build",
    "stack-healthy": "All containers are running and healthy",
    "health": "Health endpoint responds",
    "volumes": "Persistent volumes configured",
    "one-head": "A single Alembic head",
    "migrations": "Alembic migrations applied",
    "foreign-keys-enforced": "Foreign keys are enforced",
    "no-orphans": "No orphaned rows",
    "cors": "CORS is restricted",
    "alerts": "Alert rules defined",
    "dashboards": "Grafana dashboards exist",
    "changelog": "Changelog is maintained",
    "pipeline": "CI/CD pipeline",
    "logs-without-secrets": "No secrets in logs",
    "tests": "Unit tests pass",
    "coverage": "Test coverage >= 80%",
}
"""What any service can be asked, in the words that the rules know."""


def starting_configuration(facts: RepositoryFacts, catalogue: Mapping[str, Check[Any]]) -> str:
    """Return the text of a configuration whose every item is complete."""
    target = target_of(facts)
    chosen = [one for one in _proposals(facts, target, catalogue) if _complete(one, facts)]
    return "\n".join([*_head(), *_sections(target), "", "items:", *_items(chosen), ""])


def _proposals(
    facts: RepositoryFacts, target: Target, catalogue: Mapping[str, Check[Any]]
) -> tuple[Proposal, ...]:
    items = [
        Item(id=id_, text=text, ticked=False, path="", line=0, section=())
        for id_, text in _ASKED.items()
    ]
    return Proposer(known_rules(), catalogue, facts, target).proposals(items)


def _complete(proposal: Proposal, facts: RepositoryFacts) -> bool:
    if proposal.todo or proposal.stage is not Stage.PRE_MERGE:
        return False
    id_ = proposal.item.id
    if id_ in {"images-build", "volumes"} and not facts.services:
        return False
    if id_ == "pipeline":
        return bool(facts.workflows)
    return id_ != "changelog" or facts.document("CHANGELOG.md") is not None


def _head() -> Iterator[str]:
    yield "# What has to be true before a pull request merges; written by `readiness-gate init`."
    yield "# `readiness-gate checks` lists what else can be asked, `readiness-gate import` reads a"
    yield "# checklist in Markdown, and `readiness-gate validate` says whether this file is right."
    yield "version: 1"
    yield "enforce: all"


def _sections(target: Target) -> Iterator[str]:
    for name, section in (("stack", target.stack), ("databases", target.databases)):
        if section:
            yield from ("", f"{name}:")
            yield from yaml_text.block(section, 2)
    for note in target.notes:
        yield yaml_text.comment(f"todo: {note}")


def _items(chosen: list[Proposal]) -> Iterator[str]:
    for one in chosen:
        body: dict[str, Any] = {"check": one.check}
        if one.options:
            body["with"] = one.options
        yield from binding(one.item.id, body)
