"""More sick stacks on a real engine: each has a finding of its own, and nothing is left."""

import socket
import time
from collections.abc import Iterator

import pytest

from readiness_gate.errors import StackError
from tests.stack.compose.real import Opened, opener
from tests.stack.compose.test_real_stacks import TIMEOUT, boot

pytestmark = [pytest.mark.docker, pytest.mark.slow]


@pytest.fixture
def opened() -> Iterator[Opened]:
    with opener() as function:
        yield function


def test_two_programs_that_want_one_port(opened: Opened) -> None:
    found = boot(opened, "port-clash-inside", settle=3.0)
    assert found["web"].healthy
    assert found["sidecar"].cause == "it exited with code 1"
    assert "Address already in use" in found["sidecar"].log_tail


def test_a_host_port_that_somebody_has_disturbs_nobody(opened: Opened) -> None:
    with socket.create_server(("0.0.0.0", 0)) as taken:
        port = str(taken.getsockname()[1])
        found = boot(opened, "port-taken-on-the-machine", passed_on={"TAKEN_PORT": port})
    assert found["web"].healthy


def test_a_bind_mount_to_a_missing_path(opened: Opened) -> None:
    with pytest.raises(StackError) as refused:
        opened("bind-mount-to-a-missing-path").build(TIMEOUT)
    assert not refused.value.infrastructure
    assert "services.web.volumes[0].source: " in refused.value.message
    assert "redis.conf does not exist" in refused.value.message


def test_one_that_ignores_sigterm_does_not_hold_the_teardown(opened: Opened) -> None:
    stack = opened("ignores-sigterm")
    stack.build(TIMEOUT)
    stack.start(None, TIMEOUT)
    (found,) = stack.wait(None, TIMEOUT, 0.5)
    assert found.healthy
    began = time.monotonic()
    assert not stack.tear_down(60.0)
    assert time.monotonic() - began < 20.0


def test_a_volume_that_cannot_be_written(opened: Opened) -> None:
    found = boot(opened, "read-only-volume", settle=2.0)
    assert found["api"].cause == "it exited with code 1"
    assert "Read-only file system: '/data/app.db'" in found["api"].log_tail


def test_services_that_wait_for_each_other(opened: Opened) -> None:
    with pytest.raises(StackError) as refused:
        opened("circular-waits").prepare()
    assert not refused.value.infrastructure
    assert "cycle" in refused.value.message
    assert "api" in refused.value.message


def test_a_health_check_that_needs_what_waits_for_it(opened: Opened) -> None:
    found = boot(opened, "circular-health", timeout=4.0)
    assert found["api"].cause.startswith("its health check ")
    assert found["worker"].cause == "it was not started, after 4 s"


def test_a_one_shot_that_nobody_depends_on_is_fine(opened: Opened) -> None:
    found = boot(opened, "one-shot-nobody-depends-on")
    assert {name: (one.healthy, one.state) for name, one in found.items()} == {
        "cache": (True, "healthy"),
        "init": (True, "completed"),
    }


def test_a_worker_that_is_killed_for_memory_while_its_parent_lives(opened: Opened) -> None:
    found = boot(opened, "worker-killed-for-memory", settle=3.0)
    assert found["api"].state == "running"
    assert found["api"].out_of_memory
    assert found["api"].cause == "a process in it was killed for want of memory"


def test_an_entrypoint_that_is_no_program(opened: Opened) -> None:
    found = boot(opened, "no-program")
    assert found["api"].cause.startswith("it could not be started: ")
    assert "permission denied" in found["api"].cause
