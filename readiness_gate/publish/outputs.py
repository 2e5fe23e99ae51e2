"""The runner's own channels: step outputs, job summary, annotations, masks.

All of them are files or lines with a grammar that untrusted text could break out of (notes on
security S-21): values are the gate's own, delimiters are random, lines are escaped.
"""

import os
import secrets
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from readiness_gate.doors.settings import OUTPUTS
from readiness_gate.errors import GateError
from readiness_gate.model.evidence import LocationEvidence
from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import Outcome
from readiness_gate.model.report import Report
from readiness_gate.report.escape import one_line
from readiness_gate.report.groups import counts, grouped
from readiness_gate.report.page import SUMMARY_LIMIT

ANNOTATIONS = 10
"""Annotations of one kind that GitHub shows for a step."""
_MESSAGE_CAP = 1_000


class OutputRefused(GateError):  # noqa: N818
    """A value cannot be written without forging another one. Exit code 3."""


def step_outputs(report: Report, *, report_path: str, comment_url: str = "") -> dict[str, str]:
    """Return the outputs of the action by name, in the order of `action.yml` (DESIGN 1.1)."""
    found = counts(report.items)
    values = {
        "verdict": report.verdict.value,
        "passed": str(found.passed),
        "failed": str(found.failed),
        "errors": str(found.errors),
        "pending": str(found.pending),
        "waived": str(found.waived),
        "skipped": str(found.skipped),
        "report": report_path,
        "comment-url": comment_url,
    }
    return {name: values[name] for name in OUTPUTS}


def write_outputs(path: Path | None, values: Mapping[str, str]) -> None:
    """Append outputs to the runner's file; without a file there is nothing to do.

    Raises:
        OutputRefused: a value holds its own random delimiter (it cannot have guessed it).
    """
    if path is None:
        return
    text = "".join(output_lines(name, value) for name, value in values.items())
    _append(path, text)


def output_lines(name: str, value: str, *, delimiter: str | None = None) -> str:
    """Return one output in the runner's heredoc form."""
    delimiter = delimiter or f"rg-{secrets.token_hex(16)}"
    # The runner splits lines at CR too.
    lines = value.replace("\r\n", "\n").replace("\r", "\n")
    if delimiter in name or delimiter in lines:
        raise OutputRefused(f"the output {name} holds its own delimiter")
    return f"{name}<<{delimiter}\n{lines}\n{delimiter}\n"


def write_summary(path: Path | None, text: str) -> None:
    """Append the job summary; text beyond what GitHub takes is left out at a line's end."""
    if path is None:
        return
    room = SUMMARY_LIMIT - (path.stat().st_size if path.exists() else 0)
    data = text.encode("utf-8", "replace")
    if len(data) > room:
        data = data[: max(room, 0)].rpartition(b"\n")[0]
        text = data.decode("utf-8", "ignore")
    _append(path, text)


def annotations(items: Sequence[ItemResult], *, changed: Collection[str] = ()) -> tuple[str, ...]:
    """Return lines for what is not ready: `::error`, or `::notice` for what waits.

    What does not block is a `::warning`, where it has a place. At most as many of each kind as
    GitHub shows. Each points at a place in a file, where the item's evidence has one; further
    places of an item come after the first ones of all. Of an item's places those in `changed`
    come first: GitHub shows them on the diff.
    """
    groups = grouped(items)
    errors = [row.item for row in (*groups.fixes, *groups.unknown)]
    notices = [row.item for row in groups.waiting]
    beside = [item for item in groups.not_blocking if item.outcome is Outcome.FAILED]
    warnings = [one for one in _placed(beside, changed) if one[1] is not None]
    return tuple(
        _annotation(kind, item, place)
        for kind, placed in (
            ("error", _placed(errors, changed)),
            ("warning", warnings),
            ("notice", _placed(notices, changed)),
        )
        for item, place in placed[:ANNOTATIONS]
    )


def _placed(
    items: Sequence[ItemResult], changed: Collection[str]
) -> list[tuple[ItemResult, LocationEvidence | None]]:
    """Return items with their places: the first one of each, the second ones, and so on."""
    places = [
        sorted(
            dict.fromkeys(one for one in item.evidence if isinstance(one, LocationEvidence)),
            key=lambda one: one.path not in changed,
        )
        for item in items
    ]
    first = [(item, mine[0] if mine else None) for item, mine in zip(items, places, strict=True)]
    later = [
        (item, mine[at])
        for at in range(1, ANNOTATIONS)
        for item, mine in zip(items, places, strict=True)
        if at < len(mine)
    ]
    return [*first, *later]


def mask(value: str) -> tuple[str, ...]:
    """Return the lines that let the runner hide a value in its log, one for each of its lines."""
    lines = [line.strip() for line in value.splitlines()]
    return tuple(f"::add-mask::{_data(line)}" for line in lines if line)


def untrusted(text: str) -> str:
    """Return text that the runner prints and never obeys.

    Commands count between the two lines no more, and the older form `##[…]`, which counts
    anywhere in a line, is broken up.
    """
    token = secrets.token_hex(16)
    quiet = text.replace("##[", "## [").replace(token, "")
    return f"::stop-commands::{token}\n{quiet}\n::{token}::"


def _annotation(kind: str, item: ItemResult, place: LocationEvidence | None) -> str:
    properties = {"title": one_line(f"{item.id}: {item.title}", 200)}
    if place is not None:
        properties = {"file": one_line(place.path, 400), **properties}
        if place.line is not None:
            properties["line"] = str(place.line)
    named = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    own = place.text if place is not None and place.text not in item.summary else ""
    message = ". ".join(part for part in (own, item.summary, item.remediation) if part)
    return f"::{kind} {named}::{_data(one_line(message, _MESSAGE_CAP) or item.outcome)}"


def _data(text: str) -> str:
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace("##[", "## [")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _append(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace", newline="") as stream:
        stream.write(text)
