"""A check together with the options that an item gives it."""

from typing import Any, NamedTuple

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.model.outcome import Need, Stage


class BoundCheck(NamedTuple):
    """A check with the options that an item gives it."""

    check: Check[Any]
    options: CheckOptions
    item: str
    """Id of the item that asks for it."""

    @property
    def key(self) -> str:
        """Equal for identical check and options, which run once (DESIGN 1.5)."""
        item = f" for {self.item}" if self.check.per_item else ""
        return f"{self.check.id} {self.options.model_dump_json(by_alias=True)}{item}"

    @property
    def needs(self) -> frozenset[Need]:
        """What has to be there, as far as the options tell."""
        refine = self.check.refine_needs
        return self.check.needs if refine is None else refine(self.options)

    @property
    def first_stage(self) -> Stage:
        """The stage at which its facts first exist."""
        first = self.check.first_stage
        return Stage.PRE_MERGE if first is None else first(self.options)
