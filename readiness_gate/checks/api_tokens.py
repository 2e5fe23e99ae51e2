"""Who asks an interface: tokens of people who log in, and tokens that must open nothing.

No token is ever shown: evidence holds answers, never the headers of a request.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from readiness_gate.checks.asking import Asking
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.options.token import Login, TokenSource
from readiness_gate.checks.target import endpoint
from readiness_gate.errors import ConfigurationError
from readiness_gate.matchers.jsonpath import compile_path, read_json

_DIGESTS = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
_LONGEST = 8000


class NoToken(Exception):  # noqa: N818
    """A login gave no token; the message says what came instead, without secrets."""


@dataclass(frozen=True)
class Token:
    """A token and the header that carries it."""

    text: str
    source: TokenSource

    @property
    def headers(self) -> dict[str, str]:
        """Return what to send."""
        return self.source.carried(self.text)


def obtained(context: CheckContext, asks: Asking, source: TokenSource) -> Token:
    """Return a token: out of the environment, or by logging in.

    Raises:
        NoToken: the login was refused, or its answer holds none.
        ConfigurationError: the variable is not there.
        Silent: nobody answered.
        OutOfTime: the item's time is over.
    """
    if source.variable is not None:
        value = context.variables.get(source.variable, "").strip()
        if not _is_token(value):
            raise ConfigurationError(
                f"the variable {source.variable} holds no token",
                advice=f"Hand {source.variable} to the step's environment, or use login.",
            )
        return Token(value, source)
    assert source.login is not None  # noqa: S101 - the validator asks for one of both
    return Token(_logged_in(context, asks, source.login), source)


def _logged_in(context: CheckContext, asks: Asking, login: Login) -> str:
    target = endpoint(context, login.url)
    if login.form:
        kind, body = "application/x-www-form-urlencoded", urlencode(login.form).encode()
    else:
        kind, body = "application/json", json.dumps(login.json_).encode()
    answer = asks.ask(target, "POST", headers={"Content-Type": kind}, body=body)
    what = f"POST {target.url}"
    if not 200 <= answer.status < 300:
        raise NoToken(f"{what}: the login is answered with {answer.status}")
    try:
        found = compile_path(login.token)(read_json(answer.body))
    except ValueError:
        raise NoToken(f"{what}: the answer is not JSON") from None
    if not isinstance(found, str) or not _is_token(found):
        raise NoToken(f"{what}: the answer has no token at {login.token}")
    return found


def _is_token(text: str) -> bool:
    return 0 < len(text) <= _LONGEST and text.isascii() and text.isprintable() and " " not in text


def jwt_parts(token: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return header and claims of a JSON Web Token, unverified; `None`: it is none."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        read = [json.loads(_decoded(part)) for part in parts[:2]]
    except (ValueError, binascii.Error, RecursionError):
        return None
    header, claims = read
    return (header, claims) if isinstance(header, dict) and isinstance(claims, dict) else None


def tampered(token: str) -> dict[str, str]:
    """Return tokens that look like a right one but must open nothing, by what is wrong."""
    read = jwt_parts(token)
    if read is None:
        middle = len(token) // 2
        swapped = "A" if token[middle] != "A" else "B"
        return {"an altered token": token[:middle] + swapped + token[middle + 1 :]}
    header, claims = read
    start, _, signature = token.rpartition(".")
    first = "A" if signature[:1] != "A" else "B"
    unsigned = f"{_encoded({**header, 'alg': 'none'})}.{_encoded(claims)}."
    return {
        "a token with another signature": f"{start}.{first}{signature[1:]}",
        "an unsigned token (alg none)": unsigned,
    }


def expired(token: str, secret: str, now: float) -> str:
    """Return the token as it was an hour after its end, signed with `secret`.

    Raises:
        ConfigurationError: it is no JSON Web Token that `secret` signs.
    """
    read = jwt_parts(token)
    digest = _DIGESTS.get(str(read[0].get("alg"))) if read else None
    if read is None or digest is None:
        raise ConfigurationError(
            "expired: the token is no JSON Web Token signed with HS256, HS384 or HS512",
            advice="Hand over an expired token by `variable`, or write `without: [expired]`.",
        )
    start, _, signature = token.rpartition(".")
    if not hmac.compare_digest(_signature(start, secret, digest), signature.rstrip("=")):
        raise ConfigurationError("expired: the secret does not sign this token")
    header, claims = read
    moved: dict[str, Any] = {name: int(now) - 7200 for name in ("iat", "nbf") if name in claims}
    aged = f"{_encoded(header)}.{_encoded({**claims, **moved, 'exp': int(now) - 3600})}"
    return f"{aged}.{_signature(aged, secret, digest)}"


def _signature(text: str, secret: str, digest: Any) -> str:
    raw = hmac.new(secret.encode(), text.encode(), digest).digest()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _encoded(value: Mapping[str, Any]) -> str:
    raw = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
