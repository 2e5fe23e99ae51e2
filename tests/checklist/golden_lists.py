"""`python -m tests.checklist.golden_lists FOLDER`: hold the five documents against their lists.

The documents themselves are not part of the project. What each of their lines is read as is kept
in `golden/`, and `--write` writes it again; an id in it must never change.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from readiness_gate.checklist.document import Document, Item
from readiness_gate.checklist.markdown import read_document

GOLDEN = Path(__file__).parent / "golden"
NAMES = ("000", "001", "002", "003", "004")
_MARKS = {"list": "- [{}] {}", "plain": "[{}] {}", "icon": "{} {}"}


def golden(name: str) -> list[dict[str, Any]]:
    """Return the lines of a document as they have to be read."""
    read = json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))
    assert isinstance(read, list)
    return read


def rebuilt(name: str) -> str:
    """Return a Markdown file with the lines of one of the five documents, and little else."""
    lines = [f"# List {name}"]
    fenced = False
    for number, row in enumerate(golden(name)):
        if (row["form"] == "plain") != fenced:
            fenced = not fenced
            lines.append("```")
        if number % 6 == 0 and not fenced:
            lines.append(f"\n## Section {number}\n")
        ticked = row.get("ticked", False)
        mark = ("✅" if ticked else "❌") if row["form"] == "icon" else ("x" if ticked else " ")
        phase = f" ({row['phase'].replace('-', ' ').title()})" if "phase" in row else ""
        lines.append(_MARKS[row["form"]].format(mark, row["text"]) + phase)
        lines += [f"  - {option}" for option in row.get("options", [])]
    return "\n".join([*lines, "```" if fenced else "", ""])


def rows(document: Document) -> list[dict[str, Any]]:
    """Return the lines of a document as they are read; what says nothing is left out."""
    return [_row(item) for item in document.items]


def _row(item: Item) -> dict[str, Any]:
    row = {
        "line": item.line,
        "id": item.id,
        "text": item.text,
        "form": item.box.form if item.box else None,
        "ticked": item.ticked,
        "section": " / ".join(item.section),
        "category": item.category,
        "severity": item.severity,
        "phase": item.phase,
        "stage": item.stage,
        "cadence": item.cadence,
        "condition": item.condition,
        "thresholds": [one.text for one in item.thresholds],
        "commands": [one.text for one in item.commands],
        "fields": [one.label for one in item.fields],
        "options": list(item.options),
        "pull-requests": list(item.pull_requests),
        "same-as": item.same_as,
    }
    return {key: value for key, value in row.items() if value not in (None, [], False, "")}


def main() -> None:
    """Compare, or write; what differs is printed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    different = 0
    for name, path in zip(NAMES, sorted(asked.folder.iterdir()), strict=True):
        found = rows(read_document(name, path.read_bytes()))
        if asked.write:
            lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in found)
            (GOLDEN / f"{name}.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
            continue
        for expected, row in zip(golden(name), found, strict=True):
            if expected != row:
                different += 1
                print(f"{name}:\n  {expected}\n  {row}")
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
