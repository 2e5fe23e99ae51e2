"""`readiness-gate explain ID|#PR`: what an item checks, or what a pull request waits for."""

from typing import Any

from readiness_gate.checks import CHECKS
from readiness_gate.checks.base import Check
from readiness_gate.cli.console import Console
from readiness_gate.cli.plan import read_graph
from readiness_gate.cli.validate import items_of_working_tree
from readiness_gate.doors.records import did_you_mean
from readiness_gate.doors.settings import Settings
from readiness_gate.engine.plan import PlannedItem
from readiness_gate.errors import ConfigurationError
from readiness_gate.merge.around import Mover, around
from readiness_gate.merge.edges import satisfied, wording
from readiness_gate.merge.landing import landing
from readiness_gate.merge.view import Graph
from readiness_gate.model.pull_request import Edge, PullRequest, Reference
from readiness_gate.report.escape import plain


def command(settings: Settings, console: Console, *, subject: str) -> int:
    """Print the explanation; return 0.

    Raises:
        ConfigurationError: there is no such item, check or open pull request.
    """
    number = subject.removeprefix("#")
    if number.isascii() and number.isdigit():
        return _pull_request(settings, console, int(number))
    items: tuple[PlannedItem, ...] = ()
    if settings.workspace.joinpath(settings.config).exists():
        items = items_of_working_tree(settings)
        item = next((one for one in items if one.id == subject), None)
        if item is not None:
            console.out(_item(item))
            return 0
    check = CHECKS.get(subject)
    if check is None:
        known = [*(one.id for one in items), *CHECKS]
        raise ConfigurationError(
            f"there is no item or check {subject!r}{did_you_mean(subject, known)}",
            advice="`readiness-gate checks` and `readiness-gate validate` list them.",
        )
    console.out(_check(check))
    return 0


def _pull_request(settings: Settings, console: Console, number: int) -> int:
    graph = read_graph(settings)
    reference = graph.rules.canonical(Reference(graph.rules.home, number))
    if reference not in graph.opened:
        raise ConfigurationError(f"#{number} is no open pull request")
    home = graph.rules.home
    own = graph.opened[reference]
    lines = [f"#{number} {plain(own.title)}{' (draft)' if own.draft else ''}"]
    edges = graph.leaving(reference)
    lines += [_edge(edge, graph, own) for edge in edges] or ["  waits for nothing"]
    lines += [f"  {_move(one, home)}" for one in around(graph, [reference]).movers]
    blocked = ", ".join(one.short(home) for one in graph.dependants(reference))
    lines.append(f"  waited for by: {blocked or 'nobody'}")
    lines += [f"  {one.kind}: {one.message}" for one in graph.findings if reference in one.members]
    lines += [f"  read: {line}" for line in graph.view([reference]).parsed]
    lines += [f"  warning: {plain(line)}" for line in graph.view([reference]).warnings]
    children = graph.children(reference)
    lines += [f"  when it merges: {line}" for line in landing(children, home=home)]
    console.out("\n".join(lines))
    return 0


def _edge(edge: Edge, graph: Graph, own: PullRequest) -> str:
    fact = graph.facts.get(edge.dependency)
    words = wording(edge, home=graph.rules.home, fact=fact, base_branch=own.base_branch)
    sources = ", ".join(sorted(source.value for source in edge.sources))
    mark = "✓" if satisfied(edge.state) else "…"
    step = f"; {words.next_step}" if words.next_step else ""
    return f"  {plain(f'{mark} {words.says} ({sources}){step}')}"


def _move(one: Mover, home: str) -> str:
    who = plain(one.who) or "somebody"
    what = {
        "finish": f"{who} finishes the draft",
        "merge": f"{who} or a maintainer merges",
        "complete": f"{who} completes",
    }[one.what]
    return f"next move: {what} {one.reference.short(home)}"


def _item(item: PlannedItem) -> str:
    blocks = "blocks" if item.blocking else "does not block"
    lines = [
        f"{item.id}: {item.title}",
        f"  severity {item.severity}, stage {item.stage}, half {item.half}, {blocks}",
    ]
    for bound in item.checks:
        given = bound.options.model_dump_json(by_alias=True, exclude_unset=True)
        lines.append(f"  {bound.check.id} {given}")
        lines.append(_check(bound.check))
    return "\n".join(lines)


def _check(check: Check[Any]) -> str:
    needs = ", ".join(sorted(need.value for need in check.needs)) or "nothing"
    lines = [
        f"{check.id}: {check.title}",
        f"  family {check.family}, class {check.check_class}, needs {needs}",
        f"  on failure: {check.remediation}",
        "  options:",
    ]
    properties = check.options.model_json_schema(by_alias=True).get("properties", {})
    for name, schema in properties.items():
        lines.append(f"    {name}: {schema.get('description', schema.get('type', ''))}")
    if not properties:
        lines.append("    none")
    return "\n".join(lines)
