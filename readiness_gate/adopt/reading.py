"""Checklist files as import reads them: their items, and what else they say."""

from collections.abc import Sequence
from dataclasses import dataclass

from readiness_gate.checklist.document import Document, Item
from readiness_gate.checklist.markdown import read_checklists


@dataclass(frozen=True)
class Reading:
    """What the files say, in their order."""

    documents: tuple[Document, ...]
    warnings: tuple[str, ...]
    """What is odd about them, one line each."""

    @property
    def items(self) -> tuple[Item, ...]:
        """Return every item of all files."""
        return tuple(item for one in self.documents for item in one.items)

    @property
    def ticked(self) -> int:
        """Return how many items are ticked."""
        return sum(item.ticked for item in self.items)


def read(sources: Sequence[tuple[str, bytes]]) -> Reading:
    """Return what files say, given as path and bytes; ids are unique over all of them.

    Raises:
        ConfigurationError: a file cannot be read as a checklist, or an id is pinned twice.
    """
    found = read_checklists(sources)
    warnings = list(found.warnings)
    for document in found.documents:
        warnings += [f"{document.path}:{one.line}: {one.message}" for one in document.notices]
        warnings += [
            f"{document.path}:{one.line}: {one.text} is a placeholder: replace it"
            for one in document.placeholders
        ]
    return Reading(found.documents, tuple(dict.fromkeys(warnings)))
