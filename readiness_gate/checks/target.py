"""Where the requests of checks go: to the declared target, and to nothing else (S-22)."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from readiness_gate.checks.context import CheckContext
from readiness_gate.errors import ConfigurationError
from readiness_gate.stack.urls import reachable


@dataclass(frozen=True)
class Endpoint:
    """One URL of the target."""

    url: str
    """As people know it, with the name of the service."""
    reached: str
    """As the gate reaches it from where it runs."""


def endpoint(context: CheckContext, url: str) -> Endpoint:
    """Return where a URL or a path below `stack.base-url` is reached.

    Raises:
        ConfigurationError: there is no `stack.base-url`, or the host is not part of the target.
        StackError: the service does not run, or its port cannot be reached from here.
    """
    url = whole_url(context, url)
    return Endpoint(url, url if context.stack is None else reachable(context.stack, url))


def whole_url(context: CheckContext, url: str) -> str:
    """Return a URL with its host, as people know it; what it names need not run.

    Raises:
        ConfigurationError: there is no `stack.base-url`, or the host is not part of the target.
    """
    base = context.base_url
    if url.startswith("/"):
        if base is None:
            raise ConfigurationError(
                f"{url}: relative to what? `stack.base-url` is not set",
                advice="Set stack.base-url, or write http://SERVICE:PORT/…",
            )
        url = base.rstrip("/") + url
    elif not _belongs(context, url):
        raise ConfigurationError(
            f"{urlsplit(url).hostname} is no service of the stack, nor the host of stack.base-url",
            advice="Requests leave only to the declared target.",
        )
    return _deployed(context.endpoints, url)


def _belongs(context: CheckContext, url: str) -> bool:
    stack, host = context.stack, urlsplit(url).hostname
    hosts = {service.lower() for service in stack.services} if stack is not None else set()
    bases = (context.base_url, *context.endpoints.values())
    return host in hosts | {urlsplit(base).hostname for base in bases if base is not None}


def _deployed(endpoints: Mapping[str, str], url: str) -> str:
    """Return a URL of a service as that of its endpoint, where it has one."""
    parts = urlsplit(url)
    by_name = {name.lower(): base.rstrip("/") for name, base in endpoints.items()}
    base = by_name.get(parts.hostname or "")
    if base is None or url.startswith(f"{base}/"):
        return url
    return base + urlunsplit(("", "", parts.path, parts.query, parts.fragment))


def is_own(context: CheckContext) -> bool:
    """Return whether the target was started by the gate, and seen healthy.

    Only then is silence an answer about the pull request, and writing harmless: somebody else's
    system is only read (DESIGN 1.5).
    """
    record = context.steps.get("stack")
    return record is not None and record.succeeded and bool(record.health)


def may_act(context: CheckContext) -> bool:
    """Return whether the check may do more than read: by itself, or by its environment's word."""
    return is_own(context) or bool(context.allowed)


def unwatched(context: CheckContext, target: Endpoint) -> str | None:
    """Return advice where a service that does not answer has nothing that tells when it is up.

    Without a health check a service counts as up once it runs, which is before it listens.
    """
    record = context.steps.get("stack")
    name = urlsplit(target.url).hostname
    for one in record.health if record is not None else ():
        if one.service.lower() == name and not one.has_health_check:
            return (
                f"{one.service} has no health check, so it was asked as soon as it ran: give it "
                f"one, or describe stack.services.{one.service}.ready, or set retry."
            )
    return None
