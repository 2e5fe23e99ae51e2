"""One HTTP exchange with the target: what is sent, and how what came back is shown."""

import re
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from readiness_gate.checks.target import Endpoint
from readiness_gate.doors.web import Answer, NoAnswer
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.evidence import RequestEvidence

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_BODY_SHOWN = 2000
_HEADERS_SHOWN = 40
_VALUE_SHOWN = 300


def _name(text: str) -> str:
    if not _TOKEN.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is no name of a header")
    return text


def _value(text: str) -> str:
    if any(ord(sign) < 32 or ord(sign) > 126 for sign in text) or text != text.strip():
        raise ValueError("a header's value is printable ASCII without spaces around it")
    return text


HeaderName = Annotated[
    str, AfterValidator(_name), WithJsonSchema({"type": "string", "pattern": "^[!-~]+$"})
]
HeaderValue = Annotated[
    str, AfterValidator(_value), WithJsonSchema({"type": "string", "pattern": "^[ -~]*$"})
]


def require_value(text: str) -> str:
    """Return a header's value that was put together.

    Raises:
        ConfigurationError: it cannot be sent.
    """
    try:
        return _value(text)
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
