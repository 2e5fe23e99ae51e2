"""Values of a scenario: fixed, generated, secret, captured; one-time passwords at each use."""

import base64
import hmac
import re
import secrets
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote

from pydantic import Discriminator, Field, JsonValue, Tag, model_validator

from readiness_gate.checks.asking import OutOfTime
from readiness_gate.checks.base import CheckOptions
from readiness_gate.checks.filling import PLACE, Unset, replaced, written
from readiness_gate.checks.masks import Masks
from readiness_gate.checks.totp import key_of, totp
from readiness_gate.config.values import Duration, Text
from readiness_gate.doors.clock import Clock
from readiness_gate.errors import ConfigurationError

MARKER = "marker"
_PRIVATE = re.compile(r"(?i)token|secret|passw|key|session|cookie|jwt|otp|csrf|auth")
_SIGNS = "abcdefghijkmnpqrstuvwxyz23456789"
_SOON = 2.0
"""Seconds before its end at which a one-time password is too old to be sent."""


class NumberRange(CheckOptions):
    """Whole numbers from a first to a last one."""

    from_: int = Field(alias="from", description="The smallest.")
    to: int = Field(description="The largest.")

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        if self.from_ > self.to:
            raise ValueError("from: is larger than to")
        return self


class Totp(CheckOptions):
    """A one-time password by time (RFC 6238), new at each use."""

    secret: Text = Field(description="Its secret in base32, such as a captured {{secret}}.")
    digits: int = Field(default=6, ge=6, le=8, description="How many digits it has.")
    period: int = Field(default=30, ge=5, le=300, description="Seconds that it lives.")
    algorithm: Literal["SHA1", "SHA256", "SHA512"] = Field(default="SHA1", description="Its hash.")


class Hmac(CheckOptions):
    """A signature of a text (RFC 2104), as those who send webhooks add it."""

    secret: Text = Field(description="The shared secret, such as {{secret}} under `secrets`.")
    text: Text = Field(description="What is signed, with its values, such as the request-body.")
    algorithm: Literal["sha1", "sha256", "sha512"] = Field(
        default="sha256", description="Its hash."
    )
    encoding: Literal["hex", "base64"] = Field(default="hex", description="How it is written.")


Word = Literal["uuid", "email", "password", "timestamp", "unix-time", "number"]


class Generated(CheckOptions):
    """One generated value with its limits; exactly one of these."""

    number: NumberRange | None = Field(default=None, description="A whole number between two.")
    text: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        default=None, description="So many random letters and digits."
    )
    timestamp: Duration | None = Field(
        default=None, description="The time after this duration, such as 1d, in ISO 8601."
    )
    totp: Totp | None = Field(default=None, description="A one-time password by time.")
    hmac: Hmac | None = Field(default=None, description="A signature of a text, at each use.")

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError(f"write one of {', '.join(type(self).model_fields)}")
        return self


def _form(value: Any) -> str:
    return "word" if isinstance(value, str) else "limits"


Generator = Annotated[
    Annotated[Word, Tag("word")] | Annotated[Generated, Tag("limits")], Discriminator(_form)
]
"""`uuid`, or a mapping such as `{number: {from: 1, to: 6}}`."""


@dataclass
class Values:
    """The values of one run; implements `Fill`."""

    clock: Clock
    masks: Masks
    known: dict[str, JsonValue] = field(default_factory=dict)
    passwords: dict[str, Totp] = field(default_factory=dict)
    signatures: dict[str, Hmac] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)
    """In which period a one-time password was used last: none is taken twice (RFC 6238, 5.2)."""
    sleep: Callable[[float], bool] = lambda _: True
    """Waits, and returns whether there was time for it."""

    def __call__(self, text: str) -> str:
        """Return the text with its values in."""
        return replaced(text, self.of, lambda value: value)

    def value(self, text: str) -> JsonValue:
        """Return the value itself where the text is nothing but its place."""
        alone = PLACE.fullmatch(text)
        return self.of(alone[1]) if alone else self(text)

    def url(self, text: str) -> str:
        """Return a URL; values are one part of it each, but the one that it begins with."""
        start = PLACE.match(text)
        begin = start.end() if start else 0
        rest = replaced(text[begin:], self.of, lambda value: quote(value, safe=""))
        return self(text[:begin]) + rest

    def expression(self, text: str, escape: Callable[[str], str]) -> str:
        """Return a text whose values are written in another language."""
        return replaced(text, self.of, escape)

    def of(self, name: str) -> JsonValue:
        """Return one value.

        Raises:
            Unset: it is not there.
            OutOfTime: there is no time to wait for the next one-time password.
        """
        if name in self.passwords:
            return self._password(name, self.passwords[name])
        if name in self.signatures:
            return self._signature(self.signatures[name])
        if name not in self.known:
            raise Unset(f"{{{{{name}}}}} is not there: no step before has found it")
        return self.known[name]

    def set(self, name: str, value: JsonValue, *, secret: bool = False) -> None:
        """Keep a value; what is secret, or is called so, is masked from now on."""
        self.known[name] = value
        if (secret or _PRIVATE.search(name)) and isinstance(value, str | int | float):
            self.masks.add([written(value)])

    def generate(self, wanted: Mapping[str, Word | Generated]) -> None:
        """Generate all values, each once; one-time passwords wait for their use."""
        self.set(MARKER, f"readiness-{secrets.token_hex(8)}")
        for name, one in wanted.items():
            if isinstance(one, str):
                self.set(name, self._word(one), secret=one == "password")
            elif one.totp is not None:
                self.passwords[name] = one.totp
            elif one.hmac is not None:
                self.signatures[name] = one.hmac
            else:
                self.set(name, self._within(one))

    def _word(self, word: Word) -> JsonValue:
        match word:
            case "uuid":
                return str(uuid.uuid4())
            case "email":
                return f"readiness-{secrets.token_hex(8)}@example.com"
            case "password":
                # Of every kind that rules ask for, and with nothing that a URL would mind.
                return f"Rg7-{secrets.token_urlsafe(15)}".replace("_", ".")
            case "timestamp":
                return self._moment(0.0)
            case "unix-time":
                return int(self.clock.now().timestamp())
            case "number":
                return 1 + secrets.randbelow(999_999_999)

    def _within(self, one: Generated) -> JsonValue:
        if one.number is not None:
            return one.number.from_ + secrets.randbelow(one.number.to - one.number.from_ + 1)
        if one.timestamp is not None:
            return self._moment(one.timestamp)
        return "".join(secrets.choice(_SIGNS) for _ in range(one.text or 1))

    def _moment(self, later: float) -> str:
        return f"{self.clock.now() + timedelta(seconds=later):%Y-%m-%dT%H:%M:%SZ}"

    def _signature(self, wanted: Hmac) -> str:
        secret, text = self(wanted.secret).encode(), self(wanted.text).encode()
        digest = hmac.digest(secret, text, wanted.algorithm)
        return digest.hex() if wanted.encoding == "hex" else base64.b64encode(digest).decode()

    def _password(self, name: str, wanted: Totp) -> str:
        moment = self.clock.now().timestamp()
        left = wanted.period - moment % wanted.period
        again = self.used.get(name) == int(moment // wanted.period)
        if again or left < _SOON:
            # A server takes no password twice, nor one that is over when it arrives.
            if not self.sleep(left + 0.1):
                raise OutOfTime
            moment = self.clock.now().timestamp()
        self.used[name] = int(moment // wanted.period)
        try:
            key = key_of(self(wanted.secret))
        except ValueError as error:
            raise ConfigurationError(f"{name}: {error}") from None
        return totp(
            key, moment, period=wanted.period, digits=wanted.digits, algorithm=wanted.algorithm
        )


def unknown_names(asked: Iterable[str], known: Iterable[str]) -> list[str]:
    """Return the names that are asked for and not known."""
    have = set(known)
    return [name for name in dict.fromkeys(asked) if name not in have]
