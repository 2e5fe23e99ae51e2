"""The section `merge` that a checklist declares: sequences and statements of dependency alone."""

from collections.abc import Iterator, Mapping
from typing import Any

from readiness_gate.adopt.reading import Reading


def merge_section(reading: Reading, own: int | None) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """Return the section, empty where nothing is declared, and what somebody has to see to.

    `own` is the number of the pull request that a placeholder such as `<THIS_PR_NUMBER>` means.
    """
    notes: list[str] = []
    sequences = list(_sequences(reading, own, notes))
    section: dict[str, Any] = {}
    if sequences:
        section["order"] = sequences[0]
        notes += [f"a second sequence is left out: {other}" for other in sequences[1:]]
    placed = {number: at for at, number in enumerate(section.get("order", ()))}
    after: dict[int, list[int]] = {}
    for document in reading.documents:
        for one in document.dependencies:
            for earlier in one.after:
                if earlier != one.number and earlier not in after.setdefault(one.number, []):
                    after[one.number].append(earlier)
                if placed.get(earlier, -1) > placed.get(one.number, len(placed)):
                    notes.append(
                        f"{document.path}:{one.line}: #{one.number} depends on #{earlier}, which "
                        "the sequence puts after it"
                    )
    if edges := [{"pull-request": one, "after": many} for one, many in after.items() if many]:
        section["depends-on"] = edges
    return section, tuple(dict.fromkeys(notes))


def _sequences(reading: Reading, own: int | None, notes: list[str]) -> Iterator[list[int]]:
    for document in reading.documents:
        for sequence in document.sequences:
            numbers = []
            for step in sequence.steps:
                number = step.number or own
                if number is None:
                    notes.append(
                        f"{document.path}:{step.line}: {step.placeholder or 'a placeholder'} "
                        "stands for a number: give it with --pull-request"
                    )
                elif number not in numbers:
                    numbers.append(number)
            if len(numbers) > 1:
                yield numbers
