"""What `changelog` does when it runs; what it promises stands beside its options."""

from collections.abc import Iterator, Sequence
from datetime import date

from readiness_gate.checks.compared import compared
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.repository.changelog import ChangelogOptions
from readiness_gate.doors.workspace import PathRefused, matches
from readiness_gate.formats.changelog import GROUPS, Release, read_changelog
from readiness_gate.model.evidence import LocationEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_SHOWN = 20


def run(context: CheckContext, options: ChangelogOptions) -> CheckResult:
    """Read the changelog, then compare it with the change."""
    path = options.path
    try:
        text = context.workspace.text(path)
    except PathRefused as error:
        return cannot_tell(ErrorClass.CONFIGURATION, str(error))
    except FileNotFoundError:
        return failed(f"{path} is missing", remediation=f"Add {path}, or correct the path.")
    except OSError as error:
        return cannot_tell(ErrorClass.INFRASTRUCTURE, f"{path} cannot be read: {error.strerror}")
    releases = read_changelog(text)
    if not releases:
        return failed(f"{path} has no section such as `## [1.2.0] - 2024-01-31`")
    problems = [
        *_form(path, releases, context.clock.now().date()),
        *_content(path, releases, options),
        *_entry(context, releases, options),
    ]
    if problems:
        more = f"; and {len(problems) - 1} more" if len(problems) > 1 else ""
        lines = [f"{one.path}:{one.line or 1}: {one.text}" for one in problems[:_SHOWN]]
        return failed(lines[0] + more, details="\n".join(lines), evidence=problems[:_SHOWN])
    latest = next((one.name for one in releases if not one.unreleased), "nothing")
    entries = sum(len(one.entries) for one in releases)
    return passed(f"{path}: {len(releases)} sections, {entries} entries, last released {latest}")


def _form(path: str, releases: Sequence[Release], today: date) -> Iterator[LocationEvidence]:
    from packaging.version import InvalidVersion, Version  # noqa: PLC0415

    seen: set[str] = set()
    before: tuple[Version, str] | None = None
    for number, one in enumerate(releases):
        for line, group in one.unknown_groups:
            text = f"{group[:40]!r} is none of {', '.join(GROUPS)}"
            yield LocationEvidence(path=path, line=line, text=text)
        if one.name.casefold() in seen:
            yield LocationEvidence(path=path, line=one.line, text=f"{one.name} is here twice")
        seen.add(one.name.casefold())
        if one.unreleased:
            if number:
                text = "Unreleased is not the first section"
                yield LocationEvidence(path=path, line=one.line, text=text)
            continue
        yield from _released(path, one, today)
        try:
            version = Version(one.name)
        except InvalidVersion:
            text = f"{one.name!r} is no version"
            yield LocationEvidence(path=path, line=one.line, text=text)
            continue
        if before is not None and version > before[0]:
            text = f"{one.name} stands below {before[1]}"
            yield LocationEvidence(path=path, line=one.line, text=text)
        before = (version, one.name)


def _released(path: str, one: Release, today: date) -> Iterator[LocationEvidence]:
    problem = ""
    if one.wrong_date:
        problem = f"{one.name} has a date that there is not"
    elif one.date is None:
        problem = f"{one.name} has no date such as 2024-01-31"
    elif one.date > today:
        problem = f"{one.name} has a date in the future"
    if problem:
        yield LocationEvidence(path=path, line=one.line, text=problem)
    if not one.entries and not one.yanked:
        yield LocationEvidence(path=path, line=one.line, text=f"{one.name} has no entry")


def _content(
    path: str, releases: Sequence[Release], options: ChangelogOptions
) -> Iterator[LocationEvidence]:
    if options.version is not None:
        wanted = options.version.removeprefix("v")
        if all(one.name != wanted for one in releases):
            yield LocationEvidence(path=path, text=f"there is no section for {wanted}")
    open_ = next((one for one in releases if one.unreleased), None)
    entries = len(open_.entries) if open_ is not None else 0
    if options.unreleased is True and not entries:
        line = open_.line if open_ is not None else None
        yield LocationEvidence(path=path, line=line, text="there is no entry under Unreleased")
    if options.unreleased is False and entries and open_ is not None:
        text = f"{entries} entries are still under Unreleased"
        yield LocationEvidence(path=path, line=open_.line, text=text)


def _entry(
    context: CheckContext, releases: Sequence[Release], options: ChangelogOptions
) -> Iterator[LocationEvidence]:
    comparison = compared(context) if options.entry else None
    if comparison is None:
        return
    asking = [
        one.path
        for one in comparison.changed
        if one.path != options.path
        and any(matches(one.path, pattern) for pattern in options.changed)
        and not any(matches(one.path, pattern) for pattern in options.exclude)
    ]
    mine = next((one for one in comparison.changed if one.path == options.path), None)
    new = mine.numbers if mine is not None else frozenset()
    # Older sections tell of what was released before; a line there is no entry of this change.
    first = releases[: 2 if releases[0].unreleased else 1]
    if asking and not any(line in new for one in first for line in one.entries):
        more = f" and {len(asking) - 1} more" if len(asking) > 1 else ""
        text = f"{asking[0]}{more} changed, but no entry was added"
        yield LocationEvidence(path=options.path, line=first[0].line, text=text)
