"""Items while a document is read: what stands under them is still to come."""

from dataclasses import dataclass, field

from readiness_gate.checklist import cadences, ids, orders, quantities, repair, shell, wording
from readiness_gate.checklist.boxes import Found
from readiness_gate.checklist.document import (
    Box,
    Command,
    Field,
    FieldKind,
    Item,
    Statistic,
    Threshold,
)
from readiness_gate.checklist.sections import Section

TEXT_CAP = 2_000
UNDER_CAP = 500
"""So many fields, options or commands of one item are kept."""


@dataclass
class FieldDraft:
    """A labelled line, and the plain bullets below it."""

    kind: FieldKind
    label: str
    raw: str
    line: int
    values: list[str] = field(default_factory=list)

    def done(self) -> Field:
        """Return the field."""
        return Field(
            self.kind,
            repair.readable(self.label),
            repair.readable(wording.plain(self.raw[:TEXT_CAP])),
            self.line,
            tuple(self.values),
        )


@dataclass(eq=False)
class Draft:
    """An item, and what has been found under it."""

    found: Found
    raw: str
    line: int
    section: Section
    language: str | None = None
    """The fence's info word, `None` outside of fences."""
    parent: "Draft | None" = None
    fields: list[FieldDraft] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    box: Box | None = None
    given: str = ""
    """Its id, once it is known."""
    tags: wording.Tags = field(init=False)
    words_id: str = field(init=False)
    """The id of its words, pinned or not: equal words have equal ones."""
    pin: str | None = None

    def read(self) -> None:
        """Take pin and tags out of the words, which are complete now."""
        self.tags = wording.tags(self.raw[:TEXT_CAP])
        self.words_id = ids.item_id(self.tags.text)

    @property
    def wanted(self) -> str:
        """The id that its words or its pin ask for."""
        return self.pin if self.pin is not None else self.words_id

    def labelled(self, labelled: tuple[FieldKind, str, str], line: int) -> FieldDraft:
        """Keep a labelled line below it: kind, label and Markdown."""
        made = FieldDraft(*labelled, line)
        if len(self.fields) < UNDER_CAP:
            self.fields.append(made)
        return made

    def item(self, path: str, *, same_as: str | None) -> Item:
        """Return the item; its id and its parent's have to be given."""
        section, text = self.section, self.tags.text
        labelled = {one.label.lower(): wording.plain(one.raw[:TEXT_CAP]) for one in self.fields}
        severity = self.tags.severity or wording.severity_of(
            labelled.get("severity") or labelled.get("priority") or ""
        )
        phase = self.tags.phase or wording.heading_phase(labelled.get("phase", ""))
        own = cadences.own_cadence(text)
        return Item(
            id=self.given,
            text=repair.readable(text),
            ticked=self.found.ticked,
            path=path,
            line=self.line,
            section=tuple(map(repair.readable, section.words)),
            severity=severity or section.severity,
            phase=phase or section.phase,
            pinned=self.pin is not None,
            category=repair.readable(section.category),
            own_severity=severity is not None,
            own_phase=phase is not None,
            stage=section.stage,
            cadence=own or section.cadence,
            condition=cadences.condition(text) or section.condition,
            thresholds=self._thresholds(),
            commands=self._commands(),
            fields=tuple(one.done() for one in self.fields),
            options=tuple(map(repair.readable, self.options)),
            pull_requests=orders.pull_requests(text),
            parent=(self.parent.given or None) if self.parent else None,
            same_as=same_as,
            box=self.box,
        )

    def statistics(self) -> tuple[Statistic, ...]:
        """Return what the words say was counted; of the fields, what is wrong and how it is."""
        told = [(self.tags.text, self.line)]
        told += [
            (wording.plain(one.raw[:TEXT_CAP]), one.line)
            for one in self.fields
            if one.kind in {FieldKind.PROBLEM, FieldKind.STATUS}
        ]
        return tuple(
            found
            for text, line in told
            for found in quantities.statistics(
                text, line=line, section=self.section.words, item=self.given
            )
        )

    def _thresholds(self) -> tuple[Threshold, ...]:
        promised = [
            wording.plain(one.raw[:TEXT_CAP])
            for one in self.fields
            if one.kind in {FieldKind.FIX, FieldKind.VERIFICATION}
        ]
        told = [self.tags.text, *promised]
        return tuple(one for text in told for one in quantities.thresholds(text))

    def _commands(self) -> tuple[Command, ...]:
        if self.commands:
            return tuple(self.commands)
        told = [one for one in self.fields if one.kind is FieldKind.VERIFICATION]
        for one in told or self.fields:
            if found := shell.code(one.raw[:TEXT_CAP], line=one.line):
                return found
        if self.language is None:
            return shell.code(self.raw[:TEXT_CAP], line=self.line)
        return shell.own(self.tags.text, line=self.line, language=self.language)
