"""The job summary: the whole report on one page, also where no comment may be written."""

from dataclasses import replace

from readiness_gate import __version__
from readiness_gate.model.outcome import Half
from readiness_gate.model.report import Report
from readiness_gate.report import page as pages
from readiness_gate.report.claim_words import claim_rows
from readiness_gate.report.escape import Safe, environment, tidied
from readiness_gate.report.gantt import gantt
from readiness_gate.report.groups import of_half
from readiness_gate.report.page import Amount, Page
from readiness_gate.report.region import conclusion_of, fitted, render

REST = Safe("`report.json`")
"""Where everything is that a summary has no room for."""


def summary(report: Report, page: Page, *, note: str = "", limit: int = pages.SUMMARY_LIMIT) -> str:
    """Return a redacted report as Markdown of at most `limit` bytes.

    Args:
        report: what was found.
        page: addresses for links.
        note: one line above all, for example why no comment was written.
        limit: bytes; what is too long is cut between rows.
    """
    most = max(map(len, (report.items, report.targets, report.claims, report.notes)))
    return fitted(lambda amount: _render(report, page, note, amount), limit, _size, most=most)


def halves_of(report: Report) -> tuple[Half, ...]:
    """Return the halves that the report says something about."""
    return tuple(
        half for half in Half if conclusion_of(report, half) is not None or of_half(report, half)
    )


def title(report: Report) -> Safe:
    """Return the verdict as a heading."""
    words = pages.VERDICT_TITLES[report.verdict]
    if report.pull_request is None:
        words = Safe(words.removesuffix(" to merge"))
    return Safe(f"{words} (preview)") if report.preview else words


def _render(report: Report, page: Page, note: str, amount: Amount) -> str:
    halves = halves_of(report)
    template = environment().get_template("summary.md.j2")
    text = template.render(
        report=report,
        verdict=title(report),
        note=note,
        halves=[Safe(render(report, half, page, amount, rest=REST)) for half in halves],
        rest=REST,
        shares=Half.CHECKS not in halves,
        aims=report.targets,
        claims=claim_rows(report, Half.CHECKS),
        base=replace(page, sha=report.base_sha or page.sha),
        amount=amount,
        gantt=gantt(report.timeline),
        version=Safe(__version__),
    )
    return f"{tidied(text)}\n"


def _size(text: str) -> int:
    return len(text.encode())
