"""One graph of who waits for whom, from every source, with the state of every edge. Pure.

Sources: the declared order, `depends-on`, bodies, base-branch chains, GitHub's native stacks.
Only open pull requests wait. An edge that several sources state is one edge.

The declared order says that each member waits for all before it. Kept in the graph is the nearest
earlier group with a member that is not merged (all groups follow from these edges); what one pull
request waits for in full is `Graph.leaving`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeGuard

from readiness_gate.merge.edges import satisfied, state
from readiness_gate.merge.findings import Finding, findings
from readiness_gate.merge.references import Parsed, parse
from readiness_gate.merge.rules import DeclaredOrder, Rules
from readiness_gate.merge.sources import Branches, statements
from readiness_gate.merge.view import EdgeKey, Graph
from readiness_gate.model.pull_request import (
    Edge,
    EdgeSource,
    EdgeState,
    Fact,
    MergeGroup,
    PullRequest,
    Reference,
)


def read_bodies(pull_requests: Iterable[PullRequest], rules: Rules) -> dict[Reference, Parsed]:
    """Return what every body says, by its own reference."""
    return {
        (own := rules.canonical(one.reference)): parse(
            one.body, home=rules.home, server_url=rules.server_url,
            keywords=rules.keywords, own=own,
        )
        for one in pull_requests
    }  # fmt: skip


MOST_REFERENCES = 200
"""References of one body that are looked up: a body of a thousand costs all others their turn."""


def wanted(
    pull_requests: Iterable[PullRequest], bodies: Mapping[Reference, Parsed], rules: Rules
) -> tuple[Reference, ...]:
    """Return the references whose facts the graph needs; repositories not listed are not asked."""
    found: list[Reference] = [member for group in rules.order.groups for member in group]
    for entry in rules.depends_on:
        found += [entry.reference, *entry.after]
    for one in pull_requests:
        said = bodies.get(rules.canonical(one.reference), Parsed()).references
        found += [one.reference, *said[:MOST_REFERENCES]]
        found += [one.stack_parent] if one.stack_parent else []
    return tuple(one for one in rules.all_canonical(found) if rules.listed(one))


def build(
    pull_requests: Iterable[PullRequest],
    *,
    rules: Rules,
    facts: Mapping[Reference, Fact],
    bodies: Mapping[Reference, Parsed] | None = None,
    merge_group: MergeGroup | None = None,
) -> Graph:
    """Return the graph of `pull_requests` (the open ones, or at least those to be judged).

    `facts` are those of `wanted`; a reference without a fact is `unknown`, never done.
    """
    rules = _canonical_rules(rules)
    known = {rules.canonical(reference): fact for reference, fact in facts.items()}
    known.update({rules.canonical(one.reference): one for one in pull_requests})
    opened = {own: fact for own, fact in sorted(known.items()) if _waits(fact, own, rules)}
    texts = dict(bodies or {})
    texts |= read_bodies([one for own, one in opened.items() if own not in texts], rules)
    builder = _Builder(rules, known, opened, merge_group)
    sources: dict[tuple[Reference, Reference], set[EdgeSource]] = defaultdict(set)
    for own in opened:
        for edge in builder.nearest_in_order(own):
            sources[own, edge.dependency].add(EdgeSource.ORDER)
    for one in statements(opened, texts, builder.branches, rules):
        sources[one.waiting, one.dependency].add(one.source)
    for (waiting, dependency), said in sources.items():
        if _before(dependency, waiting, rules):
            said.add(EdgeSource.ORDER)
    edges = tuple(builder.edge(*pair, said) for pair, said in sources.items())
    edges = tuple(sorted(edges, key=EdgeKey(rules)))
    found = (*findings(edges, rules), *_too_many(texts, rules))
    return Graph(rules, edges, found, opened, texts, known, builder.in_order)


def _too_many(bodies: Mapping[Reference, Parsed], rules: Rules) -> Iterator[Finding]:
    for own, body in sorted(bodies.items()):
        count = len(body.references)
        if count > MOST_REFERENCES:
            yield Finding(
                "too-many-references",
                f"the body of {own.short(rules.home)} names {count} references, "
                f"and {MOST_REFERENCES} are looked up",
                (own,),
            )


def what_if_merged(graph: Graph, merged: Collection[Reference]) -> Graph:
    """Return the graph as it would be after `merged` had merged, each into its own base.

    Built anew: an edge of the declared order behind a merged member comes into sight only then.
    """
    assumed = set(graph.rules.all_canonical(merged))
    # GitHub's page gives what was based on a merged one the base of that one.
    moved = {
        child: parent.base_branch
        for one in sorted(assumed)
        if isinstance(parent := graph.facts.get(one), PullRequest)
        for child in graph.children(one)
    }
    facts: dict[Reference, Fact] = {}
    for reference, fact in graph.facts.items():
        if isinstance(fact, PullRequest) and reference in assumed:
            facts[reference] = replace(fact, merged=True, state="closed", draft=False)
        elif isinstance(fact, PullRequest) and reference in moved:
            facts[reference] = replace(fact, base_branch=moved[reference])
        else:
            facts[reference] = fact
    return build((), rules=graph.rules, facts=facts, bodies=graph.bodies)


def _waits(fact: Fact, own: Reference, rules: Rules) -> TypeGuard[PullRequest]:
    at_home = own.repository == rules.home
    return at_home and isinstance(fact, PullRequest) and fact.state == "open" and not fact.merged


def _before(first: Reference, second: Reference, rules: Rules) -> bool:
    places = rules.order.position(first), rules.order.position(second)
    return places[0] is not None and places[1] is not None and places[0] < places[1]


class _Builder:
    """Knows facts and branches; tells the state of an edge."""

    def __init__(
        self,
        rules: Rules,
        facts: Mapping[Reference, Fact],
        opened: Mapping[Reference, PullRequest],
        merge_group: MergeGroup | None,
    ) -> None:
        self.rules, self.facts, self.opened = rules, facts, opened
        self.merge_group = _canonical_group(merge_group, rules)
        self.branches = Branches(list(opened.values()), rules)
        self._further: dict[Reference, frozenset[str]] = {}

    def state(self, waiting: Reference, dependency: Reference) -> EdgeState:
        own = self.opened[waiting]
        if waiting not in self._further:
            self._further[waiting] = self.branches.further_bases(own)
        return state(
            self.facts.get(dependency),
            reference=dependency,
            base_branch=own.base_branch,
            further_bases=self._further[waiting],
            listed_repositories=self.rules.repositories,
            home=self.rules.home,
            merge_group=self.merge_group,
            waiting=waiting,
        )

    def edge(self, waiting: Reference, dependency: Reference, sources: set[EdgeSource]) -> Edge:
        return Edge(waiting, dependency, frozenset(sources), self.state(waiting, dependency))

    def in_order(self, waiting: Reference) -> list[Edge]:
        """Return edges to all earlier members that are not merged; else to the group before."""
        place = self.rules.order.position(waiting) if waiting in self.opened else None
        if not place:
            return []
        earlier = [self._to_group(waiting, at) for at in range(place)]
        left = [edge for group in earlier for edge in group if not satisfied(edge.state)]
        return left or earlier[-1]

    def nearest_in_order(self, waiting: Reference) -> list[Edge]:
        """Return the edges to the nearest earlier group that is not merged."""
        place = self.rules.order.position(waiting)
        if not place:
            return []
        for at in range(place - 1, -1, -1):
            left = [edge for edge in self._to_group(waiting, at) if not satisfied(edge.state)]
            if left:
                return left
        return self._to_group(waiting, place - 1)

    def _to_group(self, waiting: Reference, place: int) -> list[Edge]:
        group = self.rules.order.groups[place]
        return [self.edge(waiting, one, {EdgeSource.ORDER}) for one in group]


def _canonical_rules(rules: Rules) -> Rules:
    order = tuple(rules.all_canonical(group) for group in rules.order.groups)
    return replace(rules, order=DeclaredOrder(order))


def _canonical_group(group: MergeGroup | None, rules: Rules) -> MergeGroup | None:
    if group is None:
        return None
    members = rules.all_canonical(group.members)
    return replace(group, members=members)
