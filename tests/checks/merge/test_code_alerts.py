from typing import Any

import pytest
from pydantic import ValidationError

from readiness_gate.checks.context import MergeFacts
from readiness_gate.checks.merge.code_alerts import CHECK, CodeAlertsOptions
from readiness_gate.errors import ForgeError, PermissionMissing
from readiness_gate.model.alert import Alert, AlertKind, Alerts
from readiness_gate.model.outcome import ErrorClass, Outcome, Severity
from readiness_gate.model.result import CheckResult
from tests.checks.merge.builders import facts
from tests.fakes.context import context
from tests.fakes.facts import FakeFacts
from tests.merge.builders import group, pull

PULL = "pull-request 17"
Found = dict[tuple[AlertKind, str], Alerts | ForgeError]


def alerts(*severities: str) -> Alerts:
    return Alerts(
        alerts=tuple(
            Alert(number=number, severity=Severity(severity), title=f"finding {number}")
            for number, severity in enumerate(severities, 1)
        )
    )


def run(found: Found, merge: MergeFacts | None = None, **options: Any) -> CheckResult:
    given = {"kinds": tuple(dict.fromkeys(kind for kind, _ in found))} | options
    return CHECK.run(
        context(merge=merge or facts(pull(17), at=17), github=FakeFacts(found=found)),
        CodeAlertsOptions.model_validate(given),
    )


def test_no_open_alert_passes() -> None:
    result = run({("code-scanning", PULL): alerts(), ("dependabot", PULL): alerts("low")})
    assert (result.outcome, result.summary) == (
        Outcome.PASSED,
        "no open alert of severity high or worse; 1 lighter",
    )


def test_an_alert_of_the_severity_or_worse_fails() -> None:
    result = run({("code-scanning", PULL): alerts("medium", "high", "critical")})
    assert (result.outcome, result.summary) == (
        Outcome.FAILED,
        "2 open code-scanning alerts of severity high or worse",
    )
    [table] = result.evidence
    assert table.kind == "table"
    assert [row[1] for row in table.rows] == ["critical", "high"]
    light: Found = {("code-scanning", PULL): alerts("medium")}
    assert run(light).outcome is Outcome.PASSED
    assert run(light, severity=Severity.LOW).outcome is Outcome.FAILED


def test_a_scanner_that_is_not_enabled_is_an_error_with_the_setting() -> None:
    off = Alerts(enabled=False, analysed=False, said="Secret scanning is disabled")
    result = run({("secret-scanning", PULL): off})
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)
    assert result.summary == "secret-scanning is not enabled (Secret scanning is disabled)"
    assert result.remediation == "Enable secret scanning in the settings of the repository."


def test_what_was_not_analysed_is_no_pass() -> None:
    result = run({("code-scanning", PULL): Alerts(analysed=False)})
    assert (result.outcome, result.summary) == (
        Outcome.ERROR,
        "code-scanning has not analysed #17",
    )


def test_a_merge_group_and_a_later_stage_ask_about_their_own_ref() -> None:
    queued = group(17)
    ref = f"refs/heads/{queued.head_ref.removeprefix('refs/heads/')}"
    merge = facts(pull(17), merge_group=queued)
    assert run({("code-scanning", ref): alerts()}, merge).outcome is Outcome.PASSED
    assert run({("code-scanning", ""): alerts()}, facts()).outcome is Outcome.PASSED
    missing = run({("code-scanning", ""): Alerts(analysed=False)}, facts())
    assert missing.summary == "code-scanning has not analysed the default branch"


def test_one_scanner_that_cannot_be_read_is_raised() -> None:
    lacking = PermissionMissing("lacks it", permission="security-events: read")
    with pytest.raises(PermissionMissing):
        run({("code-scanning", PULL): lacking})
    assert CHECK.run(context(), CodeAlertsOptions(kinds=("dependabot",))).outcome is Outcome.ERROR
    alone = context(merge=facts(pull(17), at=17))
    assert CHECK.run(alone, CodeAlertsOptions(kinds=("dependabot",))).outcome is Outcome.ERROR


def test_at_least_one_scanner_has_to_be_named() -> None:
    with pytest.raises(ValidationError):
        CodeAlertsOptions.model_validate({"kinds": ()})
