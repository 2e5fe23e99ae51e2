from datetime import UTC, datetime

import pytest

from readiness_gate.stack.replica import Replica, instant, replica_of


def inspection(**state: object) -> dict[str, object]:
    return {
        "Id": "abc",
        "Name": "/p-web-1",
        "RestartCount": 2,
        "State": {"Status": "running", "StartedAt": "2026-01-05T12:00:00.123456789Z", **state},
        "HostConfig": {"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3}},
    }


def test_the_engine_s_answer_becomes_a_replica() -> None:
    health = {"Status": "unhealthy", "Log": [{"Output": "a"}, {"Output": " refused\n"}]}
    replica = replica_of(inspection(Health=health, ExitCode=1), service="web", number=1)
    assert replica.name == "p-web-1"
    assert replica.health == "unhealthy"
    assert replica.health_output == "refused"
    assert replica.restarts == 2
    assert replica.restart_policy == "on-failure"


@pytest.mark.parametrize("health", [None, {}, {"Status": "none"}, {"Status": ""}])
def test_no_health_check_is_none(health: object) -> None:
    assert replica_of(inspection(Health=health), service="web", number=1).health is None


def test_a_container_that_never_started_has_no_start_time() -> None:
    replica = replica_of(
        inspection(Status="created", StartedAt="0001-01-01T00:00:00Z"), service="web", number=1
    )
    assert not replica.was_started


@pytest.mark.parametrize(
    ("policy", "retries", "restarts", "code", "comes_back"),
    [
        ("no", 0, 0, 1, False),
        ("always", 0, 0, 0, True),
        ("unless-stopped", 0, 9, 1, True),
        ("on-failure", 0, 9, 1, True),
        ("on-failure", 3, 2, 1, True),
        ("on-failure", 3, 3, 1, False),
        ("on-failure", 3, 0, 0, False),
    ],
)
def test_which_exits_the_engine_follows_by_a_restart(
    policy: str, retries: int, restarts: int, code: int, comes_back: bool
) -> None:
    replica = Replica(
        "a", "a", "a",
        restart_policy=policy, max_retries=retries, restarts=restarts, exit_code=code,
    )  # fmt: skip
    assert replica.comes_back is comes_back


def test_nanoseconds_are_cut_to_microseconds() -> None:
    assert instant("2026-01-05T12:00:00.123456789Z") == datetime(
        2026, 1, 5, 12, 0, 0, 123456, tzinfo=UTC
    )
    assert instant("2026-01-05T12:00:00.5Z") == datetime(2026, 1, 5, 12, 0, 0, 500000, tzinfo=UTC)
    assert instant("") is None
    assert instant("yesterday") is None
