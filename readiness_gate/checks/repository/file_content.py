"""`file-content`: what files must, or must not, say."""

from collections.abc import Iterator
from typing import NamedTuple, Self

from pydantic import Field, field_validator, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.options.scope import SCOPE, Scope, needs_of_scope
from readiness_gate.config.values import Flag, OneOrMany, Size
from readiness_gate.expressions import compiled
from readiness_gate.model.outcome import CheckClass, Family, Need


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


class Sought(NamedTuple):
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


CHECK = Check(
    id="file-content",
    title="Files say what they must",
    family=Family.REPOSITORY,
    check_class=CheckClass.READ,
    needs=frozenset({Need.WORKSPACE}),
    options=FileContentOptions,
    remediation="Change the file so that the assertions hold.",
    refine_needs=needs_of_scope,
)
