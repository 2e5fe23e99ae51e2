"""Coverage held against the base: the total may not fall, changed lines are reached."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from readiness_gate.checks.artifacts.coverage_judged import Judged, Places
from readiness_gate.checks.compared import Comparison
from readiness_gate.checks.project_files import Unclear, counted
from readiness_gate.doors.git import GitUnavailable
from readiness_gate.doors.workspace import PathRefused
from readiness_gate.formats.coverage import FileCoverage, line_share, read_coverage
from readiness_gate.model.evidence import LocationEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import cannot_tell

_SHOWN = 20


def ratchet(
    baseline: str, comparison: Comparison, files: Mapping[str, FileCoverage], judged: Judged
) -> None:
    """Judge the total against a report, or a number, at the base.

    Raises:
        Unclear: it is not there, or is neither.
    """
    try:
        data = comparison.git.file(comparison.base, baseline)
    except (GitUnavailable, PathRefused) as error:
        raise Unclear(cannot_tell(ErrorClass.CONFIGURATION, str(error))) from error
    if data is None:
        text = f"{baseline} is not at the base"
        advice = "Commit a coverage report, or a number such as 81.4, there first."
        raise Unclear(cannot_tell(ErrorClass.CONFIGURATION, text, remediation=advice))
    before = _baseline_share(baseline, data)
    now = line_share(files.values())
    if now is not None and now + 1e-9 < before:
        judged.problems.append(f"lines fell from {before:.2f} % at the base to {now:.2f} %")
    else:
        judged.held.append(f"not below the base's {before:.1f} %")


def _baseline_share(name: str, data: bytes) -> float:
    text = data[:64].decode("utf-8", "replace").strip().removesuffix("%").strip()
    try:
        share = float(text) if text.replace(".", "", 1).isdecimal() else None
        if share is None:
            share = line_share(read_coverage(data).files.values())
    except ValueError as error:
        result = cannot_tell(ErrorClass.CONFIGURATION, f"{name} at the base: {error}")
        raise Unclear(result) from error
    if share is None or not 0 <= share <= 100:
        raise Unclear(cannot_tell(ErrorClass.CONFIGURATION, f"{name} at the base is no share"))
    return share


def changed_lines(
    limit: str,
    comparison: Comparison,
    files: Mapping[str, FileCoverage],
    places: Places,
    judged: Judged,
) -> None:
    """Judge the lines of the change that the report measures.

    Raises:
        Unclear: no file of the report is in the checkout.
    """
    if not places.known:
        text = f"no file of the report is in the checkout, such as {min(files)}"
        advice = "Set `root` to the folder that the report's paths start in."
        raise Unclear(cannot_tell(ErrorClass.CONFIGURATION, text, remediation=advice))
    hit: list[bool] = []
    missed: list[tuple[str, int]] = []
    for change in comparison.changed:
        lines = files[change.path].lines if change.path in files else {}
        for number in sorted(change.numbers & lines.keys()):
            hit.append(lines[number])
            missed += [] if lines[number] else [(change.path, number)]
    endings = {PurePosixPath(path).suffix for path in files}
    judged.notes += [
        f"changed, but not measured by the report: {change.path}"
        for change in comparison.changed
        if change.added and change.path not in files
        and PurePosixPath(change.path).suffix in endings
    ][:_SHOWN]  # fmt: skip
    if not hit:
        judged.notes.insert(0, "the change has no line that the report measures")
        return
    what = f"{counted(len(hit), 'changed line')}"
    if not judged.hold(what, limit, 100.0 * sum(hit) / len(hit)):
        judged.evidence += list(_missed(missed))


def _missed(missed: list[tuple[str, int]]) -> Iterator[LocationEvidence]:
    """Yield one place for each run of lines."""
    shown = 0
    for at, (path, line) in enumerate(missed):
        if at and missed[at - 1] == (path, line - 1):
            continue
        shown += 1
        if shown > _SHOWN:
            return
        yield LocationEvidence(path=path, line=line, text="changed, and no test reaches it")
