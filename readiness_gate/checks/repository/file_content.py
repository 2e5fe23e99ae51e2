"""`file-content`: what files must, or must not, say."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Self

from pydantic import Field, field_validator, model_validator

from readiness_gate.checks.base import Check, CheckContext, CheckOptions
from readiness_gate.checks.chosen_files import (
    SCOPE,
    Scope,
    all_seen,
    in_scope,
    needs_of_scope,
    untouched,
)
from readiness_gate.checks.project_files import unreadable
from readiness_gate.checks.repository.file_exists import is_pattern
from readiness_gate.config.values import Flag, OneOrMany, Size
from readiness_gate.doors.workspace import PathRefused, Workspace
from readiness_gate.expressions import compiled
from readiness_gate.model.evidence import LocationEvidence
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family, Need
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_SHOWN = 20
_LINE_SHOWN = 200


class FileContentOptions(CheckOptions):
    """Which files are read and what is asserted of them."""

    path: OneOrMany = Field(min_length=1, description="Paths or patterns; `**` crosses folders.")
    matches: OneOrMany = Field(
        default=(),
        description="Regular expressions (RE2, ^ and $ at line ends); each has to match in at "
        "least one file of every path.",
    )
    match_regexp: OneOrMany = Field(default=(), description="The same, by goss's name.")
    contains: OneOrMany = Field(default=(), description="Texts, sought as `matches` are.")
    contain_substring: OneOrMany = Field(default=(), description="The same, by goss's name.")
    absent: OneOrMany = Field(
        default=(), description="Regular expressions that match in no file at all."
    )
    every: Flag = Field(
        default=False, description="Whether what is sought has to be in every file."
    )
    min_count: int | None = Field(
        default=None, ge=1, description="How often, at least, in all files together."
    )
    max_count: int | None = Field(
        default=None, ge=1, description="How often, at most, in all files together."
    )
    min_size: Size | None = Field(default=None, gt=0, description="Every file, at least: 1kB.")
    max_size: Size | None = Field(default=None, gt=0, description="Every file, at most: 2MiB.")
    scope: Scope = Field(default="tree", description=SCOPE)

    @field_validator("matches", "match_regexp", "absent")
    @classmethod
    def _are_expressions(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in value:
            if compiled(pattern, by_line=True).search("") is not None:
                raise ValueError(f"{pattern!r} matches an empty text and so asserts nothing")
        return value

    @model_validator(mode="after")
    def _asserts_something(self) -> Self:
        if not (self.sought or self.absent or self.min_size or self.max_size):
            raise ValueError("assert something: matches, contains, absent, min-size or max-size")
        if (self.min_count or self.max_count) and not self.sought:
            raise ValueError("min-count and max-count count what `matches` or `contains` finds")
        if self.min_count and self.max_count and self.min_count > self.max_count:
            raise ValueError("min-count is larger than max-count")
        if self.scope == "diff" and self.sought and not self.every:
            raise ValueError("what is sought may be in another file: `every` or `scope: tree`")
        if self.scope == "diff" and (self.min_count or self.max_count):
            raise ValueError("min-count and max-count count in all files: `scope: tree`")
        return self

    @property
    def sought(self) -> tuple["Sought", ...]:
        """Every text and expression that has to be found."""
        expressions = (*self.matches, *self.match_regexp)
        texts = (*self.contains, *self.contain_substring)
        return (
            *(Sought(text, expression=True) for text in expressions),
            *(Sought(text, expression=False) for text in texts),
        )


@dataclass(frozen=True)
class Sought:
    """A text, or a regular expression."""

    text: str
    expression: bool

    def places(self, content: str) -> Iterator[int]:
        """Yield where it is found, as offsets."""
        if self.expression:
            yield from (
                match.start() for match in compiled(self.text, by_line=True).finditer(content)
            )
            return
        position = content.find(self.text)
        while position >= 0:
            yield position
            position = content.find(self.text, position + len(self.text))


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


CHECK = Check(
    id="file-content",
    title="Files say what they must",
    family=Family.REPOSITORY,
    check_class=CheckClass.READ,
    needs=frozenset({Need.WORKSPACE}),
    options=FileContentOptions,
    run=run,
    remediation="Change the file so that the assertions hold.",
    refine_needs=needs_of_scope,
)
