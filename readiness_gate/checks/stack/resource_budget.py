"""`resource-budget`: what each replica uses of memory and processor stays within its budget.

Sampled from the engine's statistics over a time, under load where one is given, with nothing else
running beside it. Memory is what `docker stats` shows: without the page cache that can be given
back. A replica that runs out of memory, ends or is started again fails in any case; statistics
that are missing are an error, never a pass.
"""

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.measured_load import RESERVE, Measured, SteadyLoad, measured, sample
from readiness_gate.checks.place import PlacedOptions
from readiness_gate.checks.services import chosen, stack_of
from readiness_gate.checks.usage import ReplicaUsage, megabytes
from readiness_gate.checks.usage_budget import (
    SHORTEST_FOR_GROWTH,
    UsageLimits,
    by_replica,
    over_budget,
    tells_growth,
    unknown_use,
    usage_table,
)
from readiness_gate.config.values import Duration, OneOrMany
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family, Need
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_FEWEST = 3


class ResourceBudgetOptions(UsageLimits):
    """What is measured, for how long, and what it may be."""

    services: OneOrMany = Field(
        default=(), description="Services to measure; default all that stay up."
    )
    over: Annotated[Duration, Field(ge=1)] = Field(
        default=15.0, description="How long it is measured; with `command`, until that ends."
    )
    every: Annotated[Duration, Field(ge=0.1)] = Field(
        default=0.5, description="Time between two samples."
    )
    requests: SteadyLoad | None = Field(default=None, description="Requests to send meanwhile.")
    command: PlacedOptions | None = Field(
        default=None, description="A command that loads the system meanwhile, and its place."
    )

    @model_validator(mode="after")
    def _asserts_something(self) -> Self:
        limits = (self.max_memory, self.max_memory_share, self.max_cpu, self.max_growth)
        if all(limit is None for limit in limits):
            raise ValueError(
                "assert something: max-memory, max-memory-share, max-cpu or max-growth"
            )
        if self.requests is not None and self.command is not None:
            raise ValueError("give requests or command, not both")
        shortest = SHORTEST_FOR_GROWTH / 0.75
        if self.max_growth is not None and self.command is None and self.over < shortest:
            raise ValueError("growth is not seen in less than 15s: raise over")
        if self.over / self.every < _FEWEST:
            raise ValueError(f"over has to be at least {_FEWEST} times every")
        return self


def run(context: CheckContext, options: ResourceBudgetOptions) -> CheckResult:
    """Sample all replicas together, then judge each."""
    stack = stack_of(context)
    services = chosen(context, options.services)
    if options.command is None and options.over > context.timeout - RESERVE:
        return cannot_tell(
            ErrorClass.CONFIGURATION,
            f"over is {options.over:g} s, and the item may take {context.timeout:g} s",
            remediation="Give the item a longer timeout.",
        )
    absent = [service for service in services if not stack.usage(service)]
    if absent:
        return cannot_tell(ErrorClass.INCONCLUSIVE, f"service {absent[0]} has no replica")
    before = sample(context, stack, services)
    load = measured(context, options, stack, services)
    return _judged(by_replica([before, *load.samples]), options, load)


def _judged(
    replicas: Sequence[ReplicaUsage], options: ResourceBudgetOptions, load: Measured
) -> CheckResult:
    evidence = [usage_table(replicas), *load.evidence]
    missing = [problem for one in replicas for problem in unknown_use(one, options)]
    problems = [problem for one in replicas for problem in over_budget(one, options)]
    if problems:
        more = f"; and {len(problems) - 1} more" if len(problems) > 1 else ""
        return failed(problems[0] + more, details="\n".join(problems), evidence=evidence)
    if missing:
        return cannot_tell(
            ErrorClass.INFRASTRUCTURE,
            missing[0],
            details="\n".join(missing),
            evidence=evidence,
            remediation="Use an engine that counts memory and processor time for each container.",
        )
    if load.problem:
        return cannot_tell(ErrorClass.INCONCLUSIVE, load.problem, evidence=evidence)
    short = [one for one in replicas if _is_short(one, options)]
    if short:
        said = f"{short[0].name}: {len(short[0].samples)} samples in {short[0].seconds:.0f} s"
        return cannot_tell(
            ErrorClass.INCONCLUSIVE, f"{said} are too few to judge", evidence=evidence
        )
    return passed(_summary(replicas, load), evidence=evidence)


def _is_short(one: ReplicaUsage, options: ResourceBudgetOptions) -> bool:
    if options.max_growth is None:
        return len(one.samples) < _FEWEST
    return not tells_growth(one)


def _summary(replicas: Sequence[ReplicaUsage], load: Measured) -> str:
    top = max(replicas, key=lambda one: one.peak_memory or 0)
    cpu = max((one.cpu_percent or 0.0 for one in replicas), default=0.0)
    number = f"{len(replicas)} replica{'s' if len(replicas) != 1 else ''}"
    return (
        f"{number} within budget over {load.during}: {top.name} used at most "
        f"{megabytes(top.peak_memory or 0)}, {cpu:.0f} % of a processor at most"
    )


CHECK = Check(
    id="resource-budget",
    title="Services stay within their budget of memory and processor",
    family=Family.STACK,
    check_class=CheckClass.MEASURE,
    needs=frozenset({Need.STACK}),
    options=ResourceBudgetOptions,
    work=run,
    remediation="Find what uses so much, or raise the budget and the limit on purpose.",
    example={
        "services": "backend",
        "over": "30s",
        "requests": {"url": "/products", "clients": 10},
        "max-memory": "500MB",
        "max-memory-share": 80,
        "max-cpu": 150,
        "max-growth": "5MB",
    },
)
