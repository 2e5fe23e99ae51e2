"""Whole stacks on a real engine: each sick one has its own finding, and nothing is left."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from readiness_gate.doors.exchange import TargetWeb
from readiness_gate.errors import StackError
from readiness_gate.stack.base import ServiceHealth
from readiness_gate.stack.compose.base import LOG_CAP, NotThere
from readiness_gate.stack.compose.engine import DockerEngine
from readiness_gate.stack.ready import Readiness
from readiness_gate.stack.urls import reachable
from tests.stack.compose.real import Opened, opener

pytestmark = pytest.mark.docker

TIMEOUT = 60.0


@pytest.fixture
def opened() -> Iterator[Opened]:
    with opener() as function:
        yield function


@pytest.fixture
def engine() -> Iterator[DockerEngine]:
    found = DockerEngine()
    yield found
    found.close()


@pytest.fixture
def tag_of_somebody(engine: DockerEngine) -> Iterator[str]:
    """Give the name that the stack's compose file uses to somebody else's image."""
    import docker  # noqa: PLC0415

    client = docker.APIClient()
    client.tag("redis:8", "readiness-gate-test/web", "1")
    yield str(engine.image("readiness-gate-test/web:1")["Id"])
    client.remove_image("readiness-gate-test/web:1")
    client.close()


def boot(
    opened: Opened, name: str, *, timeout: float = 30.0, settle: float = 0.5, **settings: object
) -> dict[str, ServiceHealth]:
    stack = opened(name, **settings)
    stack.build(TIMEOUT)
    stack.start(None, TIMEOUT)
    return {one.service: one for one in stack.wait(None, timeout, settle)}


def test_a_healthy_stack_from_build_to_teardown(
    opened: Opened, engine: DockerEngine, tag_of_somebody: str
) -> None:
    """One boot for all that is asked of a healthy stack."""
    stack = opened("healthy")
    images = stack.build(TIMEOUT)
    assert [(image.service, image.built) for image in images] == [("web", True), ("init", False)]
    assert all(image.size > 0 for image in images)
    assert engine.image("readiness-gate-test/web:1")["Id"] == tag_of_somebody

    before = stack.one_off("web", ["sh", "-c", "echo $FROM_IMAGE $GREETING"], timeout=TIMEOUT)
    assert (before.exit_code, before.stdout) == (0, "yes a$b\n")

    stack.start(None, TIMEOUT)
    health = {one.service: one for one in stack.wait(None, TIMEOUT, 0.5)}
    assert {name: one.state for name, one in health.items()} == {
        "init": "completed", "redis": "healthy", "web": "healthy", "worker": "running",
    }  # fmt: skip
    assert all(one.healthy for one in health.values())

    answer = TargetWeb().request("GET", reachable(stack, "http://web:8000/"), timeout=5.0)
    assert answer.text == "the bind mount is there\n"
    assert stack.environment("web")["GREETING"] == "a$b"
    assert stack.environment("web")["FROM_IMAGE"] == "yes"
    assert stack.image("redis") == "redis:8"
    assert stack.image("worker") == stack.image("web") == f"{stack.project}-web"
    assert stack.copy_out("web", "/srv/site/index.html") == b"the bind mount is there\n"
    assert "GET / HTTP/1.1" in stack.logs("web")

    done = stack.execute(
        "web", ["sh", "-c", "pwd; cat; echo $A >&2; exit 4"],
        timeout=TIMEOUT, environment={"A": "x y"}, stdin=b"in", directory="/srv",
    )  # fmt: skip
    assert (done.exit_code, done.stdout, done.stderr) == (4, "/srv\nin", "x y\n")

    suite = stack.one_off("suite", ["sh", "-c", "cat; exit 3"], timeout=TIMEOUT, stdin=b"by name")
    assert (suite.exit_code, suite.stdout) == (3, "by name")
    assert stack.one_off("web", ["no-such-program"], timeout=TIMEOUT).exit_code == 127
    assert stack.one_off("web", ["sleep", "60"], timeout=1.5).timed_out
    assert _one_offs(engine, stack.project) == []

    with pytest.raises(NotThere):
        engine.container("web")
    with pytest.raises(StackError, match="there are init, redis"):
        stack.logs("nobody")


def _one_offs(engine: DockerEngine, project: str) -> list[object]:
    labels = [f"com.docker.compose.project={project}", "com.docker.compose.oneoff=True"]
    return [container["Id"] for container in engine.containers(labels)]


@pytest.mark.slow
def test_two_projects_of_one_stack_at_once_do_not_meet(opened: Opened) -> None:
    found: dict[int, dict[str, ServiceHealth]] = {}

    def run(number: int) -> None:
        found[number] = boot(opened, "healthy")

    threads = [threading.Thread(target=run, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    for health in found.values():
        assert all(one.healthy for one in health.values()), health


def test_a_crash_loop(opened: Opened) -> None:
    found = boot(opened, "crash-loop", timeout=60.0)
    assert found["redis"].healthy
    assert found["worker"].state == "restarting"
    assert found["worker"].cause.startswith("crash loop: restarted ")
    assert found["worker"].exit_code == 7
    assert "no such queue" in found["worker"].log_tail


@pytest.mark.slow
def test_one_that_dies_after_two_seconds(opened: Opened) -> None:
    found = boot(opened, "dies-after-two-seconds", settle=4.0)
    assert found["api"].cause == "it exited with code 3"
    assert found["api"].log_tail == "listening\ncannot bind\n"


@pytest.mark.slow
def test_one_that_is_never_healthy(opened: Opened) -> None:
    found = boot(opened, "never-healthy", timeout=3.0)
    assert found["api"].cause == "its health check fails: connection refused, after 3 s"


@pytest.mark.slow
def test_one_that_is_unhealthy_and_then_recovers(opened: Opened) -> None:
    found = boot(opened, "unhealthy-then-recovers")
    assert all(one.healthy for one in found.values()), found


@pytest.mark.slow
def test_a_failing_one_shot_keeps_its_dependant_from_starting(opened: Opened) -> None:
    found = boot(opened, "failing-one-shot")
    assert found["migrate"].cause == "the one-shot exited with code 2"
    assert found["migrate"].log_tail == "relation does not exist\n"
    assert found["web"].cause == "depends on migrate"


@pytest.mark.slow
def test_one_sick_replica_of_two(opened: Opened) -> None:
    found = boot(opened, "one-sick-replica", settle=2.0)
    assert found["worker"].cause.endswith("of 2: it exited with code 5")
    assert "second one" in found["worker"].log_tail


@pytest.mark.slow
def test_one_that_is_out_of_memory(opened: Opened) -> None:
    found = boot(opened, "out-of-memory", settle=3.0)
    assert found["api"].out_of_memory
    assert found["api"].cause == "it exited with code 137: killed for want of memory"


@pytest.mark.slow
def test_a_flood_of_logs_costs_little(opened: Opened) -> None:
    stack = opened("log-flood", ready={"chatty": Readiness(log="ready")})
    stack.build(TIMEOUT)
    stack.start(None, TIMEOUT)
    (found,) = stack.wait(None, TIMEOUT, 0.0)
    assert found.healthy
    assert len(stack.logs("chatty", 1_000_000)) <= LOG_CAP


@pytest.mark.slow
def test_a_declared_readiness_without_a_health_check(opened: Opened) -> None:
    ready = {"worker": Readiness(log="worker is ready")}
    found = boot(opened, "worker-without-health-check", ready=ready)
    assert found["worker"].healthy
    assert found["worker"].seconds >= 0.9
    ready = {"worker": Readiness(log="never said")}
    found = boot(opened, "worker-without-health-check", ready=ready, timeout=2.0)
    assert found["worker"].cause == "not ready: its log does not say 'never said', after 2 s"


@pytest.mark.slow
def test_a_command_that_the_image_does_not_have(opened: Opened) -> None:
    found = boot(opened, "no-such-command")
    assert found["web"].cause.startswith("it could not be started: ")
    assert "no-such-program" in found["web"].cause


def test_an_image_that_cannot_be_pulled_is_the_platform_s_fault(opened: Opened) -> None:
    with pytest.raises(StackError) as refused:
        opened("missing-image").build(TIMEOUT)
    assert refused.value.infrastructure
    assert refused.value.message.startswith("service web: ")


def test_a_failing_step_of_a_dockerfile_is_the_author_s(opened: Opened) -> None:
    with pytest.raises(StackError) as refused:
        opened("failing-build").build(TIMEOUT)
    assert not refused.value.infrastructure
    assert refused.value.message.startswith(
        "building web: Dockerfile line 3 failed with exit code 1: echo compiling"
    )


def test_a_variable_without_a_value_is_named_with_its_line(opened: Opened) -> None:
    with pytest.raises(StackError, match=r"REDIS_PASSWORD \(docker-compose\.yml:4\)"):
        opened("unset-variable").prepare()


@pytest.mark.slow
def test_a_name_passed_on_gives_the_variable_its_value(opened: Opened) -> None:
    found = boot(opened, "unset-variable", passed_on={"REDIS_PASSWORD": "s3cret"})
    assert found["web"].healthy


def test_the_policy_refuses_before_anything_starts(opened: Opened, engine: DockerEngine) -> None:
    stack = opened("privileged")
    with pytest.raises(StackError) as refused:
        stack.build(TIMEOUT)
    assert "services.web.privileged: " in refused.value.message
    assert "(stack.allow: docker-socket)" in refused.value.message
    assert engine.containers([f"com.docker.compose.project={stack.project}"]) == []


@pytest.mark.slow
def test_the_image_of_the_base_tip_is_built_from_its_own_tree(
    opened: Opened, tmp_path: Path
) -> None:
    base = tmp_path / "base"
    base.mkdir()
    (base / "docker-compose.yml").write_text("services: {web: {build: .}}\n")
    (base / "Dockerfile").write_text("FROM python:3.13-slim-trixie\nENV FROM_IMAGE=base\n")
    stack = opened("healthy")
    stack.build(TIMEOUT)
    image = stack.build_base("web", str(base), TIMEOUT)
    done = stack.one_off("web", ["sh", "-c", "echo $FROM_IMAGE"], timeout=TIMEOUT, image=image)
    assert done.stdout == "base\n"
    own = stack.one_off("web", ["sh", "-c", "echo $FROM_IMAGE"], timeout=TIMEOUT)
    assert own.stdout == "yes\n"


@pytest.mark.slow
def test_only_the_database_can_be_started_first(opened: Opened) -> None:
    stack = opened("healthy")
    stack.build(TIMEOUT)
    stack.start(["redis"], TIMEOUT)
    (found,) = stack.wait(["redis"], TIMEOUT, 0.0)
    assert found.healthy
    ping = stack.one_off("redis", ["redis-cli", "-h", "redis", "ping"], timeout=TIMEOUT)
    assert ping.stdout == "PONG\n"
    with pytest.raises(StackError, match="web is not running"):
        stack.execute("web", ["true"], timeout=TIMEOUT)
    stack.start(None, TIMEOUT)
    assert all(one.healthy for one in stack.wait(None, TIMEOUT, 0.2))


@pytest.mark.slow
def test_a_one_off_starts_what_it_needs_from_images_of_others(opened: Opened) -> None:
    stack = opened("healthy")
    stack.build(TIMEOUT)
    stack.start([], TIMEOUT)
    with pytest.raises(StackError, match="redis is not running"):
        stack.execute("redis", ["true"], timeout=TIMEOUT)
    stack.one_off("web", ["true"], timeout=TIMEOUT)
    stack.execute("redis", ["true"], timeout=TIMEOUT)
    with pytest.raises(StackError, match="web is not running"):
        stack.execute("web", ["true"], timeout=TIMEOUT)


@pytest.mark.slow
def test_a_container_that_others_remove_is_seen(opened: Opened, engine: DockerEngine) -> None:
    stack = opened("worker-without-health-check")
    stack.build(TIMEOUT)
    stack.start(None, TIMEOUT)
    stack.wait(None, TIMEOUT, 0.0)
    for container in engine.containers([f"com.docker.compose.project={stack.project}"]):
        engine.remove_container(str(container["Id"]))
    started = time.monotonic()
    (found,) = stack.wait(None, TIMEOUT, 1.0)
    assert found.cause == "its container was removed"
    assert time.monotonic() - started < 10.0
