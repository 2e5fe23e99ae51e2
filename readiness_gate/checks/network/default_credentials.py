"""`default-credentials`: nobody gets in with what everybody tries first.

A baseline comes before: surely wrong credentials have to be refused, and a valid pair has to be let
in. Otherwise a refusal says nothing about the pairs, and neither does an endpoint that is not the
one that is meant; a default that is let in fails without them. Tries are few, and few for each
user; where the target locks out or slows down, the rest was not tried and nobody can tell. After
the last one the valid pair is let in once more: a lock-out may look like a refusal.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.filling import places
from readiness_gate.checks.options.asserts import AnswerAsserts
from readiness_gate.checks.options.header import HeaderName, HeaderValue
from readiness_gate.checks.options.target_url import TargetUrl
from readiness_gate.config.stack import EnvironmentName
from readiness_gate.config.values import Duration, Flag, Text
from readiness_gate.matchers.field import Expectation
from readiness_gate.model.outcome import CheckClass, Family, Need

WELL_KNOWN = (
    ("admin", "admin"),
    ("admin", "password"),
    ("admin", "123456"),
    ("admin", "changeme"),
    ("administrator", "administrator"),
    ("root", "root"),
    ("root", "toor"),
    ("user", "user"),
    ("test", "test"),
    ("guest", "guest"),
    ("demo", "demo"),
    ("operator", "operator"),
    ("superuser", "superuser"),
    ("postgres", "postgres"),
    ("admin@example.com", "admin"),
    ("admin@admin.com", "admin"),
)
"""Pairs that products and their examples are delivered with; users of mail addresses last."""
_REFUSED: JsonValue = {"or": [401, 403]}
_MOST = 100


class Pair(CheckOptions):
    """A user with a password."""

    user: Text = Field(description="The user.")
    password: str = Field(description="The password; of a default it is no secret.")


class ValidPair(CheckOptions):
    """A user that is let in, as a baseline."""

    user: Text = Field(description="The user.")
    password: str | None = Field(default=None, description="The password of a test user.")
    password_from: EnvironmentName | None = Field(
        default=None, description="Variable that holds it, of the gate or a service."
    )

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.password is None) == (self.password_from is None):
            raise ValueError("write one of password and password-from")
        return self


class Refusal(AnswerAsserts):
    """How the answer to wrong credentials looks."""

    status: Expectation = Field(default=_REFUSED, description="Its status.")


class DefaultCredentialsOptions(CheckOptions):
    """Where to log in, how, and what to try."""

    url: TargetUrl = Field(description="Path or URL that logs in.")
    method: Literal["GET", "POST", "PUT"] = Field(default="POST", description="Its method.")
    basic: Flag = Field(
        default=False, description="Whether it is HTTP basic authentication; then nothing is sent."
    )
    json_: JsonValue = Field(
        default=None,
        alias="json",
        description='Body with `{{user}}` and `{{password}}`; default {"username": "{{user}}", '
        '"password": "{{password}}"}.',
    )
    form: dict[Text, str] | None = Field(
        default=None, min_length=1, description="The same as a form, instead of JSON."
    )
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, description="Headers to send."
    )
    refused: Refusal = Field(
        default_factory=Refusal,
        description="How the answer to wrong credentials looks; default status 401 or 403.",
    )
    valid: ValidPair | None = Field(
        default=None,
        description="A pair that has to be let in: without it nothing passes, since an endpoint "
        "that refuses everything looks the same.",
    )
    pairs: tuple[Pair, ...] = Field(
        default=(), max_length=_MOST, description="Further pairs to try, before the well-known."
    )
    well_known: Flag = Field(
        default=True,
        description=f"Whether the {len(WELL_KNOWN)} well-known pairs are tried, such as admin with "
        "admin.",
    )
    each_user: Annotated[int, Field(ge=1, le=20)] = Field(
        default=4,
        description="How many pairs of one user are tried at most, so that nobody is locked out; "
        "where there are more, nobody can tell.",
    )
    pause: Annotated[Duration, Field(ge=0)] = Field(
        default=0.0, description="Time between two tries."
    )
    insecure: Flag = Field(default=False, description="Whether any TLS certificate will do.")
    timeout: Annotated[Duration, Field(gt=0)] = Field(
        default=10.0, description="How long one answer may take."
    )

    @model_validator(mode="after")
    def _tries_something(self) -> Self:
        if not self.pairs and not self.well_known:
            raise ValueError("write pairs, or well-known: true")
        bodies = {"json_", "form"} & self.model_fields_set
        if len(bodies) + self.basic > 1:
            raise ValueError("write one of basic, json and form")
        sent: object = self.json_ if self.form is None else self.form
        asked = set(places(sent)) if sent is not None else {"user", "password"}
        if asked != {"user", "password"}:
            raise ValueError("json and form need {{user}} and {{password}}, and nothing else")
        crowded = self.crowded
        if crowded is not None:
            raise ValueError(f"pairs: more than each-user ({self.each_user}) of {crowded}")
        return self

    @property
    def crowded(self) -> str | None:
        """A user of more own pairs than may be tried."""
        users = [one.user for one in self.pairs]
        return next((user for user in users if users.count(user) > self.each_user), None)

    @property
    def tried(self) -> list[tuple[str, str]]:
        """The pairs in their order, each once; well-known ones as far as each user has room."""
        found = dict.fromkeys((one.user, one.password) for one in self.pairs)
        for pair in WELL_KNOWN if self.well_known else ():
            if sum(user == pair[0] for user, _ in found) < self.each_user:
                found[pair] = None
        return list(found)


CHECK = Check(
    id="default-credentials",
    title="Nobody gets in with default credentials",
    family=Family.NETWORK,
    check_class=CheckClass.EXERCISE,
    needs=frozenset({Need.STACK}),
    options=DefaultCredentialsOptions,
    remediation="Remove the account, or give it a password that nobody knows before it is used.",
    example={
        "url": "/login",
        "json": {"email": "{{user}}", "password": "{{password}}"},
        "valid": {"user": "nurse@clinic.example", "password-from": "TEST_USER_PASSWORD"},
        "pairs": [{"user": "admin@clinic.example", "password": "admin123"}],
    },
)
