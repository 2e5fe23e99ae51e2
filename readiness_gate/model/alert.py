"""Open alerts of GitHub's own scanners."""

from typing import Literal

from pydantic import Field

from readiness_gate.model.outcome import Severity
from readiness_gate.model.record import Record

AlertKind = Literal["code-scanning", "dependabot", "secret-scanning"]


class Alert(Record):
    """One open alert; a leaked secret is always critical."""

    number: int
    severity: Severity
    title: str
    url: str = ""


class Alerts(Record):
    """The open alerts of one scanner; without `enabled` and `analysed` none says nothing."""

    enabled: bool = True
    analysed: bool = Field(
        default=True, description="Whether the scanner has looked at this branch or pull request."
    )
    said: str = Field(default="", description="GitHub's words where there is nothing to see.")
    alerts: tuple[Alert, ...] = ()
