"""`readiness-gate plan`: the merge graph of the repository, in its order (DESIGN 1.4)."""

import json
from typing import Any

from readiness_gate.cli.console import Console
from readiness_gate.cli.doors import open_doors, open_forge
from readiness_gate.cli.formats import require_format
from readiness_gate.cli.subject import policy_of_branch
from readiness_gate.doors.settings import Settings
from readiness_gate.engine.merge_facts import MergeGraphs
from readiness_gate.errors import ForgeError
from readiness_gate.merge.graph import what_if_merged
from readiness_gate.merge.order import Order, arrange
from readiness_gate.merge.view import Graph
from readiness_gate.model.pull_request import Edge, Reference

FORMATS = ("text", "json", "mermaid")


def command(settings: Settings, console: Console, *, merged: list[int], output_format: str) -> int:
    """Print the plan; return 0.

    Raises:
        ConfigurationError: the format or the configuration is wrong.
        ForgeError: there are no facts of GitHub.
    """
    require_format(output_format, FORMATS)
    graph = read_graph(settings)
    home = graph.rules.home
    if merged:
        graph = what_if_merged(graph, [Reference(home, number) for number in merged])
    edges = graph.edges
    drafts = [reference for reference, one in graph.opened.items() if one.draft]
    order = arrange(graph.opened, edges, declared=graph.rules.order.groups, drafts=drafts)
    if output_format == "json":
        console.out(json.dumps(_as_json(graph, order, edges), indent=2))
    elif output_format == "mermaid":
        console.out(_as_mermaid(graph, edges, home))
    else:
        console.out(_as_text(graph, order, edges))
    return 0


def read_graph(settings: Settings) -> Graph:
    """Return the graph of every open pull request.

    Raises:
        ForgeError: there are no facts of GitHub.
    """
    doors = open_doors(settings)
    forge = open_forge(settings, doors.clock)
    if forge is None:
        raise ForgeError(
            "there is no GitHub to ask",
            advice="Set GITHUB_TOKEN and GITHUB_REPOSITORY, or give --snapshot FILE.",
        )
    policy = policy_of_branch(forge.default_branch(), settings, doors, forge)
    return MergeGraphs(forge, settings.server_url).graph(policy.loaded.config)


def _as_json(graph: Graph, order: Order, edges: tuple[Edge, ...]) -> dict[str, Any]:
    return {
        "order": [str(one) for one in order.order],
        "next": [str(one) for one in order.next],
        "critical-path": [str(one) for one in order.critical_path],
        "edges": [
            {
                "from": str(edge.waiting),
                "to": str(edge.dependency),
                "sources": sorted(source.value for source in edge.sources),
                "state": edge.state.value,
            }
            for edge in edges
        ],
        "cycles": [
            [str(one) for one in finding.members]
            for finding in graph.findings
            if finding.kind == "cycle"
        ],
        "findings": [
            {
                "kind": finding.kind,
                "message": finding.message,
                "members": [str(one) for one in finding.members],
            }
            for finding in graph.findings
        ],
    }


def _as_text(graph: Graph, order: Order, edges: tuple[Edge, ...]) -> str:
    home = graph.rules.home
    lines = []
    for place, one in enumerate(order.order, start=1):
        waits = [edge for edge in edges if edge.waiting == one]
        why = ", ".join(f"{edge.dependency.short(home)} {edge.state}" for edge in waits)
        mark = "→" if one in order.next else " "
        lines.append(f"{mark} {place:>3}. {one.short(home):<8} {f'after {why}' if why else ''}")
    names = ", ".join(one.short(home) for one in order.next) or "nothing"
    lines.append(f"next to merge: {names}")
    if len(order.critical_path) > 1:
        chain = " → ".join(one.short(home) for one in order.critical_path)
        lines.append(f"longest chain: {chain}")
    lines += [f"{finding.kind}: {finding.message}" for finding in graph.findings]
    return "\n".join(line.rstrip() for line in lines)


def _as_mermaid(graph: Graph, edges: tuple[Edge, ...], home: str) -> str:
    # Numbers, states and validated names only: nothing that a pull request wrote (DESIGN 1.3).
    lines = ["flowchart LR"]
    known = {one for edge in edges for one in (edge.waiting, edge.dependency)} | set(graph.opened)
    ids = {one: f"n{place}" for place, one in enumerate(sorted(known))}
    lines += [f'  {ids[one]}["{one.short(home)}"]' for one in sorted(known)]
    lines += [
        f"  {ids[edge.waiting]} -->|{edge.state.value}| {ids[edge.dependency]}" for edge in edges
    ]
    return "\n".join(lines)
