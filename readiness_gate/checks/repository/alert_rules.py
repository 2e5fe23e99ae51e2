"""`alert-rules`: Prometheus has rules that it accepts, and somebody is told when they fire.

Every file named is held against what Prometheus refuses in rule files (its expressions only as far
as brackets and quotes), and there is at least one alert; the options ask for more.
"""

from typing import Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.config.values import Flag, OneOrMany, Text
from readiness_gate.model.outcome import CheckClass, Family, Need


class AlertRulesOptions(CheckOptions):
    """The rule files, what every alert has, and who is told."""

    path: OneOrMany = Field(
        min_length=1, description="Rule files of Prometheus, or PrometheusRule objects."
    )
    alerts: OneOrMany = Field(default=(), description="Names of alerts that have to be there.")
    min_alerts: int = Field(default=1, ge=1, description="How many alerts there are, at least.")
    metrics: OneOrMany = Field(
        default=(), description="Metrics of which each is asked for by at least one alert."
    )
    labels: OneOrMany = Field(
        default=(), description="Labels that every alert carries, such as severity."
    )
    annotations: OneOrMany = Field(
        default=(), description="Annotations that every alert carries, such as runbook_url."
    )
    waits: Flag = Field(
        default=False, description="Whether every alert has `for`, so that a blip wakes nobody."
    )
    alertmanager: Text | None = Field(
        default=None, description="Alertmanager's configuration; every route has its receiver."
    )
    receivers: OneOrMany = Field(
        default=(), description="Receivers that are there and tell somebody."
    )
    routed: Flag = Field(
        default=False, description="Whether every alert reaches a receiver that tells somebody."
    )

    @model_validator(mode="after")
    def _names_alertmanager(self) -> Self:
        if (self.receivers or self.routed) and self.alertmanager is None:
            raise ValueError("`receivers` and `routed` need `alertmanager`, the file they are in")
        return self


CHECK = Check(
    id="alert-rules",
    title="Alert rules are sound and reach somebody",
    family=Family.REPOSITORY,
    check_class=CheckClass.READ,
    needs=frozenset({Need.WORKSPACE}),
    options=AlertRulesOptions,
    remediation="Change the rules or routes at the lines named; `promtool check rules` agrees.",
    example={
        "path": "monitoring/alerts.yml",
        "alerts": ["BackendDown", "HighErrorRate"],
        "labels": ["severity"],
        "annotations": ["summary"],
        "alertmanager": "monitoring/alertmanager.yml",
        "routed": True,
    },
)
