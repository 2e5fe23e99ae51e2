"""`env-contract`: an environment file sets what the service needs, and no secret is tracked.

Values are never shown, only their lengths and what is wrong with them.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from readiness_gate.checks.base import Check, CheckContext, CheckOptions
from readiness_gate.config.values import Flag, OneOrMany
from readiness_gate.doors.git import GitUnavailable
from readiness_gate.doors.workspace import PathRefused, Workspace, matches
from readiness_gate.model.evidence import LocationEvidence
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family, Need
from readiness_gate.model.record import Record
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_NAME = r"[A-Za-z_][A-Za-z0-9_]{0,127}"
_LINE = re.compile(rf"\s*(?:export\s+)?({_NAME})\s*(?:=|:\s)\s*(.*)")
_REFERENCE = re.compile(r"\$\{?[A-Za-z_]")


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


def _required(value: Any) -> Any:
    if isinstance(value, str):
        return {value: {}}
    if isinstance(value, list | tuple):
        return {name: {} for name in value}
    if isinstance(value, dict):
        return {name: {} if rule is None else rule for name, rule in value.items()}
    return value


Required = Annotated[
    dict[Annotated[str, Field(pattern=f"^{_NAME}$")], Variable],
    BeforeValidator(_required, json_schema_input_type=list[str] | dict[str, Variable | None]),
]


class EnvContractOptions(CheckOptions):
    """The file, what it has to set, and what must not be tracked."""

    file: str | None = Field(default=None, min_length=1, description="The environment file.")
    required: Required = Field(
        default_factory=dict,
        description="Names that are set; as a mapping, with rules for their values.",
    )
    example: str | None = Field(
        default=None, min_length=1, description="A file with exactly the same names, for readers."
    )
    untracked: OneOrMany = Field(
        default=(), description="Paths or patterns that git must not track, such as .env."
    )

    @model_validator(mode="after")
    def _asserts_something(self) -> Self:
        if not (self.required or self.example or self.untracked):
            raise ValueError("assert something: required, example or untracked")
        if (self.required or self.example) and self.file is None:
            raise ValueError("`file` is the file that `required` and `example` speak of")
        if self.file is not None and not (self.required or self.example):
            raise ValueError("assert something of `file`: required or example")
        return self


class _Unclear(Exception):  # noqa: N818 - carries the result that ends the check
    def __init__(self, result: CheckResult) -> None:
        super().__init__(result.summary)
        self.result = result


class _Variable:
    """A variable as the file sets it."""

    def __init__(self, value: str, line: int, *, literal: bool) -> None:
        self.value, self.line, self.literal = value, line, literal


def run(context: CheckContext, options: EnvContractOptions) -> CheckResult:
    """Read the files, compare them with what is required, ask git what it tracks."""
    problems: list[LocationEvidence] = []
    said: list[str] = []
    try:
        if options.file is not None:
            variables = _read(context.workspace, options.file)
            problems += _broken_rules(options.file, variables, options.required)
            said += [f"set: {', '.join(options.required)}"] if options.required else []
            if options.example is not None:
                example = _read(context.workspace, options.example)
                problems += _differences(options.file, variables, options.example, example)
                said.append(f"{options.example} names the same")
        if options.untracked:
            problems += _tracked(context, options.untracked)
            said.append(f"{', '.join(options.untracked)} not tracked")
    except _Unclear as unclear:
        return unclear.result
    if problems:
        more = f"; and {len(problems) - 1} more" if len(problems) > 1 else ""
        lines = [f"{place.path}: {place.text}" for place in problems]
        return failed(lines[0] + more, details="\n".join(lines), evidence=problems)
    return passed("; ".join(said))


def _read(workspace: Workspace, path: str) -> dict[str, _Variable]:
    try:
        return dict(_variables(workspace.text(path)))
    except PathRefused as error:
        raise _Unclear(cannot_tell(ErrorClass.CONFIGURATION, str(error))) from error
    except FileNotFoundError as error:
        advice = f"Add {path}, or correct the path."
        raise _Unclear(failed(f"{path} is missing", remediation=advice)) from error
    except OSError as error:
        text = f"{path} cannot be read: {error.strerror}"
        raise _Unclear(cannot_tell(ErrorClass.INFRASTRUCTURE, text)) from error


def _variables(text: str) -> Iterator[tuple[str, _Variable]]:
    """Yield what compose's `env_file` would read; of a name set twice the last one counts."""
    for number, line in enumerate(text.splitlines(), start=1):
        match = None if line.lstrip().startswith("#") else _LINE.fullmatch(line)
        if match is not None:
            value, literal = _value(match[2].strip())
            yield match[1], _Variable(value, number, literal=literal)


def _value(written: str) -> tuple[str, bool]:
    """Return the value and whether it is all there (not taken from another variable)."""
    quote = written[:1]
    if quote in {"'", '"'} and (end := written.find(quote, 1)) > 0:
        value = written[1:end]
        return value, quote == "'" or not _REFERENCE.search(value)
    value = "" if quote == "#" else re.split(r"\s#", written, maxsplit=1)[0].rstrip()
    return value, not _REFERENCE.search(value)


def _broken_rules(
    path: str, variables: Mapping[str, _Variable], required: Mapping[str, Variable]
) -> Iterator[LocationEvidence]:
    for name, rule in required.items():
        variable = variables.get(name)
        if variable is None:
            yield LocationEvidence(path=path, text=f"{name} is not set")
            continue
        wants_value = rule.min_length or rule.entropy or rule.not_
        if not variable.literal and wants_value:
            text = f"{name} in {path} takes its value from another variable"
            advice = "Set a literal value, or drop the rule about it."
            raise _Unclear(cannot_tell(ErrorClass.INCONCLUSIVE, text, remediation=advice))
        for problem in _broken(name, variable.value, rule):
            yield LocationEvidence(path=path, line=variable.line, text=problem)


def _broken(name: str, value: str, rule: Variable) -> Iterator[str]:
    if not value:
        if not rule.empty:
            yield f"{name} is empty"
        return
    if rule.min_length is not None and len(value) < rule.min_length:
        yield f"{name} has {len(value)} characters, at least {rule.min_length} are required"
    if rule.entropy is not None and _entropy(value) < rule.entropy:
        yield f"{name} has {_entropy(value):.1f} bits a character, {rule.entropy:g} are required"
    if value.casefold() in {placeholder.casefold() for placeholder in rule.not_}:
        yield f"{name} is a placeholder"


def _entropy(value: str) -> float:
    shares = [count / len(value) for count in Counter(value).values()]
    return sum(share * math.log2(1 / share) for share in shares)


def _differences(
    path: str,
    variables: Mapping[str, _Variable],
    example_path: str,
    example: Mapping[str, _Variable],
) -> Iterator[LocationEvidence]:
    if not variables and not example:
        text = f"neither {path} nor {example_path} sets a variable"
        raise _Unclear(cannot_tell(ErrorClass.INCONCLUSIVE, text))
    for name in sorted(variables.keys() - example.keys()):
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
    title="The environment file keeps its contract",
    family=Family.REPOSITORY,
    check_class=CheckClass.READ,
    needs=frozenset({Need.WORKSPACE}),
    options=EnvContractOptions,
    run=run,
    remediation="Set the missing variables; rotate and untrack what should be secret.",
    refine_needs=_needs,
)
