"""The report on a terminal, or as plain lines in a log: grouped like the comment."""

import io
from collections.abc import Callable, Sequence

from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import Half, Outcome, SkippedBy, Verdict
from readiness_gate.model.report import DRAFT, Report
from readiness_gate.report.claim_words import claim_rows
from readiness_gate.report.escape import duration, one_line
from readiness_gate.report.groups import Groups, Row, counts, grouped, of_half
from readiness_gate.report.merge_words import MergeWords, merge_words
from readiness_gate.report.page import RERUN

_NAMED = 12
_COLORS = {
    Outcome.PASSED: "green",
    Outcome.FAILED: "red",
    Outcome.ERROR: "yellow",
    Outcome.PENDING: "cyan",
    Outcome.WAIVED: "magenta",
    Outcome.SKIPPED: "bright_black",
}
_VERDICT_COLORS = {
    Verdict.READY: "green",
    Verdict.BLOCKED: "red",
    Verdict.WAITING: "cyan",
    Verdict.ERROR: "yellow",
}
"""Colours of the verdict's word."""


def to_text(report: Report, *, color: bool = False, width: int = 100, verbose: bool = False) -> str:
    """Return a redacted report for people.

    Args:
        report: what was found.
        color: whether to use the terminal's colours.
        width: columns; lines are wrapped at them.
        verbose: also what passed and what was skipped, item by item.
    """
    page = _Screen(color=color, width=width)
    for half in Half:
        items = of_half(report, half)
        if items:
            _half(page, report, half, items, verbose)
    _notes(page, report)
    _end(page, report)
    return page.text()


class _Screen:
    def __init__(self, *, color: bool, width: int) -> None:
        from rich.console import Console  # noqa: PLC0415 - loads slowly, and only text needs it

        self._file = io.StringIO()
        self._console = Console(
            file=self._file,
            width=max(width, 40),
            color_system="standard" if color else None,
            force_terminal=color,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
        )

    def line(self, text: str = "", *, indent: int = 0, style: str = "", hang: int = 0) -> None:
        """Write one paragraph, wrapped; later lines are set in by `hang` more."""
        from rich.padding import Padding  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        room = self._console.width - indent - hang
        text = text.replace("##[", "## [")
        wrapped = Text(text, style=style, overflow="fold").wrap(self._console, max(room, 20))
        for at, part in enumerate(wrapped):
            part.rstrip()
            if part.plain.lstrip().startswith("::"):
                # A runner would take the line for a command of ours (S-21).
                part.plain = f"|{part.plain}"
            left = indent + (hang if at else 0)
            self._console.print(Padding(part, (0, 0, 0, left), expand=False), soft_wrap=False)

    def text(self) -> str:
        """Return what was written, without blanks at the ends of lines."""
        return "\n".join(line.rstrip() for line in self._file.getvalue().split("\n"))


def _words(text: str) -> str:
    return one_line(text, 300)


def _half(
    page: _Screen, report: Report, half: Half, items: Sequence[ItemResult], verbose: bool
) -> None:
    groups = grouped(items)
    title = {Half.MERGE: "Merge", Half.CHECKS: "Checks"}[half]
    page.line(f"{title}: {_counted(items)}", style="bold")
    if half is Half.MERGE:
        _merge(page, merge_words(report))
    _rows(page, "author fixes", groups.fixes, _fix)
    _rows(page, "waiting for", groups.waiting, _wait)
    _rows(page, "the gate could not check", groups.unknown, _check_again)
    _others(page, groups, verbose)
    page.line()


def _counted(items: Sequence[ItemResult]) -> str:
    found = counts(items)
    told = (
        (found.failed, "failed"),
        (found.errors, "not checked"),
        (found.pending, "waiting"),
        (found.passed, "passed"),
        (found.waived, "waived"),
        (found.skipped, "skipped"),
    )
    return ", ".join(f"{number} {word}" for number, word in told if number) or "no items"


def _merge(page: _Screen, words: MergeWords) -> None:
    if words.first:
        page.line(
            f"merge {', then '.join(map(_words, words.first[:3]))} first", indent=2, style="bold"
        )
    for edge in words.edges:
        sources = ", ".join(source.value for source in edge.sources)
        line = (
            f"{_words(edge.waiting)} waits for {_words(edge.dependency)}: {edge.state} ({sources})"
        )
        page.line(line, indent=2, hang=2)
    for mover in words.movers:
        who = _words(mover.who) or "somebody"
        what = {
            "finish": f"{who} to finish the draft",
            "merge": f"{who} or a maintainer to merge",
            "complete": f"{who} to complete",
        }[mover.what]
        page.line(f"waiting for {what} {_words(mover.name)}", indent=2, hang=2)
    if words.blocks:
        page.line(f"blocks {', '.join(map(_words, words.blocks[:20]))}", indent=2, hang=2)
    for line in words.landing:
        page.line(f"when it merges: {_words(line)}", indent=2, hang=2)
    for warning in words.warnings:
        page.line(f"note: {_words(warning)}", indent=2, hang=2)


def _rows(
    page: _Screen, title: str, rows: Sequence[Row], more: Callable[[ItemResult], Sequence[str]]
) -> None:
    if not rows:
        return
    page.line(
        f"{title} ({sum(len(row.items) for row in rows)})",
        indent=2,
        style=_COLORS[rows[0].item.outcome],
    )
    for row in rows:
        item = row.item
        for one in row.items:
            page.line(f"{_words(one.title)} [{_words(one.id)}, {one.severity}]", indent=4, hang=2)
        page.line(one_line(item.summary, 600), indent=6, hang=2)
        for line in more(item):
            page.line(line, indent=6, hang=2, style="dim")
        if row.consequences:
            behind = ", ".join(_words(one.id) for one in row.consequences)
            page.line(f"could not run because of it: {behind}", indent=6, hang=2, style="dim")


def _fix(item: ItemResult) -> Sequence[str]:
    return [f"do: {_words(item.remediation)}"] if item.remediation else []


def _wait(item: ItemResult) -> Sequence[str]:
    waiting = [f"waiting for: {_words(item.waiting_for)}"] if item.waiting_for else []
    return [*waiting, *_fix(item)]


def _check_again(item: ItemResult) -> Sequence[str]:
    default = RERUN[item.error_class] if item.error_class else ""
    return [f"{item.error_class}: {_words(item.remediation) or default}"]


def _others(page: _Screen, groups: Groups, verbose: bool) -> None:
    always = (*groups.not_blocking, *groups.waived)
    for item in (*always, *groups.skipped, *groups.passed) if verbose else always:
        blocks = "" if item.blocking or item.outcome is not Outcome.FAILED else ", does not block"
        head = f"{item.outcome}: {_words(item.title)} [{_words(item.id)}{blocks}]"
        page.line(head, indent=2, hang=2, style=_COLORS[item.outcome])
        page.line(one_line(item.summary, 300), indent=6, hang=2)
        for line in _fix(item) if item.outcome is Outcome.PENDING else ():
            page.line(line, indent=6, hang=2, style="dim")


def _claims(page: _Screen, report: Report) -> None:
    rows = claim_rows(report)
    for claim in rows.wrong:
        where = f" ({_words(claim.path)}:{claim.line})" if claim.line else ""
        told = f"{_words(claim.text)}{where}: declared {_words(claim.declared)}"
        page.line(f"claim: {told}, computed {_words(claim.computed)}", hang=2)
    if rows.unticked:
        names = ", ".join(_words(one.item or one.text) for one in rows.unticked[:_NAMED])
        more = f" and {len(rows.unticked) - _NAMED} more" if rows.unticked[_NAMED:] else ""
        page.line(f"passes, and is not ticked (--write-back ticks it): {names}{more}", hang=2)
    if rows.agreeing:
        page.line(f"claims that agree with what was found: {rows.agreeing}", hang=2)
    for share in report.targets:
        met = {True: "met", False: "missed", None: "open"}[share.met]
        asked = f", {share.open} not asked for" if share.open else ""
        passed = f"{share.passed} of {share.applicable} passed{asked}"
        told = f"{_words(share.category)}, {_words(share.phase)}: {passed}"
        page.line(f"target: {told}; {share.target} % is {met}", hang=2)


def _notes(page: _Screen, report: Report) -> None:
    _claims(page, report)
    for answer in report.answers:
        page.line(f"comment: {_words(answer.text)} {answer.url}".rstrip(), hang=2)
    for note in report.notes:
        page.line(f"note: {_words(note)}", hang=2)


def _end(page: _Screen, report: Report) -> None:
    took = duration((report.finished_at - report.started_at).total_seconds() * 1000)
    preview = " (preview: nothing is decided)" if report.preview else ""
    verdict = f"verdict: {report.verdict}{preview}, {took}"
    page.line(verdict, style=f"bold {_VERDICT_COLORS[report.verdict]}")
    page.line(f"next step: {next_step(report)}", hang=2)


def next_step(report: Report) -> str:
    """Return the one thing to do now."""
    merge = merge_words(report)
    groups = grouped(report.items)
    if groups.fixes:
        item = groups.fixes[0].item
        return f"{_words(item.id)}: {_words(item.remediation or item.summary)}"
    if groups.unknown:
        known = {one.id: one for one in report.items}
        item = groups.unknown[0].item
        item = known.get(item.cause or "", item)  # A cause that does not block is no row.
        told = _check_again(item)[0] if item.error_class else _words(item.remediation)
        return f"{_words(item.id)}: {told or _words(item.summary)}"
    if merge.first:
        return f"merge {_words(merge.first[0])} first"
    if groups.waiting:
        item = groups.waiting[0].item
        return f"wait for {_words(item.waiting_for or item.title)}"
    return _next_of_nothing(report)


def _next_of_nothing(report: Report) -> str:
    if any(item.skipped_by is SkippedBy.ONLY for item in report.items):
        return "run it without --only: a part proves nothing about the whole"
    if report.verdict is Verdict.READY:
        return "merge"
    if report.verdict is Verdict.WAITING and DRAFT in report.notes:
        return "mark it as ready for review"
    return "plan at least one item that blocks (readiness-gate validate)"
