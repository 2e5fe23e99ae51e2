"""The report as Markdown, for `--format markdown`: the job summary without its size limit."""

from readiness_gate.model.report import Report
from readiness_gate.report.page import Page
from readiness_gate.report.summary import summary

_NO_LIMIT = 1 << 40


def to_markdown(report: Report, page: Page | None = None) -> str:
    """Return a redacted report as Markdown; without a page nothing is linked."""
    return summary(report, page or Page(), limit=_NO_LIMIT)
