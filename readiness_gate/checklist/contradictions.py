"""What a checklist contradicts by itself, and what in it is still to be written. Pure."""

from collections.abc import Iterable, Iterator

from readiness_gate.checklist import statistics
from readiness_gate.checklist.document import Document, Item, Statistic
from readiness_gate.model.report import Claim

MOST = 200
"""Headings, rows and figures of a document that are held against something: nobody writes more."""
_LINES_SHOWN = 8


def contradictions(document: Document, stated: Iterable[Statistic]) -> Iterator[Claim]:
    """Yield what cannot be true beside something else that the document says.

    `stated` are those of its figures that it claims.
    """
    yield from _ticked_shares(document)
    yield from _overall_rows(document)
    yield from _headings_and_matrix(document)
    for held in statistics.contradictions(list(stated)):
        yield _contradiction(
            document, held.statistic.line, held.statistic.text, statistics.stated(held.statistic),
            held.found,
        )  # fmt: skip


def _contradiction(document: Document, line: int, text: str, declared: str, other: str) -> Claim:
    return Claim(
        text=text,
        declared=declared,
        computed=other,
        agrees=False,
        kind="contradiction",
        path=document.path,
        line=line,
    )


def _ticked_shares(document: Document) -> Iterator[Claim]:
    """Yield headings that declare more than is ticked below them."""
    below: dict[str, list[Item]] = {}
    for line in document.items:
        below.setdefault(line.category.casefold(), []).append(line)
    for declared in document.headings[:MOST]:
        mine = below.get(declared.category.casefold(), [])
        ticked = sum(one.ticked for one in mine)
        if not mine or not declared.shares:
            continue
        first = declared.shares[0]
        if 100 * ticked < first.percent * len(mine):
            share = 100 * ticked // len(mine)
            yield _contradiction(
                document,
                declared.line,
                f"{declared.category}, {first.phase}",
                f"{first.percent:g} %",
                f"{ticked} of {len(mine)} lines below it ticked, {share} %",
            )


def _overall_rows(document: Document) -> Iterator[Claim]:
    """Yield last rows that are not the mean of their columns."""
    for matrix in document.matrices:
        for total in (row for row in matrix.rows if row.overall):
            for share in total.shares:
                column = [
                    one.percent
                    for row in matrix.rows
                    if not row.overall
                    for one in row.shares
                    if one.phase == share.phase
                ]
                mean = sum(column) / len(column) if column else share.percent
                if abs(mean - share.percent) >= 1:
                    yield _contradiction(
                        document,
                        total.line,
                        f"{total.category}, {share.phase}",
                        f"{share.percent:g} %",
                        f"{mean:.0f} % is the mean of its column",
                    )


def _headings_and_matrix(document: Document) -> Iterator[Claim]:
    """Yield cells of a matrix that differ from the heading of the same category."""
    headings = {one.category.casefold(): one for one in document.headings}
    for row in (row for matrix in document.matrices for row in matrix.rows):
        heading = headings.get(row.category.casefold())
        if heading is None:
            continue
        said = {one.phase: one for one in heading.shares}
        for share in row.shares:
            other = said.get(share.phase)
            if other is not None and other.percent != share.percent:
                yield _contradiction(
                    document,
                    row.line,
                    f"{row.category}, {share.phase}",
                    f"{share.percent:g} %",
                    f"{other.percent:g} % in line {heading.line}",
                )


def placeholders(document: Document) -> Iterator[Claim]:
    """Yield every text that somebody still has to replace, once, with its places."""
    places: dict[str, list[int]] = {}
    for one in document.placeholders:
        places.setdefault(one.text, []).append(one.line)
    for text, lines in places.items():
        shown = ", ".join(map(str, lines[:_LINES_SHOWN])) + (", …" if lines[_LINES_SHOWN:] else "")
        yield Claim(
            text=text,
            declared="a placeholder",
            computed=f"still to be filled in: {'line' if len(lines) == 1 else 'lines'} {shown}",
            agrees=False,
            kind="placeholder",
            path=document.path,
            line=lines[0],
        )
