"""A clock that only moves when asked, and a scripted engine for the waiter."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from readiness_gate.stack.replica import Replica

BEGIN = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


class FakeClock:
    def __init__(self) -> None:
        self.elapsed = 0.0

    def now(self) -> datetime:
        return BEGIN + timedelta(seconds=self.elapsed)

    def monotonic(self) -> float:
        return self.elapsed

    def sleep(self, seconds: float) -> None:
        self.elapsed += seconds


def stamp(seconds: float) -> str:
    return (BEGIN + timedelta(seconds=seconds)).replace(tzinfo=None).isoformat() + "Z"


Script = Callable[[float, Replica], Replica]
"""What a container looks like so many seconds after its start."""


class FakeEngine:
    """Containers that are created at once, start when asked, and then follow their script."""

    def __init__(self, clock: FakeClock, scripts: Mapping[str, Sequence[Script]]) -> None:
        self.clock = clock
        self.scripts = scripts
        self.started: dict[str, float] = {}
        self.removed: set[str] = set()
        self.start_errors: dict[str, str] = {}
        self.unready: dict[str, str] = {}
        self.exits: dict[str, tuple[int | None, bool]] = {}

    def replicas(self) -> Mapping[str, Sequence[Replica]]:
        return {
            service: [
                self._replica(service, number, script)
                for number, script in enumerate(scripts, start=1)
                if f"{service}-{number}" not in self.removed
            ]
            for service, scripts in self.scripts.items()
        }

    def _replica(self, service: str, number: int, script: Script) -> Replica:
        name = f"{service}-{number}"
        replica = Replica(id=name, name=name, service=service, number=number)
        if name not in self.started:
            return replica
        began = self.started[name]
        running = replace(replica, status="running", started_at=stamp(began))
        return script(self.clock.elapsed - began, running)

    def start(self, replica: Replica) -> None:
        if replica.id not in self.start_errors:
            self.started.setdefault(replica.id, self.clock.elapsed)

    def start_error(self, replica: Replica) -> str:
        return self.start_errors.get(replica.id, "")

    def not_ready(self, service: str, replicas: Sequence[Replica]) -> str:
        return self.unready.get(service, "")

    def last_exits(self, services: Sequence[str]) -> Mapping[str, tuple[int | None, bool]]:
        return {name: self.exits[name] for name in services if name in self.exits}

    def pause(self, seconds: float) -> None:
        self.clock.sleep(seconds)

    def log_tail(self, service: str) -> str:
        return f"log of {service}"


def runs(_age: float, replica: Replica) -> Replica:
    return replica


def healthy_after(seconds: float) -> Script:
    def script(age: float, replica: Replica) -> Replica:
        return replace(replica, health="healthy" if age >= seconds else "starting")

    return script


def exits_after(seconds: float, code: int, **changes: object) -> Script:
    def script(age: float, replica: Replica) -> Replica:
        if age < seconds:
            return replace(replica, **changes)  # type: ignore[arg-type]
        return replace(replica, status="exited", exit_code=code, **changes)  # type: ignore[arg-type]

    return script


def crashes_every(seconds: float, code: int, until: float = float("inf")) -> Script:
    """A process that ends again and again under `restart: always`, at last not any more."""

    def script(age: float, replica: Replica) -> Replica:
        restarts = int(min(age, until) // seconds)
        began = age - restarts * seconds
        replica = replace(
            replica,
            restart_policy="always",
            restarts=restarts,
            started_at=f"{replica.started_at}+{restarts}",
        )
        if age < until and restarts and began < 0.1:
            return replace(replica, status="restarting", exit_code=code)
        return replica

    return script
