from typing import Any

import pytest

from readiness_gate.stack.compose.limits import (
    LIMITS_LABEL,
    PROCESSES,
    as_declared,
    limit,
    memory_for,
)

GIB = 1024**3


def limited(**body: Any) -> dict[str, Any]:
    service = {"image": "a", **body}
    limit(service, memory=GIB)
    return service


def test_who_declares_nothing_gets_both() -> None:
    found = limited()
    assert (found["pids_limit"], found["mem_limit"]) == (PROCESSES, str(GIB))
    assert found["labels"][LIMITS_LABEL] == "pids memory"


@pytest.mark.parametrize(
    "declared",
    [
        {"mem_limit": "67108864"},
        {"mem_reservation": "9999999999"},
        {"memswap_limit": "-1"},
        {"deploy": {"resources": {"limits": {"memory": "67108864"}}}},
        {"deploy": {"resources": {"reservations": {"memory": "67108864"}}}},
    ],
)
def test_a_declared_memory_is_left_alone(declared: dict[str, Any]) -> None:
    found = limited(**declared)
    assert found.get("mem_limit") == declared.get("mem_limit")
    assert found["labels"][LIMITS_LABEL] == "pids"


@pytest.mark.parametrize(
    "declared", [{"pids_limit": 10}, {"deploy": {"resources": {"limits": {"pids": 10}}}}]
)
def test_a_declared_number_of_processes_is_left_alone(declared: dict[str, Any]) -> None:
    assert limited(**declared)["labels"][LIMITS_LABEL] == "memory"


def test_a_project_cannot_name_its_own_limits_as_ours() -> None:
    found = limited(pids_limit=9, mem_limit="64", labels={LIMITS_LABEL: "memory", "a": "b"})
    assert found["labels"] == {"a": "b"}


def test_three_quarters_of_the_machine_and_nothing_absurd() -> None:
    assert memory_for({"MemTotal": 8 * GIB}) == 6 * GIB
    assert memory_for({"MemTotal": 1024}) == GIB // 4
    assert memory_for({}) == 0


def test_an_inspection_shows_what_was_declared_and_not_what_the_gate_set() -> None:
    host = {"Memory": 64, "MemorySwap": 128, "PidsLimit": PROCESSES, "Init": True}
    container = {"Id": "x", "Config": {"Labels": {LIMITS_LABEL: "pids"}}, "HostConfig": host}
    assert as_declared(container)["HostConfig"] == {**host, "PidsLimit": None}
    container = {"Config": {"Labels": {LIMITS_LABEL: "pids memory"}}, "HostConfig": host}
    shown = as_declared(container)["HostConfig"]
    assert (shown["Memory"], shown["MemorySwap"], shown["PidsLimit"]) == (0, 0, None)
    assert host["Memory"] == 64
    container = {"Config": {"Labels": {}}, "HostConfig": host}
    assert as_declared(container) is container
