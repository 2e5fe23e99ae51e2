"""What `doc-sections` does when it runs; what it promises stands beside its options."""

import re
from collections.abc import Iterator, Mapping
from posixpath import normpath
from urllib.parse import unquote

from readiness_gate.checks.chosen_files import in_scope, untouched
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.project_files import Problem, Unclear, chosen, counted, judged, text_of
from readiness_gate.checks.repository.doc_sections import DocSectionsOptions, TableRule
from readiness_gate.doors.workspace import PathRefused, Workspace
from readiness_gate.formats.markdown_document import (
    SIZE_CAP,
    MarkdownDocument,
    Table,
    markdown_document,
)
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")

_OF_GITHUB = re.compile(
    r"(\.\./)+(issues|pulls?|releases|wiki|actions|discussions|compare|commit)\b"
)

_MARKDOWN = (".md", ".markdown")


def run(context: CheckContext, options: DocSectionsOptions) -> CheckResult:
    """Read every document and judge it."""
    problems: list[Problem] = []
    library = _Library(context.workspace)
    try:
        every = chosen(context.workspace, options.path)
        names = in_scope(context, every, options.scope)
        if not names:
            return untouched(every)
        for name in names:
            document = library.read(name)
            problems += _written(name, document, options)
            problems += _tables(name, document, options)
            if options.links:
                problems += _links(name, document, library)
            if options.complete:
                problems += _left_open(name, document, options)
    except Unclear as unclear:
        return unclear.result
    return judged(problems, f"{counted(len(names), 'document')}: all that is asserted holds")


class _Library:
    """Documents of the checkout, each read once."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._known: dict[str, MarkdownDocument] = {}

    def read(self, name: str) -> MarkdownDocument:
        if name not in self._known:
            text = text_of(self.workspace, name, cap=SIZE_CAP)
            try:
                self._known[name] = markdown_document(text)
            except ValueError as error:
                result = cannot_tell(ErrorClass.INCONCLUSIVE, f"{name}: {error}")
                raise Unclear(result) from error
        return self._known[name]


def _written(
    name: str, document: MarkdownDocument, options: DocSectionsOptions
) -> Iterator[Problem]:
    if options.min_words is not None and document.words < options.min_words:
        words = counted(document.words, "word")
        yield Problem(f"{words}, at least {options.min_words} required", name)
    for heading in options.headings:
        section = document.section(heading)
        if section is None:
            yield Problem(f"there is no section {heading}", name)
        elif section.words < options.section_words:
            words = counted(section.words, "word")
            text = f"section {heading} has {words}, at least {options.section_words} required"
            yield Problem(text, name, section.line)


def _tables(
    name: str, document: MarkdownDocument, options: DocSectionsOptions
) -> Iterator[Problem]:
    for rule in options.tables:
        fitting = [one for one in document.tables if _fits(one, rule, document)]
        columns = ", ".join(rule.columns)
        under = f" under {rule.heading}" if rule.heading else ""
        if not fitting:
            yield Problem(f"there is no table with the columns {columns}{under}", name)
        elif all(one.rows < rule.min_rows for one in fitting):
            rows = counted(max(one.rows for one in fitting), "row")
            text = f"the table {columns} has {rows}, at least {rule.min_rows} required"
            yield Problem(text, name, fitting[0].line)


def _fits(table: Table, rule: TableRule, document: MarkdownDocument) -> bool:
    if rule.heading is not None:
        section = document.section(rule.heading)
        if section is None or table.heading != section.heading:
            return False
    there = [column.casefold() for column in table.columns]
    return all(any(wanted.casefold() in one for one in there) for wanted in rule.columns)


def _links(name: str, document: MarkdownDocument, library: _Library) -> Iterator[Problem]:
    for link in document.links:
        if _SCHEME.match(link.text) or _OF_GITHUB.match(link.text):
            continue
        cause = _dead(name, link.text, library)
        if cause:
            yield Problem(f"the link {link.text[:100]} {cause}", name, link.line)


def _dead(name: str, link: str, library: _Library) -> str:
    path, _, anchor = link.partition("#")
    path = unquote(path.partition("?")[0])
    target = name
    if path:
        folder = "" if path.startswith("/") else f"{name.rpartition('/')[0]}/"
        target = normpath(f"{folder}{path}".lstrip("/"))
    try:
        if not library.workspace.exists(target):
            return "leads nowhere"
    except PathRefused:
        return "leads out of the checkout"
    if anchor and target.lower().endswith(_MARKDOWN) and not re.fullmatch(r"L\d+.*", anchor):
        anchors = library.read(target).anchors
        if unquote(anchor).lower() not in {one.lower() for one in anchors}:
            return "names no heading"
    return ""


def _left_open(
    name: str, document: MarkdownDocument, options: DocSectionsOptions
) -> Iterator[Problem]:
    allowed: Mapping[str, None] = dict.fromkeys(options.allow)
    for one in document.left_open:
        if one.text not in allowed:
            yield Problem(f"{one.text[:80]} is left to fill in", name, one.line)
