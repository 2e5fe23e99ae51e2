"""`dependency-declared`: what the project needs is declared, in the versions that are wanted.

Reads pyproject.toml, setup.cfg, requirements files, Pipfile, package.json, and the lock files of
Poetry, uv, PDM, Pipenv, npm, Yarn and pnpm. A declared range has to lie inside the wanted one.
Where it does not, what counts is the lock file beside it, if `locked` asks for one.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.project_files import unreadable
from readiness_gate.checks.repository.declared_files import (
    USUAL,
    Declared,
    declared_in,
    paths_of,
)
from readiness_gate.checks.repository.declared_rules import (
    outside,
    present,
    unlocked,
    unpinned,
    wanted_range,
)
from readiness_gate.config.values import Flag, OneOrMany
from readiness_gate.doors.workspace import PathRefused
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family, Need
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_SHOWN = 50


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
            wanted_range(wanted)
        return self


def run(context: CheckContext, options: DependencyDeclaredOptions) -> CheckResult:
    """Read every file once, then compare."""
    try:
        paths = paths_of(context.workspace, options.path)
        missing = [one for one, names in paths.items() if not names]
        if missing and options.path:
            return failed(f"no file at {missing[0]}", remediation=f"Add {missing[0]}.")
        names = list(dict.fromkeys(name for found in paths.values() for name in found))
        if not names:
            looked = ", ".join(USUAL)
            return cannot_tell(
                ErrorClass.CONFIGURATION,
                "there is no file that declares dependencies",
                details=f"looked for: {looked}",
                remediation="Name the files with `path`.",
            )
        declared = [one for name in names for one in declared_in(context.workspace, name)]
    except (PathRefused, OSError) as error:
        return unreadable(error)
    except ValueError as error:
        return cannot_tell(ErrorClass.INCONCLUSIVE, str(error))
    return _judged(names, declared, options)


def _judged(
    names: Sequence[str], declared: Sequence[Declared], options: DependencyDeclaredOptions
) -> CheckResult:
    if not declared and not options.required:
        return cannot_tell(ErrorClass.INCONCLUSIVE, f"{', '.join(names)} declare nothing")
    problems = list(outside(names, declared, options.required, locked=options.locked))
    problems += present(declared, options.absent)
    problems += unpinned(declared) if options.pinned else ()
    problems += unlocked(names, declared) if options.locked else ()
    if problems:
        more = f"; and {len(problems) - 1} more" if len(problems) > 1 else ""
        return failed(
            problems[0].text + more,
            details="\n".join(one.text for one in problems[:_SHOWN]),
            evidence=[one for one in problems[:_SHOWN] if one.path],
        )
    return passed(_summary(names, declared, options))


def _summary(
    names: Sequence[str], declared: Sequence[Declared], options: DependencyDeclaredOptions
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
    work=run,
    remediation="Declare the dependency, or correct its version range.",
    example={"required": {"sentry-sdk": ">=2,<3", "structlog": None}, "absent": ["pycrypto"]},
)
