"""A report in which every text is the same untrusted one."""

from functools import lru_cache

from readiness_gate.model.evidence import (
    CommandEvidence,
    LocationEvidence,
    RequestEvidence,
    TableEvidence,
    TextEvidence,
)
from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import Conclusion, Half, Outcome, Verdict
from readiness_gate.model.pull_request import EdgeState
from readiness_gate.model.report import (
    Claim,
    MergeReport,
    Origin,
    Report,
    ReportMover,
    ReportNode,
    Span,
    TargetShare,
)
from tests.report.builders import behind, edge, item, report


@lru_cache(maxsize=8)
def full_of(text: str) -> Report:
    """Every outcome in both halves, every kind of evidence, and `text` wherever a text goes."""
    return report(
        *(one for half in Half for one in _items(text, half)),
        verdict=Verdict.BLOCKED,
        merge=Conclusion.FAILURE,
        checks=Conclusion.FAILURE,
        origin=Origin(run=1, attempt=1, workflow=text, event=text, repository=text, fork=True),
        graph=MergeReport(
            order=("acme/shop#14", text, "acme/shop#10"),
            edges=(
                edge(14, EdgeState.OPEN),
                edge(15, EdgeState.OPEN).model_copy(update={"dependency": text, "waiting": text}),
            ),
            cycles=((text, "acme/shop#9"),),
            parsed=(text,),
            warnings=(text,),
            nodes=(
                ReportNode(name="acme/shop#14", state=EdgeState.OPEN),
                ReportNode(name=text, state=EdgeState.OPEN),
                ReportNode(name=f"{text}#9", state=EdgeState.UNKNOWN),
            ),
            around=(edge(14, EdgeState.OPEN).model_copy(update={"waiting": f"{text}#9"}),),
            blocks=(text,),
            movers=(
                ReportMover(name=text, who=text, what="finish"),
                ReportMover(name=text, who=text, what="merge"),
            ),
            landing=(text,),
        ),
        targets=(TargetShare(category=text, phase=text, target=1, passed=1, applicable=2),),
        claims=(Claim(text=text, declared=text, computed=text, agrees=False),),
        timeline=(Span(name=text, kind="check", start_ms=0, end_ms=1),),
        notes=(text,),
        config_digest=text,
        base_sha=text,
        tested_sha=text,
        versions={text: text},
    )


def _items(text: str, half: Half) -> list[ItemResult]:
    made = []
    for outcome in Outcome:
        name = f"{half.value}-{outcome.value}"
        made.append(
            item(
                name,
                outcome,
                half=half,
                title=text,
                category=text,
                phase=text,
                summary=text,
                details=text,
                remediation=text,
                waiting_for=text,
                evidence=_evidence(text),
            )
        )
    made.append(behind(f"{half.value}-behind", f"{half.value}-error", half=half, title=text))
    hostile_id = f"{half.value}-{text}"[:100_000]
    made.append(item(hostile_id, Outcome.FAILED, half=half, details="seen"))
    made.append(behind(f"{half.value}-behind-{text}"[:100_000], f"{half.value}-error", half=half))
    return made


def _evidence(
    text: str,
) -> tuple[
    TextEvidence | CommandEvidence | RequestEvidence | LocationEvidence | TableEvidence, ...
]:
    return (
        TextEvidence(title=text, text=text),
        CommandEvidence(argv=(text, text), exit_code=1, output=text, where=text),
        RequestEvidence(
            method=text,
            url=text,
            status=None,
            headers=((text, text),),
            body=text,
        ),
        LocationEvidence(path=text, line=3, text=text),
        TableEvidence(title=text, columns=(text, "b"), rows=((text, text), ("c", text))),
    )
