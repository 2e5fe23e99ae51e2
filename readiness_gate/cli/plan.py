"""`readiness-gate plan`: the merge graph of the repository, in its order (DESIGN 1.4)."""

import json
from collections.abc import Iterator
from typing import Any

from readiness_gate.cli.console import Console
from readiness_gate.cli.doors import open_doors, open_forge
from readiness_gate.cli.formats import require_format
from readiness_gate.cli.subject import policy_of_branch
from readiness_gate.doors.settings import Settings
from readiness_gate.engine.merge_facts import MergeGraphs
from readiness_gate.errors import ConfigurationError, ForgeError
from readiness_gate.merge.graph import what_if_merged
from readiness_gate.merge.landing import landing
from readiness_gate.merge.order import Order, arrange
from readiness_gate.merge.picture import mermaid, states_of
from readiness_gate.merge.references import Parsed
from readiness_gate.merge.view import Graph
from readiness_gate.model.pull_request import Edge, Reference
from readiness_gate.report.escape import plain

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
        graph = what_if_merged(graph, _opened(graph, merged))
    edges = graph.edges
    drafts = [reference for reference, one in graph.opened.items() if one.draft]
    order = arrange(graph.opened, edges, declared=graph.rules.order.groups, drafts=drafts)
    if output_format == "json":
        console.out(json.dumps(_as_json(graph, order, edges), indent=2))
    elif output_format == "mermaid":
        console.out(_as_mermaid(graph, home))
    else:
        console.out(_as_text(graph, order))
    return 0


def _opened(graph: Graph, numbers: list[int]) -> list[Reference]:
    found = [graph.rules.canonical(Reference(graph.rules.home, number)) for number in numbers]
    for one in found:
        if one not in graph.opened:
            raise ConfigurationError(
                f"--what-if-merged: #{one.number} is no open pull request", advice="Give open ones."
            )
    return found


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
        "parallel": [[str(one) for one in wave] for wave in order.waves],
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
        "warnings": [
            {"pull-request": str(one), "message": message}
            for one, message in _warnings(graph, order)
        ],
    }


def _warnings(graph: Graph, order: Order) -> Iterator[tuple[Reference, str]]:
    """Yield lines that were nearly read, and what to mind when a parent merges."""
    home = graph.rules.home
    for one in (*order.order, *order.excluded):
        for miss in graph.bodies.get(one, Parsed()).near_misses:
            text = plain(miss.text)
            yield one, f"line {miss.line} looks like a dependency but was not wholly read: {text}"
        for message in landing(graph.children(one), home=home):
            yield one, message


def _as_text(graph: Graph, order: Order) -> str:
    home = graph.rules.home
    ready = set(order.next)
    lines = []
    for place, one in enumerate(order.order, start=1):
        waits = graph.stated.get(one, ())
        why = ", ".join(f"{edge.dependency.short(home)} {edge.state}" for edge in waits)
        mark = "→" if one in ready else " "
        lines.append(f"{mark} {place:>3}. {one.short(home):<8} {f'after {why}' if why else ''}")
    names = ", ".join(one.short(home) for one in order.next) or "nothing"
    lines.append(f"next to merge{', in parallel' if len(order.next) > 1 else ''}: {names}")
    if len(order.critical_path) > 1:
        chain = " → ".join(one.short(home) for one in order.critical_path)
        lines.append(f"critical path, {len(order.critical_path)} merges: {chain}")
    lines += [f"{finding.kind}: {finding.message}" for finding in graph.findings]
    lines += [f"{one.short(home)}: {message}" for one, message in _warnings(graph, order)]
    return "\n".join(line.rstrip() for line in lines)


def _as_mermaid(graph: Graph, home: str) -> str:
    drafts = {reference: one.draft for reference, one in graph.opened.items()}
    states = states_of(drafts, graph.edges)
    return mermaid(states, ((one.waiting, one.dependency) for one in graph.edges), home=home)
