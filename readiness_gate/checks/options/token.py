"""Who asks an interface: where a token comes from."""

from typing import Self

from pydantic import Field, JsonValue, model_validator

from readiness_gate.checks.base import CheckOptions
from readiness_gate.checks.options.header import HeaderName
from readiness_gate.checks.options.target_url import TargetUrl
from readiness_gate.config.values import Name
from readiness_gate.matchers.field import JsonPath


class Login(CheckOptions):
    """A request that is answered with a token."""

    url: TargetUrl = Field(description="Where one logs in.")
    json_: JsonValue = Field(default=None, alias="json", description="Body to send, as JSON.")
    form: dict[str, str] = Field(default_factory=dict, description="Body to send, as a form.")
    token: JsonPath = Field(
        default="$.access_token", description="Where the token is in the answer, as JSONPath."
    )

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.json_ is None) == (not self.form):
            raise ValueError("send json or form")
        return self


class TokenSource(CheckOptions):
    """Where one token comes from."""

    login: Login | None = Field(default=None, description="Log in on the running stack.")
    variable: Name | None = Field(
        default=None, description="Variable of the step's environment that holds it."
    )
    header: HeaderName = Field(default="Authorization", description="Header that carries it.")
    scheme: str = Field(
        default="Bearer", pattern="^[A-Za-z0-9-]*$", description="Word before it; may be empty."
    )

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.login is None) == (self.variable is None):
            raise ValueError("a token comes from login or from variable")
        return self

    def carried(self, token: str) -> dict[str, str]:
        """Return the header that carries a token."""
        return {self.header: f"{self.scheme} {token}".strip()}
