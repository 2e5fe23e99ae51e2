"""Open alerts of code scanning, Dependabot and secret scanning."""

import base64
from collections.abc import Callable, Sequence
from typing import Any

from tests.github_double.alerts import Alert, Analysis, Kind
from tests.github_double.exchange import Answer
from tests.github_double.refusals import RefusalError, not_found
from tests.github_double.routing import Call, Route
from tests.github_double.shapes import alerts

_OFF = {
    "code-scanning": (403, "Code scanning is not enabled for this repository."),
    "dependabot": (403, "Dependabot alerts are disabled for this repository."),
    "secret-scanning": (404, "Secret scanning is disabled on this repository."),
}


def _refs(call: Call) -> tuple[str, ...]:
    """The refs that the request is about: a pull request has two."""
    number = call.request.query.get("pr")
    if number:
        return (f"refs/pull/{number}/head", f"refs/pull/{number}/merge")
    ref = call.request.query.get("ref", call.repository.default_branch)
    return (ref if ref.startswith("refs/") else f"refs/heads/{ref}",)


def _enabled(call: Call, kind: Kind) -> None:
    if kind not in call.repository.alerts.enabled:
        raise RefusalError(*_OFF[kind])


def _analyses(call: Call) -> Answer:
    _enabled(call, "code-scanning")
    home = call.repository
    if not home.alerts.analyses:
        raise not_found("no analysis found")
    asked = call.request.query.keys() & {"pr", "ref"}
    found = [one for one in home.alerts.analyses if not asked or one.ref in _refs(call)]
    newest: Sequence[Analysis] = list(reversed(found))
    return call.listed(newest, lambda one: alerts.analysis(call.urls, home, one))


def _open(call: Call, kind: Kind) -> list[Alert]:
    _enabled(call, kind)
    return call.repository.alerts.found.get(kind, [])


def _code_scanning(call: Call) -> Answer:
    home = call.repository
    refs = _refs(call)
    default = f"refs/heads/{home.default_branch}"
    found = [one for one in _open(call, "code-scanning") if (one.where or default) in refs]
    return call.listed(found, lambda one: alerts.code_scanning(call.urls, home, one))


def _secrets(call: Call) -> Answer:
    found = _open(call, "secret-scanning")
    return call.listed(found, lambda one: alerts.secret(call.urls, call.repository, one))


def _dependabot(call: Call) -> Answer:
    query = call.request.query
    if "page" in query:
        raise RefusalError(400, "Pagination using the `page` parameter is not supported.")
    found = _open(call, "dependabot")
    size = max(1, min(100, int(query.get("per_page", "30"))))
    start = int(base64.b64decode(query["after"])) if "after" in query else 0
    shown = found[start : start + size]
    headers: dict[str, str] = {}
    if start + size < len(found):
        after = base64.b64encode(str(start + size).encode()).decode().rstrip("=")
        after += "=" * (-len(after) % 4)
        address = f"{call.urls.api}{call.request.path}?per_page={size}&after={after}"
        headers["link"] = f'<{address}>; rel="next"'
    return Answer(
        200, [alerts.dependabot(call.urls, call.repository, one) for one in shown], headers
    )


_HOME = "/repos/{owner}/{name}"
_LISTS: tuple[tuple[str, Callable[[Call], Any], str], ...] = (
    ("code-scanning/analyses", _analyses, "security_events"),
    ("code-scanning/alerts", _code_scanning, "security_events"),
    ("dependabot/alerts", _dependabot, "vulnerability_alerts"),
    ("secret-scanning/alerts", _secrets, "secret_scanning_alerts"),
)

ROUTES = tuple(
    Route("GET", f"{_HOME}/{path}", handler, (scope,)) for path, handler, scope in _LISTS
)
