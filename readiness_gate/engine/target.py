"""The steps on the target: build, databases, seed, migrate, start, settle (DESIGN 2.1).

The target is written by its steps, one after another, and read by checks that wait for them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from readiness_gate.checks.context import DatabaseAccess, StepRecord
from readiness_gate.config.schema import GateConfig
from readiness_gate.doors.clock import Deadline
from readiness_gate.engine.databases import DatabaseSteps
from readiness_gate.engine.steps import (
    DATABASES,
    IMAGES,
    MIGRATE,
    PREPARE,
    SEED,
    SETTLED,
    STACK,
    Step,
)
from readiness_gate.errors import ConfigurationError, GateError, StackError
from readiness_gate.stack.base import BuiltImage, NotSupported, ServiceHealth, Stack

BUILD_TIMEOUT = 1_200.0
START_TIMEOUT = 300.0


@dataclass
class Target:
    """One booted copy of the target, as far as its steps have come."""

    config: GateConfig
    stack: Stack | None
    deadline: Deadline
    database_steps: DatabaseSteps
    databases: dict[str, DatabaseAccess] = field(default_factory=dict)

    def steps(self) -> tuple[Step, ...]:
        """Return the steps that this configuration has, each with those before it."""
        steps: list[Step] = []
        before: tuple[str, ...] = ()

        def then(name: str, run: Callable[[], StepRecord]) -> None:
            nonlocal before
            steps.append(Step(name, before, lambda: guarded(name, run)))
            before = (name,)

        late = self.database_steps.after_start
        if self.stack is not None:
            then(PREPARE, self._prepare)
            if self.config.stack is not None and self.config.stack.driver == "compose":
                then(IMAGES, self._images)
        if self.config.databases:
            then(DATABASES, self._databases)
            if self.database_steps.seeded:
                then(SEED, self.database_steps.seed)
            if not late:
                then(MIGRATE, self._migrate)
        if self.stack is not None:
            then(STACK, self._start)
            started = before
            then(SETTLED, self._settle)
            if late and self.config.databases:
                before = started
                then(MIGRATE, self._migrate)
        return tuple(steps)

    def _prepare(self) -> StepRecord:
        self._stack.prepare()
        return StepRecord(PREPARE, True, f"services: {', '.join(self._stack.services)}")

    def _images(self) -> StepRecord:
        images = self._stack.build(self.deadline.remaining(BUILD_TIMEOUT))
        return StepRecord(IMAGES, True, _images_summary(images), images=images)

    def _databases(self) -> StepRecord:
        services = self.database_steps.services
        health: tuple[ServiceHealth, ...] = ()
        if services and self.stack is not None:
            self._stack.start(services, self.deadline.remaining(START_TIMEOUT))
            health = self._stack.wait(services, self._wait_timeout, 0.0)
            if not all(one.healthy for one in health):
                return _unhealthy(DATABASES, health)
        self.databases.update(self.database_steps.open())
        return StepRecord(DATABASES, True, f"{', '.join(self.databases)} ready", health=health)

    def _migrate(self) -> StepRecord:
        record, databases = self.database_steps.migrate(self.databases)
        self.databases.update(databases)
        return record

    def _start(self) -> StepRecord:
        if self._external:
            return StepRecord(STACK, True, "somebody else's system; nothing is started")
        self._stack.start(None, self.deadline.remaining(START_TIMEOUT))
        return self._healthy(STACK, 0.0)

    def _settle(self) -> StepRecord:
        if self._external:
            return StepRecord(SETTLED, True, "somebody else's system")
        settle = self.config.stack.settle if self.config.stack is not None else 0.0
        return self._healthy(SETTLED, settle)

    def _healthy(self, name: str, settle: float) -> StepRecord:
        health = self._stack.wait(None, self._wait_timeout, settle)
        if not health:
            return StepRecord(name, False, "no service was started", configuration=True)
        if not all(one.healthy for one in health):
            return _unhealthy(name, health)
        return StepRecord(
            name, True, f"{len(health)} of {len(health)} services healthy", health=health
        )

    @property
    def _external(self) -> bool:
        return self.config.stack is not None and self.config.stack.driver == "external"

    @property
    def _wait_timeout(self) -> float:
        configured = self.config.stack.wait_timeout if self.config.stack is not None else None
        return self.deadline.remaining(configured or START_TIMEOUT)

    @property
    def _stack(self) -> Stack:
        if self.stack is None:
            raise ConfigurationError("no stack is configured")
        return self.stack


def guarded(name: str, run: Callable[[], StepRecord]) -> StepRecord:
    """Return the record of a step; an exception is a failed step, never a crash."""
    try:
        return run()
    except NotSupported as error:
        return StepRecord(name, False, error.message, configuration=True, advice=error.advice)
    except StackError as error:
        return StepRecord(
            name,
            False,
            error.message,
            log=error.log,
            infrastructure=error.infrastructure,
            advice=error.advice,
        )
    except ConfigurationError as error:
        return StepRecord(name, False, error.message, configuration=True, advice=error.advice)
    except GateError as error:
        return StepRecord(name, False, error.message, infrastructure=True, advice=error.advice)
    except Exception as error:
        summary = f"the gate failed: {type(error).__name__}: {error}"
        return StepRecord(name, False, summary, infrastructure=True)


def _unhealthy(name: str, health: Sequence[ServiceHealth]) -> StepRecord:
    sick = [one for one in health if not one.healthy]
    summary = "; ".join(f"{one.service}: {one.cause or one.state}" for one in sick)
    log = "\n".join(one.log_tail for one in sick if one.log_tail)
    return StepRecord(name, False, summary, log=log, health=tuple(health))


def _images_summary(images: Sequence[BuiltImage]) -> str:
    built = sum(image.built for image in images)
    return f"{built} built, {len(images) - built} pulled or present"
