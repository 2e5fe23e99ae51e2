"""Every row of what `docker compose up --wait` gets wrong (notes on stacks 2.5), and more."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from readiness_gate.stack.base import ServiceHealth
from readiness_gate.stack.judge import Dependency, Expectation
from readiness_gate.stack.replica import Replica
from readiness_gate.stack.waiter import Waiter
from tests.stack.fakes import (
    FakeClock,
    FakeEngine,
    Script,
    crashes_every,
    exits_after,
    healthy_after,
    runs,
)

SETTLE = 5.0


class Bench:
    """A waiter over scripted containers."""

    def __init__(
        self,
        scripts: Mapping[str, Script | Sequence[Script]],
        expectations: Mapping[str, Expectation] | None = None,
    ) -> None:
        self.clock = FakeClock()
        every = {name: [one] if callable(one) else list(one) for name, one in scripts.items()}
        self.engine = FakeEngine(self.clock, every)
        self.waiter = Waiter(
            self.engine,
            self.clock,
            {
                name: (expectations or {}).get(name, Expectation(name, replicas=len(one)))
                for name, one in every.items()
            },
        )

    def wait(
        self, *services: str, timeout: float = 60.0, settle: float = SETTLE
    ) -> dict[str, ServiceHealth]:
        wanted = services or tuple(self.engine.scripts)
        return {one.service: one for one in self.waiter.wait(wanted, timeout, settle)}


def test_healthy_services_are_noticed_within_a_poll_and_settle_once() -> None:
    bench = Bench({"db": healthy_after(3.0), "web": healthy_after(1.0)})
    found = bench.wait()
    assert found["db"].healthy
    assert found["db"].state == "healthy"
    assert found["db"].has_health_check
    assert found["db"].seconds == pytest.approx(3.0, abs=0.2)
    assert bench.clock.elapsed == pytest.approx(3.0 + SETTLE, abs=0.3)


def test_a_one_shot_nobody_depends_on_is_completed() -> None:
    found = Bench({"db": healthy_after(1.0), "init": exits_after(1.0, 0)}).wait()
    assert found["init"].healthy
    assert found["init"].state == "completed"
    assert found["init"].one_shot


def test_an_adopted_one_shot_lets_its_dependant_start_after_it() -> None:
    needs = Dependency("init", "service_completed_successfully")
    bench = Bench(
        {"init": exits_after(2.0, 0), "web": runs},
        {
            "init": Expectation("init", adopted=True),
            "web": Expectation("web", dependencies=(needs,)),
        },
    )
    found = bench.wait()
    assert all(one.healthy for one in found.values())
    assert bench.engine.started["web-1"] >= 2.0


def test_a_one_shot_that_still_runs_is_waited_for() -> None:
    bench = Bench({"init": exits_after(30.0, 0)}, {"init": Expectation("init", one_shot=True)})
    found = bench.wait(timeout=10.0)
    assert not found["init"].healthy
    assert found["init"].cause == "the one-shot has not finished, after 10 s"


def test_a_failing_one_shot_ends_the_wait_at_once() -> None:
    bench = Bench({"init": exits_after(1.0, 3), "db": healthy_after(40.0)})
    found = bench.wait()
    assert bench.clock.elapsed < 2.0
    assert found["init"].cause == "it exited with code 3"
    assert found["init"].exit_code == 3
    assert found["init"].log_tail == "log of init"
    assert found["db"].cause == "was still starting when the gate gave up on init"


def test_an_exit_with_zero_is_no_one_shot_where_the_configuration_says_so() -> None:
    bench = Bench({"api": exits_after(1.0, 0)}, {"api": Expectation("api", one_shot=False)})
    found = bench.wait()
    assert not found["api"].healthy
    assert "configured as no one-shot" in found["api"].cause


def test_a_service_with_ports_that_ends_is_no_one_shot() -> None:
    bench = Bench({"api": exits_after(1.0, 0)}, {"api": Expectation("api", has_ports=True)})
    assert bench.wait()["api"].cause == "it exited with code 0"


def test_a_crash_loop_without_a_health_check_is_seen_and_ends_the_wait() -> None:
    bench = Bench({"worker": crashes_every(2.0, 7), "db": healthy_after(1.0)})
    found = bench.wait(timeout=180.0)
    assert found["db"].healthy
    assert not found["worker"].healthy
    assert found["worker"].state == "restarting"
    assert found["worker"].cause.startswith("crash loop: restarted ")
    assert found["worker"].cause.endswith("last exit code 7")
    assert bench.clock.elapsed < 20.0


def test_a_service_that_restarts_until_its_database_is_there_is_healthy() -> None:
    found = Bench({"api": crashes_every(2.0, 1, until=9.0), "db": healthy_after(9.0)}).wait()
    assert found["api"].healthy
    assert found["api"].restarts == 4


def test_a_service_that_dies_after_two_seconds_is_lost() -> None:
    bench = Bench({"api": exits_after(2.0, 3)})
    found = bench.wait()
    assert found["api"].state == "exited"
    assert found["api"].exit_code == 3
    assert bench.clock.elapsed < 3.0


def test_a_service_that_dies_within_the_settle_window_is_lost() -> None:
    bench = Bench({"api": exits_after(4.0, 1)})
    assert not bench.wait(settle=5.0)["api"].healthy


def test_never_healthy_is_answered_when_time_is_up_with_what_the_check_says() -> None:
    def script(age: float, replica: Replica) -> Replica:
        return replace(replica, health="unhealthy", health_output="curl: (7)  refused\n")

    bench = Bench({"api": script})
    found = bench.wait(timeout=12.0)
    assert found["api"].state == "unhealthy"
    assert found["api"].cause == "its health check fails: curl: (7) refused, after 12 s"
    assert bench.clock.elapsed == pytest.approx(12.0, abs=0.3)


def test_unhealthy_and_then_recovered_is_fine() -> None:
    def script(age: float, replica: Replica) -> Replica:
        health = "healthy" if age < 1 or age > 6 else "unhealthy"
        return replace(replica, health=health)

    bench = Bench({"db": script})
    found = bench.wait()
    assert found["db"].healthy
    assert bench.clock.elapsed >= 6.0 + SETTLE


def test_a_dependency_that_is_unhealthy_for_a_moment_fails_nobody() -> None:
    def script(age: float, replica: Replica) -> Replica:
        return replace(replica, health="unhealthy" if age < 4 else "healthy")

    needs = Dependency("db", "service_healthy")
    bench = Bench({"db": script, "web": runs}, {"web": Expectation("web", dependencies=(needs,))})
    found = bench.wait()
    assert all(one.healthy for one in found.values())
    assert bench.engine.started["web-1"] >= 4.0


def test_of_two_replicas_the_sick_one_is_named() -> None:
    bench = Bench({"web": [healthy_after(1.0), exits_after(2.0, 9)]})
    found = bench.wait()
    assert found["web"].cause == "replica 2 of 2: it exited with code 9"


def test_a_replica_that_is_missing_is_not_healthy() -> None:
    bench = Bench({"web": runs}, {"web": Expectation("web", replicas=2)})
    assert bench.wait(timeout=3.0)["web"].cause == "1 of 2 replicas are there, after 3 s"


def test_a_container_that_others_remove_is_lost() -> None:
    bench = Bench({"web": runs})
    bench.wait(settle=0.0)
    bench.engine.removed.add("web-1")
    found = bench.wait()
    assert found["web"].state == "missing"
    assert found["web"].cause == "its container was removed"


def test_a_memory_kill_is_the_cause() -> None:
    bench = Bench({"api": exits_after(2.0, 137, out_of_memory=True)})
    found = bench.wait()
    assert found["api"].out_of_memory
    assert found["api"].cause == "it exited with code 137: killed for want of memory"


def test_a_memory_kill_that_only_the_event_stream_saw_is_the_cause() -> None:
    bench = Bench({"api": exits_after(2.0, 137)})
    bench.engine.exits["api"] = (137, True)
    assert bench.wait()["api"].cause.endswith("killed for want of memory")


def test_a_memory_kill_inside_a_service_that_runs_on_is_no_health() -> None:
    bench = Bench({"api": healthy_after(1.0), "db": runs})
    bench.engine.exits["api"] = (None, True)
    found = bench.wait()
    assert not found["api"].healthy
    assert found["api"].out_of_memory
    assert found["api"].cause == "a process in it was killed for want of memory"
    assert found["db"].healthy


def test_a_container_that_cannot_start_is_lost_with_the_engine_s_words() -> None:
    bench = Bench({"api": runs, "db": healthy_after(1.0)})
    bench.engine.start_errors["api-1"] = 'exec: "serve": executable file not found'
    found = bench.wait()
    assert found["api"].cause == (
        'it could not be started: exec: "serve": executable file not found'
    )
    assert bench.clock.elapsed < 1.0


def test_a_dependant_of_a_lost_service_says_so() -> None:
    needs = Dependency("db", "service_healthy")
    bench = Bench(
        {"db": exits_after(1.0, 1, health="starting"), "web": runs},
        {"web": Expectation("web", dependencies=(needs,))},
    )
    found = bench.wait()
    assert found["web"].cause == "depends on db"
    assert "web-1" not in bench.engine.started


def test_a_lost_dependency_is_answered_though_only_the_dependant_was_asked_for() -> None:
    needs = Dependency("db", "service_healthy")
    bench = Bench(
        {"db": exits_after(1.0, 1, health="starting"), "web": runs},
        {"web": Expectation("web", dependencies=(needs,))},
    )
    found = bench.wait("web")
    assert set(found) == {"db", "web"}


def test_a_dependency_that_is_not_required_may_be_lost() -> None:
    needs = Dependency("cache", "service_healthy", required=False)
    bench = Bench(
        {"cache": exits_after(1.0, 1), "web": runs},
        {"web": Expectation("web", dependencies=(needs,))},
    )
    assert bench.wait("web")["web"].healthy


def test_a_configured_readiness_must_hold_beside_running() -> None:
    bench = Bench({"worker": runs})
    bench.engine.unready["worker"] = "not ready: its log does not say 'ready'"
    found = bench.wait(timeout=4.0)
    assert found["worker"].cause == "not ready: its log does not say 'ready', after 4 s"


def test_only_the_services_asked_for_and_what_they_need_start() -> None:
    needs = Dependency("db", "service_started")
    bench = Bench(
        {"db": runs, "web": runs, "other": runs},
        {"web": Expectation("web", dependencies=(needs,))},
    )
    bench.wait("web")
    assert set(bench.engine.started) == {"db-1", "web-1"}


def test_a_second_wait_goes_on_where_the_first_ended() -> None:
    bench = Bench({"web": healthy_after(1.0)})
    bench.wait(settle=0.0)
    bench.clock.sleep(SETTLE)
    before = bench.clock.elapsed
    assert bench.wait()["web"].healthy
    assert bench.clock.elapsed - before < 0.2


def test_circular_waits_end_when_time_is_up() -> None:
    bench = Bench(
        {"a": runs, "b": runs},
        {
            "a": Expectation("a", dependencies=(Dependency("b"),)),
            "b": Expectation("b", dependencies=(Dependency("a"),)),
        },
    )
    found = bench.wait(timeout=5.0)
    assert not any(one.healthy for one in found.values())
    assert bench.clock.elapsed < 6.0


def test_a_paused_service_is_not_healthy() -> None:
    def script(age: float, replica: Replica) -> Replica:
        return replace(replica, status="paused")

    assert Bench({"web": script}).wait(timeout=2.0)["web"].cause == "it is paused, after 2 s"
