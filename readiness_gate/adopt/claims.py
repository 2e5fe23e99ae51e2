"""What a document claims beside its items, as data for machines."""

from collections.abc import Iterator
from typing import Any

from readiness_gate.adopt.reading import Reading
from readiness_gate.checklist.document import DeclaredShares, Document


def claims(reading: Reading) -> list[dict[str, Any]]:
    """Return every claim with `kind`, `path`, `line` and `text`, in the documents' order."""
    return [
        {**claim, "path": document.path}
        for document in reading.documents
        for claim in sorted(_claims(document), key=lambda one: int(one["line"]))
    ]


def _claims(document: Document) -> Iterator[dict[str, Any]]:
    for claim in document.claims:
        yield {"kind": claim.kind.value, "line": claim.line, "text": claim.text}
    for statistic in document.statistics:
        yield {
            "kind": "statistic",
            "line": statistic.line,
            "text": statistic.text,
            "label": statistic.label,
            "value": statistic.value,
            "item": statistic.item,
        }
    for heading in document.headings:
        yield _shares("percentage", heading)
    for matrix in document.matrices:
        for row in matrix.rows:
            yield _shares("matrix", row)
    for one in document.sign_offs:
        yield {"kind": "sign-off", "line": one.line, "text": one.role, "signed": one.signed}
    for decision in document.decisions:
        yield {
            "kind": "decision",
            "line": decision.line,
            "text": decision.text,
            "chosen": decision.chosen,
        }


def _shares(kind: str, row: DeclaredShares) -> dict[str, Any]:
    shares = {one.phase: one.percent for one in row.shares}
    text = f"{row.category}: {', '.join(one.text for one in row.shares)}"
    return {"kind": kind, "line": row.line, "text": text, "shares": shares}
