"""A whole `readiness.yml` out of proposals: complete, commented, valid."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from readiness_gate.adopt import yaml_text
from readiness_gate.adopt.proposal import ATTESTATION, Proposal
from readiness_gate.adopt.reading import Reading
from readiness_gate.adopt.target import Target
from readiness_gate.checklist.document import DeclaredShares, Document, Share
from readiness_gate.checklist.ids import item_id, sign_off_id
from readiness_gate.checklist.shares import meant
from readiness_gate.model.outcome import Stage

_TITLE = 90
_WHOLE = 100


@dataclass(frozen=True)
class Draft:
    """Everything that a configuration is written from."""

    reading: Reading
    proposals: Sequence[Proposal]
    target: Target
    merge: Mapping[str, Any] = field(default_factory=dict)

    @property
    def enforce(self) -> str:
        """Return `ticked` where under half of the lines are ticked, else `all`."""
        items = self.reading.items
        return "ticked" if self.reading.ticked * 2 < len(items) else "all"


def configuration(draft: Draft) -> str:
    """Return the text of the file."""
    return "\n".join([*_head(draft), *_sections(draft), *_items(draft), ""])


def _head(draft: Draft) -> Iterator[str]:
    paths = [one.path for one in draft.reading.documents]
    items = draft.reading.items
    yield "# How every line of the checklist is proven; proposed by `readiness-gate import`."
    yield "# Edit freely: `readiness-gate import --update` adds new lines and changes nothing here."
    yield "# An item with `todo` stays pending until somebody finishes it and removes the todo."
    yield "version: 1"
    yield f"checklist: {yaml_text.flow(paths[0] if len(paths) == 1 else paths)}"
    why = f"{draft.reading.ticked} of {len(items)} lines are ticked"
    yield f"enforce: {draft.enforce}  # {why}"


def _sections(draft: Draft) -> Iterator[str]:
    if targets := _targets(draft.reading):
        yield from ("", "# What the document promises by phase; reported against.", "targets:")
        yield from yaml_text.block(targets, 2)
    if draft.merge:
        yield from ("", "merge:")
        yield from yaml_text.block(draft.merge, 2)
    if draft.target.stack:
        yield from ("", "stack:")
        yield from yaml_text.block(draft.target.stack, 2)
    if draft.target.databases:
        yield from ("", "databases:")
        yield from yaml_text.block(draft.target.databases, 2)
    if any(one.stage is Stage.POST_DEPLOY for one in draft.proposals):
        yield ""
        yield "# environments:  # for the stages post-deploy and scheduled"
        yield "#   production: {endpoints: {backend: https://api.example}}"
    for note in draft.target.notes:
        yield yaml_text.comment(f"todo: {note}")


def _targets(reading: Reading) -> dict[str, dict[str, int]]:
    """Return whole percentages by category and phase, of matrices before those of headings."""
    found: dict[str, dict[str, int]] = {}
    for document in reading.documents:
        known = {*document.phases, *(item.phase for item in document.items)}
        declared = [item.category for item in document.items if item.category]
        categories = [one.category for one in document.headings]
        rows = [row for matrix in document.matrices for row in matrix.rows]
        for row in (*rows, *document.headings):
            shares = {
                one.phase: int(one.percent)
                for one in row.shares
                if one.phase in known and 0 <= one.percent <= 100
            }
            if shares and not row.overall:
                category = meant(row.category, categories, declared=declared)
                found.setdefault(category or row.category, shares)
    return found


def _items(draft: Draft) -> Iterator[str]:
    yield from ("", "items:")
    section: tuple[str, ...] = ()
    path = ""
    for proposal in draft.proposals:
        item = proposal.item
        if (item.path, item.section) != (path, section):
            path, section = item.path, item.section
            heading = " > ".join(section[-2:]) or path
            yield ""
            yield yaml_text.comment(heading, 2)
        yield from entry(proposal)
    yield from _summed_up(draft)
    if not draft.proposals:
        yield "  no-secrets: secret-scan"


def entry(proposal: Proposal) -> list[str]:
    """Return the lines of one item: the line of the checklist, why it is bound so, the binding."""
    item = proposal.item
    tick = "x" if item.ticked else " "
    text = item.text if len(item.text) <= _TITLE else f"{item.text[:_TITLE]}…"
    people = proposal.check == ATTESTATION
    why = "for people" if people else f'"{proposal.words}" {proposal.confidence:.2f}'
    lines = [yaml_text.comment(f"[{tick}] {text} · {why}", 2)]
    if item.same_as:
        lines.append(yaml_text.comment(f"same words as {item.same_as}", 2))
    body: dict[str, Any] = {"check": proposal.check}
    if proposal.options:
        body["with"] = proposal.options
    if proposal.stage is not Stage.PRE_MERGE:
        body["stage"] = proposal.stage.value
    if proposal.todo:
        body["todo"] = proposal.todo
    return [*lines, *binding(item.id, body)]


def binding(id_: str, body: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of one item below `items:`, on one line where it fits."""
    name = yaml_text.key(id_)
    short = body["check"] if len(body) == 1 else yaml_text.flow(body)
    line = f"  {name}: {short}"
    if len(line) <= yaml_text.WIDTH:
        yield line
        return
    yield f"  {name}:"
    yield from yaml_text.block(body, 4)


def _summed_up(draft: Draft) -> Iterator[str]:
    """Yield what is no line, but summed up: decisions, signatures, cells of matrices."""
    taken = {one.item.id for one in draft.proposals}
    for document in draft.reading.documents:
        wanted = [*_decisions(document), *_signatures(document), *_cells(document)]
        todos = list(dict.fromkeys(_unbound(document)))
        if wanted or todos:
            yield ""
            yield yaml_text.comment(f"What {document.path} sums up, decides and signs", 2)
        yield from (yaml_text.comment(todo, 2) for todo in todos)
        for name, body in wanted:
            id_ = _free(name, taken)
            taken.add(id_)
            yield from binding(id_, body)


_Summed = tuple[str, dict[str, Any]]


def _decisions(document: Document) -> Iterator[_Summed]:
    for _ in document.decisions:
        yield "go-no-go", {"check": "rollup", "stage": "pre-deploy"}


def _signatures(document: Document) -> Iterator[_Summed]:
    for one in document.sign_offs:
        title = f"Signed by {one.role}"[:_TITLE]
        body = {"title": title, "check": ATTESTATION, "stage": "pre-deploy"}
        yield sign_off_id(one.role), body


def _cells(document: Document) -> Iterator[_Summed]:
    """Yield a roll-up for every cell whose category has lines: so much of it, up to the phase."""
    for row, category in _rows(document):
        if category is None and not row.overall:
            continue
        for share in _asked(row, document):
            percent = int(share.percent)
            options: dict[str, Any] = {} if row.overall else {"of": [category]}
            options |= {"phase": share.phase, "at-least": f"{percent}%"}
            name = f"{item_id(row.category)}-at-{item_id(share.phase)}"
            yield name, {"check": "rollup", "with": options, "stage": "pre-deploy"}


def _rows(document: Document) -> Iterator[tuple[DeclaredShares, str | None]]:
    """Yield every row of the matrices with the heading that it means, if one alone can be meant."""
    headings = dict.fromkeys(heading for item in document.items for heading in item.section)
    declared = [one.category for one in document.headings if one.category in headings]
    for matrix in document.matrices:
        for row in matrix.rows:
            yield row, meant(row.category, headings, declared=declared)


def _asked(row: DeclaredShares, document: Document) -> list[Share]:
    phases = {item.phase for item in document.items}
    return [one for one in row.shares if one.phase in phases and 0 < int(one.percent) <= _WHOLE]


def _unbound(document: Document) -> Iterator[str]:
    """Yield what somebody has to say of rows that stand for no heading, or for several."""
    for row, category in _rows(document):
        if category is None and not row.overall and _asked(row, document):
            yield (
                f"todo: no heading is {row.category!r} alone; bind a rollup, "
                "and name under `of` what the row sums up"
            )


def _free(id_: str, taken: set[str]) -> str:
    number = 2
    free = id_
    while free in taken:
        free = f"{id_}-{number}"
        number += 1
    return free
