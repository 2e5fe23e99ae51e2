"""Waits until services are up and stay up; answers early where one is lost (notes on stacks 2.5).

Looks at its `Watch` whenever something happens, at least every 100 ms. Healthy means: every
replica, its health check or declared readiness passed, and start time and restart count unchanged
over the settle window. It starts created containers itself once their `depends_on` conditions
hold, so that a dependency that is unhealthy for a moment and recovers fails nobody.
"""

import threading
from collections.abc import Mapping, Sequence
from typing import Protocol

from readiness_gate.doors.clock import Clock
from readiness_gate.stack.base import ServiceHealth
from readiness_gate.stack.judge import Expectation, Judgement, judge
from readiness_gate.stack.progress import Progress, Tell
from readiness_gate.stack.replica import Replica
from readiness_gate.stack.sighting import NO_EXIT, Sighting

POLL = 0.1
CRASH_LOOP_RESTARTS = 3
"""So many more restarts, when nothing else is left to wait for, are a crash loop."""


class Watch(Protocol):
    """What the waiter sees and may do."""

    def replicas(self) -> Mapping[str, Sequence[Replica]]:
        """Return the containers of every service, one-offs and hooks left out."""
        ...

    def start(self, replica: Replica) -> None:
        """Begin to start a created container, without waiting; repeated calls do nothing."""
        ...

    def start_error(self, replica: Replica) -> str:
        """Return why a start failed, empty where it did not."""
        ...

    def not_ready(self, service: str, replicas: Sequence[Replica]) -> str:
        """Return why a configured readiness does not hold yet; empty: it holds, or none is set."""
        ...

    def last_exits(self, services: Sequence[str]) -> Mapping[str, tuple[int | None, bool]]:
        """Return the last exit code and whether memory was short, from the event stream."""
        ...

    def pause(self, seconds: float) -> None:
        """Wait for so long, or until something happens that is worth a look."""
        ...

    def log_tail(self, service: str) -> str:
        """Return the last lines of a service's log."""
        ...


class Waiter:
    """Keeps what it saw, so that a second wait goes on where the first ended."""

    def __init__(
        self,
        watch: Watch,
        clock: Clock,
        expectations: Mapping[str, Expectation],
        tell: Tell | None = None,
    ) -> None:
        """Wait for the services of `expectations` as `watch` sees them; `tell` hears for what."""
        self._watch = watch
        self._clock = clock
        self._expectations = expectations
        self._seen = {service: Sighting() for service in expectations}
        self._enabled: set[str] = set()
        self._progress = Progress(tell)
        # The settle window of one thread overlaps with a wait of another.
        self._looking = threading.Lock()

    def enable(self, services: Sequence[str]) -> None:
        """Let these services and all they depend on start once their conditions hold."""
        for service in services:
            if service in self._expectations and service not in self._enabled:
                self._enabled.add(service)
                self.enable([d.service for d in self._expectations[service].dependencies])

    def forget(self, service: str) -> None:
        """Forget what was seen of a service that was ended on purpose."""
        with self._looking:
            self._seen[service] = Sighting()

    def step(self) -> dict[str, Judgement]:
        """Look once: judge every enabled service and start what may start."""
        with self._looking:
            replicas = self._watch.replicas()
            judgements = {
                service: self._judged(service, replicas.get(service, ()))
                for service in sorted(self._enabled)
            }
            # All start in a moment, and the machine is busy with them: the slowest go first.
            for service in sorted(judgements, key=self._starts_late):
                self._start(service, replicas, judgements)
        return judgements

    def wait(
        self, services: Sequence[str], timeout: float, settle: float
    ) -> tuple[ServiceHealth, ...]:
        """Return the health of `services`, as `Stack.wait` promises."""
        self.enable(services)
        wanted = sorted(set(services))
        began = self._clock.monotonic()
        end = self._clock.monotonic() + timeout
        while True:
            judgements = self.step()
            now = self._clock.monotonic()
            if any(judgements[service].lost for service in self._with_dependencies(wanted)):
                break
            if all(judgements[service].good for service in wanted):
                if all(self._settled(service, judgements, now, settle) for service in wanted):
                    break
            elif now >= end:
                break
            # A service that never settles must not hold the gate for ever.
            if now >= end + 2 * settle:
                break
            looping = self._crash_loop(judgements, wanted, now, settle)
            if looping:
                judgements.update(looping)
                break
            self._progress.look({s: judgements[s] for s in wanted}, now - began, now)
            self._watch.pause(POLL)
        return self._answers(wanted, judgements, timeout, settle)

    def _judged(self, service: str, replicas: Sequence[Replica]) -> Judgement:
        expected, seen = self._expectations[service], self._seen[service]
        judgement = judge(expected, replicas)
        failure = next((e for r in replicas if (e := self._watch.start_error(r))), "")
        if failure:
            judgement = Judgement("missing", lost=True, cause=f"it could not be started: {failure}")
        elif seen.ids and not {r.id for r in replicas} >= seen.ids:
            judgement = Judgement("missing", lost=True, cause="its container was removed")
        if judgement.good and judgement.state != "completed":
            reason = self._watch.not_ready(service, replicas)
            if reason:
                judgement = Judgement("starting", cause=reason)
        seen.update(replicas, judgement, at=self._clock.monotonic(), now=self._clock.now())
        return judgement

    def _start(
        self,
        service: str,
        replicas: Mapping[str, Sequence[Replica]],
        judgements: Mapping[str, Judgement],
    ) -> None:
        waiting = [r for r in replicas.get(service, ()) if r.status == "created" and not r.error]
        if waiting and not self._held_by(service, replicas, judgements):
            for replica in waiting:
                self._watch.start(replica)

    def _starts_late(self, service: str) -> bool:
        return not self._expectations[service].built

    def _held_by(
        self,
        service: str,
        replicas: Mapping[str, Sequence[Replica]],
        judgements: Mapping[str, Judgement],
    ) -> str:
        """Return the dependency that keeps a service from starting, empty where none does."""
        for dependency in self._expectations[service].dependencies:
            if dependency.service not in judgements:
                continue
            there = replicas.get(dependency.service, ())
            judgement = judgements[dependency.service]
            if dependency.condition == "service_healthy":
                holds = judgement.state == "healthy" or (
                    judgement.good and not any(replica.health for replica in there)
                )
            elif dependency.condition == "service_completed_successfully":
                holds = judgement.state == "completed"
            else:
                holds = bool(there) and all(replica.was_started for replica in there)
            if not holds and (dependency.required or not judgement.lost):
                return dependency.service
        return ""

    def _with_dependencies(self, services: Sequence[str]) -> set[str]:
        found: set[str] = set()
        rest = list(services)
        while rest:
            service = rest.pop()
            if service not in found:
                found.add(service)
                needed = self._expectations[service].dependencies
                rest += [d.service for d in needed if d.required and d.service in self._enabled]
        return found

    def _settled(
        self, service: str, judgements: Mapping[str, Judgement], now: float, settle: float
    ) -> bool:
        return self._seen[service].settled(judgements[service], now, settle)

    def _crash_loop(
        self, judgements: Mapping[str, Judgement], wanted: Sequence[str], now: float, settle: float
    ) -> dict[str, Judgement]:
        """Return the services that only crash, once all others have settled."""
        unsettled = [s for s in wanted if not self._settled(s, judgements, now, settle)]
        for service in unsettled:
            seen = self._seen[service]
            if seen.restarts == 0 or judgements[service].state in {"unhealthy", "starting"}:
                return {}
        found = {}
        for service in unsettled:
            seen = self._seen[service]
            if seen.loop_from is None:
                seen.loop_from = seen.restarts
            if seen.restarts >= seen.loop_from + CRASH_LOOP_RESTARTS:
                found[service] = Judgement("restarting", lost=True)
        return found

    def _answers(
        self,
        wanted: Sequence[str],
        judgements: Mapping[str, Judgement],
        timeout: float,
        settle: float,
    ) -> tuple[ServiceHealth, ...]:
        now = self._clock.monotonic()
        sick = {s for s in self._with_dependencies(wanted) if not judgements[s].good}
        shown = sorted(set(wanted) | sick)
        well = {s for s in shown if self._is_well(s, judgements, now, settle)}
        exits = self._watch.last_exits(shown)
        # A worker of a service that runs on: the container's own state says nothing of it.
        killed = {s for s in well if exits.get(s, NO_EXIT)[1]}
        well -= killed
        return tuple(
            self._seen[service].health(
                service,
                judgements[service],
                well=service in well,
                last_exit=exits.get(service, NO_EXIT),
                waited=self._waited(service, judgements, shown, timeout),
                log_tail="" if service in well else self._watch.log_tail(service),
            )
            for service in shown
        )

    def _is_well(
        self, service: str, judgements: Mapping[str, Judgement], now: float, settle: float
    ) -> bool:
        """Return whether a service is good, and settled unless the wait ended early for another."""
        if not judgements[service].good:
            return False
        early = any(judgement.lost for judgement in judgements.values())
        return self._settled(service, judgements, now, settle) or (
            early and self._seen[service].restarts == 0
        )

    def _waited(
        self,
        service: str,
        judgements: Mapping[str, Judgement],
        shown: Sequence[str],
        timeout: float,
    ) -> str:
        """Return why a service is not up that nothing is known against."""
        given_up = [s for s in shown if judgements[s].lost]
        held = [s for s in given_up if s in self._with_dependencies([service])]
        if given_up and judgements[service].state != "starting":
            return judgements[service].cause
        if held:
            return f"depends on {', '.join(held)}"
        if given_up:
            return f"was still starting when the gate gave up on {', '.join(given_up)}"
        return f"{judgements[service].cause}, after {timeout:g} s"
