"""Healthy stacks of several shapes on a real engine."""

from collections.abc import Iterator

import pytest

from readiness_gate.doors.exchange import TargetWeb
from readiness_gate.stack.compose.engine import DockerEngine
from readiness_gate.stack.ready import Readiness
from readiness_gate.stack.urls import reachable
from tests.stack.compose.real import Opened, opener
from tests.stack.compose.test_real_stacks import TIMEOUT, boot

pytestmark = [pytest.mark.docker, pytest.mark.slow]


@pytest.fixture
def opened() -> Iterator[Opened]:
    with opener() as function:
        yield function


def test_what_compose_puts_together_from_many_parts(opened: Opened) -> None:
    stack = opened(
        "many-parts",
        files=("docker-compose.yml", "docker-compose.ci.yml"),
        profiles=("extra",),
        env_file=".env.ci",
    )
    stack.build(TIMEOUT)
    stack.start(None, TIMEOUT)
    health = {one.service: one for one in stack.wait(None, TIMEOUT, 0.5)}
    assert sorted(health) == ["cache", "extra", "web"]
    assert all(one.healthy for one in health.values()), health
    variables = stack.environment("web")
    wanted = {"FROM_BASE": "yes", "FROM_FILE": "yes", "FROM_MAIN": "yes", "FROM_OVERRIDE": "yes"}
    assert wanted.items() <= variables.items()
    assert variables["COLOUR"] == "green"
    assert stack.copy_out("web", "/etc/banner") == b"welcome to green\n"
    done = stack.execute("web", ["cat", "/run/secrets/token"], timeout=TIMEOUT)
    assert done.stdout == "not-a-real-token"
    assert "-web-2:" in stack.logs("web")


def test_three_tiers_with_a_one_shot_between(opened: Opened) -> None:
    ready = {
        "worker": Readiness(log="worker is ready"),
        "api": Readiness(tcp=8000, http="/"),
        "edge": Readiness(http="http://edge/"),
        "db": Readiness(command=["pg_isready", "-U", "shop"]),
    }
    stack = opened("three-tiers", ready=ready)
    stack.build(TIMEOUT)
    stack.start(None, TIMEOUT)
    health = {one.service: one for one in stack.wait(None, TIMEOUT, 0.5)}
    assert {name: one.state for name, one in health.items()} == {
        "api": "running", "db": "healthy", "edge": "running", "fill": "completed",
        "worker": "running",
    }  # fmt: skip
    answer = TargetWeb().request("GET", reachable(stack, "http://edge/index.html"), timeout=5.0)
    assert answer.text == "it works\n"


def test_mariadb_and_a_cache_with_a_password(opened: Opened) -> None:
    ready = {"cache": Readiness(command=["redis-cli", "-a", "throw-away", "ping"])}
    found = boot(opened, "mariadb-and-redis", timeout=90.0, ready=ready)
    assert all(one.healthy for one in found.values()), found


def test_a_declared_command_that_fails_is_the_reason(opened: Opened) -> None:
    ready = {"cache": Readiness(command=["sh", "-c", "echo no route >&2; exit 3"])}
    found = boot(opened, "one-shot-nobody-depends-on", timeout=2.0, ready=ready)
    assert found["cache"].cause == (
        "not ready: sh -c 'echo no route >&2; exit 3' ends with exit code 3: no route, after 2 s"
    )


def test_a_command_past_its_time_leaves_no_process_in_the_service(opened: Opened) -> None:
    stack = opened("one-shot-nobody-depends-on")
    stack.build(TIMEOUT)
    stack.start(["cache"], TIMEOUT)
    stack.wait(["cache"], TIMEOUT, 0.0)
    forever = "trap '' TERM HUP INT; (sleep 4321 &) ; sleep 4321"
    done = stack.execute("cache", ["sh", "-c", forever], timeout=1.0)
    assert done.timed_out
    listed = "for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline; echo; done"
    left = stack.execute("cache", ["sh", "-c", listed], timeout=TIMEOUT)
    assert "redis-server" in left.stdout
    assert "4321" not in left.stdout


def test_a_service_without_limits_cannot_take_the_machine(opened: Opened) -> None:
    stack = opened("one-shot-nobody-depends-on")
    stack.build(TIMEOUT)
    stack.start(["cache"], TIMEOUT)
    stack.wait(["cache"], TIMEOUT, 0.0)
    engine = DockerEngine()
    label = f"com.docker.compose.project={stack.project}"
    (container, *_) = engine.containers([label, "com.docker.compose.service=cache"])
    host = engine.container(str(container["Id"]))["HostConfig"]
    engine.close()
    assert host["PidsLimit"] == 4096
    assert host["Memory"] > 0
    (shown,) = stack.inspect("cache")
    assert shown.engine["HostConfig"]["Memory"] == 0
