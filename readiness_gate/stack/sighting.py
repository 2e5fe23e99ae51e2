"""What the waiter remembers of a service between polls, and between one wait and the next."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from readiness_gate.stack.base import ServiceHealth
from readiness_gate.stack.judge import Judgement
from readiness_gate.stack.replica import Replica, instant

NO_EXIT: tuple[int | None, bool] = (None, False)


@dataclass
class Sighting:
    """The memory of one service."""

    good_since: float | None = None
    """Monotonic time since when it is good without a restart."""
    began: float | None = None
    """Monotonic time of its first start, as far as the engine's clock tells."""
    seconds: float = 0.0
    """From its first start to the moment it was seen good, or was last looked at."""
    restarts: int = 0
    exit_code: int | None = None
    out_of_memory: bool = False
    loop_from: int | None = None
    """Restarts at the moment when nothing else was left to wait for."""
    has_health_check: bool = False
    ids: set[str] = field(default_factory=set)
    fingerprint: tuple[object, ...] = ()

    def update(
        self, replicas: Sequence[Replica], judgement: Judgement, *, at: float, now: datetime
    ) -> None:
        """Take in one look, at monotonic time `at` and wall-clock time `now`."""
        fingerprint = tuple(sorted(replica.fingerprint for replica in replicas))
        self.ids |= {replica.id for replica in replicas}
        self.has_health_check |= any(replica.health is not None for replica in replicas)
        self.restarts = sum(replica.restarts for replica in replicas)
        for replica in replicas:
            if replica.status in {"exited", "restarting", "dead"} and replica.was_started:
                self.exit_code = replica.exit_code
            self.out_of_memory |= replica.out_of_memory
        if not judgement.good or fingerprint != self.fingerprint:
            self.good_since = None
        if self.began is None:
            started = [moment for r in replicas if (moment := instant(r.started_at))]
            if started:
                self.began = at - max(0.0, (now - min(started)).total_seconds())
        if self.began is not None and self.good_since is None:
            self.seconds = at - self.began
        if judgement.good and self.good_since is None:
            self.good_since = at
        self.fingerprint = fingerprint

    def settled(self, judgement: Judgement, at: float, settle: float) -> bool:
        """Return whether it is completed, or good for `settle` seconds."""
        if judgement.state == "completed":
            return True
        return self.good_since is not None and at - self.good_since >= settle

    def health(
        self,
        service: str,
        judgement: Judgement,
        *,
        well: bool,
        last_exit: tuple[int | None, bool] = NO_EXIT,
        waited: str = "",
        log_tail: str = "",
    ) -> ServiceHealth:
        """Return the answer for a person; `waited` says for what it was waited in vain."""
        code = judgement.exit_code
        if code is None and not well:
            code = self.exit_code if last_exit[0] is None else last_exit[0]
        memory = judgement.out_of_memory or self.out_of_memory or last_exit[1]
        crashing = bool(self.restarts) and not well and judgement.state != "unhealthy"
        return ServiceHealth(
            service=service,
            healthy=well,
            state="restarting" if crashing else judgement.state,
            cause="" if well else self._cause(judgement, crashing, code, memory, waited),
            exit_code=code,
            restarts=self.restarts,
            out_of_memory=memory,
            has_health_check=self.has_health_check,
            one_shot=judgement.one_shot,
            log_tail=log_tail,
            seconds=round(self.seconds, 3),
            began=self.began,
        )

    def _cause(
        self, judgement: Judgement, crashing: bool, code: int | None, memory: bool, waited: str
    ) -> str:
        if crashing:
            times = "once" if self.restarts == 1 else f"{self.restarts} times"
            ending = "killed for want of memory" if memory else f"last exit code {code}"
            return f"crash loop: restarted {times}, {ending}"
        if judgement.lost and memory and "memory" not in judgement.cause:
            return f"{judgement.cause}: killed for want of memory"
        if judgement.lost:
            return judgement.cause
        if judgement.good and memory:
            return "a process in it was killed for want of memory"
        if judgement.good:
            return "it did not stay up over the settle window"
        return waited or judgement.cause
