"""What `file-content` does when it runs; what it promises stands beside its options."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from readiness_gate.checks.chosen_files import all_seen, in_scope, is_pattern, untouched
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.project_files import unreadable
from readiness_gate.checks.repository.file_content import FileContentOptions, Sought
from readiness_gate.doors.workspace import PathRefused, Workspace
from readiness_gate.model.evidence import LocationEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_SHOWN = 20
_LINE_SHOWN = 200


@dataclass(frozen=True)
class _Problem:
    text: str
    place: LocationEvidence | None = None


@dataclass(frozen=True)
class _Seen:
    """One file, looked at once."""

    name: str
    counts: tuple[int, ...]
    """How often each of what is sought is in it."""
    problems: tuple[_Problem, ...]


def run(context: CheckContext, options: FileContentOptions) -> CheckResult:
    """Look at every file once; a path that leads to no file never passes."""
    try:
        named = _named(context.workspace, options)
        for path, names in named.items():
            if not names and (options.sought or options.min_size):
                return failed(f"no file at {path}", remediation=f"Add {path}, or correct the path.")
            if not names:
                text = f"nothing to look at: no file at {path}"
                return cannot_tell(ErrorClass.CONFIGURATION, text)
        all_names = list(dict.fromkeys(name for names in named.values() for name in names))
        looked_at = in_scope(context, all_names, options.scope)
        if not looked_at:
            return untouched(all_names)
        seen_by = {name: _seen(name, context.workspace.read(name), options) for name in looked_at}
    except (PathRefused, OSError) as error:
        return unreadable(error)
    groups = {
        path: [seen_by[name] for name in names if name in seen_by] for path, names in named.items()
    }
    return _judged(groups, list(seen_by.values()), options)


def _judged(
    groups: Mapping[str, Sequence[_Seen]], every: Sequence[_Seen], options: FileContentOptions
) -> CheckResult:
    problems = [problem for seen in every for problem in seen.problems]
    problems += _not_found(groups, options)
    problems += _counts(every, options)
    if problems:
        more = f"; and {len(problems) - 1} more" if len(problems) > 1 else ""
        return failed(
            problems[0].text + more,
            details="\n".join(problem.text for problem in problems[:_SHOWN]),
            evidence=[problem.place for problem in problems[:_SHOWN] if problem.place],
        )
    return passed(f"{_asserted(options)} in {len(every)} file{'s' if len(every) != 1 else ''}")


def _named(workspace: Workspace, options: FileContentOptions) -> dict[str, list[str]]:
    named: dict[str, list[str]] = {}
    for path in options.path:
        if is_pattern(path, workspace):
            all_seen(workspace, [path])
            named[path] = workspace.glob(path)
        else:
            named[path] = [path] if workspace.exists(path) else []
    return named


def _seen(name: str, data: bytes, options: FileContentOptions) -> _Seen:
    text = _text(data)
    return _Seen(
        name,
        tuple(sum(1 for _ in sought.places(text)) for sought in options.sought),
        (*_sizes(name, len(data), options), *_present(name, text, options)),
    )


def _text(data: bytes) -> str:
    if b"\0" in data:  # UTF-16 and UTF-32: what is ASCII in them, whichever way round they are
        data = data.removeprefix(b"\xff\xfe").replace(b"\0", b"").removeprefix(b"\xfe\xff")
    return data.decode("utf-8-sig", errors="replace")


def _sizes(name: str, size: int, options: FileContentOptions) -> Iterator[_Problem]:
    if options.min_size is not None and size < options.min_size:
        says = f"{name} has {size} bytes, at least {options.min_size} are required"
        yield _Problem(says, LocationEvidence(path=name))
    if options.max_size is not None and size > options.max_size:
        says = f"{name} has {size} bytes, at most {options.max_size} are allowed"
        yield _Problem(says, LocationEvidence(path=name))


def _present(name: str, text: str, options: FileContentOptions) -> Iterator[_Problem]:
    for pattern in options.absent:
        places = islice(Sought(pattern, expression=True).places(text), _SHOWN)
        for start in places:
            line = text.count("\n", 0, start) + 1
            place = LocationEvidence(path=name, line=line, text=_line_at(text, start))
            yield _Problem(f"{name}:{line} has {pattern!r}", place)


def _not_found(
    groups: Mapping[str, Sequence[_Seen]], options: FileContentOptions
) -> Iterator[_Problem]:
    for path, files in groups.items():
        for index, sought in enumerate(options.sought):
            without = [seen.name for seen in files if not seen.counts[index]]
            if options.every:
                for name in without:
                    says = f"{name} does not have {sought.text!r}"
                    yield _Problem(says, LocationEvidence(path=name))
            elif len(without) == len(files):
                place = LocationEvidence(path=without[0]) if len(files) == 1 else None
                yield _Problem(f"{path} does not have {sought.text!r}", place)


def _counts(files: Iterable[_Seen], options: FileContentOptions) -> Iterator[_Problem]:
    seen = list(files)
    for index, sought in enumerate(options.sought):
        found = sum(one.counts[index] for one in seen)
        if options.min_count is not None and 0 < found < options.min_count:
            says = f"{sought.text!r} is there {found} times, at least {options.min_count} required"
            yield _Problem(says)
        if options.max_count is not None and found > options.max_count:
            says = f"{sought.text!r} is there {found} times, at most {options.max_count} allowed"
            yield _Problem(says)


def _line_at(text: str, offset: int) -> str:
    begin = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    return text[begin : len(text) if end < 0 else end].strip()[:_LINE_SHOWN]


def _asserted(options: FileContentOptions) -> str:
    sizes = sum(1 for size in (options.min_size, options.max_size) if size)
    number = len(options.sought) + len(options.absent) + sizes
    return f"{number} assertion{'s hold' if number != 1 else ' holds'}"
