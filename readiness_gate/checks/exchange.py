"""One HTTP exchange with the target: what is sent, and how what came back is shown."""

import re

from readiness_gate.checks.options.header import header_value
from readiness_gate.checks.target import Endpoint
from readiness_gate.doors.web import Answer, NoAnswer
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.evidence import RequestEvidence

_BODY_SHOWN = 2000
_HEADERS_SHOWN = 40
_VALUE_SHOWN = 300


def require_value(text: str) -> str:
    """Return a header's value that was put together.

    Raises:
        ConfigurationError: it cannot be sent.
    """
    try:
        return header_value(text)
    except ValueError as error:
        raise ConfigurationError(str(error)) from None


def request_evidence(method: str, endpoint: Endpoint, answer: Answer | None) -> RequestEvidence:
    """Return an exchange for the reader: body and headers capped, cookies without their values."""
    if answer is None:
        return RequestEvidence(method=method, url=endpoint.url, status=None)
    return RequestEvidence(
        method=method,
        url=endpoint.url,
        status=answer.status,
        duration_ms=round(answer.seconds * 1000, 1),
        headers=tuple(
            (name[:_VALUE_SHOWN], _shown(name, value))
            for name, value in answer.headers[:_HEADERS_SHOWN]
        ),
        body=answer.text[:_BODY_SHOWN],
    )


def _shown(name: str, value: str) -> str:
    if name == "set-cookie":
        value = re.sub(r"=[^;]*", "=…", value, count=1)
    return value[:_VALUE_SHOWN]


def cause_of(error: NoAnswer, method: str, endpoint: Endpoint, limit: float) -> str:
    """Return in a few words why no answer came; `limit` is how many seconds were waited."""
    text = str(error).removeprefix(f"{method} {endpoint.reached}: ")
    if "ConnectionRefusedError" in text:
        return "connection refused"
    if "ConnectionResetError" in text or "RemoteDisconnected" in text:
        return "the connection was closed without an answer"
    if "gaierror" in text or "NameResolutionError" in text:
        return "there is no host of this name; a service of the stack is reached by its own name"
    if "timed out" in text.lower() or "timeout" in text.lower() or "in time" in text:
        return f"no answer within {limit:g} s"
    return " ".join(text.split())[:300]
