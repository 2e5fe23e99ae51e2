"""Programs of the host that end as a test told them, and are remembered."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from readiness_gate.doors.programs import Completed, Running


@dataclass(frozen=True)
class Run:
    argv: tuple[str, ...]
    cwd: Path | None
    environment: Mapping[str, str]
    stdin: bytes
    timeout: float


@dataclass
class FakePrograms:
    """Implements `Programs`; `answer` may raise what the real door raises."""

    answer: Callable[[Run], Completed] | None = None
    runs: list[Run] = field(default_factory=list)

    def run(
        self,
        argv: Sequence[str],
        *,
        timeout: float,
        cwd: Path | None = None,
        environment: Mapping[str, str] | None = None,
        stdin: bytes = b"",
    ) -> Completed:
        run = Run(tuple(argv), cwd, dict(environment or {}), stdin, timeout)
        self.runs.append(run)
        if self.answer is None:
            return Completed(run.argv, 0, "", "", 0.1)
        return self.answer(run)

    def start(
        self,
        argv: Sequence[str],
        *,
        log: Path,
        cwd: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Running:
        raise NotImplementedError("this fake starts nothing that goes on")
