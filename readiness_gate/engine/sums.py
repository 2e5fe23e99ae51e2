"""Items that sum up others: what they name has to be there, and never in a circle. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from readiness_gate.checks.merge.rollup import RollupOptions
from readiness_gate.config.load import LoadedConfig
from readiness_gate.doors.records import Problem, did_you_mean
from readiness_gate.engine.bind import BoundCheck


def summed_up(checks: Sequence[BoundCheck]) -> RollupOptions | None:
    """Return the options of an item that sums up others, `None` for every other item."""
    options = checks[0].options
    return options if isinstance(options, RollupOptions) else None


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
