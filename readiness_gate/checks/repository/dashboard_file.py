"""`dashboard-file`: Grafana dashboards are in the checkout and show what they have to.

Every file named has to be a dashboard with at least one panel that asks for data, no two files may
have one uid, and every panel has a query; the options ask for more.
"""

from pydantic import Field

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.config.values import OneOrMany
from readiness_gate.model.outcome import CheckClass, Family, Need


class DashboardFileOptions(CheckOptions):
    """The files, and what their dashboards show."""

    path: OneOrMany = Field(min_length=1, description="Dashboards as JSON: grafana/**/*.json.")
    titles: OneOrMany = Field(
        default=(), description="Titles or uids of dashboards that have to be there."
    )
    panels: OneOrMany = Field(
        default=(), description="Titles of panels of which each is on one of the dashboards."
    )
    metrics: OneOrMany = Field(
        default=(), description="Metrics of which each is asked for by at least one panel."
    )
    min_panels: int = Field(
        default=1, ge=1, description="How many panels with data every dashboard has, at least."
    )


CHECK = Check(
    id="dashboard-file",
    title="Dashboards are there and show data",
    family=Family.REPOSITORY,
    check_class=CheckClass.READ,
    needs=frozenset({Need.WORKSPACE}),
    options=DashboardFileOptions,
    remediation="Export the dashboard from Grafana again, or correct it at the lines named.",
    example={
        "path": "monitoring/dashboards/*.json",
        "titles": ["Backend"],
        "metrics": ["http_requests_total", "http_request_duration_seconds_bucket"],
    },
)
