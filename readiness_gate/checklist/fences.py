"""Fences and HTML of a checklist: lines that Markdown does not look into, and people do."""

from collections.abc import Sequence

from markdown_it.token import Token

from readiness_gate.checklist import boxes, orders, remarks, shell, wording
from readiness_gate.checklist.boxes import Found
from readiness_gate.checklist.comments import blanked, pinned
from readiness_gate.checklist.drafts import TEXT_CAP, UNDER_CAP, Draft
from readiness_gate.checklist.reading import Reading


def read_fence(
    reading: Reading,
    token: Token,
    source: Sequence[str],
    *,
    parent: Draft | None,
    owner: Draft | None,
) -> bool:
    """Keep what a fence, or indented code, holds; return whether it has boxes.

    Args:
        reading: what is kept so far.
        token: the block.
        source: the lines of the file.
        parent: the item that it stands in.
        owner: the item that its commands belong to, where it has no boxes.
    """
    begins, ends = token.map or (0, 0)
    start = begins + (2 if token.type == "fence" else 1)
    language = token.info.split()[0].lower() if token.info.strip() else ""
    current: Draft | None = None
    indent, boxed = 0, False
    rest: list[tuple[int, str]] = []
    for line, text in enumerate(token.content.split("\n"), start):
        deep = len(text) - len(text.lstrip())
        if reading.around(text, line, fenced=True):
            current = None
        elif found := boxes.box(text, icons=True, fenced=True):
            boxed, indent = True, deep
            pin = pinned(text)
            current = reading.item(found, line, parent=parent, language=language, pin=pin)
        elif boxes.is_empty(text):
            reading.empty(line)
        elif current is not None and text.strip() and deep > indent:
            _under(current, text.strip(), line, language)
        else:
            current = current if not text.strip() else None
            rest.append((line, text))
    if language in shell.LANGUAGES:
        _commands(reading, rest, language, None if boxed else owner)
    closing = source[ends - 1] if ends - 1 > begins else ""
    if token.type == "fence" and token.markup not in closing:
        reading.notice(begins + 1, "a fence is never closed; all below is inside it")
    return boxed


def read_html(reading: Reading, token: Token, *, parent: Draft | None) -> None:
    """Keep the boxes of a block of HTML; an input's words may stand on the next line."""
    waiting: tuple[Found, int] | None = None
    raws = token.content.split("\n")
    for offset, text in enumerate(blanked(token.content).split("\n")):
        line, raw = (token.map or [0])[0] + 1 + offset, raws[offset]
        reading.around(text, line)
        words = boxes.without_tags(text)
        if waiting and words:
            held, at = waiting
            named = Found(held.form, held.ticked, words, held.nth)
            reading.item(named, at, parent=parent)
            waiting = None
        found = list(boxes.inputs(text)) if "<input" in text.lower() else []
        pin = pinned(raw) if found else None
        for one in found:
            if one.text:
                reading.item(one, line, parent=parent, pin=pin)
                pin = None
                continue
            if waiting:
                reading.empty(waiting[1])
            waiting = one, line
        if not found and (box := boxes.box(words, icons=True)):
            reading.item(box, line, parent=parent, pin=pinned(raw))
    if waiting:
        reading.empty(waiting[1])


def _under(item: Draft, text: str, line: int, language: str) -> None:
    """Keep an indented line below a box of a fence: a field, an option or a command."""
    if text[:2] in {"- ", "* ", "+ "}:
        if labelled := remarks.field_of(text[2:].strip()):
            item.labelled(labelled, line)
        elif len(item.options) < UNDER_CAP:
            item.options.append(wording.plain(text[2:TEXT_CAP]))
    elif language in shell.LANGUAGES and len(item.commands) < UNDER_CAP:
        item.commands.append(shell.command(text, line=line, language=language))


def _commands(
    reading: Reading, lines: Sequence[tuple[int, str]], language: str, owner: Draft | None
) -> None:
    found = shell.commands(lines, language=language)
    if len(steps := orders.merges(found)) > 1:
        reading.order(steps)
    if owner is not None:
        owner.commands += found[: UNDER_CAP - len(owner.commands)]
    else:
        words = reading.sections.now.words
        reading.commands += [(words, one) for one in found]
