"""What has been read of a document so far, and how each kind of line is kept."""

from collections.abc import Sequence

from readiness_gate.checklist import document as said
from readiness_gate.checklist import orders, remarks, repair, wording
from readiness_gate.checklist.boxes import Found
from readiness_gate.checklist.document import ClaimKind
from readiness_gate.checklist.drafts import TEXT_CAP, Draft
from readiness_gate.checklist.sections import Sections


class Reading:
    """What has been read so far."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.sections = Sections()
        self.drafts: list[Draft] = []
        self.phases: list[str] = []
        self.sequences: list[said.Sequence] = []
        self.dependencies: list[said.Dependency] = []
        self.sign_offs: list[said.SignOff] = []
        self.matrices: list[said.Matrix] = []
        self.decisions: list[said.Decision] = []
        self.statistics: list[said.Statistic] = []
        self.claims: list[said.Claim] = []
        self.placeholders: list[said.Placeholder] = []
        self.commands: list[tuple[tuple[str, ...], said.Command]] = []
        self.notices: list[said.Notice] = []

    def item(
        self,
        found: Found,
        line: int,
        *,
        parent: Draft | None = None,
        language: str | None = None,
        pin: str | None = None,
    ) -> Draft:
        """Keep a box as an item, or as a decision where it says `GO` and nothing else."""
        chosen = remarks.go(wording.plain(found.text[:TEXT_CAP])) if found.text else None
        draft = Draft(found, found.text[:TEXT_CAP], line, self.sections.now, language)
        draft.pin = pin
        if chosen is not None:
            self._chosen(chosen, found, line)
            return draft
        draft.parent = parent
        self.drafts.append(draft)
        return draft

    def _chosen(self, chosen: str, found: Found, line: int) -> None:
        """Keep the box of a `GO` or a `NO-GO` on lines of their own."""
        decisions, words = self.decisions, self.sections.now.words
        ticked = chosen if found.ticked else None
        last = decisions[-1] if decisions else None
        if last and last.section == words and line - last.line <= 2 and chosen not in last.options:
            decisions[-1] = said.Decision(
                last.line, words, (*last.options, chosen), last.chosen or ticked, last.text
            )
        else:
            text = wording.plain(found.text)
            decisions.append(said.Decision(line, words, (chosen,), ticked, text))

    def around(self, text: str, line: int, *, fenced: bool = False) -> bool:
        """Keep what a line says beside boxes; return whether it is a decision."""
        words = self.sections.now.words
        decided = None
        if ":" in text:
            if decided := remarks.decision(text, line=line, section=words):
                self.decisions.append(decided)
            elif signed := remarks.sign_off(text, line=line, section=words):
                self.sign_offs.append(signed)
        if "#" in text:
            if len(steps := orders.arrows(text, line=line)) > 1:
                self.order(steps)
            self.dependencies += orders.dependencies(text, line=line)
        if "[" in text or "<" in text or "TB" in text:
            self.placeholders += remarks.placeholders(text, line=line, section=words, fenced=fenced)
        return decided is not None

    def claim(self, kind: ClaimKind, text: str, line: int) -> None:
        """Keep words outside of items that claim something."""
        words = self.sections.now.words
        self.claims.append(said.Claim(kind, repair.readable(text), line, words))

    def order(self, steps: Sequence[said.Step]) -> None:
        """Keep an order of merges, and what its steps depend on."""
        words = self.sections.now.words
        self.sequences.append(said.Sequence(steps[0].line, words, tuple(steps)))
        self.dependencies += [
            said.Dependency(one.number, one.after, one.line)
            for one in steps
            if one.number is not None and one.after
        ]

    def empty(self, line: int) -> None:
        """Tell that a line's box has no words."""
        self.notice(line, "a box without words is left out")

    def notice(self, line: int, message: str) -> None:
        """Tell what is odd about a line."""
        self.notices.append(said.Notice(line, message))
