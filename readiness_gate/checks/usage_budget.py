"""What each replica may use, and what is said of one that used more."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from pydantic import Field

from readiness_gate.checks.base import CheckOptions
from readiness_gate.checks.usage import ReplicaUsage, Sample, megabytes
from readiness_gate.config.values import Size
from readiness_gate.model.evidence import TableEvidence

_FEWEST_FOR_GROWTH = 10
SHORTEST_FOR_GROWTH = 10.0
"""Seconds after the warm-up that growth has to be looked at."""
_COLUMNS = (
    "replica",
    "memory, highest",
    "memory, mean",
    "limit",
    "processor, mean",
    "growth per minute",
    "samples",
)


class UsageLimits(CheckOptions):
    """What a replica may use at most; `None` is no limit."""

    max_memory: Annotated[Size, Field(gt=0)] | None = Field(
        default=None, description="Most memory of a replica at any time, such as 500MB."
    )
    max_memory_share: float | None = Field(
        default=None, gt=0, le=100, description="The same in percent of the replica's own limit."
    )
    max_cpu: float | None = Field(
        default=None,
        gt=0,
        description="Most processor time of a replica on average, in percent of one processor.",
    )
    max_growth: Annotated[Size, Field(gt=0)] | None = Field(
        default=None,
        description="Most that a replica's memory may grow per minute once the first quarter of "
        "the time is over, such as 5MB: a leak shows in a long run.",
    )


def by_replica(samples: Sequence[Mapping[str, Sample]]) -> tuple[ReplicaUsage, ...]:
    """Return the samples of each replica; one that is not in the last sample is gone."""
    names = dict.fromkeys(name for sample in samples for name in sample)
    return tuple(
        ReplicaUsage(
            name,
            tuple(sample[name] for sample in samples if name in sample),
            gone=name not in samples[-1],
        )
        for name in names
    )


def over_budget(one: ReplicaUsage, budget: UsageLimits) -> Iterator[str]:
    """Yield a line for everything that is wrong with a replica."""
    if one.out_of_memory:
        yield f"{one.name} ran out of memory"
    elif one.ended is not None:
        yield f"{one.name} ended with exit code {one.ended} while it was measured"
    elif one.started_again:
        yield f"{one.name} was started again while it was measured"
    peak, limit = one.peak_memory, one.memory_limit
    if budget.max_memory is not None and peak is not None and peak > budget.max_memory:
        yield f"{one.name} used {megabytes(peak)}, more than {megabytes(budget.max_memory)}"
    if budget.max_memory_share is not None and peak is not None:
        if limit is None:
            yield f"{one.name} has no memory limit to use a share of"
        elif 100 * peak / limit > budget.max_memory_share:
            share = f"{100 * peak / limit:.0f} % of its {megabytes(limit)}"
            yield f"{one.name} used {share}, more than {budget.max_memory_share:g} %"
    cpu = one.cpu_percent
    if budget.max_cpu is not None and cpu is not None and cpu > budget.max_cpu:
        yield f"{one.name} used {cpu:.0f} % of a processor, more than {budget.max_cpu:g} %"
    growth = one.growth_per_minute
    if (
        budget.max_growth is not None
        and growth is not None
        and tells_growth(one)
        and growth > budget.max_growth
    ):
        said = f"grew by {megabytes(growth)} per minute"
        yield f"{one.name} {said}, more than {megabytes(budget.max_growth)}"


def unknown_use(one: ReplicaUsage, budget: UsageLimits) -> Iterator[str]:
    """Yield a line for every statistic of a replica that is missing."""
    if one.gone:
        yield f"{one.name} is gone: somebody removed it while it was measured"
    elif not one.memory_is_known:
        yield f"there are no statistics of {one.name}'s memory"
    elif budget.max_cpu is not None and one.cpu_percent is None:
        yield f"there are no statistics of {one.name}'s processor time"


def tells_growth(one: ReplicaUsage) -> bool:
    """Return whether its samples are enough to tell how memory grows."""
    return len(one.settled) >= _FEWEST_FOR_GROWTH and one.settled_seconds >= SHORTEST_FOR_GROWTH


def usage_table(replicas: Sequence[ReplicaUsage]) -> TableEvidence:
    """Return what each replica used, for the reader."""
    return TableEvidence(
        title="Use by replica",
        columns=_COLUMNS,
        rows=tuple(
            (
                one.name,
                _known(one.peak_memory),
                _known(one.mean_memory),
                _known(one.memory_limit),
                "" if one.cpu_percent is None else f"{one.cpu_percent:.0f} %",
                _known(one.growth_per_minute) if tells_growth(one) else "",
                str(len(one.samples)),
            )
            for one in replicas
        ),
    )


def _known(size: float | None) -> str:
    return "" if size is None else megabytes(size)
