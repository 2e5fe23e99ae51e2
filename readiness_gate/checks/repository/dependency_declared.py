"""`dependency-declared`: what the project needs is declared, in the versions that are wanted.

Reads pyproject.toml, requirements files, Pipfile, package.json, and the lock files of Poetry, uv,
PDM, Pipenv and npm. A declared range has to lie inside the wanted one. Where it does not, what
counts is the lock file beside it, if `locked` asks for one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from readiness_gate.checks.base import Check, CheckContext, CheckOptions
from readiness_gate.config.values import Flag, OneOrMany
from readiness_gate.doors.workspace import PathRefused, Workspace, matches
from readiness_gate.model.evidence import LocationEvidence
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family, Need
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_SHOWN = 50
_DEFAULT = (
    "pyproject.toml",
    "requirements*.txt",
    "requirements/*.txt",
    "Pipfile",
    "Pipfile.lock",
    "poetry.lock",
    "uv.lock",
    "pdm.lock",
    "package.json",
    "package-lock.json",
)


def _wanted(value: Any) -> Any:
    if isinstance(value, str):
        return {value: ""}
    if isinstance(value, list | tuple) and all(isinstance(name, str) for name in value):
        return dict.fromkeys(value, "")
    if isinstance(value, dict):
        return {name: "" if wanted is None else wanted for name, wanted in value.items()}
    return value


Wanted = Annotated[
    dict[Annotated[str, Field(min_length=1)], str],
    BeforeValidator(_wanted, json_schema_input_type=list[str] | dict[str, str | None]),
]


class DependencyDeclaredOptions(CheckOptions):
    """What has to be declared, what must not be, and where it is looked for."""

    path: OneOrMany = Field(
        default=(), description="Manifests and lock files; default those at the top of the tree."
    )
    required: Wanted = Field(
        default_factory=dict,
        description="Names; as a mapping, with the range that is wanted, such as '>=2,<3'.",
    )
    absent: OneOrMany = Field(default=(), description="Names that no file may declare.")
    pinned: Flag = Field(
        default=False,
        description="Whether every declaration outside lock files allows one version only.",
    )
    locked: Flag = Field(
        default=False, description="Whether every declared name has to be in a lock file too."
    )

    @model_validator(mode="after")
    def _asserts_something(self) -> Self:
        if not (self.required or self.absent or self.pinned or self.locked):
            raise ValueError("assert something: required, absent, pinned or locked")
        for wanted in self.required.values():
            _range(wanted)
        return self


@dataclass(frozen=True)
class _Declared:
    path: str
    lock: bool
    dependency: Any  # Dependency, whose library loads slowly
    line: int | None


def run(context: CheckContext, options: DependencyDeclaredOptions) -> CheckResult:
    """Read every file once, then compare."""
    try:
        paths = _paths(context.workspace, options.path)
        missing = [one for one, names in paths.items() if not names]
        if missing and options.path:
            return failed(f"no file at {missing[0]}", remediation=f"Add {missing[0]}.")
        names = list(dict.fromkeys(name for found in paths.values() for name in found))
        if not names:
            looked = ", ".join(_DEFAULT)
            return cannot_tell(
                ErrorClass.CONFIGURATION,
                "there is no file that declares dependencies",
                details=f"looked for: {looked}",
                remediation="Name the files with `path`.",
            )
        declared = [one for name in names for one in _declared(context.workspace, name)]
    except PathRefused as error:
        return cannot_tell(ErrorClass.CONFIGURATION, str(error))
    except OSError as error:
        return cannot_tell(ErrorClass.INFRASTRUCTURE, f"a file cannot be read: {error.strerror}")
    except ValueError as error:
        return cannot_tell(ErrorClass.INCONCLUSIVE, str(error))
    return _judged(names, declared, options)


def _judged(
    names: Sequence[str], declared: Sequence[_Declared], options: DependencyDeclaredOptions
) -> CheckResult:
    if not declared and not options.required:
        return cannot_tell(ErrorClass.INCONCLUSIVE, f"{', '.join(names)} declare nothing")
    problems = list(_problems(names, declared, options))
    if problems:
        more = f"; and {len(problems) - 1} more" if len(problems) > 1 else ""
        return failed(
            problems[0].text + more,
            details="\n".join(one.text for one in problems[:_SHOWN]),
            evidence=[one for one in problems[:_SHOWN] if one.path],
        )
    return passed(_summary(names, declared, options))


def _range(wanted: str) -> Any:
    from readiness_gate.formats.versions import npm_range, python_range  # noqa: PLC0415

    try:
        return python_range(wanted)
    except ValueError:
        return npm_range(wanted)


def _paths(workspace: Workspace, given: tuple[str, ...]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for pattern in given or _DEFAULT:
        if any(sign in pattern for sign in "*?["):
            found[pattern] = [name for name in workspace.files() if matches(name, pattern)]
        else:
            found[pattern] = [pattern] if workspace.exists(pattern) else []
    return found


def _declared(workspace: Workspace, name: str) -> Iterator[_Declared]:
    from readiness_gate.formats.dependencies import is_lock, reader_of  # noqa: PLC0415

    reader = reader_of(name)
    if reader is None:
        raise ValueError(f"{name} is no manifest or lock file that the gate reads")
    text = workspace.text(name)
    try:
        found = list(reader(text))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{name}: {type(error).__name__}: {str(error)[:200]}") from None
    lines = {} if is_lock(name) else _lines(text)
    for one in found:
        yield _Declared(name, is_lock(name), one, lines.get(one.name))


def _lines(text: str) -> Mapping[str, int]:
    """Return the first line that begins with each word, where a manifest declares it."""
    from readiness_gate.formats.dependencies import canonical  # noqa: PLC0415

    found: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        start = line.strip().lstrip("\"'")
        end = next((at for at, sign in enumerate(start) if sign in " \t\"'=<>!~[;@^,"), len(start))
        if start.startswith("@"):
            end = start.find('"', 1)
        if end > 0:
            found.setdefault(canonical(start[:end]), number)
    return found


def _problems(
    names: Sequence[str], declared: Sequence[_Declared], options: DependencyDeclaredOptions
) -> Iterator[LocationEvidence]:
    from readiness_gate.formats.dependencies import canonical  # noqa: PLC0415

    by_name: dict[str, list[_Declared]] = {}
    for one in declared:
        by_name.setdefault(one.dependency.name, []).append(one)
    for name, wanted in options.required.items():
        mine = by_name.get(canonical(name), [])
        manifests = [one for one in mine if not one.lock]
        if not (manifests or (mine and all(one.lock for one in declared))):
            yield LocationEvidence(path=names[0], text=f"{name} is not declared in {names[0]}")
        elif wanted:
            yield from _outside(name, wanted, mine, locked=options.locked)
    for name in options.absent:
        for one in by_name.get(canonical(name), []):
            yield _at(one, f"{one.path} declares {name}")
    manifests = [one for one in declared if not one.lock]
    for one in manifests if options.pinned else ():
        if not one.dependency.pinned:
            yield _at(one, f"{one.path}: {_said(one)} is not pinned to one version")
    if options.locked:
        yield from _unlocked(names, declared, manifests)


def _unlocked(
    names: Sequence[str], declared: Sequence[_Declared], manifests: Sequence[_Declared]
) -> Iterator[LocationEvidence]:
    from readiness_gate.formats.dependencies import is_lock  # noqa: PLC0415

    if not any(is_lock(name) for name in names):
        yield LocationEvidence(path=names[0], text=f"there is no lock file beside {names[0]}")
        return
    locked = {one.dependency.name for one in declared if one.lock}
    for one in manifests:
        if one.dependency.name not in locked and one.dependency.name != "python":
            yield _at(one, f"{one.path}: {one.dependency.name} is in no lock file")


def _outside(
    name: str, wanted: str, mine: Sequence[_Declared], *, locked: bool
) -> Iterator[LocationEvidence]:
    from readiness_gate.formats.versions import inside  # noqa: PLC0415

    resolved = [one for one in mine if one.lock]
    allowed = _range(wanted)
    for one in resolved if locked and resolved else mine:
        declared = one.dependency.range
        if declared is None or not inside(declared, allowed):
            yield _at(one, f"{one.path}: {_said(one)} is not inside {name} {wanted}")


def _said(one: _Declared) -> str:
    return f"{one.dependency.name} {one.dependency.written or '(any version)'}"


def _at(one: _Declared, text: str) -> LocationEvidence:
    return LocationEvidence(path=one.path, line=one.line, text=text)


def _summary(
    names: Sequence[str], declared: Sequence[_Declared], options: DependencyDeclaredOptions
) -> str:
    said = [f"{', '.join(options.required)} declared"] if options.required else []
    said += [f"{', '.join(options.absent)} not declared"] if options.absent else []
    manifests = len({one.dependency.name for one in declared if not one.lock})
    said += [f"{manifests} pinned"] if options.pinned else []
    said += [f"{manifests} locked"] if options.locked else []
    return f"{'; '.join(said)} ({', '.join(names[:5])})"


CHECK = Check(
    id="dependency-declared",
    title="Dependencies are declared",
    family=Family.REPOSITORY,
    check_class=CheckClass.READ,
    needs=frozenset({Need.WORKSPACE}),
    options=DependencyDeclaredOptions,
    run=run,
    remediation="Declare the dependency, or correct its version range.",
    example={"required": {"sentry-sdk": ">=2,<3", "structlog": None}, "absent": ["pycrypto"]},
)
