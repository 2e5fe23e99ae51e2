"""One half of a report as Markdown: the region of the comment, cut to size (DESIGN 1.3)."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from readiness_gate.model.evidence import RequestEvidence
from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import Conclusion, Half, Outcome
from readiness_gate.model.report import DRAFT, Report
from readiness_gate.report import page as pages
from readiness_gate.report.claim_words import claim_rows
from readiness_gate.report.escape import Safe, environment, tidied
from readiness_gate.report.groups import Groups, counts, grouped, of_half
from readiness_gate.report.merge_words import merge_words
from readiness_gate.report.own_words import advice, datum, titled
from readiness_gate.report.page import Amount, Page

_SHORTEST_ROW = 40


@dataclass(frozen=True)
class Region:
    """A rendered half, and what makes it the same as, or different from, another one.

    `content` is a digest of what a reader sees, without run addresses and durations; `outcomes`
    one of the conclusion and the items' outcomes alone.
    """

    half: Half
    text: str
    content: str
    outcomes: str


def region(report: Report, half: Half, page: Page, *, limit: int = pages.REGION_LIMIT) -> Region:
    """Return one half of a redacted report, at most `limit` characters, cut between rows."""
    text = fitted(
        lambda amount: render(report, half, page, amount),
        limit,
        len,
        most=max(len(report.items), len(report.claims)),
    )
    timeless = render(_timeless(report), half, replace(page, run_url=""), pages.WHOLE)
    return Region(half, text, _digest(timeless), _digest(_outcomes(report, half)))


def render(
    report: Report, half: Half, page: Page, amount: Amount, *, rest: Safe | None = None
) -> str:
    """Return one half with a given amount of detail, whatever its length.

    `rest` names the place that holds what is left out; by default the job summary.
    """
    items = of_half(report, half)
    groups, conclusion = grouped(items), conclusion_of(report, half)
    template = environment().get_template("comment.md.j2")
    text = template.render(
        title=pages.HALF_TITLES[half],
        report=report,
        conclusion_mark=pages.conclusion_mark(conclusion),
        headline=headline(items, groups, conclusion, draft=DRAFT in report.notes),
        groups=groups,
        counts=counts(items),
        took=sum(item.duration_ms for item in items),
        merge=merge_words(report) if half is Half.MERGE else None,
        page=page,
        base=replace(page, sha=report.base_sha or page.sha),
        rest=page.run("job summary") if rest is None else rest,
        amount=amount,
        shares=half is Half.CHECKS,
        aims=half is Half.CHECKS and report.targets,
        claims=claim_rows(report, half),
        notes=report.notes if _speaks(report, half) else (),
        marks=pages.OUTCOME_MARKS,
        edge_mark=pages.edge_mark,
        rerun=pages.RERUN,
        advice=advice,
        titled=titled,
        datum=datum,
        passed_by_category=_by_category(items),
    )
    return tidied(text)


def _speaks(report: Report, half: Half) -> bool:
    """Return whether a half tells what is said of the whole report: the last one that is there."""
    merge_alone = report.conclusions.checks is None and not of_half(report, Half.CHECKS)
    return half is (Half.MERGE if merge_alone else Half.CHECKS)


def headline(
    items: Sequence[ItemResult], groups: Groups, conclusion: Conclusion | None, *, draft: bool
) -> Safe:
    """Return what a half comes to, in a few words of our own."""
    if conclusion is None:
        return Safe("nothing planned")
    parts = [
        f"{sum(len(row.items) for row in rows)} {words}"
        for rows, words in (
            (groups.fixes, "to fix"),
            (groups.waiting, "waiting"),
            (groups.unknown, "could not be checked"),
        )
        if rows
    ]
    if not parts and draft and conclusion is Conclusion.PENDING:
        parts = ["draft"]
    elif not parts and conclusion is not Conclusion.SUCCESS:
        parts = ["nothing was proven"]
    elif not parts:
        parts = ["ready" if any(item.blocking for item in items) else "nothing blocks"]
    return Safe(", ".join(parts))


def fitted(
    rendered: Callable[[Amount], str], limit: int, size: Callable[[str], int], *, most: int
) -> str:
    """Return the fullest text that is not longer than `limit` by `size`.

    `most` is the number of rows beyond which no table goes.
    """
    text = rendered(pages.WHOLE)
    if size(text) <= limit:
        return text
    least = rendered(pages.LEAST)
    if size(least) > limit:
        return _with_fewer_rows(rendered, limit, size, most)
    for amount in pages.LESS_AND_LESS:
        text = rendered(amount)
        if size(text) <= limit:
            return text
    return least


def _with_fewer_rows(
    rendered: Callable[[Amount], str], limit: int, size: Callable[[str], int], most: int
) -> str:
    low, high = 0, min(most, limit // _SHORTEST_ROW)
    best = rendered(replace(pages.LEAST, rows=0))
    while low < high:
        middle = (low + high + 1) // 2
        text = rendered(replace(pages.LEAST, rows=middle))
        if size(text) <= limit:
            best, low = text, middle
        else:
            high = middle - 1
    return best


def conclusion_of(report: Report, half: Half) -> Conclusion | None:
    """Return the conclusion of one half."""
    return report.conclusions.merge if half is Half.MERGE else report.conclusions.checks


@dataclass(frozen=True)
class Category:
    """The passed items of a category."""

    name: str
    items: tuple[ItemResult, ...]
    took: int


def _by_category(items: tuple[ItemResult, ...]) -> tuple[Category, ...]:
    found: dict[str, list[ItemResult]] = {}
    for item in items:
        if item.outcome is Outcome.PASSED:
            found.setdefault(item.category or "Other", []).append(item)
    return tuple(
        Category(name, tuple(members), sum(one.duration_ms for one in members))
        for name, members in found.items()
    )


def _timeless(report: Report) -> Report:
    items = tuple(
        item.model_copy(
            update={
                "duration_ms": 0,
                "evidence": tuple(
                    one.model_copy(update={"duration_ms": None})
                    if isinstance(one, RequestEvidence)
                    else one
                    for one in item.evidence
                ),
            }
        )
        for item in report.items
    )
    return report.model_copy(update={"items": items})


def _outcomes(report: Report, half: Half) -> str:
    lines = [str(conclusion_of(report, half)), report.verdict.value if report.preview else ""]
    lines += sorted(
        f"{item.id} {item.outcome} {item.error_class} {item.blocking}"
        for item in of_half(report, half)
    )
    return "\n".join(lines)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
