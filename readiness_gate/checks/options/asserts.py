"""What an answer has to be: hurl's queries, goss's matchers."""

from typing import Annotated

from pydantic import Field, JsonValue, field_validator

from readiness_gate.checks.base import CheckOptions
from readiness_gate.checks.options.cookie_query import ATTRIBUTES, query_of
from readiness_gate.checks.options.header import HeaderName
from readiness_gate.config.values import Duration
from readiness_gate.expressions import compiled
from readiness_gate.matchers.field import DurationLimit, Expectation, JsonPath
from readiness_gate.matchers.threshold import Unit, threshold
from readiness_gate.model.written import Written

NAMES = (
    "status",
    "header",
    "cookie",
    "body",
    "jsonpath",
    "regex",
    "size",
    "duration",
    "redirects",
    "certificate",
)


def _expression(text: str) -> str:
    if compiled(text).groups > 1:
        raise ValueError("at most one group: it is the value")
    return text


def _size_limit(text: str) -> str:
    threshold(text, Unit.SIZE)
    return text


def _cookie(text: str) -> str:
    query_of(text)
    return text


Regex = Annotated[str, Field(min_length=1), Written(after=_expression)]
CookieQuery = Annotated[str, Written(after=_cookie)]


class CertificateAsserts(CheckOptions):
    """What the server's certificate has to be."""

    subject: Expectation = Field(default=None, description="Its subject, such as CN=api.example.")
    issuer: Expectation = Field(default=None, description="Who signed it.")
    valid_for: Annotated[Duration, Field(ge=0)] | None = Field(
        default=None, description="For how long it has still to be valid."
    )


class AnswerAsserts(CheckOptions):
    """The assertions about one answer."""

    status: Expectation = Field(default=None, description="What the status has to be.")
    header: dict[HeaderName, Expectation] = Field(
        default_factory=dict, min_length=1, description="What headers have to be, by name."
    )
    cookie: dict[CookieQuery, Expectation] = Field(
        default_factory=dict,
        min_length=1,
        description="What cookies have to be: `session` for the value, `session[HttpOnly]` for an "
        f"attribute ({', '.join(ATTRIBUTES)}).",
    )
    body: Expectation = Field(default=None, description="What the body has to be, as text.")
    jsonpath: dict[JsonPath, Expectation] = Field(
        default_factory=dict,
        min_length=1,
        description="What values of a JSON body have to be, by JSONPath (RFC 9535).",
    )
    regex: dict[Regex, Expectation] = Field(
        default_factory=dict,
        min_length=1,
        description="What an expression (RE2) finds in the body: its group, else all of it.",
    )
    size: Annotated[str, Written(after=_size_limit)] = Field(
        default="", description="How long the body may be, such as <1MB."
    )
    duration: DurationLimit = Field(
        default="", description="From sending the request to the last byte, such as <200ms."
    )
    redirects: Expectation = Field(
        default=None, description="How many redirects were followed, such as 1 or {le: 2}."
    )
    certificate: CertificateAsserts | None = Field(
        default=None, description="What the server's certificate has to be."
    )

    @field_validator("status")
    @classmethod
    def _is_about_a_number(cls, value: JsonValue) -> JsonValue:
        if isinstance(value, list):
            raise ValueError("an answer has one status; write {or: [200, 204]}")
        if isinstance(value, str | bool):
            raise ValueError("a status is a number such as 200")
        return value

    @field_validator("certificate")
    @classmethod
    def _asserts_something(cls, value: CertificateAsserts | None) -> CertificateAsserts | None:
        if value is not None and not value.model_fields_set:
            raise ValueError("assert something: subject, issuer or valid-for")
        return value

    @property
    def asserted(self) -> int:
        """How many assertions there are."""
        single = {"status", "body", "size", "duration", "redirects"} & self.model_fields_set
        listed = len(self.header) + len(self.cookie) + len(self.jsonpath) + len(self.regex)
        certificate = self.certificate
        of_certificate = 0 if certificate is None else len(certificate.model_fields_set)
        return len(single) + listed + of_certificate
