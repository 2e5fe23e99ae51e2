"""`readiness-gate import FILE`: from a Markdown checklist to a proposed configuration."""

import codecs
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from readiness_gate.adopt.claims import claims
from readiness_gate.adopt.configuration import Draft, configuration
from readiness_gate.adopt.merge_section import merge_section
from readiness_gate.adopt.proposal import ATTESTATION, Proposal, Proposer
from readiness_gate.adopt.reading import Reading, read
from readiness_gate.adopt.repository_facts import RepositoryFacts
from readiness_gate.adopt.rules import known_rules
from readiness_gate.adopt.successors import renamed
from readiness_gate.adopt.target import target_of
from readiness_gate.adopt.update import update
from readiness_gate.adopt.write_ids import with_ids
from readiness_gate.checks import CHECKS
from readiness_gate.cli.console import Console
from readiness_gate.cli.formats import require_format
from readiness_gate.doors.settings import Settings
from readiness_gate.doors.workspace import PathRefused, Workspace
from readiness_gate.errors import ConfigurationError
from readiness_gate.report.escape import plain


def command(
    settings: Settings,
    console: Console,
    *,
    files: Sequence[str],
    output: str,
    merge: bool,
    pin: bool,
    output_format: str,
) -> int:
    """Propose a configuration for checklists; return 0.

    It is printed, or written to `output`; with `merge` what is new goes into the configuration.

    Raises:
        ConfigurationError: a file cannot be read, or something would be overwritten.
    """
    require_format(output_format)
    workspace = Workspace(settings.workspace)
    sources = list(dict(_source(workspace, name) for name in files).items())
    reading = read(sources)
    if not reading.items:
        raise ConfigurationError(
            f"{', '.join(files)}: no line can be ticked",
            advice="Write lines such as `- [ ] Backups are restored`, or start with "
            "`readiness-gate init`.",
        )
    draft, notes = draft_of(reading, workspace, settings.pull_request)
    notes = (*reading.warnings, *notes)
    if pin:
        notes = (*notes, *_pin(workspace, sources, reading, console))
    written = _written(workspace, settings, console, draft, output, merge=merge)
    if output_format == "json":
        console.out(json.dumps(described(draft, notes), indent=2, ensure_ascii=False))
    elif not written:
        console.out(configuration(draft).rstrip("\n"))
    for note in notes if output_format == "text" else ():
        console.note(f"note: {plain(note)}")
    console.note(_counted(draft.proposals))
    return 0


def draft_of(
    reading: Reading, workspace: Workspace, own: int | None
) -> tuple[Draft, tuple[str, ...]]:
    """Return what is proposed for documents, and what somebody has to see to."""
    facts = RepositoryFacts(workspace)
    target = target_of(facts)
    proposals = Proposer(known_rules(), CHECKS, facts, target).proposals(reading.items)
    section, notes = merge_section(reading, own)
    return Draft(reading, proposals, target, section), notes


def described(draft: Draft, notes: Sequence[str]) -> dict[str, Any]:
    """Return the machine's form (DESIGN 1.4)."""
    return {
        "items": [_described(one) for one in draft.proposals],
        "claims": claims(draft.reading),
        "warnings": list(notes),
    }


def _described(proposal: Proposal) -> dict[str, Any]:
    item = proposal.item
    return {
        "id": item.id,
        "line": item.line,
        "ticked": item.ticked,
        "text": item.text,
        "section": " > ".join(item.section),
        "category": item.category or (item.section[-1] if item.section else ""),
        "severity": item.severity.value if item.severity else None,
        "phase": item.phase,
        "stage": proposal.stage.value,
        "check": proposal.check,
        "with": dict(proposal.options),
        "todo": proposal.todo or None,
        "confidence": proposal.confidence,
        "reason": proposal.reason,
    }


def _source(workspace: Workspace, name: str) -> tuple[str, bytes]:
    path = Path(name)
    try:
        real = (path if path.is_absolute() else workspace.root / path).resolve()
        if real.is_relative_to(workspace.root):
            relative = real.relative_to(workspace.root).as_posix()
            return relative, workspace.read(relative)
        return name, Workspace(real.parent).read(real.name)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ConfigurationError(f"there is no file {name}") from error
    except (PathRefused, OSError) as error:
        raise ConfigurationError(f"{name} cannot be read: {error}") from error


def _pin(
    workspace: Workspace,
    sources: Sequence[tuple[str, bytes]],
    reading: Reading,
    console: Console,
) -> tuple[str, ...]:
    notes: list[str] = []
    for (path, data), document in zip(sources, reading.documents, strict=True):
        written, left = with_ids(path, data, document.items)
        if written != data:
            workspace.path(path).write_bytes(written)
            console.note(f"{path}: ids are pinned")
        notes += [
            f"{path}: {id_} keeps its id by its words: nothing can be pinned there" for id_ in left
        ]
    return tuple(notes)


def _written(
    workspace: Workspace,
    settings: Settings,
    console: Console,
    draft: Draft,
    output: str,
    *,
    merge: bool,
) -> bool:
    """Write the configuration where it was asked for; return whether it was."""
    name = output or (settings.config if merge else "")
    if not name:
        return False
    target = place(workspace, name)
    paths = [one.path for one in draft.reading.documents]
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(configuration(draft), "utf-8")
        console.note(f"{name}: written")
        return True
    if not merge:
        raise ConfigurationError(f"{name} is there already", advice="Give --update to add to it.")
    data = workspace.read(name)
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    try:
        before = data.removeprefix(mark).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{name}: is not UTF-8") from error
    updated = update(before, draft.proposals, paths, name=name)
    if updated.text != before:
        target.write_bytes(mark + updated.text.encode())
    added = ", ".join(updated.added)
    console.note(f"{name}: {'added ' + added if added else 'nothing to add'}")
    for line in renamed(before, draft.reading.items, name=name):
        console.note(f"note: {line}")
    return True


def place(workspace: Workspace, name: str) -> Path:
    """Return where a file is to be written.

    Raises:
        ConfigurationError: that is outside of the workspace, or a folder.
    """
    try:
        target = workspace.path(name)
    except PathRefused as error:
        raise ConfigurationError(str(error)) from error
    if target.is_dir():
        raise ConfigurationError(f"{name} is a folder")
    return target


def _counted(proposals: Sequence[Proposal]) -> str:
    people = sum(one.check == ATTESTATION for one in proposals)
    open_ = sum(bool(one.todo) and one.check != ATTESTATION for one in proposals)
    bound = len(proposals) - people
    return (
        f"{len(proposals)} items: {bound} bound to checks ({open_} to finish), {people} to people"
    )
