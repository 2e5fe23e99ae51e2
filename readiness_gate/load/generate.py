"""The generator itself: starts requests when the plan says, and counts how they end.

Latency counts from the intended start, so that a server which holds everybody up is not measured
by the few requests that it lets through (coordinated omission). A start for which no user is free
is dropped, and counts as a request that waited in vain.
"""

import asyncio
import resource
from itertools import cycle

import aiohttp

from readiness_gate.load.exchange import Ended, Prepared, exchange, prepared, quiet, session
from readiness_gate.load.pace import most_users, starts, users_at
from readiness_gate.load.plan import Plan, Stage
from readiness_gate.load.tally import Counted, Tally

_LEAD = 0.05
_BEAT = 0.01
_AT_ONCE = 32
"""Starts without a pause for answers, where the generator is behind."""
_BREATH = 0.1
"""Seconds that a user waits after no answer came, or nobody there would be asked in a circle."""
_PAUSE_TO_END = 1.0


async def generate(plan: Plan) -> Tally:
    """Run the plan and return what was counted."""
    async with session(plan) as sends:
        return await _Run(plan, sends).run()


class _Run:
    def __init__(self, plan: Plan, sends: aiohttp.ClientSession) -> None:
        self._plan = plan
        self._sends = sends
        self._loop = asyncio.get_running_loop()
        self._prepared = tuple(prepared(one, plan.identities) for one in plan.requests)
        self._statuses = tuple(one.statuses for one in plan.requests)
        self._turns = cycle(plan.order())
        self._tally = Tally(tuple(Counted(one.name) for one in plan.requests))
        self._tasks: set[asyncio.Task[None]] = set()
        self._under_way = 0
        self._begin = 0.0
        self._counts_until = plan.warm_up + plan.duration

    @property
    def _now(self) -> float:
        return self._loop.time() - self._begin

    async def run(self) -> Tally:
        plan, tally = self._plan, self._tally
        self._begin = self._loop.time() + _LEAD
        watch = asyncio.create_task(self._watch())
        await (self._told() if plan.is_open else self._users())
        tally.unended = await quiet(self._tasks, plan.timeout + _PAUSE_TO_END)
        await watch
        tally.seconds = plan.duration
        tally.peak_memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        return tally

    async def _watch(self) -> None:
        """Measure the generator itself while it counts."""
        await asyncio.sleep(max(0.0, self._plan.warm_up - self._now))
        before = _processor()
        while (left := self._counts_until - self._now) > 0:
            beat = min(_BEAT, left)
            due = self._loop.time() + beat
            await asyncio.sleep(beat)
            self._tally.late.record(max(0.0, self._loop.time() - due))
        self._tally.processor = _processor() - before

    async def _told(self) -> None:
        """Start requests at told moments, whatever became of those before."""
        plan, tally = self._plan, self._tally
        tally.planned = 0
        warm = (Stage(plan.warm_up, plan.start),) if plan.warm_up else ()
        behind = 0
        for number, offset in enumerate(starts(plan.start, (*warm, *plan.stages))):
            wait = offset - self._now
            if wait > 0:
                behind = 0
                await asyncio.sleep(wait)
            else:
                behind += 1
                if behind % _AT_ONCE == 0:
                    await asyncio.sleep(0)
            counts = offset >= plan.warm_up
            if counts:
                tally.planned += 1
                tally.late.record(max(0.0, self._now - offset))
            turn = next(self._turns)
            if self._under_way >= plan.most_users:
                if counts:
                    tally.dropped += 1
                    tally.endpoints[turn].latency.record(plan.timeout)
                continue
            self._keep(self._send(turn, offset, number))

    async def _users(self) -> None:
        """Keep as many users as the stages say, each with one request after another."""
        plan = self._plan
        warm = (Stage(plan.warm_up, plan.start),) if plan.warm_up else ()
        stages = (*warm, *plan.stages)
        await asyncio.sleep(max(0.0, -self._now))
        asked: dict[int, asyncio.Task[None]] = {}
        most = most_users(plan.start, stages)
        while (now := self._now) < self._counts_until:
            for number in range(min(most, users_at(plan.start, stages, now))):
                if number not in asked or asked[number].done():
                    asked[number] = self._keep(self._user(number, stages))
            await asyncio.sleep(min(_BEAT * 5, max(0.0, self._counts_until - now)))

    async def _user(self, number: int, stages: tuple[Stage, ...]) -> None:
        while number < users_at(self._plan.start, stages, now := self._now):
            answered = await self._send(next(self._turns), now, number)
            if not answered:
                await asyncio.sleep(_BREATH)
            if self._plan.pause:
                await asyncio.sleep(self._plan.pause)

    def _keep(self, work: "asyncio._CoroutineLike[object]") -> "asyncio.Task[None]":
        task: asyncio.Task[None] = self._loop.create_task(work)  # type: ignore[arg-type]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _send(self, turn: int, intended: float, identity: int) -> bool:
        """Send one request; return whether an answer came."""
        self._under_way += 1
        self._tally.most_under_way = max(self._tally.most_under_way, self._under_way)
        try:
            one: Prepared = self._prepared[turn]
            ended = await exchange(self._sends, one, identity)
        finally:
            self._under_way -= 1
        if self._plan.warm_up <= intended < self._counts_until:
            self._count(turn, intended, ended)
        return ended.status is not None

    def _count(self, turn: int, intended: float, ended: Ended) -> None:
        counted = self._tally.endpoints[turn]
        counted.received += ended.received
        if ended.status is None:
            counted.problem(ended.problem)
            if ended.in_vain:
                counted.latency.record(self._now - intended)
            return
        if ended.status in self._statuses[turn]:
            counted.expected += 1
            counted.latency.record(self._now - intended)
        else:
            counted.unexpected[ended.status] = counted.unexpected.get(ended.status, 0) + 1


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
