"""The steps on a target, in their order; whatever breaks in one is its record."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from readiness_gate.checks.context import StepRecord
from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.workspace import Workspace
from readiness_gate.engine.databases import DatabaseSteps
from readiness_gate.engine.target import Target, guarded
from readiness_gate.errors import (
    ConfigurationError,
    DatabaseError,
    ForgeError,
    GateError,
    StackError,
)
from readiness_gate.stack.base import NotSupported, ServiceHealth, Stack
from tests.engine.builders import policy
from tests.fakes.stack import FakeStack
from tests.forge.clock import FakeClock


def target(text: str, stack: Stack | None = None, *, workspace: Path = Path()) -> Target:
    config = policy(text).loaded.config
    clock = FakeClock()
    deadline = Deadline(clock, 1000)
    steps = DatabaseSteps(
        databases=config.databases,
        stack=stack,
        compose=config.stack is not None and config.stack.driver == "compose",
        workspace=Workspace(workspace),
        clock=clock,
        deadline=deadline,
        base_tree=lambda: None,
        save_file=lambda path: None,
    )
    return Target(config, stack, deadline, steps)


def names(text: str, stack: Stack | None) -> list[str]:
    return [step.name for step in target(text, stack).steps()]


MIGRATED = "databases: {main: {service: db, migrations: {}}}"
SEEDED = "databases: {main: {service: db, migrations: {}, seed: [{command: [fill]}]}}"
LATE = "databases: {main: {service: db, migrations: {run: after-start}}}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("stack: {}", ["prepare", "images", "stack", "settled"]),
        (
            f"stack: {{}}\n{MIGRATED}",
            ["prepare", "images", "databases", "migrate", "stack", "settled"],
        ),
        (
            f"stack: {{}}\n{SEEDED}",
            ["prepare", "images", "databases", "seed", "migrate", "stack", "settled"],
        ),
        (
            f"stack: {{}}\n{LATE}",
            ["prepare", "images", "databases", "stack", "settled", "migrate"],
        ),
        (
            "stack: {driver: external, base-url: http://x}",
            ["prepare", "stack", "settled"],
        ),
        (
            "stack: {driver: process, processes: {api: {command: [x]}}}",
            ["prepare", "stack", "settled"],
        ),
    ],
)
def test_which_steps_there_are_and_in_which_order(text: str, expected: list[str]) -> None:
    assert names(text, FakeStack()) == expected


def test_each_step_comes_after_the_one_before_and_late_migrations_beside_settling() -> None:
    steps = {step.name: step.after for step in target(f"stack: {{}}\n{LATE}", FakeStack()).steps()}
    assert steps["settled"] == ("stack",)
    assert steps["migrate"] == ("stack",)
    assert steps["stack"] == ("databases",)
    assert steps["prepare"] == ()


def test_without_a_stack_only_databases_have_steps() -> None:
    assert names("databases: {main: {url: 'sqlite:///a.db'}}", None) == ["databases", "migrate"]
    assert names("", None) == []


def ended(text: str, stack: Stack | None) -> dict[str, StepRecord]:
    return {step.name: step.run() for step in target(text, stack).steps()}


def test_a_healthy_stack_is_built_started_and_watched() -> None:
    stack = FakeStack()
    records = ended("stack: {}", stack)
    assert all(record.succeeded for record in records.values())
    assert stack.done == ["prepare", "build", "start", "wait", "wait"]
    assert records["images"].summary == "2 built, 0 pulled or present"
    assert records["settled"].health


def test_an_unhealthy_service_is_named_with_its_cause_and_the_tail_of_its_log() -> None:
    sick = ServiceHealth("worker", False, "exited", cause="exit code 3", log_tail="last words")
    stack = FakeStack(health=(ServiceHealth("db", True, "healthy"), sick))
    record = ended("stack: {}", stack)["stack"]
    assert not record.succeeded
    assert (record.summary, record.log) == ("worker: exit code 3", "last words")
    assert record.health == stack.health


class Empty(FakeStack):
    def wait(self, services: object, timeout: float, settle: float) -> tuple[ServiceHealth, ...]:
        return ()


def test_a_stack_without_services_is_not_healthy() -> None:
    record = ended("stack: {}", Empty())["stack"]
    assert not record.succeeded
    assert record.configuration


def test_somebody_else_s_system_is_not_started() -> None:
    stack = FakeStack()
    records = ended("stack: {driver: external, base-url: http://x}", stack)
    assert stack.done == ["prepare"]
    assert records["settled"].succeeded


def fails(error: Exception) -> Callable[[], StepRecord]:
    def run() -> StepRecord:
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "infrastructure", "configuration"),
    [
        (StackError("gone", log="tail"), False, False),
        (StackError("gone", infrastructure=True), True, False),
        (NotSupported("gone"), False, True),
        (ConfigurationError("gone"), False, True),
        (DatabaseError("gone"), True, False),
        (ForgeError("gone"), True, False),
        (KeyError("gone"), True, False),
    ],
)
def test_whatever_a_step_raises_is_a_failed_step(
    error: Exception, infrastructure: bool, configuration: bool
) -> None:
    record = guarded("images", fails(error))
    assert record.name == "images"
    assert not record.succeeded
    assert (record.infrastructure, record.configuration) == (infrastructure, configuration)
    assert "gone" in record.summary
    assert record.log == getattr(error, "log", "")


@pytest.mark.parametrize("kind", [StackError, NotSupported, ConfigurationError, DatabaseError])
def test_the_advice_of_an_error_is_kept(kind: type[GateError]) -> None:
    record = guarded("images", fails(kind("gone", advice="Bring it back.")))
    assert record.advice == "Bring it back."


def test_a_step_that_ends_keeps_its_record() -> None:
    record = StepRecord("images", True, "built")
    assert guarded("images", lambda: record) == replace(record)
