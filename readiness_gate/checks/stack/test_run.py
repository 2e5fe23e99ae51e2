"""`test-run`: a test suite ran, tests were counted, and none of them failed.

Both have to say so: the exit code, and the JUnit report that this very run wrote. No report, or
no test in it, is never a pass. Any runner will do that writes JUnit XML, into one file or many.
"""

import re
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import Field

from readiness_gate.checks.base import Check
from readiness_gate.checks.place import PlacedOptions, placed_needs
from readiness_gate.config.values import OneOrMany, Text
from readiness_gate.doors.workspace import has_wildcards
from readiness_gate.matchers.field import Expectation
from readiness_gate.model.outcome import CheckClass, Family, Need
from readiness_gate.model.written import Written

_PATTERN = re.compile(r"[A-Za-z0-9/._@+*?\[\]-]+")


def _inside(path: str) -> str:
    if "\0" in path or ".." in PurePosixPath(path).parts:
        raise ValueError("the path of the report does not climb")
    if has_wildcards(path) and ("**" in path or not _PATTERN.fullmatch(path)):
        raise ValueError("a pattern has letters, digits, /._@+- and *, ? or [ ]; no **")
    return path


class TestRunOptions(PlacedOptions):
    """The command, the report it writes, and what is asserted of its tests."""

    junit: Annotated[Text, Written(after=_inside)] = Field(
        description="JUnit XML that the command writes, relative to where it runs; a pattern such "
        "as target/surefire-reports/TEST-*.xml where it writes several."
    )
    minimum: int = Field(default=1, ge=1, description="How many tests have to run, at least.")
    skipped: Expectation = Field(
        default=None, description="What the number of skipped tests has to be, such as {le: 3}."
    )
    warnings: Expectation = Field(
        default=None,
        description="What the number of warnings has to be, such as {le: 0}: as pytest sums them "
        "up, else the lines that are warnings.",
    )
    tests: OneOrMany = Field(
        default=(), description="Tests that have to have passed, by name or CLASS.NAME."
    )


CHECK = Check(
    id="test-run",
    title="The test suite passes",
    family=Family.STACK,
    check_class=CheckClass.EXERCISE,
    needs=frozenset({Need.STACK}),
    options=TestRunOptions,
    remediation="Make the failing tests pass; each stands with its place.",
    refine_needs=placed_needs,
)
