"""What `secret-scan` does when it runs; what it promises stands beside its options."""

from collections.abc import Iterator

from readiness_gate.checks.compared import Comparison, compared
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.repository.secret_parts import Part, Seen, changed_parts, tracked_parts
from readiness_gate.checks.repository.secret_scan import SecretScanOptions
from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.git import GitUnavailable
from readiness_gate.doors.workspace import PathRefused, matches
from readiness_gate.errors import ConfigurationError
from readiness_gate.formats.secret_lines import Baseline, SecretFinding, SecretLines, read_baseline
from readiness_gate.model.evidence import LocationEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_SHOWN = 50
_BASELINE = ".secrets.baseline"


class _TimeRanOut(Exception):  # noqa: N818 - ends the scan
    pass


def run(context: CheckContext, options: SecretScanOptions) -> CheckResult:
    """Look at the change, or at the tree, and leave out what the baseline knows."""
    comparison = compared(context)
    path = options.baseline or _BASELINE
    try:
        baseline = _baseline(context, comparison, options)
        detectors = SecretLines(baseline)
    except ValueError as error:
        return cannot_tell(ErrorClass.CONFIGURATION, f"{path}: {error}")
    seen = Seen()
    in_change = comparison is not None and options.scope == "diff"
    deadline = Deadline(context.clock, context.timeout)
    try:
        if comparison is not None and in_change:
            _look(seen, changed_parts(comparison, seen), detectors, baseline, options, deadline)
        else:
            _look(seen, tracked_parts(context, seen), detectors, baseline, options, deadline)
    except _TimeRanOut:
        text = f"time ran out after {seen.files} files"
        advice = "Give the item a longer timeout, or leave large files out with `exclude`."
        return cannot_tell(ErrorClass.INCONCLUSIVE, text, remediation=advice)
    except PathRefused as error:
        advice = "Leave the file out with `exclude` if it can hold no secret."
        return cannot_tell(ErrorClass.CONFIGURATION, str(error), remediation=advice)
    except OSError as error:
        text = f"{error.filename or 'a file'} cannot be read: {error.strerror}"
        return cannot_tell(ErrorClass.INFRASTRUCTURE, text)
    return _result(seen, in_change=in_change)


def _baseline(
    context: CheckContext, comparison: Comparison | None, options: SecretScanOptions
) -> Baseline:
    path = options.baseline or _BASELINE
    try:
        if comparison is not None:
            data = comparison.git.file(comparison.base, path)
        else:
            data = context.workspace.read(path)
    except FileNotFoundError:
        data = None
    except GitUnavailable as error:
        raise ConfigurationError(f"the baseline at the base: {error}") from error
    if data is not None:
        return read_baseline(data)
    if options.baseline is not None:
        where = "at the base" if comparison is not None else "in the checkout"
        raise ValueError(f"there is no such file {where}")
    return Baseline()


def _look(
    seen: Seen,
    parts: Iterator[Part],
    detectors: SecretLines,
    baseline: Baseline,
    options: SecretScanOptions,
    deadline: Deadline,
) -> None:
    own = options.baseline or _BASELINE
    for part in parts:
        if deadline.passed:
            raise _TimeRanOut
        excluded = any(matches(part.path, pattern) for pattern in options.exclude)
        if part.path == own or excluded or detectors.leaves_out(part.path):
            seen.left_out += 1
            continue
        seen.files += 1
        seen.lines += len(part.lines)
        for finding in detectors.find(part.path, part.lines):
            if any((part.path, kind, finding.digest) in baseline.known for kind in finding.kinds):
                seen.known += 1
            elif finding.allowed and options.inline_allowlist:
                seen.excused.append((part.path, finding))
            else:
                seen.found.append((part.path, finding))


def _result(seen: Seen, *, in_change: bool) -> CheckResult:
    what = _plural(seen.lines, "new line") + " of " if in_change else ""
    looked = f"{what}{_plural(seen.files, 'file')}"
    notes = [
        text
        for number, text in (
            (seen.known, f"{seen.known} known from the baseline"),
            (len(seen.excused), f"{len(seen.excused)} excused by a comment"),
            (seen.binary, f"{_plural(seen.binary, 'binary file')} not looked at"),
            (seen.left_out, f"{_plural(seen.left_out, 'file')} left out"),
        )
        if number
    ]
    excused = [f"excused: {_place(*one)}" for one in seen.excused[:_SHOWN]]
    if seen.found:
        return failed(
            f"{_plural(len(seen.found), 'potential secret')} in {looked}, "
            f"first {_place(*seen.found[0])}",
            details="\n".join([*(_place(*one) for one in seen.found[:_SHOWN]), *notes, *excused]),
            evidence=[
                LocationEvidence(path=path, line=one.line, text=one.kind)
                for path, one in seen.found[:_SHOWN]
            ],
        )
    if not seen.files and not in_change:
        return cannot_tell(ErrorClass.INCONCLUSIVE, "there is no file to look at")
    details = "\n".join([*notes, *excused])
    if not seen.lines and in_change:
        return passed("the change adds no line that could hold a secret", details=details)
    more = f" ({', '.join(notes)})" if notes else ""
    return passed(f"no secret in {looked}{more}", details=details)


def _place(path: str, finding: SecretFinding) -> str:
    return f"{path}:{finding.line}: {finding.kind}"


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
