"""`changed-files`: if these files change, those change too.

Read from GitHub's list of the pull request's files. A deleted file and both names of a renamed one
count as changed; what has to change along has to be there afterwards. Of a merge group every member
is judged by its own files.
"""

from collections.abc import Sequence
from typing import Literal, Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.per_member import of_every_member
from readiness_gate.config.values import OneOrMany
from readiness_gate.doors.workspace import matches
from readiness_gate.model.change import FileChange
from readiness_gate.model.evidence import LocationEvidence
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family, Need
from readiness_gate.model.pull_request import PullRequest
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_SHOWN = 20


class ChangedFilesOptions(CheckOptions):
    """Which change asks for which other one."""

    changed: OneOrMany = Field(
        default=("**",), min_length=1, description="Files whose change asks for more."
    )
    exclude: OneOrMany = Field(default=(), description="Files whose change asks for nothing.")
    required: OneOrMany = Field(
        default=(), description="Files of which some have to change along; globs."
    )
    match: Literal["any", "all"] = Field(
        default="any",
        description="Whether a change under any one of `required` will do, or under all of them.",
    )
    forbidden: OneOrMany = Field(default=(), description="Files that must not change along; globs.")
    except_labels: OneOrMany = Field(
        default=(), description="Labels of which any one excuses the pull request."
    )

    @model_validator(mode="after")
    def _asserts_something(self) -> Self:
        if not (self.required or self.forbidden):
            raise ValueError(
                "say which files are `required`, or `forbidden`, along with the change"
            )
        return self


def run(context: CheckContext, options: ChangedFilesOptions) -> CheckResult:
    """Judge each pull request by its own files; what GitHub cannot list whole is an error."""
    github = context.github
    if github is None:
        return cannot_tell(ErrorClass.INCONCLUSIVE, "there is no GitHub to ask")
    return of_every_member(
        context.merge,
        lambda one: _judge(one, github.inventory.changes(one.reference.number), options),
    )


def _judge(
    subject: PullRequest, changes: Sequence[FileChange], options: ChangedFilesOptions
) -> CheckResult:
    if not changes:
        return cannot_tell(ErrorClass.INCONCLUSIVE, "GitHub lists no changed file")
    excuse = set(subject.labels) & set(options.except_labels)
    if excuse:
        return passed(f"excused by the label {min(excuse)}")
    names = sorted({name for one in changes for name in one.names})
    asking = [
        name for name in names if _any(name, options.changed) and not _any(name, options.exclude)
    ]
    if not asking:
        return passed(f"none of {_files(len(names))} asks for more")
    # Who deletes the tests has not changed them along.
    present = [one.path for one in changes if one.present]
    lacking = [
        pattern for pattern in options.required if not any(matches(one, pattern) for one in present)
    ]
    if options.match == "any" and len(lacking) < len(options.required):
        lacking = []
    intruding = [name for name in names if _any(name, options.forbidden)]
    if lacking or intruding:
        return _broken(asking, lacking, intruding, options)
    return passed(f"{_files(len(asking))} of {len(names)} asked for more, which is there")


def _broken(
    asking: Sequence[str],
    lacking: Sequence[str],
    intruding: Sequence[str],
    options: ChangedFilesOptions,
) -> CheckResult:
    more = f" and {len(asking) - 1} more" if len(asking) > 1 else ""
    said: list[str] = []
    if lacking:
        joined = " or " if options.match == "any" else " and "
        said.append(f"nothing under {joined.join(lacking)} did")
    if intruding:
        also = f" and {len(intruding) - 1} more" if len(intruding) > 1 else ""
        said.append(f"so did {intruding[0]}{also}, which must not")
    excuse = (
        f" If it needs none, ask for the label {options.except_labels[0]}."
        if options.except_labels
        else ""
    )
    advice = "Change them along." if lacking else "Take them out of this pull request."
    return failed(
        f"{asking[0]}{more} changed, {', and '.join(said)}",
        evidence=[
            LocationEvidence(path=name, text="changed")
            for name in [*intruding, *(one for one in asking if one not in intruding)][:_SHOWN]
        ],
        remediation=advice + excuse,
    )


def _any(name: str, patterns: Sequence[str]) -> bool:
    return any(matches(name, pattern) for pattern in patterns)


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"


CHECK = Check(
    id="changed-files",
    title="Files change together",
    family=Family.MERGE,
    check_class=CheckClass.READ,
    needs=frozenset({Need.GITHUB}),
    options=ChangedFilesOptions,
    work=run,
    remediation="Change the files that belong together in one pull request.",
    example={
        "changed": ["backend/app/models/**"],
        "required": ["backend/migrations/versions/*.py"],
        "except-labels": ["no-migration"],
    },
)
