"""Items that sum up others: what they name has to be there, and never in a circle. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from readiness_gate.checks.merge.rollup import RollupOptions
from readiness_gate.config.load import LoadedConfig
from readiness_gate.doors.records import Problem, did_you_mean
from readiness_gate.engine.bind import BoundCheck
from readiness_gate.model.outcome import SkippedBy, Stage

if TYPE_CHECKING:
    from readiness_gate.engine.plan import PlannedItem

_PLACE = {stage: place for place, stage in enumerate(Stage)}


def summed_up(checks: Sequence[BoundCheck]) -> RollupOptions | None:
    """Return the options of an item that sums up others, `None` for every other item."""
    options = checks[0].options
    return options if isinstance(options, RollupOptions) else None


def counts(one: PlannedItem, summing: PlannedItem) -> bool:
    """Return whether a roll-up sums an item up, whatever the stages of the two are."""
    options = summed_up(summing.checks) or RollupOptions()
    # A later phase never blocks, and not by way of a sum either.
    later = one.later > summing.later
    beyond = summing.sums_to is not None and one.rank > summing.sums_to
    if one.id == summing.id or later or beyond:
        return False
    # What another roll-up says is counted by the items that it sums up.
    again = one.todo is None and summed_up(one.checks) is not None
    return _names(options, one) or (not again and _belongs(options, one))


def _belongs(options: RollupOptions, one: PlannedItem) -> bool:
    """Return whether an item that is not named stands below what is summed up."""
    headings = {name.casefold() for name in (*one.sections, one.category)}
    if any(name.casefold() in headings for name in options.of):
        return True
    if options.category is not None:
        return one.category == options.category
    return not (options.items or options.of)


def is_early(one: PlannedItem, summing: PlannedItem) -> bool:
    """Return whether an item cannot be true yet when its roll-up is asked, and is not named."""
    options = summed_up(summing.checks) or RollupOptions()
    return is_before(summing.stage, one.stage) and not _names(options, one)


def is_before(stage: Stage, other: Stage) -> bool:
    """Return whether a stage comes first: merge, deploy, after it, from time to time."""
    return _PLACE[stage] < _PLACE[other]


def asked_for(items: Sequence[PlannedItem]) -> frozenset[str]:
    """Return the ids that roll-ups of a run need although they are of an earlier stage.

    What they sum up has to be known when they are asked: a GO before a deployment is none
    without the facts that a merge waited for.
    """
    asked: dict[str, PlannedItem] = {}
    while True:
        summing = [
            one
            for one in items
            if (one.skipped is None or one.id in asked) and summed_up(one.checks) is not None
        ]
        more = {
            one.id: one
            for one in items
            if one.id not in asked
            and one.skipped is not None
            and one.skipped[0] is SkippedBy.STAGE
            and any(is_before(one.stage, by.stage) and counts(one, by) for by in summing)
        }
        if not more:
            return frozenset(asked)
        asked |= more


def _names(options: RollupOptions, one: PlannedItem) -> bool:
    return one.id in options.items or one.id in options.of


def in_order(sums: Mapping[str, RollupOptions]) -> tuple[str, ...]:
    """Return the ids of roll-ups, each after those that it names.

    Raises:
        graphlib.CycleError: they name each other in a circle.
    """
    graph = {
        id_: [one for one in (*options.items, *options.of) if one in sums]
        for id_, options in sums.items()
    }
    return tuple(TopologicalSorter(graph).static_order())


def problems(
    checks_of: Mapping[str, Sequence[BoundCheck]],
    loaded: LoadedConfig,
    *,
    headings: Collection[str] = (),
    phases: Sequence[str] = (),
) -> Iterator[Problem]:
    """Yield what is wrong with the roll-ups of a plan: a name that is missing counts nothing.

    `headings` are those of the items, which `of` may name.
    """
    sums: dict[str, RollupOptions] = {}
    for id_, checks in checks_of.items():
        if len(checks) > 1:
            yield from _among_others(id_, checks, loaded)
            continue
        options = summed_up(checks)
        if options is not None:
            sums[id_] = options
            yield from _unknown(id_, options, checks_of, loaded)
            yield from _unknown_of(id_, options, {*checks_of}, headings, loaded)
            if options.phase is not None and options.phase not in phases:
                advice = did_you_mean(options.phase, phases)
                path = ("items", id_, "with", "phase")
                yield loaded.problem(path, f"there is no phase {options.phase!r}{advice}")
    try:
        in_order(sums)
    except CycleError as error:
        circle = [str(one) for one in error.args[1]]
        path = ("items", circle[0], "with", "items")
        yield loaded.problem(path, f"roll-ups go in a circle: {' → '.join(circle)}")


def _unknown_of(
    id_: str,
    options: RollupOptions,
    ids: Collection[str],
    headings: Collection[str],
    loaded: LoadedConfig,
) -> Iterator[Problem]:
    known = {one.casefold() for one in headings}
    for number, name in enumerate(options.of):
        path = ("items", id_, "with", "of", number)
        if name == id_:
            yield loaded.problem(path, "a rollup cannot sum up itself")
        elif name not in ids and name.casefold() not in known:
            advice = did_you_mean(name, [*ids, *headings])
            yield loaded.problem(path, f"there is no item and no heading {name!r}{advice}")


def _among_others(
    id_: str, checks: Sequence[BoundCheck], loaded: LoadedConfig
) -> Iterator[Problem]:
    for number, one in enumerate(checks):
        if isinstance(one.options, RollupOptions):
            path = ("items", id_, "checks", number)
            yield loaded.problem(path, "a rollup stands alone: bind it with check")


def _unknown(
    id_: str,
    options: RollupOptions,
    checks_of: Mapping[str, Sequence[BoundCheck]],
    loaded: LoadedConfig,
) -> Iterator[Problem]:
    for number, name in enumerate(options.items):
        path = ("items", id_, "with", "items", number)
        if name == id_:
            yield loaded.problem(path, "a rollup cannot sum up itself")
        elif name not in checks_of:
            advice = did_you_mean(name, list(checks_of))
            yield loaded.problem(path, f"there is no item {name!r}{advice}")
