"""`env-contract`: the environment sets what the service needs, and no secret is tracked.

The environment is a file, or with `source: environment` that of the gate itself, for stages of a
deployment. It can be held against an example, the documentation and the code that reads it.
Values are never shown, only their lengths and what is wrong with them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from readiness_gate.checks.base import Check, CheckContext, CheckOptions
from readiness_gate.checks.chosen_files import chosen
from readiness_gate.config.values import Flag, OneOrMany
from readiness_gate.doors.git import GitUnavailable
from readiness_gate.doors.workspace import PathRefused, Workspace, matches
from readiness_gate.formats.environment_file import (
    NAME,
    SetVariable,
    read_environment,
    shannon_entropy,
)
from readiness_gate.formats.variables_read import variables_read
from readiness_gate.model.evidence import LocationEvidence
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family, Need
from readiness_gate.model.record import Record
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_PLACEHOLDER = re.compile(
    r"(?:change|replace|fill|set)[-_ ]?(?:me|this|it|in)\b.*|<.*>|\{\{.*\}\}|x{3,}|\*{3,}|\.{3}|"
    r"your[-_ ].*|(?:to-?do|tbd|fixme|placeholder|example|dummy|sample|default|none|null)|"
    r"(?:admin|root|password|passwd|secret|secret[-_]?key|qwerty|test|postgres|123456\d*)",
    re.IGNORECASE,
)
_SECRET_LENGTH = 16
_SECRET_ENTROPY = 3.0


class Variable(Record):
    """What is required of one variable's value."""

    min_length: int | None = Field(default=None, ge=1, description="Characters, at least.")
    entropy: float | None = Field(
        default=None, gt=0, le=8, description="Shannon entropy, bits a character, at least."
    )
    not_: OneOrMany = Field(
        default=(), alias="not", description="Values that count as placeholders, in any case."
    )
    empty: Flag = Field(default=False, description="Whether it may be set to nothing.")
    secret: Flag = Field(
        default=False,
        description="Whether it is one: at least 16 characters and 3 bits a character, no "
        "placeholder, not the value that the example has.",
    )


def _required(value: Any) -> Any:
    if isinstance(value, str):
        return {value: {}}
    if isinstance(value, list | tuple):
        return {name: {} for name in value}
    if isinstance(value, dict):
        return {name: {} if rule is None else rule for name, rule in value.items()}
    return value


Required = Annotated[
    dict[Annotated[str, Field(pattern=f"^{NAME}$")], Variable],
    BeforeValidator(_required, json_schema_input_type=list[str] | dict[str, Variable | None]),
]


class EnvContractOptions(CheckOptions):
    """Where variables are set, what they have to be, and what must not be tracked."""

    source: Literal["file", "environment"] = Field(
        default="file",
        description="Where variables are set: in `file`, or in the environment of the gate.",
    )
    file: str | None = Field(default=None, min_length=1, description="The environment file.")
    required: Required = Field(
        default_factory=dict,
        description="Names that are set; as a mapping, with rules for their values.",
    )
    example: str | None = Field(
        default=None,
        min_length=1,
        description="A file with the same names, for readers; an environment may have more.",
    )
    no_placeholders: Flag = Field(
        default=False,
        description="Whether values such as changeme or <password> are refused, of every variable "
        "in `file`, or of those that are required.",
    )
    documentation: OneOrMany = Field(
        default=(), description="Files or patterns; every variable has to be named in one of them."
    )
    code: OneOrMany = Field(
        default=(),
        description="Python or JavaScript files or patterns; what they read by name has to be set.",
    )
    code_ignore: OneOrMany = Field(
        default=("PATH", "HOME", "TZ", "NODE_ENV", "CI"),
        description="Variables that code may read though nobody sets them.",
    )
    untracked: OneOrMany = Field(
        default=(), description="Paths or patterns that git must not track, such as .env."
    )

    @model_validator(mode="after")
    def _asserts_something(self) -> Self:
        asked = bool(self.required or self.example or self.code)
        if not (asked or self.untracked or self.documentation or self.no_placeholders):
            raise ValueError("assert something: required, example or untracked")
        if self.source == "environment":
            if self.file is not None:
                raise ValueError("with `source: environment` there is no file")
            if not asked:
                raise ValueError("of the environment, assert required, example or code")
        elif (asked or self.documentation or self.no_placeholders) and self.file is None:
            raise ValueError("`file` is the file that `required` and `example` speak of")
        elif self.file is not None and not (asked or self.documentation or self.no_placeholders):
            raise ValueError("assert something of `file`: required or example")
        return self


class _Unclear(Exception):  # noqa: N818 - carries the result that ends the check
    def __init__(self, result: CheckResult) -> None:
        super().__init__(result.summary)
        self.result = result


def run(context: CheckContext, options: EnvContractOptions) -> CheckResult:
    """Read the files, compare them with what is required, ask git what it tracks."""
    problems: list[LocationEvidence] = []
    said: list[str] = []
    try:
        if options.file is not None or options.source == "environment":
            problems += _contract(context, options, said)
        if options.untracked:
            problems += _tracked(context, options.untracked)
            said.append(f"{', '.join(options.untracked)} not tracked")
    except _Unclear as unclear:
        return unclear.result
    if problems:
        more = f"; and {len(problems) - 1} more" if len(problems) > 1 else ""
        lines = [f"{place.path}: {place.text}" if place.path else place.text for place in problems]
        shown = [place for place in problems if place.path]
        return failed(lines[0] + more, details="\n".join(lines), evidence=shown)
    return passed("; ".join(said))


def _contract(
    context: CheckContext, options: EnvContractOptions, said: list[str]
) -> Iterator[LocationEvidence]:
    """Yield what is wrong with the variables; add to `said` what was looked at."""
    path = options.file or ""
    place = path or "the environment"
    if options.file is not None:
        variables = _read(context.workspace, options.file)
    else:
        variables = {
            name: SetVariable(value, 0, literal=True) for name, value in context.variables.items()
        }
    example = _read(context.workspace, options.example) if options.example is not None else {}
    yield from _broken_rules(path, place, variables, options.required, example)
    said += [f"set: {', '.join(options.required)}"] if options.required else []
    if options.example is not None:
        yield from _differences(path, variables, options.example, example)
        said.append(f"{options.example} names the same")
    mine = variables if options.file is not None else dict.fromkeys(options.required)
    if options.no_placeholders:
        if not mine:
            raise _Unclear(cannot_tell(ErrorClass.INCONCLUSIVE, f"{place} sets no variable"))
        for name in mine:
            found = variables.get(name)
            if found is not None and _PLACEHOLDER.fullmatch(found.value[:200]):
                yield _at(path, found, f"{name} is a placeholder")
        said.append("no placeholders")
    if options.documentation:
        names = list(dict.fromkeys([*mine, *options.required, *example]))
        yield from _undocumented(context, options, path, names)
        said.append(f"{len(names)} documented")
    if options.code:
        known = variables.keys() | example.keys() if options.file is not None else variables.keys()
        yield from _unset(context, options, place, known)
        said.append("all that code reads is set")


def _at(path: str, variable: SetVariable, text: str) -> LocationEvidence:
    return LocationEvidence(path=path, line=variable.line or None, text=text)


def _undocumented(
    context: CheckContext, options: EnvContractOptions, path: str, names: Sequence[str]
) -> Iterator[LocationEvidence]:
    pages = _chosen(context.workspace, options.documentation)
    text = "\n".join(_text(context.workspace, page) for page in pages)
    words = set(re.findall(NAME, text))
    if not names:
        raise _Unclear(cannot_tell(ErrorClass.INCONCLUSIVE, "no variable to look for"))
    for name in names:
        if name not in words:
            yield LocationEvidence(path=path, text=f"{name} is not named in {', '.join(pages[:3])}")


def _unset(
    context: CheckContext, options: EnvContractOptions, place: str, known: Set[str]
) -> Iterator[LocationEvidence]:
    read = 0
    for name in _chosen(context.workspace, options.code):
        try:
            found = list(variables_read(name, _bytes(context.workspace, name)))
        except ValueError as error:
            text = f"{name}: {error}"
            raise _Unclear(cannot_tell(ErrorClass.INCONCLUSIVE, text)) from None
        read += len(found)
        for variable, line in found:
            if variable not in known and variable not in options.code_ignore:
                text = f"reads {variable}, which {place} does not set"
                yield LocationEvidence(path=name, line=line, text=text)
    if not read:
        text = f"no variable is read in {', '.join(options.code)}"
        raise _Unclear(cannot_tell(ErrorClass.INCONCLUSIVE, text))


def _chosen(workspace: Workspace, patterns: tuple[str, ...]) -> list[str]:
    try:
        names = chosen(workspace, patterns, ())
    except PathRefused as error:
        raise _Unclear(cannot_tell(ErrorClass.CONFIGURATION, str(error))) from error
    if not names:
        advice = f"Add {patterns[0]}, or correct the path."
        raise _Unclear(failed(f"no file at {', '.join(patterns)}", remediation=advice))
    return names


def _text(workspace: Workspace, path: str) -> str:
    return _bytes(workspace, path).decode("utf-8-sig", errors="replace")


def _bytes(workspace: Workspace, path: str) -> bytes:
    try:
        return workspace.read(path)
    except PathRefused as error:
        raise _Unclear(cannot_tell(ErrorClass.CONFIGURATION, str(error))) from error
    except FileNotFoundError as error:
        advice = f"Add {path}, or correct the path."
        raise _Unclear(failed(f"{path} is missing", remediation=advice)) from error
    except OSError as error:
        text = f"{path} cannot be read: {error.strerror}"
        raise _Unclear(cannot_tell(ErrorClass.INFRASTRUCTURE, text)) from error


def _read(workspace: Workspace, path: str) -> dict[str, SetVariable]:
    return dict(read_environment(_text(workspace, path)))


def _broken_rules(
    path: str,
    place: str,
    variables: Mapping[str, SetVariable],
    required: Mapping[str, Variable],
    example: Mapping[str, SetVariable],
) -> Iterator[LocationEvidence]:
    where = "" if path else " in the environment"
    for name, rule in required.items():
        variable = variables.get(name)
        if variable is None:
            yield LocationEvidence(path=path, text=f"{name} is not set{where}")
            continue
        wants_value = rule.min_length or rule.entropy or rule.not_ or rule.secret
        if not variable.literal and wants_value:
            text = f"{name} in {place} takes its value from another variable"
            advice = "Set a literal value, or drop the rule about it."
            raise _Unclear(cannot_tell(ErrorClass.INCONCLUSIVE, text, remediation=advice))
        for problem in _broken(name, variable.value, rule, example):
            yield _at(path, variable, problem)


def _broken(
    name: str, value: str, rule: Variable, example: Mapping[str, SetVariable]
) -> Iterator[str]:
    if not value:
        if not rule.empty:
            yield f"{name} is empty"
        return
    length = rule.min_length or (_SECRET_LENGTH if rule.secret else 0)
    entropy = rule.entropy or (_SECRET_ENTROPY if rule.secret else 0.0)
    if len(value) < length:
        yield f"{name} has {len(value)} characters, at least {length} are required"
    if shannon_entropy(value) < entropy:
        yield f"{name} has {shannon_entropy(value):.1f} bits a character, {entropy:g} are required"
    placeholders = {placeholder.casefold() for placeholder in rule.not_}
    if value.casefold() in placeholders or (rule.secret and _PLACEHOLDER.fullmatch(value[:200])):
        yield f"{name} is a placeholder"
    if rule.secret and name in example and example[name].value == value:
        yield f"{name} has the value of the example"


def _differences(
    path: str,
    variables: Mapping[str, SetVariable],
    example_path: str,
    example: Mapping[str, SetVariable],
) -> Iterator[LocationEvidence]:
    if not variables and not example:
        text = f"neither {path} nor {example_path} sets a variable"
        raise _Unclear(cannot_tell(ErrorClass.INCONCLUSIVE, text))
    for name in sorted(variables.keys() - example.keys()) if path else ():
        yield LocationEvidence(path=example_path, text=f"{name} of {path} is not named")
    for name in sorted(example.keys() - variables.keys()):
        yield LocationEvidence(path=path, text=f"{name} of {example_path} is not set")


def _tracked(context: CheckContext, patterns: tuple[str, ...]) -> Iterator[LocationEvidence]:
    if context.git is None:
        raise _Unclear(cannot_tell(ErrorClass.INCONCLUSIVE, "there is no git repository to ask"))
    try:
        tracked = context.git.tracked()
    except GitUnavailable as error:
        raise _Unclear(
            cannot_tell(ErrorClass.INFRASTRUCTURE, f"git cannot say what is tracked: {error}")
        ) from error
    if not tracked:
        text = "git tracks no file at all here"
        raise _Unclear(cannot_tell(ErrorClass.INCONCLUSIVE, text))
    for name in tracked:
        if any(matches(name, pattern) for pattern in patterns):
            yield LocationEvidence(path=name, text="is tracked by git")


def _needs(options: EnvContractOptions) -> frozenset[Need]:
    return frozenset({Need.WORKSPACE, Need.GIT} if options.untracked else {Need.WORKSPACE})


CHECK = Check(
    id="env-contract",
    title="The environment keeps its contract",
    family=Family.REPOSITORY,
    check_class=CheckClass.READ,
    needs=frozenset({Need.WORKSPACE}),
    options=EnvContractOptions,
    run=run,
    remediation="Set the missing variables; rotate and untrack what should be secret.",
    refine_needs=_needs,
)
