"""Open alerts of code scanning, Dependabot and secret scanning."""

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from readiness_gate.errors import ForgeError, PermissionMissing
from readiness_gate.forge.client import (
    PAGES,
    PER_PAGE,
    Client,
    Request,
    lacks_permission,
    permission_missing,
)
from readiness_gate.forge.rest import Fields, listed
from readiness_gate.forge.retry import Answer
from readiness_gate.model.alert import Alert, AlertKind, Alerts
from readiness_gate.model.outcome import Severity

PERMISSIONS: Mapping[AlertKind, str] = {
    "code-scanning": "security-events: read",
    "dependabot": "vulnerability-alerts: read",
    "secret-scanning": "secret-scanning-alerts: read",
}
"""What GitHub wants of the token, in the words of its permissions."""
_REFUSED = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})
_NEXT = re.compile(r'<([^<>]{1,2000})>; rel="next"')
_SEVERITIES: Mapping[str, Severity] = {
    "critical": Severity.CRITICAL,
    "high": Severity.HIGH,
    "error": Severity.HIGH,
    "medium": Severity.MEDIUM,
    "moderate": Severity.MEDIUM,
    "warning": Severity.MEDIUM,
    "low": Severity.LOW,
    "note": Severity.LOW,
    "none": Severity.LOW,
}


def read_alerts(client: Client, repository: str, kind: AlertKind, ref: str) -> Alerts:
    """Return the open alerts of one scanner.

    `ref` is a full ref, or `pull-request 14`; empty is the default branch. Only code scanning
    looks at refs.

    Raises:
        PermissionMissing: the token may not read them.
        ForgeError: no usable answer.
    """
    where = _where(ref) if kind == "code-scanning" else {}
    if kind == "code-scanning":
        analyses = _get(client, repository, kind, "analyses", {**where, "per_page": 1})
        nothing = _nothing(kind, analyses)
        if nothing is not None:
            return nothing
        newest = listed(analyses.data, "analyses")[:1]
        wrong = newest[0].text("error", default="") if newest else "no analysis found"
        if wrong:
            return Alerts(analysed=False, said=wrong)
    found: list[Alert] = []
    after: dict[str, str | int] = {}
    for _ in range(PAGES):
        given = {"state": "open", **where, **after, "per_page": PER_PAGE}
        page = _get(client, repository, kind, "alerts", given)
        nothing = _nothing(kind, page)
        if nothing is not None:
            return nothing
        found += [_READ[kind](one) for one in listed(page.data, f"{kind} alerts")]
        after = _next(page)
        if not after:
            return Alerts(alerts=tuple(found))
    raise ForgeError(f"{kind} alerts go on after {PAGES} pages")


def _where(ref: str) -> dict[str, str | int]:
    if not ref:
        return {}
    number = ref.removeprefix("pull-request ")
    return {"pr": int(number)} if number != ref else {"ref": ref}


def _next(page: Answer) -> dict[str, str | int]:
    """Return what asks for the next page; Dependabot's has a cursor and refuses numbers."""
    link = _NEXT.search(page.headers.get("link", ""))
    asked = parse_qs(urlsplit(link[1]).query) if link else {}
    return {name: asked[name][0] for name in ("after", "page") if name in asked}


def _request(
    repository: str, kind: AlertKind, what: str, parameters: Mapping[str, str | int]
) -> Request:
    path = f"/repos/{repository}/{kind}/{what}"
    return Request("GET", path, PERMISSIONS[kind], dict(parameters), accept=_REFUSED)


def _get(
    client: Client, repository: str, kind: AlertKind, what: str, given: Mapping[str, str | int]
) -> Answer:
    return client.send(_request(repository, kind, what, given))


def _nothing(kind: AlertKind, answer: Answer) -> Alerts | None:
    """Return what a refusal means; `None` where it is none."""
    if answer.status not in _REFUSED:
        return None
    said = answer.message
    if lacks_permission(said):
        raise _lacking(kind, said)
    if "no analysis found" in said.lower():
        return Alerts(analysed=False, said=said)
    if said.strip().lower() in {"", "not found"}:
        raise _lacking(kind, "not found, or not visible to the token")
    return Alerts(enabled=False, analysed=False, said=said)


def _lacking(kind: AlertKind, said: str) -> PermissionMissing:
    missing = permission_missing(PERMISSIONS[kind], said)
    if kind != "code-scanning":
        missing.advice = (
            f"Give the token of an App or a person with {missing.permission}; a workflow's own "
            "token never has it."
        )
    return missing


def _code_scanning(fields: Fields) -> Alert:
    rule = fields.fields("rule")
    weight = rule.text("security_severity_level", default="") or rule.text("severity", default="")
    title = rule.text("description", default="") or rule.text("id", default="")
    return _alert(fields, weight, title)


def _dependabot(fields: Fields) -> Alert:
    advisory = fields.fields("security_advisory")
    package = fields.fields("dependency").fields("package").text("name")
    title = f"{package}: {advisory.text('summary', default='')}"
    return _alert(fields, advisory.text("severity", default=""), title)


def _secret_scanning(fields: Fields) -> Alert:
    kind = fields.text("secret_type_display_name", default="") or fields.text("secret_type")
    return _alert(fields, "critical", kind)


def _alert(fields: Fields, weight: str, title: str) -> Alert:
    # A word that is not known weighs most: it must not slip below a bar.
    return Alert(
        number=fields.number("number"),
        severity=_SEVERITIES.get(weight.lower(), Severity.CRITICAL),
        title=title,
        url=fields.text("html_url", default=""),
    )


_READ: Mapping[AlertKind, Callable[[Fields], Alert]] = {
    "code-scanning": _code_scanning,
    "dependabot": _dependabot,
    "secret-scanning": _secret_scanning,
}
