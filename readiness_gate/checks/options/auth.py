"""Who a request says it comes from: basic and bearer, literally or out of a named variable."""

from typing import Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import CheckOptions
from readiness_gate.config.stack import EnvironmentName
from readiness_gate.config.values import Text


class Auth(CheckOptions):
    """A user with a password, or a token."""

    user: Text | None = Field(default=None, description="User of HTTP basic authentication.")
    password: str | None = Field(default=None, description="Password as it is; no secret then.")
    password_from: EnvironmentName | None = Field(
        default=None, description="Variable that holds the password, of the gate or a service."
    )
    bearer: Text | None = Field(default=None, description="Token as it is; no secret then.")
    bearer_from: EnvironmentName | None = Field(
        default=None, description="Variable that holds a token, of the gate or a service."
    )

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        tokens = sum(one is not None for one in (self.bearer, self.bearer_from))
        passwords = sum(one is not None for one in (self.password, self.password_from))
        if self.user is None and (passwords or tokens != 1):
            raise ValueError("write user with password or password-from, or one of bearer(-from)")
        if self.user is not None and (tokens or passwords != 1):
            raise ValueError("with user, write one of password and password-from")
        if self.user is not None and ":" in self.user:
            raise ValueError("a user of basic authentication has no colon")
        return self
