"""`openapi`: an interface is described, answers as it is described, and breaks nobody.

The description has to be there and valid, every operation documented. Operations that only read are
asked, with values that the item or the description gives and with generated ones: status, type and
body have to be as declared. Routes that the source or a list of usual suspects knows, and the
description does not, are findings, and so is what breaks clients of the description that is kept
in the repository at the base.
"""

from typing import Literal

from pydantic import Field

from readiness_gate.checks.base import Check
from readiness_gate.checks.options.api import ApiOptions
from readiness_gate.checks.options.header import HeaderName, HeaderValue
from readiness_gate.checks.options.operation import OperationPattern
from readiness_gate.checks.options.target_url import TargetUrl
from readiness_gate.checks.options.token import TokenSource
from readiness_gate.config.values import Flag
from readiness_gate.model.outcome import CheckClass, Family, Need

SUSPECTS = (
    "/.env",
    "/.git/HEAD",
    "/actuator",
    "/actuator/env",
    "/admin",
    "/api/debug",
    "/console",
    "/debug",
    "/debug/pprof/",
    "/graphql",
    "/internal",
    "/phpinfo.php",
    "/server-status",
    "/swagger.json",
    "/test",
    "/v1/debug",
)


class OpenapiOptions(ApiOptions):
    """What is asked of the description, and of what it describes."""

    documented: tuple[
        Literal["summary", "description", "responses", "parameters", "tags", "operation-id"], ...
    ] = Field(
        default=("summary", "responses"),
        description="What every operation has to have; a description serves as summary, "
        "`responses` is a successful one with its description.",
    )
    answered: Flag = Field(
        default=True, description="Whether GET operations are asked, and their answers judged."
    )
    examples: int = Field(
        default=2, ge=0, le=100, description="Generated requests for each GET operation."
    )
    seed: int = Field(
        default=1, ge=0, le=2_147_483_647, description="Start of the generator: same requests."
    )
    token: TokenSource | None = Field(default=None, description="Where a right token comes from.")
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, description="Headers to send with each request."
    )
    suspects: tuple[TargetUrl, ...] = Field(
        default=SUSPECTS,
        description="Paths that must not answer unless they are described; [] asks none.",
    )
    source: str | None = Field(
        default=None,
        description="Glob of FastAPI modules whose routes have to be described, such as "
        "`backend/**/*.py`.",
    )
    hidden: tuple[OperationPattern, ...] = Field(
        default=(), description="Routes that answer and need no description."
    )
    kept: str | None = Field(
        default=None,
        description="The description as the repository keeps it: it has to be what is shown now, "
        "and nothing may break clients of the one at the base.",
    )
    may_break: tuple[OperationPattern, ...] = Field(
        default=(), description="Operations whose clients were told that they break."
    )


CHECK = Check(
    id="openapi",
    title="The interface is described, and answers as described",
    family=Family.NETWORK,
    check_class=CheckClass.READ,
    needs=frozenset({Need.STACK}),
    options=OpenapiOptions,
    remediation="Describe what the service answers, or answer what is described. What breaks "
    "clients gets a new path or version; `may-break` names what they were told of.",
    example={
        "documented": ["summary", "responses"],
        "parameters": {"product_id": 1},
        "source": "backend/shop/api/*.py",
    },
)
