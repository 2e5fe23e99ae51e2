"""Facts of many pull requests and issues at once, with reverts followed."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from readiness_gate.errors import ForgeError
from readiness_gate.forge import graphql, queries
from readiness_gate.forge.client import Client
from readiness_gate.model.pull_request import Fact, PullRequest, Reference, Unreachable

_REVERTS_FOLLOWED = 3
"""A revert may be reverted, and that too."""


def resolve_facts(
    client: Client, references: Collection[Reference], *, depth: int = _REVERTS_FOLLOWED
) -> dict[Reference, Fact]:
    """Return a fact for every reference; a batch that got no answer is unreachable as a whole.

    Reverts cost one more query, and only where a merged one says that it reverts something.
    """
    facts: dict[Reference, Fact] = {}
    reverts: dict[Reference, list[Reference]] = {}
    for grouped in queries.batches(list(references)):
        text, variables = queries.facts_query(grouped)
        try:
            answer = client.query(text, variables, permission="pull-requests: read")
        except ForgeError as error:
            lost = [one for _, group in grouped for one in group]
            facts |= {one: Unreachable(one, error.message) for one in lost}
            continue
        facts |= graphql.facts(grouped, answer)
        reverts |= graphql.reverting(grouped, answer)
    for reverted, candidates in reverts.items():
        facts[reverted] = _with_revert(client, facts[reverted], candidates, depth)
    return facts


def _with_revert(client: Client, fact: Fact, candidates: Sequence[Reference], depth: int) -> Fact:
    if depth == 0:
        return Unreachable(fact.reference, "reverts of reverts go on too long")
    found = resolve_facts(client, candidates, depth=depth - 1)
    for candidate, revert in found.items():
        if not isinstance(revert, PullRequest):
            return Unreachable(fact.reference, f"its revert {candidate} could not be read")
        if revert.reverted_by is None and isinstance(fact, PullRequest):
            return replace(fact, reverted_by=candidate)
    return fact
