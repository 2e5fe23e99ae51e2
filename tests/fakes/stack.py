"""A stack that answers what a test told it, and remembers what it was asked."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from readiness_gate.doors.programs import Completed
from readiness_gate.errors import StackError
from readiness_gate.stack.base import (
    Address,
    BuiltImage,
    Leftovers,
    NotSupported,
    Published,
    ServiceHealth,
    WayBack,
)
from readiness_gate.stack.disruption import Disruption
from readiness_gate.stack.facts import FileEntry, Inspected, LogLine, Platform, Usage


def completed(
    exit_code: int | None = 0,
    *,
    stdout: str = "",
    stderr: str = "",
    argv: Sequence[str] = (),
    seconds: float = 0.1,
) -> Completed:
    return Completed(tuple(argv), exit_code, stdout, stderr, seconds)


@dataclass(frozen=True)
class Call:
    """One command that the stack was asked to run."""

    way: str
    """`one_off` or `execute`."""
    service: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    stdin: bytes
    directory: str | None
    image: str | None
    timeout: float


Answers = Callable[[Call], Completed]


@dataclass
class FakeStack:
    """Implements `Stack`; set `answer` to decide what commands give back."""

    service_names: tuple[str, ...] = ("backend", "db")
    answer: Answers | None = None
    health: tuple[ServiceHealth, ...] = ()
    addresses: dict[tuple[str, int], Address] = field(default_factory=dict)
    environments: dict[str, dict[str, str]] = field(default_factory=dict)
    images: dict[str, str] = field(default_factory=dict)
    files: dict[tuple[str, str], bytes] = field(default_factory=dict)
    all_ports: dict[str, tuple[int, ...]] = field(default_factory=dict)
    disturbed: str = ""
    all_published: tuple[Published, ...] = ()
    log: dict[str, str] = field(default_factory=dict)
    found_platform: Platform | StackError = field(default_factory=Platform)
    containers: dict[str, tuple[Inspected, ...]] = field(default_factory=dict)
    usages: Callable[[str], Sequence[Usage]] = lambda _service: ()
    lines: dict[str, Iterable[LogLine]] = field(default_factory=dict)
    entries: dict[tuple[str, str], Mapping[str, FileEntry | None]] = field(default_factory=dict)
    handed: dict[str, dict[str, str]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    operations: Disruption | None = None
    done: list[str] = field(default_factory=list)
    """Names of the other methods that were called, in order."""

    @property
    def project(self) -> str:
        return "rg-test"

    @property
    def services(self) -> tuple[str, ...]:
        return self.service_names

    def prepare(self) -> None:
        self.done.append("prepare")

    def build(self, timeout: float) -> tuple[BuiltImage, ...]:
        self.done.append("build")
        return tuple(BuiltImage(name, f"rg-test-{name}", True, 1, 1.0) for name in self.services)

    def start(self, services: Sequence[str] | None, timeout: float) -> None:
        self.done.append("start")

    def wait(
        self, services: Sequence[str] | None, timeout: float, settle: float
    ) -> tuple[ServiceHealth, ...]:
        self.done.append("wait")
        if self.health:
            return self.health
        return tuple(ServiceHealth(name, True, "running") for name in services or self.services)

    def one_off(
        self,
        service: str,
        command: Sequence[str],
        *,
        timeout: float,
        environment: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        directory: str | None = None,
        image: str | None = None,
    ) -> Completed:
        return self._ran(
            Call(
                "one_off",
                service,
                tuple(command),
                dict(environment or {}),
                stdin,
                directory,
                image,
                timeout,
            )
        )

    def execute(
        self,
        service: str,
        command: Sequence[str],
        *,
        timeout: float,
        environment: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        directory: str | None = None,
    ) -> Completed:
        return self._ran(
            Call(
                "execute",
                service,
                tuple(command),
                dict(environment or {}),
                stdin,
                directory,
                None,
                timeout,
            )
        )

    def address(self, service: str, port: int) -> Address:
        known = self.addresses.get((service, port))
        if known is None:
            raise StackError(f"port {port} of service {service} is not reached")
        return known

    def ports(self, service: str) -> tuple[int, ...]:
        return self.all_ports.get(service, ())

    def host(self, service: str) -> str:
        return service

    def way_back(self) -> WayBack:
        return WayBack("127.0.0.1", "127.0.0.1")

    def published(self) -> tuple[Published, ...]:
        return self.all_published

    def environment(self, service: str) -> Mapping[str, str]:
        return self.environments.get(service, {})

    def image(self, service: str) -> str:
        return self.images.get(service, f"rg-test-{service}")

    def build_base(self, service: str, tree: str, timeout: float) -> str:
        raise NotSupported("this stack builds no base image")

    def copy_out(self, service: str, path: str) -> bytes:
        self.done.append(f"copy_out {service}:{path}")
        if (service, path) not in self.files:
            raise StackError(f"no such file in {service}: {path}")
        return self.files[service, path]

    def logs(self, service: str, lines: int = 200) -> str:
        return self.log.get(service, "")

    def disruption(self) -> Disruption:
        if self.operations is None:
            raise NotSupported("nothing of this stack is disturbed")
        return self.operations

    def platform(self) -> Platform:
        self.done.append("platform")
        if isinstance(self.found_platform, StackError):
            raise self.found_platform
        return self.found_platform

    def inspect(self, service: str) -> tuple[Inspected, ...]:
        return self.containers.get(service, ())

    def usage(self, service: str) -> tuple[Usage, ...]:
        return tuple(self.usages(service))

    def log_lines(
        self, service: str, *, since: float | None = None, until: float | None = None
    ) -> Iterator[LogLine]:
        for line in self.lines.get(service, ()):
            if (since or 0.0) <= line.at <= (until or line.at):
                yield line

    def file_entries(
        self, service: str, path: str, *, content: bool = False
    ) -> Mapping[str, FileEntry | None]:
        return self.entries.get((service, path), {f"rg-test-{service}-1": None})

    def secrets(self, service: str) -> Mapping[str, str]:
        return self.handed.get(service, {})

    def disturbance(self) -> str:
        return self.disturbed

    def tear_down(self, timeout: float) -> Leftovers:
        self.done.append("tear_down")
        return Leftovers()

    def _ran(self, call: Call) -> Completed:
        self.calls.append(call)
        if self.answer is None:
            return completed(argv=call.command)
        return self.answer(call)
