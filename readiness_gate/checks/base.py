"""What a check is: an id, its options, what it needs, and a function that returns data.

Every module of the catalogue ends with one `CHECK = Check(...)`; its id is the file's name in
kebab case. A check never prints, posts, exits or reads the environment (DESIGN 2, rule 1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from pydantic import ConfigDict

from readiness_gate.model.outcome import CheckClass, Family, Need, Stage
from readiness_gate.model.record import Record

if TYPE_CHECKING:  # who only binds options does not load what runs
    from readiness_gate.checks.context import CheckContext
    from readiness_gate.model.pull_request import Reference
    from readiness_gate.model.result import CheckResult


class CheckOptions(Record):
    """The YAML `with:` of an item. Strict: unknown keys and wrong types are errors.

    A check that would assert nothing refuses its options in a pydantic validator.
    """

    model_config = ConfigDict(**Record.model_config, strict=True)


OptionsT = TypeVar("OptionsT", bound=CheckOptions)


class Check(NamedTuple, Generic[OptionsT]):
    """One entry of the catalogue."""

    id: str
    title: str
    family: Family
    check_class: CheckClass
    needs: frozenset[Need]
    options: type[OptionsT]
    remediation: str
    """What to do about a failure, where the result has nothing better."""
    work: Callable[[CheckContext, OptionsT], CheckResult] | None = None
    """What it does; `None` where it is `run` of the module of its name in `checks/runs/`."""
    refine_needs: Callable[[OptionsT], frozenset[Need]] | None = None
    """Needs that depend on the options, for example `command` with `in: host`."""
    first_stage: Callable[[OptionsT], Stage] | None = None
    """The stage at which its facts first exist, where that is not before a merge; an item that
    names no stage belongs to it."""
    asks: Callable[[OptionsT, str], tuple[Reference, ...]] | None = None
    """References whose facts the check needs, out of its options and the home repository."""
    at_the_end: bool = False
    """Whether it judges what the others leave behind, such as logs: it waits for all that do not
    disrupt."""
    before_steps: bool = False
    """Whether it looks at what carries the stack: the steps wait for it."""
    per_item: bool = False
    """Whether the answer depends on the item's id; then equal options do not run once for all."""
    example: Mapping[str, Any] = MappingProxyType({})
    """Options that show it, as a `with:` of YAML, where no example project binds it."""

    def run(self, context: CheckContext, options: OptionsT) -> CheckResult:
        """Do its work; where that stands apart it is loaded now, and not to bind options."""
        if self.work is not None:
            return self.work(context, options)
        module = import_module(f"readiness_gate.checks.runs.{self.id.replace('-', '_')}")
        result: CheckResult = module.run(context, options)
        return result
