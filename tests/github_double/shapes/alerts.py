"""Alerts and analyses of the scanners."""

from tests.github_double.alerts import Alert, Analysis
from tests.github_double.repository import Repository
from tests.github_double.shapes.common import Json, Urls

_TOOL = {"name": "CodeQL", "guid": None, "version": "2.23.0"}


def analysis(urls: Urls, home: Repository, item: Analysis) -> Json:
    """One analysis of code scanning."""
    return {
        "ref": item.ref,
        "commit_sha": item.sha,
        "analysis_key": ".github/workflows/codeql.yml:analyze",
        "environment": "{}",
        "category": "analyze",
        "error": item.error,
        "created_at": item.created_at or home.created_at,
        "results_count": 0,
        "rules_count": 10,
        "id": item.id,
        "url": f"{urls.repository(home)}/code-scanning/analyses/{item.id}",
        "sarif_id": f"sarif-{item.id}",
        "tool": _TOOL,
        "deletable": True,
        "warning": "",
    }


def _base(urls: Urls, home: Repository, kind: str, item: Alert) -> Json:
    created = item.created_at or home.created_at
    return {
        "number": item.number,
        "state": "open",
        "url": f"{urls.repository(home)}/{kind}/alerts/{item.number}",
        "html_url": f"{urls.page(home)}/security/{kind}/{item.number}",
        "created_at": created,
        "updated_at": created,
    }


def code_scanning(urls: Urls, home: Repository, item: Alert) -> Json:
    """An open alert of code scanning; a severity of its own words has no security severity."""
    plain = item.severity in ("error", "warning", "note", "none")
    base = _base(urls, home, "code-scanning", item)
    return base | {
        "instances_url": f"{base['url']}/instances",
        "fixed_at": None,
        "dismissed_by": None,
        "dismissed_at": None,
        "dismissed_reason": None,
        "dismissed_comment": None,
        "rule": {
            "id": item.what,
            "name": item.what,
            "severity": item.severity if plain else "error",
            "security_severity_level": None if plain else item.severity,
            "description": item.what,
        },
        "tool": _TOOL,
        "most_recent_instance": {
            "ref": item.where or f"refs/heads/{home.default_branch}",
            "analysis_key": ".github/workflows/codeql.yml:analyze",
            "environment": "{}",
            "category": "analyze",
            "state": "open",
            "commit_sha": home.tip(home.default_branch).sha,
            "message": {"text": item.what},
            "location": {"path": "app.py", "start_line": 1},
            "classifications": [],
        },
    }


def dependabot(urls: Urls, home: Repository, item: Alert) -> Json:
    """An open alert of Dependabot."""
    package = {"ecosystem": "pip", "name": item.what}
    vulnerability = {
        "package": package,
        "severity": item.severity,
        "vulnerable_version_range": "< 2.0",
        "first_patched_version": {"identifier": "2.0"},
    }
    base = _base(urls, home, "dependabot", item)
    return base | {
        "dependency": {
            "package": package,
            "manifest_path": "requirements.txt",
            "scope": "runtime",
            "relationship": "direct",
        },
        "security_advisory": {
            "ghsa_id": "GHSA-aaaa-bbbb-cccc",
            "cve_id": None,
            "summary": f"{item.what} does harm",
            "description": "words",
            "vulnerabilities": [vulnerability],
            "severity": item.severity,
            "cvss": {"score": 7.5, "vector_string": None},
            "cwes": [],
            "identifiers": [{"type": "GHSA", "value": "GHSA-aaaa-bbbb-cccc"}],
            "references": [],
            "published_at": base["created_at"],
            "updated_at": base["created_at"],
            "withdrawn_at": None,
        },
        "security_vulnerability": vulnerability,
        "dismissed_at": None,
        "dismissed_by": None,
        "dismissed_reason": None,
        "dismissed_comment": None,
        "fixed_at": None,
    }


def secret(urls: Urls, home: Repository, item: Alert) -> Json:
    """An open alert of secret scanning, with the secret itself, as GitHub gives it."""
    return _base(urls, home, "secret-scanning", item) | {
        "locations_url": f"{urls.repository(home)}/secret-scanning/alerts/{item.number}/locations",
        "resolution": None,
        "resolved_at": None,
        "resolved_by": None,
        "resolution_comment": None,
        "secret_type": item.what,
        "secret_type_display_name": item.what.replace("_", " "),
        "secret": "not-a-real-secret",
        "push_protection_bypassed": False,
        "push_protection_bypassed_by": None,
        "push_protection_bypassed_at": None,
        "validity": "unknown",
    }
