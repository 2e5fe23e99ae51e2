"""Options of checks that speak to what runs."""

import re

from readiness_gate.adopt.options.stack import busy
from readiness_gate.adopt.options.wanted import Filled, Wanted, number
from readiness_gate.checklist.document import Threshold

_RATE = re.compile(r"(\d+)\s?(?:requests?|req)?\s?(?:/|per |a )\s?(second|minute|hour|day)")
_ORIGIN = re.compile(r"https?://[\w.-]+(?::\d+)?")
_MORE = re.compile(r"\b(all|every|each)\b.*\bendpoints?\b(?!.*/)|\b(?!200\b)[2-5]\d\d\b(?! ?m?s\b)")
"""Words about more than one answer: every endpoint, another status."""
_USERS = 1000
"""Users that one machine can be, as the check says."""
_FAMILIES = 5
"""Metrics of the sources that are named; who needs more adds them."""
_CACHE = {"cache-control": {"contain-substring": "max-age"}}


def http(wanted: Wanted) -> Filled:
    """Return a request to the path that the text names, else to the one of the sources."""
    facts = wanted.facts
    if wanted.kind == "frontend":
        if found := facts.frontend:
            port = found.ports[0] if found.ports else 3000
            return Filled({"service": found.name, "port": port, "url": "/", "status": 200})
        return Filled({"url": "/", "status": 200}, "name the service of the pages, and its port")
    if wanted.kind == "cache":
        page = {"url": "/", "status": 200, "header": _CACHE}
        return Filled(page, "name a path that may be kept")
    if wanted.kind == "ready":
        path = next(iter(wanted.paths), facts.ready)
        word = re.search(r"database|redis|model|api", wanted.small)
        part = word[0] if word else "status"
        options = {"url": path or "/ready", "status": 200, "jsonpath": {f"$.{part}": "ok"}}
        return Filled(options, f"say what {path or '/ready'} answers about {part}")
    path = next(iter(wanted.paths), facts.health)
    answer: dict[str, object] = {"url": path or "/health", "status": 200}
    limit = wanted.threshold("ms", "s")
    if limit and limit.relation in {"<", "<="}:
        answer["duration"] = f"{limit.relation}{number(limit.value)}{limit.unit}"
    more = len(wanted.item.thresholds) > ("duration" in answer) or _MORE.search(wanted.small)
    lacks = "say what else the line asks for, as one answer does not prove it" if more else ""
    return Filled(answer, lacks if path else "name the path")


def cors(wanted: Wanted) -> Filled:
    """Return the origins that may read, out of the text or of an environment file."""
    facts = wanted.facts
    found = _ORIGIN.findall(wanted.told)
    for path in (facts.environment_file, facts.environment_example):
        for line in facts.text(path).splitlines() if path and not found else ():
            if re.match(r"\s*\w*(CORS|ORIGIN)\w*=", line):
                found = _ORIGIN.findall(line)
    deny = "https://evil.example"
    allow = list(dict.fromkeys(found)) or ["https://app.example"]
    options = {"url": facts.health or "/health", "allow": allow, "deny": [deny]}
    return Filled(options, "" if found else "name the origins that may read")


def rate_limit(wanted: Wanted) -> Filled:
    """Return the limit that the text promises."""
    found = _RATE.search(wanted.told)
    url, unsure = busy(wanted)
    limit = f"{found[1]}/{found[2]}" if found else "100/minute"
    return Filled({"url": url, "limit": limit}, unsure if found else "say how many requests")


def security_headers(wanted: Wanted) -> Filled:
    """Return the headers that stand under the item, else the whole set."""
    url = wanted.facts.health or "/"
    known = (
        "strict-transport-security", "content-security-policy", "x-content-type-options",
        "x-frame-options", "referrer-policy", "permissions-policy",
    )  # fmt: skip
    named = [one for one in known if one in wanted.told.casefold()]
    return Filled({"url": [url], "require": named} if named else {"url": [url]})


def tls(wanted: Wanted) -> Filled:
    """Return the service that speaks TLS, else the deployed address."""
    edge = wanted.facts.service("edge")
    options: dict[str, object] = {"url": f"https://{edge.name}/" if edge else "/"}
    if found := re.search(r"tls ?v?(1\.[23])", wanted.small):
        options["minimum"] = found[1]
    return Filled(options)


def dns(_wanted: Wanted) -> Filled:
    """Return a name; which one, only the team knows."""
    return Filled({"name": "app.example"}, "name the domain")


def addr(_wanted: Wanted) -> Filled:
    """Return an address; which one, only the team knows."""
    return Filled({"address": "tcp://registry:443"}, "name the address that has to be reached")


def metrics(wanted: Wanted) -> Filled:
    """Return the page of metrics, moved by a request, with the families below the item."""
    url, _ = busy(wanted)
    named = [
        one for one in wanted.item.options if re.fullmatch(r"[a-z_]+_(total|seconds|bytes)", one)
    ]
    page = next((one for one in wanted.facts.paths if one.endswith("/metrics")), "/metrics")
    options: dict[str, object] = {"url": page, "requests": [{"url": url}]}
    general = re.search(r"prometheus|metrics (are )?exposed|/metrics", wanted.small)
    families: dict[str, dict[str, str]] = {
        name: {"increases": ">=1"} for name in named if name.endswith("_total")
    }
    declared = {name: {"type": type_} for name, type_ in wanted.facts.metrics[:_FAMILIES]}
    if families:
        return Filled({**options, "families": families})
    if general and declared:
        return Filled({"url": page, "families": declared})
    options["families"] = declared or {"http_requests_total": {"increases": ">=1"}}
    return Filled(options, "name the families" if general else "name the metrics that show it")


def promql(wanted: Wanted) -> Filled:
    """Return a query with the limit that the text promises."""
    prometheus = wanted.facts.service("prometheus")
    url = f"http://{prometheus.name}:9090" if prometheus else "http://prometheus:9090"
    share = wanted.threshold("%")
    errors = 'sum(rate(http_requests_total{status=~"5.."}[5m]))'
    query = f"{errors} / sum(rate(http_requests_total[5m]))"
    value = "<0.01"
    if share is not None and share.value > 50:
        value = f"<{round((100 - share.value) / 100, 6):g}"
    elif share is not None:
        value = f"<{share.value / 100:g}"
    elif limit := wanted.threshold("ms", "s"):
        query = (
            "histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))"
        )
        value = f"<{_seconds(limit)}"
    return Filled({"url": url, "query": query, "value": value}, "write the query that shows it")


def _seconds(limit: Threshold) -> str:
    return f"{limit.value / 1000 if limit.unit == 'ms' else limit.value:g}"


def redis(wanted: Wanted) -> Filled:
    """Return the service; kept data where the words are about sessions."""
    found = wanted.facts.service("redis")
    options: dict[str, object] = {"service": found.name if found else "redis"}
    lacks = "" if found else "name the service of Redis"
    if "session" in wanted.small:
        options["persistence"] = "any"
        options["keys"] = {"session:*": {"expire": True}}
        lacks = lacks or "name the pattern of the sessions' keys"
    elif re.search(r"cach|кэш", wanted.small):
        options["keys"] = {"cache:*": {"count": ">=1"}}
        lacks = lacks or "name the pattern of the cached keys, and a request that fills them"
    return Filled(options, lacks)


def load(wanted: Wanted) -> Filled:
    """Return users, or a rate, and what answers may take."""
    url, unsure = busy(wanted)
    users = _users(wanted)
    limit = wanted.threshold("ms", "s")
    rate = next((one for one in wanted.item.thresholds if "/" in one.unit), None)
    slowest = limit.value * (1 if limit.unit == "ms" else 1000) if limit else 500
    percentile = (limit.percentile if limit else None) or "p95"
    options: dict[str, object] = {
        "endpoints": [{"url": url}],
        "executor": "constant-vus",
        "vus": min(users or 20, _USERS),
        "duration": "30s",
        "thresholds": {
            "http_req_duration": f"p({percentile[1:]})<{number(slowest)}",
            "http_req_failed": "rate<0.01",
        },
    }
    if not (users or limit or rate):
        return Filled(options, "say how much load, and how fast")
    if users and users > _USERS:
        return Filled(options, f"one machine sends for {_USERS} users: read a report for more")
    return Filled(options, unsure)


def _users(wanted: Wanted) -> int | None:
    named = next((one for one in wanted.item.thresholds if "user" in one.unit), None)
    if named is not None:
        return int(named.value)
    found = re.search(r"(\d+)\+? (?:concurrent|users)|(?:capacity|users)\D{0,6}(\d+)", wanted.told)
    return int(found[1] or found[2]) if found else None


def openapi(wanted: Wanted) -> Filled:
    """Return where the API describes itself."""
    described, todo = _description(wanted)
    if wanted.facts.guarded:
        todo = todo or "give a `token`, and `parameters` of paths that need them"
    return Filled({**described, "documented": ["summary", "responses"]}, todo)


def input_validation(wanted: Wanted) -> Filled:
    """Return where the API describes itself; invalid bodies are made from it."""
    described, todo = _description(wanted)
    return Filled(described, todo)


def _description(wanted: Wanted) -> tuple[dict[str, object], str]:
    found = wanted.facts.openapi
    if found is None:
        return {"url": "/openapi.json"}, "name the description of the API"
    return ({"url": found} if found.startswith("/") else {"file": found}), ""


def authorization_matrix(wanted: Wanted) -> Filled:
    """Return the frame of it; who may what, only the team knows."""
    described, _ = _description(wanted)
    login = {"url": _login(wanted), "json": {"email": "user@app.example", "password": "example"}}
    options = {
        **described,
        "tokens": {"user": {"login": login}},
        "public": [f"GET {wanted.facts.health or '/health'}"],
        "without": ["expired", "low-role"],
    }
    return Filled(options, "say how each role logs in, and what is public")


def _login(wanted: Wanted) -> str:
    words = re.compile(r"/(login|token|sign-?in|session)s?$")
    return next((one for one in wanted.facts.written_to if words.search(one)), "/login")


def default_credentials(wanted: Wanted) -> Filled:
    """Return the login."""
    return Filled({"url": _login(wanted)}, "name the login, and a pair that is let in")


def http_scenario(wanted: Wanted) -> Filled:
    """Return a first step; the others, only the team knows."""
    step = {"name": "first step", "url": wanted.facts.health or "/health", "status": 200}
    return Filled({"steps": [step]}, "write the steps of the flow")
