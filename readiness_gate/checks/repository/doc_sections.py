"""`doc-sections`: documents have the sections, tables and words that people rely on.

For Markdown. Links are followed inside the checkout, with their anchors; addresses elsewhere are
not asked for.
"""

import re
from typing import Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.options.scope import SCOPE, Scope, needs_of_scope
from readiness_gate.config.values import Flag, OneOrMany, Text
from readiness_gate.model.outcome import CheckClass, Family, Need
from readiness_gate.model.record import Record


class TableRule(Record):
    """A table that has to be there."""

    columns: OneOrMany = Field(
        min_length=1, description="Words of its columns, each in one, in any case."
    )
    min_rows: int = Field(default=1, ge=1, description="How many rows it has, at least.")
    heading: Text | None = Field(default=None, description="Words of the heading above it.")


class DocSectionsOptions(CheckOptions):
    """The documents and what every one of them has."""

    path: OneOrMany = Field(min_length=1, description="Markdown files or patterns.")
    headings: OneOrMany = Field(
        default=(),
        description="Words of headings, in any case; icons and numbers do not count. The section "
        "of each has to say something.",
    )
    section_words: int = Field(
        default=1, ge=1, description="How many words each of those sections has, at least."
    )
    min_words: int | None = Field(
        default=None, ge=1, description="How many words a document has, at least."
    )
    tables: tuple[TableRule, ...] = Field(
        default=(), description="Tables that have to be there, by their columns."
    )
    links: Flag = Field(
        default=False, description="Whether every link into the checkout leads somewhere."
    )
    complete: Flag = Field(
        default=False,
        description="Whether nothing is left to fill in: TODO, TBD, lorem ipsum, [insert name], "
        "<YOUR_HOST>.",
    )
    allow: OneOrMany = Field(
        default=(), description="Texts that `complete` does not mind, as they are written."
    )
    scope: Scope = Field(
        default="tree",
        description=f"{SCOPE} A link in another document to what it deletes is not seen.",
    )

    @model_validator(mode="after")
    def _asserts_something(self) -> Self:
        if not (self.headings or self.min_words or self.tables or self.links or self.complete):
            raise ValueError("assert something: headings, min-words, tables, links or complete")
        if "section_words" in self.model_fields_set and not self.headings:
            raise ValueError("`section-words` is about the sections of `headings`")
        if self.allow and not self.complete:
            raise ValueError("`allow` makes exceptions from `complete`")
        if any(not re.search(r"\w", heading) for heading in self.headings):
            raise ValueError("a heading is named by its words")
        return self


CHECK = Check(
    id="doc-sections",
    title="Documents say what they must",
    family=Family.REPOSITORY,
    check_class=CheckClass.READ,
    needs=frozenset({Need.WORKSPACE}),
    options=DocSectionsOptions,
    remediation="Write what is missing in the document.",
    refine_needs=needs_of_scope,
    example={
        "path": "docs/OPERATIONS_RUNBOOK.md",
        "headings": ["Deployment", "Rollback", "Contacts"],
        "section-words": 20,
        "links": True,
        "complete": True,
    },
)
