"""What `dashboard-file` does when it runs; what it promises stands beside its options."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.project_files import Problem, Unclear, chosen, counted, judged
from readiness_gate.checks.repository.dashboard_file import DashboardFileOptions
from readiness_gate.doors.workspace import PathRefused, Workspace
from readiness_gate.formats.grafana_dashboard import Dashboard, Panel, read_dashboard
from readiness_gate.formats.prometheus_rules import names_in
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell

_SIZE_CAP = 8 * 1024 * 1024


@dataclass(frozen=True)
class _Read:
    """One file."""

    name: str
    dashboard: Dashboard


def run(context: CheckContext, options: DashboardFileOptions) -> CheckResult:
    """Read every dashboard and judge all of them."""
    problems: list[Problem] = []
    try:
        names = chosen(context.workspace, options.path)
        files = [one for name in names for one in _read(context.workspace, name, problems)]
    except Unclear as unclear:
        return unclear.result
    problems += _twice(files)
    for one in files:
        problems += _complete(one, options.min_panels)
    if not problems:
        problems += _missing(files, options)
    panels = sum(len(one.dashboard.panels) for one in files)
    said = f"{counted(len(files), 'dashboard')} with {counted(panels, 'panel')}"
    return judged(problems, f"{said}: all that is asserted holds")


def _read(workspace: Workspace, name: str, problems: list[Problem]) -> Iterator[_Read]:
    try:
        yield _Read(name, read_dashboard(workspace.read(name, cap=_SIZE_CAP)))
    except PathRefused as error:
        raise Unclear(cannot_tell(ErrorClass.CONFIGURATION, str(error))) from error
    except OSError as error:
        text = f"{name} cannot be read: {error.strerror}"
        raise Unclear(cannot_tell(ErrorClass.INFRASTRUCTURE, text)) from error
    except ValueError as error:
        problems.append(Problem(f"no dashboard: {error}", name))


def _twice(files: Sequence[_Read]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for one in files:
        uid = one.dashboard.uid
        if uid and uid in seen:
            yield Problem(f"it has the uid {uid[:60]} of {seen[uid]}", one.name)
        seen.setdefault(uid, one.name)


def _complete(one: _Read, minimum: int) -> Iterator[Problem]:
    there = len(one.dashboard.panels)
    if there < minimum:
        yield Problem(f"{counted(there, 'panel')} with data, at least {minimum} required", one.name)
    for panel in one.dashboard.panels:
        if not panel.queries and not panel.is_shared:
            title = panel.title[:80] or "without title"
            yield Problem(f"panel {title} asks for nothing", one.name, panel.line)


def _missing(files: Sequence[_Read], options: DashboardFileOptions) -> Iterator[Problem]:
    known = {text for one in files for text in (one.dashboard.title, one.dashboard.uid)}
    panels: list[Panel] = [panel for one in files for panel in one.dashboard.panels]
    titles = {panel.title for panel in panels}
    asked = {word for panel in panels for query in panel.queries for word in names_in(query)}
    where = files[0].name if len(files) == 1 else None
    for title in options.titles:
        if title not in known:
            yield Problem(f"there is no dashboard {title}", where)
    for title in options.panels:
        if title not in titles:
            yield Problem(f"there is no panel {title}", where)
    for metric in options.metrics:
        if metric not in asked:
            yield Problem(f"no panel asks for {metric}", where)
