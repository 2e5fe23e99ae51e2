"""Tokens of those who send the load: fetched once, before, and never shown."""

import json
from collections.abc import Mapping

from pydantic import JsonValue

from readiness_gate.checks.asking import Asking
from readiness_gate.checks.exchange import request_evidence
from readiness_gate.checks.load_options import Login
from readiness_gate.checks.stimulus import StimulusFailed
from readiness_gate.checks.target import endpoint
from readiness_gate.matchers.jsonpath import compile_path, read_json

_LONGEST = 16_384


def logged_in(asks: Asking, logins: tuple[Login, ...]) -> tuple[Mapping[str, str], ...]:
    """Return the headers of every login.

    Raises:
        StimulusFailed: an answer is no token.
        Silent: no answer came.
        OutOfTime: the item's time is over.
    """
    return tuple(_headers(asks, one) for one in logins)


def sent(headers: Mapping[str, str], data: JsonValue) -> tuple[dict[str, str], bytes | None]:
    """Return headers and body of a request that may have a JSON body."""
    if data is None:
        return dict(headers), None
    typed = any(name.lower() == "content-type" for name in headers)
    implied = {} if typed else {"Content-Type": "application/json"}
    return {**implied, **headers}, json.dumps(data).encode()


def _headers(asks: Asking, login: Login) -> Mapping[str, str]:
    target = endpoint(asks.context, login.url)
    headers, body = sent(login.headers, login.json_)
    answer = asks.ask(target, login.method, headers=headers, body=body)
    shown = request_evidence(login.method, target, answer)
    what = f"login at {target.url}"
    if answer.status >= 300:
        raise StimulusFailed(f"{what}: status {answer.status}", shown)
    try:
        token = compile_path(login.token)(read_json(answer.body))
    except ValueError as error:
        raise StimulusFailed(f"{what}: the answer is not JSON", shown) from error
    # From here on the answer holds a token, so that it is not shown.
    hidden = shown.model_copy(update={"body": "", "headers": ()})
    if not isinstance(token, str) or not token or not _fits(token):
        raise StimulusFailed(f"{what}: there is no token at {login.token}", hidden)
    return {login.header: f"{login.scheme} {token}".strip()}


def _fits(token: str) -> bool:
    """Return whether a text can stand in a header."""
    return len(token) <= _LONGEST and token.isascii() and token.isprintable()
