"""The timeline of a run as a Mermaid Gantt: numbers, words of ours and validated names only."""

import re
from collections.abc import Sequence

from readiness_gate.model.report import Span
from readiness_gate.report.escape import Safe

MOST = 80
"""Bars that a reader can still see; the longest are kept."""
_NAME = re.compile(r"[^A-Za-z0-9 _./-]")
_SECTIONS = ("build", "boot", "seed", "migrate", "check", "teardown", "forge")


def gantt(timeline: Sequence[Span]) -> Safe:
    """Return the diagram with its fence, empty where nothing took any time."""
    longest = sorted(timeline, key=lambda span: span.start_ms - span.end_ms)[:MOST]
    kept = {id(span) for span in longest}
    lines = ["```mermaid", "gantt", "    dateFormat x", "    axisFormat %M:%S"]
    for kind in _SECTIONS:
        spans = [span for span in timeline if span.kind == kind and id(span) in kept]
        if spans:
            lines.append(f"    section {kind}")
            lines += [_bar(span) for span in spans]
    return Safe("\n".join([*lines, "```"])) if kept else Safe("")


def _bar(span: Span) -> str:
    name = _NAME.sub("_", span.name)[:40].strip() or "step"
    # A bar without length is not drawn at all.
    return f"    {name} :{span.start_ms}, {max(span.end_ms, span.start_ms + 1)}"
