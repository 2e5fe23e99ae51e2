"""The report as SARIF 2.1.0, for code scanning: what is not ready, at its places in files."""

import json
from typing import Any
from urllib.parse import quote

from readiness_gate import __version__
from readiness_gate.model.evidence import LocationEvidence
from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import Outcome, Severity
from readiness_gate.model.report import Report

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_SHOWN = frozenset({Outcome.FAILED, Outcome.ERROR})
_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}


def to_sarif(report: Report, *, config: str = ".github/readiness.yml") -> str:
    """Return the failed and the unchecked items of a redacted report as SARIF 2.1.0.

    Code scanning takes no result without a place: one that has none is put at `config`.
    """
    shown = [item for item in report.items if item.outcome in _SHOWN]
    log = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "readiness-gate",
                        "version": __version__,
                        "rules": [_rule(item) for item in shown],
                    }
                },
                "results": [_result(item, at, config) for at, item in enumerate(shown)],
            }
        ],
    }
    return f"{json.dumps(log, indent=2, ensure_ascii=False)}\n"


def _rule(item: ItemResult) -> dict[str, Any]:
    return {
        "id": item.id,
        "shortDescription": {"text": item.title or item.id},
        "help": {"text": item.remediation or item.title or item.id},
        "defaultConfiguration": {"level": _LEVELS[item.severity]},
    }


def _result(item: ItemResult, at: int, config: str) -> dict[str, Any]:
    places = [one for one in item.evidence if isinstance(one, LocationEvidence)]
    places = places or [LocationEvidence(path=config)]
    return {
        "ruleId": item.id,
        "ruleIndex": at,
        "level": _LEVELS[item.severity] if item.blocking else "note",
        "message": {"text": item.summary or item.title or item.id},
        "partialFingerprints": {"readinessItem": item.id},
        "locations": [_location(place) for place in places],
    }


def _location(place: LocationEvidence) -> dict[str, Any]:
    physical: dict[str, Any] = {
        "artifactLocation": {"uri": quote(place.path.removeprefix("./"), safe="/")}
    }
    if place.line is not None and place.line > 0:
        physical["region"] = {"startLine": place.line}
    return {"physicalLocation": physical}
