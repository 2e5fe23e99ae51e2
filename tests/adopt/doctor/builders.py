"""Workflows in a folder, and what the doctor finds in them."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from readiness_gate.adopt.doctor.files import WorkflowFile, read_files
from readiness_gate.adopt.doctor.finding import Finding
from readiness_gate.doors.workspace import Workspace
from tests.contracts.sources import ROOT

HARDENED = ROOT / "examples/hardened/.github/workflows"
SHOP = ROOT / "examples/shop/.github/workflows/readiness.yml"
GATE = "readiness-gate/readiness-gate@" + "0" * 40


def hardened(**changed: Callable[[str], str]) -> dict[str, str]:
    """The ready-made set, some of its files changed: `checks=lambda text: ...`."""
    return {
        path.name: changed.get(path.stem.removeprefix("readiness-"), str)(path.read_text("utf-8"))
        for path in sorted(HARDENED.iterdir())
    }


def swap(old: str, new: str) -> Callable[[str], str]:
    """A change of one text, which has to be there."""

    def change(text: str) -> str:
        assert old in text, old
        return text.replace(old, new)

    return change


def shop(*changes: tuple[str, str]) -> dict[str, str]:
    """The shop's workflow of one step, changed."""
    text = SHOP.read_text("utf-8")
    for old, new in changes:
        text = swap(old, new)(text)
    return {"readiness.yml": text}


def gates(folder: Path, files: Mapping[str, str]) -> tuple[WorkflowFile, ...]:
    """The workflows that run the gate, read from a folder."""
    found, _ = read(folder, files)
    return tuple(one for one in found if one.steps)


def read(
    folder: Path, files: Mapping[str, str]
) -> tuple[tuple[WorkflowFile, ...], tuple[Finding, ...]]:
    """Everything that is read from a folder with these workflows."""
    place = folder / ".github" / "workflows"
    place.mkdir(parents=True)
    for name, text in files.items():
        (place / name).write_text(text, "utf-8")
    return read_files(Workspace(folder))


def said(findings: Iterable[Finding]) -> list[str]:
    """Rule and place of each finding, without the folder's name."""
    return [f"{one.rule} {one.place.rpartition('/')[2]}" for one in findings]
