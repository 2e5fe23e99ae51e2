"""`code-alerts`: GitHub's own scanners have no open alert that weighs as much as the bar.

Code scanning is asked about the pull request, the merge group or the default branch; what it has
not analysed is no pass. Dependabot and secret scanning know only the repository as a whole.
A leaked secret is always critical. Code scanning needs the permission `security-events: read`; the
other two need an App or a person with vulnerability-alerts: read and secret-scanning-alerts: read.
"""

from collections.abc import Sequence

from pydantic import Field

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.context import CheckContext, MergeFacts
from readiness_gate.checks.judged import judged
from readiness_gate.checks.standing import Standing, summed
from readiness_gate.model.alert import Alert, AlertKind, Alerts
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family, Need, Outcome, Severity
from readiness_gate.model.result import CheckResult, cannot_tell

_SHOWN = 50
_ORDER = list(Severity)
_WHERE = {
    "code-scanning": "set up code scanning, and let it run on pull requests (and merge groups)",
    "dependabot": "enable Dependabot alerts in the settings of the repository",
    "secret-scanning": "enable secret scanning in the settings of the repository",
}


class CodeAlertsOptions(CheckOptions):
    """Which scanners are asked, and from which severity on an alert blocks."""

    kinds: tuple[AlertKind, ...] = Field(
        min_length=1,
        description="Scanners: code-scanning, dependabot, secret-scanning. The last two need the "
        "token of an App or a person.",
    )
    severity: Severity = Field(
        default=Severity.HIGH, description="An open alert of this severity or worse fails."
    )


def run(context: CheckContext, options: CodeAlertsOptions) -> CheckResult:
    """Judge the open alerts of every scanner that is asked."""
    facts = judged(context.merge)
    if isinstance(facts, CheckResult):
        return facts
    if context.github is None:
        return cannot_tell(ErrorClass.INCONCLUSIVE, "there is no GitHub to ask for alerts")
    standings: list[Standing] = []
    heavy: list[tuple[AlertKind, Alert]] = []
    light = 0
    for kind in dict.fromkeys(options.kinds):
        ref = _ref(facts)
        alerts = context.github.alerts(kind, ref)
        mine = [one for one in alerts.alerts if _weighs(one, options.severity)]
        light += len(alerts.alerts) - len(mine)
        heavy += [(kind, one) for one in mine]
        standings.append(_standing(kind, ref, alerts, mine, options.severity))
    green = f"no open alert of severity {options.severity.value} or worse"
    if light:
        green += f"; {light} lighter"
    return summed(standings, green=green, evidence=(_table(heavy),) if heavy else ())


def _ref(facts: MergeFacts) -> str:
    if facts.merge_group is not None:
        ref = facts.merge_group.head_ref
        return ref if ref.startswith("refs/") else f"refs/heads/{ref}"
    if facts.pull_request is not None:
        return f"pull-request {facts.pull_request.reference.number}"
    return ""


def _standing(
    kind: AlertKind, ref: str, alerts: Alerts, heavy: Sequence[Alert], bar: Severity
) -> Standing:
    if not alerts.enabled:
        said = f" ({alerts.said})" if alerts.said else ""
        return Standing(
            Outcome.ERROR,
            f"{kind} is not enabled{said}",
            _WHERE[kind],
            error_class=ErrorClass.CONFIGURATION,
        )
    if not alerts.analysed:
        number = ref.removeprefix("pull-request ")
        what = f"#{number}" if number != ref else ref or "the default branch"
        says = f"{kind} has not analysed {what}"
        return Standing(Outcome.ERROR, says, _WHERE[kind])
    if heavy:
        count = f"{len(heavy)} open {kind} alert{'s' if len(heavy) > 1 else ''}"
        return Standing(
            Outcome.FAILED,
            f"{count} of severity {bar.value} or worse",
            "fix what they name, or dismiss them on GitHub with a reason",
        )
    return Standing(Outcome.PASSED, f"{kind} has no such alert")


def _weighs(alert: Alert, bar: Severity) -> bool:
    return _ORDER.index(alert.severity) <= _ORDER.index(bar)


def _table(heavy: Sequence[tuple[AlertKind, Alert]]) -> TableEvidence:
    ordered = sorted(heavy, key=lambda one: _ORDER.index(one[1].severity))
    return TableEvidence(
        title="Open alerts",
        columns=("scanner", "severity", "number", "what", "page"),
        rows=tuple(
            (kind, one.severity.value, str(one.number), one.title, one.url)
            for kind, one in ordered[:_SHOWN]
        ),
        omitted=max(0, len(ordered) - _SHOWN),
    )


CHECK = Check(
    id="code-alerts",
    title="No open security alert",
    family=Family.MERGE,
    check_class=CheckClass.READ,
    needs=frozenset({Need.GITHUB}),
    options=CodeAlertsOptions,
    work=run,
    remediation="Fix what the alerts name, or dismiss them on GitHub with a reason.",
    example={"kinds": ["code-scanning"], "severity": "high"},
)
