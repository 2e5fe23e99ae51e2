"""`readiness-gate explain ID|#PR`: what an item checks, or what a pull request waits for."""

import json
from collections.abc import Iterator
from typing import Any

from readiness_gate.adopt.proposal import Proposer
from readiness_gate.adopt.repository_facts import RepositoryFacts
from readiness_gate.adopt.rules import known_rules
from readiness_gate.adopt.target import target_of
from readiness_gate.checks import CHECKS
from readiness_gate.checks.base import Check
from readiness_gate.cli.console import Console
from readiness_gate.cli.plan import read_graph
from readiness_gate.cli.validate import items_of, policy_of_working_tree
from readiness_gate.doors.records import did_you_mean
from readiness_gate.doors.settings import Settings
from readiness_gate.doors.workspace import PathRefused, Workspace
from readiness_gate.engine.plan import PlannedItem
from readiness_gate.engine.policy import Policy
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
        policy = policy_of_working_tree(settings)
        items = items_of(policy)
        item = next((one for one in items if one.id == subject), None)
        if item is not None:
            told = [_item(item), *_line(settings, policy, item), *_last(settings, item)]
            console.out("\n".join(told))
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


def _line(settings: Settings, policy: Policy, item: PlannedItem) -> Iterator[str]:
    """Yield the line of the checklist, and why it is bound so."""
    line = next((one for one in policy.checklist.lines if one.id == item.id), None)
    if item.todo:
        yield f"to finish: {plain(item.todo)}"
    if line is None:
        yield "in no checklist: it stands in the configuration alone"
        return
    yield f"{plain(line.path)}:{line.line}: [{'x' if line.ticked else ' '}] {plain(line.text)}"
    facts = RepositoryFacts(Workspace(settings.workspace))
    proposer = Proposer(known_rules(), CHECKS, facts, target_of(facts))
    (proposal,) = proposer.proposals([line])
    if proposal.check == item.check_id:
        sure = f"{proposal.confidence:.2f} sure"
        yield f"bound as import proposes ({sure}): {plain(proposal.reason)}"
    else:
        yield f"bound by hand; import proposes {proposal.check}: {plain(proposal.reason)}"


def _last(settings: Settings, item: PlannedItem) -> Iterator[str]:
    """Yield what the last report in this checkout says about the item."""
    path = f"{settings.report_dir}/report.json"
    try:
        report = json.loads(Workspace(settings.workspace).read(path))
        found = next(one for one in report["items"] if one["id"] == item.id)
        when, outcome, summary = report["finished-at"], found["outcome"], found["summary"]
    except (OSError, PathRefused, ValueError, KeyError, TypeError, StopIteration):
        yield "last run: none that is known here"
        return
    yield plain(f"last run, {when}: {outcome}: {summary}")


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
