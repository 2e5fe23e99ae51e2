"""The report as SARIF 2.1.0, for code scanning: what is not ready, at its places in files."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from readiness_gate import __version__
from readiness_gate.model.evidence import LocationEvidence
from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import Outcome, Severity
from readiness_gate.model.report import Report

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_RESULTS_CAP = 5_000
"""Results of a run that code scanning shows."""
_TEXT_CAP = 1_024
"""Characters of a rule's descriptions that it takes."""
_SHOWN = frozenset({Outcome.FAILED, Outcome.ERROR})
_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}


def to_sarif(report: Report, *, config: str = ".github/readiness.yml") -> str:
    """Return the failed and the unchecked items of a redacted report as SARIF 2.1.0.

    Code scanning takes no result without a place: one that has none is put at `config`. The worst
    come first, as it shows no more than it takes.
    """
    ranks = list(Severity)
    shown = sorted(
        (item for item in report.items if item.outcome in _SHOWN),
        key=lambda item: (not item.blocking, ranks.index(item.severity)),
    )
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
                "results": list(_results(shown, config))[:_RESULTS_CAP],
            }
        ],
    }
    return f"{json.dumps(log, indent=2, ensure_ascii=False)}\n"


def _rule(item: ItemResult) -> dict[str, Any]:
    return {
        "id": item.id,
        "shortDescription": {"text": (item.title or item.id)[:_TEXT_CAP]},
        "fullDescription": {"text": (item.summary or item.title or item.id)[:_TEXT_CAP]},
        "help": {"text": item.remediation or item.title or item.id},
        "defaultConfiguration": {"level": _LEVELS[item.severity]},
    }


def _results(shown: Sequence[ItemResult], config: str) -> Iterator[dict[str, Any]]:
    """Yield a result for each place: code scanning looks at a result's first place only."""
    for at, item in enumerate(shown):
        places = [one for one in item.evidence if isinstance(one, LocationEvidence)]
        for place in dict.fromkeys(places or [LocationEvidence(path=config)]):
            yield _result(item, at, place)


def _result(item: ItemResult, at: int, place: LocationEvidence) -> dict[str, Any]:
    summary = item.summary or item.title or item.id
    said = f"{place.text}\n\n{summary}" if place.text and place.text not in summary else summary
    # Without its line, so that a finding that moves stays the same finding.
    known = hashlib.sha256("\0".join((item.id, place.path, place.text)).encode()).hexdigest()
    return {
        "ruleId": item.id,
        "ruleIndex": at,
        "level": _LEVELS[item.severity] if item.blocking else "note",
        "message": {"text": said},
        "partialFingerprints": {"readinessItem/v1": known},
        "locations": [_location(place)],
    }


def _location(place: LocationEvidence) -> dict[str, Any]:
    physical: dict[str, Any] = {
        "artifactLocation": {"uri": quote(place.path.removeprefix("./"), safe="/")}
    }
    if place.line is not None and place.line > 0:
        physical["region"] = {"startLine": place.line}
    return {"physicalLocation": physical}
