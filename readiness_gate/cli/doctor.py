"""`readiness-gate doctor`: what in workflows and rules keeps the gate from holding a merge."""

import json
from collections.abc import Sequence

from readiness_gate.adopt.doctor import events, handover, jobs, names, permissions
from readiness_gate.adopt.doctor.files import WorkflowFile, read_files
from readiness_gate.adopt.doctor.finding import Finding
from readiness_gate.adopt.doctor.ruleset import ACTIONS_APP, ruleset
from readiness_gate.cli.console import Console
from readiness_gate.cli.doors import Doors, open_doors, open_forge
from readiness_gate.cli.formats import require_format
from readiness_gate.doors.settings import Settings
from readiness_gate.errors import ForgeError
from readiness_gate.forge.base import Forge

_GITHUB = "https://github.com"


def command(settings: Settings, console: Console, *, output_format: str, rules: bool) -> int:
    """Print the findings, or the ruleset; return 1 where something is wrong, else 0.

    Raises:
        ConfigurationError: the format is unknown.
    """
    require_format(output_format)
    doors = open_doors(settings)
    files, broken = read_files(doors.workspace)
    gates = [file for file in files if file.steps]
    prefix = settings.status_prefix
    if prefix == "readiness":
        prefix = jobs.prefix_of(gates)
    if rules:
        console.out(json.dumps(ruleset(prefix, app=_app(settings, gates)), indent=2))
        return 0
    found = [*broken, *_findings(files, gates, prefix, settings, doors)]
    found += _live(gates, prefix, open_forge(settings, doors.clock))
    found = sorted(dict.fromkeys(found), key=lambda one: (one.file, one.line or 0, one.rule))
    if output_format == "json":
        console.out(_as_json(gates, found))
    else:
        console.out(_as_text(len(files), gates, found))
    return int(any(one.severity == "error" for one in found))


def _findings(
    files: Sequence[WorkflowFile],
    gates: Sequence[WorkflowFile],
    prefix: str,
    settings: Settings,
    doors: Doors,
) -> list[Finding]:
    found: list[Finding] = []
    if not doors.workspace.exists(settings.config):
        found.append(
            _plain(
                "config-missing",
                settings.config,
                "there is no configuration: the gate exits 2",
                "`readiness-gate init` writes one to start from.",
            )
        )
    if not gates:
        found.append(
            _plain(
                "gate-missing",
                ".github/workflows",
                "no workflow runs the gate",
                "docs/workflows.md has workflows to copy.",
            )
        )
        return found
    return [
        *found,
        *events.findings(gates),
        *jobs.findings(gates),
        *handover.findings(gates),
        *names.same_names(files, prefix),
    ]


def _plain(rule: str, file: str, message: str, change: str) -> Finding:
    return Finding(rule=rule, severity="error", file=file, message=message, change=change)


def _live(gates: Sequence[WorkflowFile], prefix: str, forge: Forge | None) -> list[Finding]:
    if forge is None:
        return []
    try:
        branch = forge.default_branch()
        return list(names.live(gates, forge.branch_rules(branch), prefix, branch))
    except ForgeError as error:
        return [
            Finding(
                rule="rules-unread",
                severity="warning",
                file="",
                message=f"the rules of the branch were not looked at: {error.message}",
                change=error.advice or "Try again with a token that may read them.",
            )
        ]


def _app(settings: Settings, gates: Sequence[WorkflowFile]) -> int | None:
    """Return the app that writes the statuses, where it is known: the workflow's own token's."""
    others = any(permissions.own_token(step) for file in gates for step in file.steps)
    return ACTIONS_APP if settings.server_url == _GITHUB and not others else None


def _as_json(gates: Sequence[WorkflowFile], found: Sequence[Finding]) -> str:
    data = {
        "workflows": [{"file": one.path, "modes": sorted(one.modes)} for one in gates],
        "findings": [one.model_dump(mode="json", by_alias=True) for one in found],
    }
    return json.dumps(data, indent=2, ensure_ascii=False)


def _as_text(read: int, gates: Sequence[WorkflowFile], found: Sequence[Finding]) -> str:
    lines: list[str] = []
    for one in found:
        lines.append(f"{one.place}: {one.severity}: {one.message} [{one.rule}]")
        lines += [f"    {line}" for line in one.change.splitlines()]
    errors = sum(one.severity == "error" for one in found)
    told = f"{errors} to repair, {len(found) - errors} to look at" if found else "nothing to change"
    lines.append(f"{told} ({len(gates)} of {read} workflows run the gate)")
    return "\n".join(lines)
