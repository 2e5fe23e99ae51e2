"""What `file-exists` does when it runs; what it promises stands beside its options."""

from collections.abc import Iterator, Sequence

from readiness_gate.checks.chosen_files import is_pattern
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.project_files import unreadable
from readiness_gate.checks.repository.file_exists import FileExistsOptions
from readiness_gate.doors.workspace import PathRefused, Workspace, matches
from readiness_gate.model.evidence import LocationEvidence
from readiness_gate.model.result import CheckResult, failed, passed

_SHOWN = 20


def run(context: CheckContext, options: FileExistsOptions) -> CheckResult:
    """Look for every path; a pattern has to match at least one."""
    there: list[str] = []
    missing: list[str] = []
    names: Sequence[str] | None = None
    for pattern in options.wanted:
        try:
            if names is None and is_pattern(pattern, context.workspace):
                names = tuple(context.workspace.files())
            found = _found(pattern, names or (), context.workspace, options)
        except (PathRefused, OSError) as error:
            return unreadable(error, pattern)
        there += found
        missing += [] if found else [pattern]
    if options.absent:
        return _absent(options.wanted, there)
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        return failed(
            f"{missing[0]} is missing{more}",
            details="\n".join(missing),
            remediation=f"Add {missing[0]}, or correct its path in the configuration.",
        )
    return passed(f"{_count(len(there), 'path')} found", details="\n".join(there[:_SHOWN]))


def _absent(wanted: Sequence[str], there: Sequence[str]) -> CheckResult:
    if not there:
        return passed(f"none of {_count(len(wanted), 'path')} is there")
    return failed(
        f"{there[0]} is there" + (f" and {len(there) - 1} more" if len(there) > 1 else ""),
        details="\n".join(there[:_SHOWN]),
        evidence=[LocationEvidence(path=path) for path in there[:_SHOWN]],
        remediation=f"Remove {there[0]}.",
    )


def _found(
    pattern: str, names: Sequence[str], workspace: Workspace, options: FileExistsOptions
) -> list[str]:
    if not is_pattern(pattern, workspace):
        path = workspace.path(pattern)
        # A link to nowhere is there all the same, for those who ask that nothing is.
        there = path.exists() or (options.absent and (workspace.root / pattern).is_symlink())
        return [pattern] if there and _is_a(options.filetype, path.is_dir()) else []
    found = [name for name in names if matches(name, pattern)] if _files(options) else []
    if options.filetype != "file":
        folders = {folder for name in names for folder in _folders(name)}
        found += sorted(name for name in folders if matches(name, pattern.rstrip("/")))
    return found or list(_links(pattern.rstrip("/"), workspace, options))


def _links(pattern: str, workspace: Workspace, options: FileExistsOptions) -> Iterator[str]:
    for name in workspace.links():
        # As of a path: a link to nowhere is there for those who ask that nothing is.
        there = matches(name, pattern) and (options.absent or workspace.exists(name))
        if there and _is_a(options.filetype, (workspace.root / name).is_dir()):
            yield name


def _files(options: FileExistsOptions) -> bool:
    return options.filetype != "directory"


def _is_a(filetype: str | None, directory: bool) -> bool:
    return filetype is None or (filetype == "directory") == directory


def _folders(name: str) -> list[str]:
    parts = name.split("/")[:-1]
    return ["/".join(parts[: end + 1]) for end in range(len(parts))]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
