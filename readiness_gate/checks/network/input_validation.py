"""`input-validation`: what is invalid is refused with 4xx, and nothing that is sent comes to life.

Each operation with a JSON body is first asked with a valid one, which has to be accepted. Then one
thing after another is wrong: types, missing and null fields, lengths and numbers beyond their
limits, deep nesting, broken JSON, and what Schemathesis generates against the schema. Text for SQL,
HTML, templates, paths and headers is put into every text field. No answer may be a 5xx, run what
was sent, hand it back as HTML, or show a stack trace.
"""

from pydantic import Field, JsonValue

from readiness_gate.checks.base import Check
from readiness_gate.checks.options.api import ApiOptions
from readiness_gate.checks.options.header import HeaderName, HeaderValue
from readiness_gate.checks.options.operation import OperationPattern
from readiness_gate.checks.options.token import TokenSource
from readiness_gate.model.outcome import CheckClass, Family, Need


class InputValidationOptions(ApiOptions):
    """Which operations get invalid input, and what a valid one looks like."""

    operations: tuple[OperationPattern, ...] = Field(
        default=(), description="Operations to send to; default: every one with a JSON body."
    )
    bodies: dict[OperationPattern, JsonValue] = Field(
        default_factory=dict,
        description="A valid JSON body by operation; else the description's example, else a "
        "generated one that is accepted.",
    )
    token: TokenSource | None = Field(default=None, description="Where a right token comes from.")
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, description="Headers to send with each request."
    )
    examples: int = Field(
        default=20, ge=0, le=500, description="Generated invalid bodies for each operation."
    )
    seed: int = Field(
        default=1, ge=0, le=2_147_483_647, description="Start of the generator: same cases."
    )


CHECK = Check(
    id="input-validation",
    title="Invalid input is refused",
    family=Family.NETWORK,
    check_class=CheckClass.EXERCISE,
    needs=frozenset({Need.STACK}),
    options=InputValidationOptions,
    remediation="Check what comes in against its schema before it is used, limits of length and "
    "number included, and answer 4xx. Never put it into SQL, HTML, paths or headers as it is.",
    example={
        "operations": ["POST /customers"],
        "bodies": {
            "POST /customers": {
                "email": "valid@shop.example",
                "name": "Valid",
                "password": "a long enough password",
                "street": "Long Street 1",
                "city": "Berlin",
            }
        },
    },
)
