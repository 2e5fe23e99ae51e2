"""`sarif-report`: what a scanner of another job found, by level and by severity.

A finding that has a score (`security-severity`) is critical from 9.0, high from 7.0, medium from
4.0, low below, as GitHub has it; others count by their level. Suppressed findings do not count and
are shown. `new` leaves out what the scanner knows from before, or what is not on changed lines.
"""

from typing import Annotated, Literal

from pydantic import Field

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.config.values import Flag, OneOrMany, Texts
from readiness_gate.model.outcome import CheckClass, Family, Need


class SarifReportOptions(CheckOptions):
    """Which reports are read, and what may be in them."""

    path: OneOrMany = Field(
        default=(),
        description="Paths or patterns, each of which has to lead to a report; default every "
        "*.sarif and *.sarif.json.",
    )
    level: Literal["error", "warning", "note"] = Field(
        default="warning", description="Of findings without a score: this level and worse count."
    )
    severity: Literal["critical", "high", "medium", "low"] = Field(
        default="medium", description="Of findings with a score: this severity and worse count."
    )
    maximum: Annotated[int, Field(ge=0)] = Field(
        default=0, description="How many findings there may be."
    )
    ignore: Texts = Field(default=(), description="Rules that do not count, by their id.")
    tools: OneOrMany = Field(
        default=(), description="Scanners of which there has to be a run, by name."
    )
    new: Flag = Field(
        default=False,
        description="Whether only new findings count: as the scanner says, else those on lines of "
        "the pull request.",
    )


def needs(options: SarifReportOptions) -> frozenset[Need]:
    """Return the needs: git only where lines of the change may have to be known."""
    return frozenset({Need.WORKSPACE, Need.GIT} if options.new else {Need.WORKSPACE})


CHECK = Check(
    id="sarif-report",
    title="Scanners found nothing that counts",
    family=Family.ARTIFACTS,
    check_class=CheckClass.READ,
    needs=frozenset({Need.WORKSPACE, Need.GIT}),
    options=SarifReportOptions,
    remediation="Correct what was found, or suppress it in the scanner with a reason.",
    refine_needs=needs,
    example={"path": "reports/*.sarif", "severity": "high", "tools": ["CodeQL"]},
)
