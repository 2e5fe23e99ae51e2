"""What `alert-rules` does when it runs; what it promises stands beside its options."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.project_files import (
    Problem,
    Unclear,
    chosen,
    counted,
    documents_of,
    judged,
)
from readiness_gate.checks.repository.alert_rules import AlertRulesOptions
from readiness_gate.doors.workspace import Workspace
from readiness_gate.formats.alertmanager import alertmanager
from readiness_gate.formats.prometheus_rules import Alert, names_in, rule_file
from readiness_gate.model.result import CheckResult


@dataclass(frozen=True)
class _Placed:
    """An alert and its file."""

    file: str
    alert: Alert

    def problem(self, text: str) -> Problem:
        return Problem(f"alert {self.alert.name} {text}", self.file, self.alert.line)


def run(context: CheckContext, options: AlertRulesOptions) -> CheckResult:
    """Read rules and routes, and judge them."""
    problems: list[Problem] = []
    try:
        names = chosen(context.workspace, options.path)
        alerts = [one for name in names for one in _alerts(context.workspace, name, problems)]
        problems += _told(context.workspace, options, alerts)
    except Unclear as unclear:
        return unclear.result
    problems += _there(options, alerts, names[0])
    for one in alerts:
        problems += _complete(options, one)
    said = f"{counted(len(alerts), 'alert')} in {counted(len(names), 'file')}"
    return judged(problems, f"{said}: all that is asserted holds")


def _alerts(workspace: Workspace, name: str, problems: list[Problem]) -> Iterator[_Placed]:
    documents = documents_of(workspace, name)
    if not documents:
        problems.append(Problem("it is empty", name))
    for document in documents:
        rules = rule_file(document)
        problems += [Problem(cause, name, line) for line, cause in rules.problems]
        yield from (_Placed(name, alert) for alert in rules.alerts)


def _there(options: AlertRulesOptions, alerts: Sequence[_Placed], name: str) -> Iterator[Problem]:
    if len(alerts) < options.min_alerts:
        said = f"{counted(len(alerts), 'alert')}, at least {options.min_alerts} required"
        yield Problem(said, name)
    known = {one.alert.name for one in alerts}
    for wanted in options.alerts:
        if wanted not in known:
            yield Problem(f"there is no alert {wanted}", name)
    asked = {word for one in alerts for word in names_in(one.alert.expression)}
    for metric in options.metrics:
        if metric not in asked:
            yield Problem(f"no alert asks for {metric}", name)


def _complete(options: AlertRulesOptions, one: _Placed) -> Iterator[Problem]:
    for key, wanted, there in (
        ("label", options.labels, one.alert.labels),
        ("annotation", options.annotations, one.alert.annotations),
    ):
        for name in wanted:
            if not str(there.get(name) or "").strip():
                yield one.problem(f"has no {key} {name}")
    if options.waits and not one.alert.waits:
        yield one.problem("has no `for`")


def _told(
    workspace: Workspace, options: AlertRulesOptions, alerts: Sequence[_Placed]
) -> Iterator[Problem]:
    name = options.alertmanager
    if name is None:
        return
    documents = documents_of(workspace, name)
    if len(documents) != 1:
        yield Problem("it is not one document", name)
        return
    found = alertmanager(documents[0])
    yield from (Problem(cause, name, line) for line, cause in found.problems)
    for receiver in options.receivers:
        if receiver not in found.receivers:
            yield Problem(f"there is no receiver {receiver}", name)
        elif not found.receivers[receiver]:
            yield Problem(f"receiver {receiver} tells nobody", name)
    if not options.routed or found.route is None:
        return
    for one in alerts:
        labels = {key: str(value) for key, value in one.alert.labels.items()}
        told = found.route.told({**labels, "alertname": one.alert.name})
        if not any(found.receivers.get(receiver) for receiver in told):
            yield one.problem(f"goes to {', '.join(told)[:80]}, which tells nobody")
