"""Reads GitHub's facts into one merge graph, and shows it from one pull request or group."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from readiness_gate.checks.context import GraphFinding, MergeFacts
from readiness_gate.config.schema import GateConfig, MergeConfig
from readiness_gate.forge.base import Forge, OpenList
from readiness_gate.merge.around import around
from readiness_gate.merge.graph import build, read_bodies, wanted
from readiness_gate.merge.landing import landing
from readiness_gate.merge.references import Parsed
from readiness_gate.merge.rules import DeclaredOrder, DependsOn, Rules
from readiness_gate.merge.view import Graph
from readiness_gate.model.pull_request import Fact, MergeGroup, PullRequest, Reference, Unreachable


def rules_of(config: GateConfig, *, home: str, server_url: str, default_branch: str) -> Rules:
    """Return the configuration's words about merging, as the graph needs them."""
    merge = config.merge or MergeConfig()
    return Rules(
        home=home,
        order=DeclaredOrder(
            tuple(tuple(Reference(home, number) for number in group) for group in merge.order)
        ),
        depends_on=tuple(
            DependsOn(
                Reference(home, entry.pull_request),
                tuple(_reference(one, home) for one in entry.after),
            )
            for entry in merge.depends_on
        ),
        repositories=merge.repositories,
        keywords=merge.keywords,
        server_url=server_url,
        trunks=frozenset({default_branch, *merge.trunks}),
    )


def _reference(written: int | str, home: str) -> Reference:
    if isinstance(written, int):
        return Reference(home, written)
    repository, _, number = written.rpartition("#")
    return Reference(repository, int(number))


LOOKED_UP = 2_000
"""References that one command looks up: forty requests, whatever all the bodies say."""
_TOO_MANY = f"the open pull requests name more than {LOOKED_UP} others"


@dataclass(frozen=True)
class _Built:
    """A graph with what it was built from."""

    config: GateConfig
    named: frozenset[Reference]
    graph: Graph


@dataclass
class MergeGraphs:
    """Builds graphs from the open pull requests; what was read is not asked for twice.

    One lives for one command, and reads nothing before the work of that command is done.
    """

    forge: Forge
    server_url: str
    now: Callable[[], datetime] | None = None
    """The clock, for `read_at`."""
    read_at: datetime | None = None
    """When the open pull requests were listed."""
    _list: OpenList | None = None
    _read: dict[Reference, Fact] = field(default_factory=dict)
    _bodies: dict[tuple[str, ...], dict[Reference, tuple[str, Parsed]]] = field(
        default_factory=dict
    )
    _built: list[_Built] = field(default_factory=list)

    def listed(self) -> OpenList:
        """Return every open pull request of the home repository with its statuses.

        Raises:
            ForgeError: they could not be listed.
        """
        if self._list is None:
            self.read_at = self.now() if self.now is not None else None
            self._list = self.forge.open_list()
        return self._list

    def opened(self) -> Sequence[PullRequest]:
        """Return every open pull request of the home repository, without labels.

        Raises:
            ForgeError: they could not be listed.
        """
        return [one.pull_request for one in self.listed().standing]

    def graph(
        self,
        config: GateConfig,
        *,
        also: Sequence[PullRequest] = (),
        merge_group: MergeGroup | None = None,
        named: Collection[Reference] = (),
    ) -> Graph:
        """Return the graph under one configuration.

        `also` replaces what the list says of them; `named` are further references whose facts
        checks ask for. One that was built before serves again where nothing is replaced.

        Raises:
            ForgeError: GitHub gave no usable answer.
        """
        by_reference = {one.reference: one for one in self.opened()}
        replaced = [one for one in also if not _same(one, by_reference.get(one.reference))]
        if replaced or merge_group is not None:
            return self._graph(config, replaced, merge_group, named)
        wished = frozenset(named)
        for built in self._built:
            if built.config is config and wished <= built.named:
                return built.graph
        graph = self._graph(config, (), None, named)
        self._built.append(_Built(config, wished, graph))
        return graph

    def facts(
        self, graph: Graph, pull_request: PullRequest | None, merge_group: MergeGroup | None
    ) -> MergeFacts:
        """Return what the merge checks judge, with what the repository says of merging.

        Raises:
            ForgeError: the open pull requests could not be listed.
        """
        methods = self.listed().merge_methods
        return facts_of(graph, pull_request, merge_group, methods=methods)

    def _graph(
        self,
        config: GateConfig,
        also: Sequence[PullRequest],
        merge_group: MergeGroup | None,
        named: Collection[Reference],
    ) -> Graph:
        rules = rules_of(
            config,
            home=self.forge.repository,
            server_url=self.server_url,
            default_branch=self.forge.default_branch(),
        )
        by_reference = {one.reference: one for one in (*self.opened(), *also)}
        everyone = list(by_reference.values())
        bodies = self._parsed(everyone, rules)
        known = {rules.canonical(reference) for reference in by_reference}
        members = merge_group.members if merge_group is not None else ()
        further = [one for one in rules.all_canonical([*named, *members]) if rules.listed(one)]
        wished = dict.fromkeys([*wanted(everyone, bodies, rules), *further])
        asked = [one for one in wished if one not in known and one not in self._read]
        room = max(0, LOOKED_UP - len(self._read))
        if asked[:room]:
            self._read.update(self.forge.resolve(asked[:room]))
        self._read.update({one: Unreachable(one, _TOO_MANY) for one in asked[room:]})
        facts = {**self._read, **by_reference}
        return build(everyone, rules=rules, facts=facts, bodies=bodies, merge_group=merge_group)

    def _parsed(self, everyone: Sequence[PullRequest], rules: Rules) -> dict[Reference, Parsed]:
        """Return what the bodies say; a body is read once for a set of keywords."""
        known = self._bodies.setdefault(rules.keywords, {})
        new = [one for one in everyone if known.get(one.reference, (None,))[0] != one.body]
        parsed = read_bodies(new, rules)
        for one in new:
            known[one.reference] = (one.body, parsed[rules.canonical(one.reference)])
        return {rules.canonical(one.reference): known[one.reference][1] for one in everyone}


def _same(one: PullRequest, listed: PullRequest | None) -> bool:
    """Return whether the list says the same of it; labels are not in the list."""
    return listed is not None and replace(one, labels=()) == replace(listed, labels=())


def facts_of(
    graph: Graph,
    pull_request: PullRequest | None,
    merge_group: MergeGroup | None,
    *,
    methods: Collection[str] | None = None,
) -> MergeFacts:
    """Return what the merge checks judge: one pull request, or every member of a group."""
    subjects = [pull_request.reference] if pull_request is not None else []
    if merge_group is not None:
        subjects = list(merge_group.members)
    view = graph.view(subjects)
    near = around(graph, subjects)
    return MergeFacts(
        home=graph.rules.home,
        pull_request=pull_request,
        merge_group=merge_group,
        order=graph.rules.order.groups,
        edges=view.edges,
        findings=tuple(GraphFinding(one.kind, one.message, one.members) for one in view.findings),
        parsed=view.parsed,
        warnings=view.warnings,
        facts=graph.facts,
        followers=view.followers,
        further_bases=view.further_bases,
        around=near,
        landing=landing(near.children, home=graph.rules.home, methods=methods),
    )
