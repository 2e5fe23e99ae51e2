"""`readiness-gate merge`: the merge half of one pull request, or of every open one."""

import json
from typing import Any

from readiness_gate.cli import run
from readiness_gate.cli.console import Console
from readiness_gate.cli.doors import open_doors, open_forge
from readiness_gate.cli.evaluation import Gate, open_gate
from readiness_gate.cli.formats import require_format
from readiness_gate.cli.sweep import ReEvaluated, evaluate_all
from readiness_gate.doors.settings import Settings
from readiness_gate.errors import ForgeError
from readiness_gate.model.outcome import Outcome
from readiness_gate.model.report import Report
from readiness_gate.report.json_report import to_json


def command(settings: Settings, console: Console, *, output_format: str) -> int:
    """Decide and, where that is asked for, publish; return the exit code of DESIGN 1.4.

    Raises:
        ConfigurationError: the format is unknown.
        ForgeError: there are no facts of GitHub.
    """
    require_format(output_format)
    if settings.pull_request is not None:
        formats = ["text"] if output_format == "text" else []
        return run.command(settings, console, formats=formats, also=_json_of(console, formats))
    doors = open_doors(settings)
    gate = open_gate(settings, doors, open_forge(settings, doors.clock), console)
    return sweep(gate, output_format=output_format)


def sweep(gate: Gate, *, output_format: str) -> int:
    """Evaluate every open pull request; return 0 when all were decided and said, else 3.

    Raises:
        ForgeError: the open pull requests could not be listed.
    """
    if gate.graphs is None:
        raise ForgeError(
            "there is no GitHub to ask",
            advice="Set GITHUB_TOKEN and GITHUB_REPOSITORY, or give --snapshot FILE.",
        )
    done = evaluate_all(gate, gate.graphs.listed().standing)
    if output_format == "json":
        gate.console.out(json.dumps(as_json(done, gate), indent=2, ensure_ascii=False))
    else:
        for report in done.reports:
            gate.console.out(_line(report))
    return done.exit_code


def as_json(done: ReEvaluated, gate: Gate) -> dict[str, Any]:
    """Return `{pull-requests: [{number, conclusion, items, edges}], api}` (DESIGN 1.4)."""
    usage = gate.forge.usage if gate.forge is not None else None
    return {
        "pull-requests": [_entry(report) for report in done.reports],
        "api": {
            "requests": usage.requests if usage else 0,
            "points": usage.points if usage else 0,
        },
        "failed": list(done.failed),
        "refused": list(done.refused),
        "left": list(done.left),
    }


def _entry(report: Report) -> dict[str, Any]:
    written = json.loads(to_json(report))
    return {
        "number": report.pull_request,
        "conclusion": report.conclusions.merge,
        "items": written["items"],
        "edges": written["merge"]["edges"],
    }


def _json_of(console: Console, formats: list[str]) -> "run.Also | None":
    if formats:
        return None

    def show(gate: Gate, report: Report) -> None:
        console.out(json.dumps(as_json(ReEvaluated((report,), ()), gate), indent=2))

    return show


def _line(report: Report) -> str:
    open_items = [
        item
        for item in report.items
        if item.outcome in {Outcome.FAILED, Outcome.ERROR, Outcome.PENDING}
    ]
    why = "; ".join(f"{item.id}: {item.summary}" for item in open_items)
    conclusion = report.conclusions.merge or "nothing planned"
    return f"#{report.pull_request:<6} {conclusion:<10} {why}".rstrip()
