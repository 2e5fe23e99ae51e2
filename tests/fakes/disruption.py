"""What disrupts, in memory: replicas by name, and a list of what was done to them."""

from collections.abc import Callable
from dataclasses import dataclass, field

from readiness_gate.errors import StackError
from readiness_gate.stack.base import Address, ServiceHealth
from readiness_gate.stack.disruption import Ended, Fault, FirstProcess, Life, Mount

GOOD_END = Ended(exit_code=0, seconds=0.4)
PYTHON = FirstProcess(("python", "app.py"), handles_signal=True)


@dataclass
class FakeDisruption:
    """Implements `Disruption`; the replicas of a service are reached at 127.0.0.1 by number."""

    running: dict[str, list[str]] = field(default_factory=lambda: {"backend": ["backend-1"]})
    process: FirstProcess = PYTHON
    end: Ended = GOOD_END
    unhealthy: str = ""
    """Why a service does not become healthy again, empty where it does."""
    found: tuple[Mount, ...] = ()
    files: dict[tuple[str, str], bytes] = field(default_factory=dict)
    terminated: Callable[[str], None] = lambda _replica: None
    inflicted: Callable[[Fault, str], None] = lambda _fault, _service: None
    healed: Callable[[str], None] = lambda _service: None
    replaced: Callable[[str], None] = lambda _service: None
    """Is told of every `recreate` (by service, or image) and of `down and up`."""
    starts: dict[str, int] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    made: int = 0

    def replicas(self, service: str) -> tuple[str, ...]:
        if service not in self.running:
            raise StackError(f"no service {service!r}")
        return tuple(self.running[service])

    def address(self, replica: str, port: int) -> Address:
        return Address(f"127.0.0.{replica.rpartition('-')[2]}", port)

    def first_process(self, replica: str) -> FirstProcess:
        return self.process

    def terminate(self, replica: str) -> None:
        self.calls.append(f"terminate {replica}")
        self.terminated(replica)

    def ended(self, replica: str, grace: float) -> Ended:
        self.calls.append(f"ended {replica} {grace:g}")
        return self.end

    def start(self, replica: str) -> None:
        self.calls.append(f"start {replica}")

    def add(self, service: str, timeout: float) -> str:
        self.made += 1
        name = f"{service}-{len(self.running[service]) + self.made + 10}"
        self.calls.append(f"add {name}")
        self.running[service].append(name)
        return name

    def remove(self, replica: str) -> None:
        self.calls.append(f"remove {replica}")
        for names in self.running.values():
            if replica in names:
                names.remove(replica)

    def fetch(self, service: str, image: str, timeout: float) -> None:
        self.calls.append(f"fetch {image}")

    def recreate(self, service: str, timeout: float, image: str | None = None) -> None:
        self.calls.append(f"recreate {service} {image or ''}".rstrip())
        self.replaced(image or service)

    def down_and_up(self, timeout: float) -> None:
        self.calls.append("down and up")
        self.replaced("down and up")

    def inflict(self, fault: Fault, service: str, *, latency: float = 0.0) -> None:
        self.calls.append(f"{fault} {service}")
        self.inflicted(fault, service)

    def heal(self, service: str) -> None:
        self.calls.append(f"heal {service}")
        self.healed(service)

    def lives(self, service: str) -> tuple[Life, ...]:
        life = str(self.starts.get(service, 0))
        return tuple(Life(name, life, 0, True) for name in self.replicas(service))

    def mounts(self, service: str) -> tuple[Mount, ...]:
        return self.found

    def write(self, service: str, path: str, content: bytes) -> None:
        self.calls.append(f"write {service}")
        self.files[service, path] = content

    def wait(self, service: str, timeout: float) -> ServiceHealth:
        self.calls.append(f"wait {service}")
        return ServiceHealth(service, not self.unhealthy, "healthy", cause=self.unhealthy)

    def recover(self, timeout: float, settle: float) -> tuple[ServiceHealth, ...]:
        self.calls.append("recover")
        return tuple(
            ServiceHealth(name, not self.unhealthy, "healthy", cause=self.unhealthy)
            for name in self.running
        )
