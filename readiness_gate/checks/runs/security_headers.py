"""What `security-headers` does when it runs; what it promises stands beside its options."""

import re
from collections.abc import Callable, Iterator, Mapping

from readiness_gate.checks.asking import (
    OutOfTime,
    Silent,
    asking,
    out_of_time,
    problems_failed,
    refuse_writing,
    unanswered,
)
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.exchange import request_evidence
from readiness_gate.checks.network.security_headers import SecurityHeadersOptions
from readiness_gate.checks.target import endpoint
from readiness_gate.doors.web import Answer
from readiness_gate.matchers import ABSENT, compile_matcher
from readiness_gate.model.evidence import RequestEvidence
from readiness_gate.model.result import CheckResult, passed

_REFERRER = frozenset(
    {
        "no-referrer",
        "same-origin",
        "strict-origin",
        "strict-origin-when-cross-origin",
    }
)

_KNOWN_REFERRER = _REFERRER | {
    "no-referrer-when-downgrade",
    "origin",
    "origin-when-cross-origin",
    "unsafe-url",
}

_VERSION = re.compile(r"[0-9]+\.[0-9]|/ ?v?[0-9]")

_TELLING = (
    "x-powered-by",
    "x-aspnet-version",
    "x-aspnetmvc-version",
    "x-generator",
    "x-runtime",
    "x-debug-token",
    "x-drupal-cache",
)


def run(context: CheckContext, options: SecurityHeadersOptions) -> CheckResult:
    """Ask every URL, and judge what its answer carries."""
    refuse_writing(context, options.method)
    asks = asking(context, options.timeout)
    problems: list[str] = []
    good: list[RequestEvidence] = []
    bad: list[RequestEvidence] = []
    unjudged: set[str] = set()
    judged = 0
    try:
        for url in options.url:
            target = endpoint(context, url)
            answer = asks.ask(target, options.method, headers=options.headers)
            secure = target.url.startswith("https:")
            causes = list(_status(options, answer)) or list(_problems(options, answer, secure))
            judged += len(_required(options, secure)) + len(options.header)
            unjudged |= set(_required(options, True)) - set(_required(options, secure))
            problems += [f"{target.url}: {cause}" for cause in causes]
            shown = request_evidence(options.method, target, answer)
            (bad if causes else good).append(shown)
    except Silent as error:
        return unanswered(context, error, bad)
    except OutOfTime:
        return out_of_time(context, f"{len(good) + len(bad)} of {len(options.url)} URLs were seen")
    if problems:
        return problems_failed(problems, bad)
    left = f"; over plain HTTP not judged: {', '.join(sorted(unjudged))}" if unjudged else ""
    excepted = [f"{name}: {reason}" for name, reason in options.except_.items()]
    return passed(
        f"{len(options.url)} answers carry {judged} headers as they must{left}",
        details="\n".join(["excepted:", *excepted]) if excepted else "",
        evidence=good[:3],
    )


def _required(options: SecurityHeadersOptions, secure: bool) -> tuple[str, ...]:
    """Return the headers whose own rule is applied."""
    aside = {name.lower() for name in (*options.except_, *options.header)}
    named = "require" in options.model_fields_set
    return tuple(
        name
        for name in dict.fromkeys(options.require)
        if name not in aside and (name != "strict-transport-security" or secure or named)
    )


def _status(options: SecurityHeadersOptions, answer: Answer) -> Iterator[str]:
    cause = compile_matcher(options.status).explain(answer.status)
    if cause is not None:
        yield f"status: {cause}"


def _problems(options: SecurityHeadersOptions, answer: Answer, secure: bool) -> Iterator[str]:
    if not _required(options, secure) and not options.header:
        yield "nothing could be judged over plain HTTP"
    for name, raw in options.header.items():
        value = answer.header(name)
        cause = compile_matcher(raw).explain(ABSENT if value is None else value)
        if cause is not None:
            yield f"{name}: {cause}"
    for name in _required(options, secure):
        cause = _RULES[name](answer, options)
        if cause:
            yield f"{name}: {cause}"
    if not options.reveal:
        yield from _revealed(options, answer)


def _revealed(options: SecurityHeadersOptions, answer: Answer) -> Iterator[str]:
    aside = {name.lower() for name in (*options.except_, *options.header)}
    for name in ("server", *_TELLING):
        value = answer.header(name)
        if value is None or name in aside:
            continue
        if name in _TELLING or _VERSION.search(value):
            yield f"{name}: tells what runs there: {value[:80]}"


Rule = Callable[[Answer, SecurityHeadersOptions], str]
"""Returns what is wrong, empty where nothing is."""


def _hsts(answer: Answer, options: SecurityHeadersOptions) -> str:
    value = answer.header("strict-transport-security")
    if value is None:
        return "is absent"
    ages = [
        part.partition("=")[2].strip().strip('"')
        for part in value.replace(",", ";").split(";")
        if part.partition("=")[0].strip().lower() == "max-age"
    ]
    if len(ages) != 1 or not re.fullmatch(r"[0-9]{1,12}", ages[0]):
        return f"has not one max-age: {value[:80]}"
    if int(ages[0]) < options.hsts_max_age:
        return f"max-age is {ages[0]}, less than {options.hsts_max_age:.0f} seconds"
    return ""


def _directives(policy: str) -> dict[str, tuple[str, ...]]:
    """Return the directives of a policy; of a repeated one the first counts, as browsers do it."""
    found: dict[str, tuple[str, ...]] = {}
    for part in policy.split(";"):
        words = part.split()
        if words:
            found.setdefault(words[0].lower(), tuple(words[1:]))
    return found


def _policies(answer: Answer) -> list[dict[str, tuple[str, ...]]]:
    value = answer.header("content-security-policy") or ""
    return [one for one in map(_directives, value.split(",")) if one]


def _csp(answer: Answer, _: SecurityHeadersOptions) -> str:
    policies = _policies(answer)
    if not policies:
        only = answer.header("content-security-policy-report-only")
        return "is absent" if only is None else "only reports (…-Report-Only), it blocks nothing"
    # Every policy has to allow a script: one strict policy is enough.
    causes = [_weak(policy) for policy in policies]
    return "" if "" in causes else causes[0]


def _weak(policy: Mapping[str, tuple[str, ...]]) -> str:
    name = "script-src" if "script-src" in policy else "default-src"
    sources = policy.get(name)
    if sources is None:
        return "has neither script-src nor default-src, so scripts come from anywhere"
    lower = [one.lower() for one in sources]
    trusted = any(one.startswith(("'nonce-", "'sha256-", "'sha384-", "'sha512-")) for one in lower)
    if "'unsafe-inline'" in lower and not trusted:
        return f"{name} has 'unsafe-inline'"
    if "'unsafe-eval'" in lower:
        return f"{name} has 'unsafe-eval'"
    if "'strict-dynamic'" in lower and trusted:
        return ""  # lists of hosts are ignored beside it
    for source in lower:
        if source in {"*", "http:", "https:", "data:", "blob:", "http://*", "https://*"}:
            return f"{name} lets {source} in"
    return ""


def _nosniff(answer: Answer, _: SecurityHeadersOptions) -> str:
    return _one_of(answer, "x-content-type-options", frozenset({"nosniff"}))


def _frames(answer: Answer, _: SecurityHeadersOptions) -> str:
    # `frame-ancestors` takes its place in every browser of today.
    for policy in _policies(answer):
        ancestors = policy.get("frame-ancestors")
        if ancestors is not None:
            wide = [one for one in ancestors if one in {"*", "http:", "https:"}]
            return f"frame-ancestors lets {wide[0]} in" if wide else ""
    return _one_of(answer, "x-frame-options", frozenset({"deny", "sameorigin"}))


def _referrer(answer: Answer, _: SecurityHeadersOptions) -> str:
    value = answer.header("referrer-policy")
    if value is None:
        return "is absent"
    known = [one for one in value.lower().replace(",", " ").split() if one in _KNOWN_REFERRER]
    if not known:
        return f"{value[:80]!r} is no policy"
    # The last policy that a browser knows counts.
    return "" if known[-1] in _REFERRER else f"{known[-1]} tells other sites whole URLs"


def _permissions(answer: Answer, _: SecurityHeadersOptions) -> str:
    value = answer.header("permissions-policy")
    if value is None:
        return "is absent"
    if not re.search(r"[a-z-]+ ?=", value):
        return f"{value[:80]!r} names no feature"
    return ""


def _no_store(answer: Answer, _: SecurityHeadersOptions) -> str:
    value = answer.header("cache-control")
    if value is None:
        return "is absent"
    words = {part.strip().lower() for part in value.split(",")}
    return "" if "no-store" in words else f"has no no-store: {value[:80]}"


def _one_of(answer: Answer, name: str, allowed: frozenset[str]) -> str:
    """Return what is wrong; repeated with different values, a header means nothing to browsers."""
    value = answer.header(name)
    if value is None:
        return "is absent"
    values = {part.strip().lower() for part in value.split(",")}
    if len(values) == 1 and values <= allowed:
        return ""
    return f"is {value[:80]!r}, not {' or '.join(sorted(allowed))}"


def _opener(answer: Answer, _: SecurityHeadersOptions) -> str:
    allowed = frozenset({"same-origin", "same-origin-allow-popups", "noopener-allow-popups"})
    return _one_of(answer, "cross-origin-opener-policy", allowed)


def _resource(answer: Answer, _: SecurityHeadersOptions) -> str:
    allowed = frozenset({"same-origin", "same-site"})
    return _one_of(answer, "cross-origin-resource-policy", allowed)


def _embedder(answer: Answer, _: SecurityHeadersOptions) -> str:
    allowed = frozenset({"require-corp", "credentialless"})
    return _one_of(answer, "cross-origin-embedder-policy", allowed)


_RULES: Mapping[str, Rule] = {
    "strict-transport-security": _hsts,
    "content-security-policy": _csp,
    "x-content-type-options": _nosniff,
    "x-frame-options": _frames,
    "referrer-policy": _referrer,
    "permissions-policy": _permissions,
    "cross-origin-opener-policy": _opener,
    "cross-origin-resource-policy": _resource,
    "cross-origin-embedder-policy": _embedder,
    "cache-control": _no_store,
}
