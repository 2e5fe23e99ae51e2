"""Samples of replicas over a time, under requests or a command that loads the system."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from pydantic import Field

from readiness_gate.checks.base import CheckOptions
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.options.target_url import TargetUrl
from readiness_gate.checks.place import PlacedOptions
from readiness_gate.checks.placed_run import command_evidence, in_words, run_placed
from readiness_gate.checks.steady_requests import Place, SteadyRequests, Wish
from readiness_gate.checks.target import endpoint
from readiness_gate.checks.usage import Sample
from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.programs import Completed
from readiness_gate.model.evidence import Evidence
from readiness_gate.stack.base import Stack

RESERVE = 5.0
"""Seconds of an item's time that are kept for the answer."""
_ANSWERED = 0.9


class SteadyLoad(CheckOptions):
    """Requests that go on while it is measured; a small load, no load test."""

    url: TargetUrl = Field(description="A path below stack.base-url, or a URL of a service.")
    clients: int = Field(default=5, ge=1, le=50, description="How many ask at the same time.")


class Measurement(Protocol):
    """How long it is measured, how often, and what goes on meanwhile."""

    @property
    def over(self) -> float:
        """Seconds; with a command until that ends."""
        ...

    @property
    def every(self) -> float:
        """Seconds between two samples."""
        ...

    @property
    def requests(self) -> SteadyLoad | None:
        """Requests that are sent meanwhile."""
        ...

    @property
    def command(self) -> PlacedOptions | None:
        """A command that runs meanwhile."""
        ...


@dataclass(frozen=True)
class Measured:
    """The samples, by replica at each moment, and what went on meanwhile."""

    samples: Sequence[Mapping[str, Sample]]
    during: str
    """The time and the load in words."""
    problem: str = ""
    """Why the load proves nothing, where that is so."""
    evidence: tuple[Evidence, ...] = ()


def measured(
    context: CheckContext, options: Measurement, stack: Stack, services: Sequence[str]
) -> Measured:
    """Sample all replicas of the services until the time is over, or the command has ended."""
    if options.command is not None:
        return _during_command(context, options, options.command, stack, services)
    if options.requests is None:
        until = Deadline(context.clock, options.over)
        samples = list(_samples(context, options, stack, services, until))
        return Measured(samples, f"{options.over:g} s")
    return _during_requests(context, options, options.requests, stack, services)


def _during_requests(
    context: CheckContext,
    options: Measurement,
    load: SteadyLoad,
    stack: Stack,
    services: Sequence[str],
) -> Measured:
    target = endpoint(context, load.url)
    wish = Wish(
        place=lambda: Place(target.reached),
        # A page that is not there, or a refusal, loads nothing that anybody wants to measure.
        judge=lambda answer: f"status {answer.status}" if answer.status >= 400 else "",
    )
    with SteadyRequests(
        context.web, context.clock, wish, clients=load.clients, pause=0.01
    ) as source:
        until = Deadline(context.clock, options.over)
        samples = list(_samples(context, options, stack, services, until))
    sent = source.sent
    lost = [one.problem for one in sent if one.problem]
    problem = ""
    if not sent:
        problem = f"GET {target.url}: no request was answered, so there was no load"
    elif len(lost) > len(sent) * (1 - _ANSWERED):
        problem = f"GET {target.url}: {len(lost)} of {len(sent)} requests failed: {lost[0]}"
    elif source.exhausted:
        problem = f"GET {target.url}: after {len(sent)} requests no more were sent: shorten over"
    rate = len(sent) / options.over
    return Measured(samples, f"{options.over:g} s with {rate:.0f} requests/s", problem)


def _during_command(
    context: CheckContext,
    options: Measurement,
    placed: PlacedOptions,
    stack: Stack,
    services: Sequence[str],
) -> Measured:
    limit = max(1.0, context.timeout - RESERVE)
    what = f"{in_words(placed.command)} ({placed.where})"
    with ThreadPoolExecutor(1) as pool:
        running: Future[tuple[Completed, tuple[bytes, ...]]] = pool.submit(
            run_placed, context, placed, timeout=limit
        )
        until = Deadline(context.clock, limit)
        samples = list(_samples(context, options, stack, services, until, running))
        done, _ = running.result()
    evidence = (command_evidence(placed, done),)
    problem = ""
    if done.timed_out:
        problem = f"{what}: did not end within {limit:g} s"
    elif not done.succeeded:
        problem = f"{what}: exit code {done.exit_code}, so that nobody knows how much load it was"
    return Measured(samples, f"{done.seconds:.0f} s of {what}", problem, evidence)


def _samples(
    context: CheckContext,
    options: Measurement,
    stack: Stack,
    services: Sequence[str],
    until: Deadline,
    running: "Future[tuple[Completed, tuple[bytes, ...]]] | None" = None,
) -> Iterator[Mapping[str, Sample]]:
    while not until.passed and not (running is not None and running.done()):
        context.clock.sleep(until.remaining(options.every))
        yield sample(context, stack, services)


def sample(context: CheckContext, stack: Stack, services: Sequence[str]) -> dict[str, Sample]:
    """Return one sample of every replica of the services, by its name."""
    return {
        usage.replica: Sample(context.clock.monotonic(), usage)
        for service in services
        for usage in stack.usage(service)
    }
