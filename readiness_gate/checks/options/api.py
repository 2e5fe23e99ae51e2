"""The interface under test: where its description is, and with which values it is asked."""

from typing import Annotated

from pydantic import Field, JsonValue

from readiness_gate.checks.base import CheckOptions
from readiness_gate.checks.options.operation import OperationPattern
from readiness_gate.checks.options.target_url import TargetUrl
from readiness_gate.config.values import Duration


class ApiOptions(CheckOptions):
    """What every check of a described interface is told."""

    url: TargetUrl = Field(
        default="/openapi.json", description="Where the running service shows its description."
    )
    file: str | None = Field(
        default=None, description="The description in the repository, instead of `url`; JSON."
    )
    server: TargetUrl = Field(
        default="/", description="What the description's paths are below of, such as /api/v1."
    )
    parameters: dict[str, JsonValue] = Field(
        default_factory=dict,
        description="Values of parameters by name, or by `GET /orders/{order_id} order_id`.",
    )
    except_: tuple[OperationPattern, ...] = Field(
        default=(),
        alias="except",
        description="Operations that are left out, such as `* /internal/*`.",
    )
    timeout: Annotated[Duration, Field(gt=0)] = Field(
        default=10.0, description="How long one answer may take."
    )
