"""Reads GitHub's facts into one merge graph, and shows it from one pull request or group."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from readiness_gate.checks.base import GraphFinding, MergeFacts
from readiness_gate.config.schema import GateConfig, MergeConfig
from readiness_gate.forge.base import Forge
from readiness_gate.merge.graph import build, read_bodies, wanted
from readiness_gate.merge.rules import DeclaredOrder, DependsOn, Rules
from readiness_gate.merge.view import Graph
from readiness_gate.model.pull_request import Fact, MergeGroup, PullRequest, Reference


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
        trunks=frozenset({default_branch}),
    )


def _reference(written: int | str, home: str) -> Reference:
    if isinstance(written, int):
        return Reference(home, written)
    repository, _, number = written.rpartition("#")
    return Reference(repository, int(number))


@dataclass
class MergeGraphs:
    """Builds graphs from the open pull requests; what was read is not asked for twice.

    One lives for one command, and reads nothing before the work of that command is done.
    """

    forge: Forge
    server_url: str
    _opened: Sequence[PullRequest] | None = None
    _read: dict[Reference, Fact] = field(default_factory=dict)

    def opened(self) -> Sequence[PullRequest]:
        """Return every open pull request of the home repository.

        Raises:
            ForgeError: they could not be listed.
        """
        if self._opened is None:
            self._opened = self.forge.open_pull_requests()
        return self._opened

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
        checks ask for.

        Raises:
            ForgeError: GitHub gave no usable answer.
        """
        rules = rules_of(
            config,
            home=self.forge.repository,
            server_url=self.server_url,
            default_branch=self.forge.default_branch(),
        )
        by_reference = {one.reference: one for one in (*self.opened(), *also)}
        everyone = list(by_reference.values())
        bodies = read_bodies(everyone, rules)
        known = {rules.canonical(reference) for reference in by_reference}
        members = merge_group.members if merge_group is not None else ()
        further = [one for one in rules.all_canonical([*named, *members]) if rules.listed(one)]
        wished = dict.fromkeys([*wanted(everyone, bodies, rules), *further])
        asked = [one for one in wished if one not in known and one not in self._read]
        if asked:
            self._read.update(self.forge.resolve(asked))
        facts = {**self._read, **by_reference}
        return build(everyone, rules=rules, facts=facts, bodies=bodies, merge_group=merge_group)


def facts_of(
    graph: Graph, pull_request: PullRequest | None, merge_group: MergeGroup | None
) -> MergeFacts:
    """Return what the merge checks judge: one pull request, or every member of a group."""
    subjects = [pull_request.reference] if pull_request is not None else []
    if merge_group is not None:
        subjects = list(merge_group.members)
    view = graph.view(subjects)
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
    )
