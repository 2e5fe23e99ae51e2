from typing import get_args

import pytest

from readiness_gate.errors import ForgeError, PermissionMissing
from readiness_gate.forge.alerts import PERMISSIONS
from readiness_gate.forge.github import GitHubForge
from readiness_gate.model.alert import AlertKind, Alerts
from readiness_gate.model.outcome import Severity
from tests.forge.conftest import MakeForge
from tests.github_double import GitHubDouble, Repository

KINDS: tuple[AlertKind, ...] = get_args(AlertKind)
PERSON = "ghp_maintainer"


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("kind", KINDS)
def test_a_scanner_that_is_not_enabled_says_so(make_forge: MakeForge, kind: AlertKind) -> None:
    found = make_forge(PERSON).alerts(kind, "")
    assert (found.enabled, found.analysed) == (False, False)
    assert "enabled" in found.said or "disabled" in found.said


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("kind", KINDS)
def test_a_lacking_permission_is_named(
    double: GitHubDouble, make_forge: MakeForge, kind: AlertKind
) -> None:
    double.token("ghs_blind", security_events="none")
    with pytest.raises(PermissionMissing) as lacking:
        make_forge("ghs_blind").alerts(kind, "")
    assert lacking.value.permission == PERMISSIONS[kind]
    assert ("permissions:" in lacking.value.advice) is (kind == "code-scanning")


def test_code_scanning_is_asked_about_the_pull_request(shop: Repository, live: GitHubForge) -> None:
    main, merge = "refs/heads/main", "refs/pull/14/merge"
    pull = shop.pull_request(number=14)
    shop.alerts.analyse(main, shop.tip("main").sha)
    shop.alerts.add("code-scanning", "critical", "old one")
    assert live.alerts("code-scanning", "pull-request 14").analysed is False
    shop.alerts.analyse(merge, pull.head_sha)
    assert live.alerts("code-scanning", "pull-request 14") == Alerts()
    shop.alerts.add("code-scanning", "high", "py/sql-injection", where=merge)
    shop.alerts.add("code-scanning", "warning", "py/odd", where=merge)
    found = live.alerts("code-scanning", "pull-request 14").alerts
    assert [(one.severity, one.title) for one in found] == [
        (Severity.HIGH, "py/sql-injection"),
        (Severity.MEDIUM, "py/odd"),
    ]
    [old] = live.alerts("code-scanning", "").alerts
    assert (old.severity, old.title) == (Severity.CRITICAL, "old one")


def test_an_analysis_that_failed_is_none(shop: Repository, live: GitHubForge) -> None:
    shop.alerts.analyse("refs/heads/main", shop.tip("main").sha, error="out of disk")
    found = live.alerts("code-scanning", "")
    assert (found.enabled, found.analysed, found.said) == (True, False, "out of disk")


def test_dependabot_is_paged_by_cursor(shop: Repository, make_forge: MakeForge) -> None:
    for number in range(230):
        shop.alerts.add("dependabot", "low", f"package-{number}")
    found = make_forge(PERSON).alerts("dependabot", "").alerts
    assert len({one.title for one in found}) == 230
    assert found[0].title == "package-0: package-0 does harm"


def test_secrets_are_critical_and_never_shown(shop: Repository, make_forge: MakeForge) -> None:
    for _ in range(101):
        shop.alerts.add("secret-scanning", "", "aws_access_key_id")
    found = make_forge(PERSON).alerts("secret-scanning", "").alerts
    assert len(found) == 101
    assert found[0].severity is Severity.CRITICAL
    assert "not-a-real-secret" not in repr(found)


def test_a_severity_that_is_not_known_weighs_most(shop: Repository, live: GitHubForge) -> None:
    shop.alerts.analyse("refs/heads/main", shop.tip("main").sha)
    shop.alerts.add("code-scanning", "terrible", "x")
    assert live.alerts("code-scanning", "").alerts[0].severity is Severity.CRITICAL


def test_no_answer_is_an_error(
    double: GitHubDouble, shop: Repository, make_forge: MakeForge
) -> None:
    shop.alerts.analyse("refs/heads/main", shop.tip("main").sha)
    double.faults.add("GET", ".*/code-scanning/alerts", "5xx-before", times=9)
    with pytest.raises(ForgeError):
        make_forge(total_wait=0).alerts("code-scanning", "")
