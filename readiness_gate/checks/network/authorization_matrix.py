"""`authorization-matrix`: every operation of an interface lets in whom it has to, and nobody else.

Each operation that is not listed as public is asked without a token, with wrong, forged and expired
ones, and with the tokens of roles that may not use it: the answer has to be 401 or 403. A right
token has to be let in, or a service that refuses everybody would pass. What cannot be asked, for
want of a value or a token, is a finding.
"""

from typing import Literal, Self

from pydantic import Field, JsonValue, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.options.api import ApiOptions
from readiness_gate.checks.options.operation import OperationPattern
from readiness_gate.checks.options.token import TokenSource
from readiness_gate.config.values import Name
from readiness_gate.model.outcome import CheckClass, Family, Need


class Expired(CheckOptions):
    """Where an expired token comes from."""

    variable: Name | None = Field(
        default=None, description="Variable of the step's environment that holds one."
    )
    secret: Name | None = Field(
        default=None,
        description="Variable of the service that signs tokens (HS256, HS384, HS512): one is made.",
    )
    service: str | None = Field(default=None, description="The service that has `secret`.")

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.variable is None) == (self.secret is None):
            raise ValueError("an expired token comes from variable, or from secret and service")
        if (self.secret is None) != (self.service is None):
            raise ValueError("secret and service belong together")
        return self


class AuthorizationMatrixOptions(ApiOptions):
    """Who asks, and what is open to whom."""

    tokens: dict[Name, TokenSource] = Field(
        min_length=1, description="A right token for each role, by the role's name."
    )
    public: tuple[OperationPattern, ...] = Field(
        default=(), description="Operations that everybody may use, such as `GET /health`."
    )
    roles: dict[Name, tuple[OperationPattern, ...]] = Field(
        default_factory=dict,
        description="Operations that only some roles may use; all others are open to every role.",
    )
    expired: Expired | None = Field(default=None, description="An expired token.")
    without: tuple[Literal["expired", "low-role"], ...] = Field(
        default=(),
        description="What this interface does not have: tokens that expire, roles that differ.",
    )
    let_in: tuple[OperationPattern, ...] = Field(
        default=(),
        description="Operations that write and are also asked with a right token; those that "
        "read always are.",
    )
    bodies: dict[OperationPattern, JsonValue] = Field(
        default_factory=dict, description="Valid JSON bodies by operation."
    )
    own: dict[Name, dict[str, JsonValue]] = Field(
        default_factory=dict,
        description="Values of parameters by role, where each role sees only what is its own.",
    )

    @model_validator(mode="after")
    def _knows_its_roles(self) -> Self:
        for option, names in (("roles", self.roles), ("own", self.own)):
            unknown = sorted(set(names) - set(self.tokens))
            if unknown:
                raise ValueError(f"{option}: {unknown[0]} has no token")
        if "expired" in self.without and self.expired is not None:
            raise ValueError("without: expired, but an expired token is given")
        return self


CHECK = Check(
    id="authorization-matrix",
    title="Every operation lets in only whom it has to",
    family=Family.NETWORK,
    check_class=CheckClass.EXERCISE,
    needs=frozenset({Need.STACK}),
    options=AuthorizationMatrixOptions,
    remediation="Ask for a valid token, and for the role, before anything else; answer 401 or 403. "
    "List as public what really is.",
    example={
        "tokens": {
            "customer": {
                "login": {
                    "url": "/auth/token",
                    "json": {"email": "customer@shop.example", "password": "only for test data"},
                }
            }
        },
        "public": ["GET /health", "POST /auth/token"],
        "parameters": {"order_id": 1},
        "expired": {"service": "backend", "secret": "JWT_SECRET"},
        "without": ["low-role"],
    },
)
