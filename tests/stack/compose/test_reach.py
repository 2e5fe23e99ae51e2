from typing import Any

import pytest

from readiness_gate.errors import StackError
from readiness_gate.stack.base import Address, NotSupported
from readiness_gate.stack.compose.own_container import OwnContainer
from readiness_gate.stack.compose.reach import (
    Reach,
    container_address,
    find_reach,
    join_networks,
    leave_networks,
    published_address,
)
from tests.stack.compose.fake_engine import InMemoryEngine

SOCKET = "unix:///var/run/docker.sock"


def engine(**pool: str) -> InMemoryEngine:
    found = InMemoryEngine()
    found.add("networks", "bridge", {}, IPAM={"Config": [pool]})
    return found


def own(mode: str) -> OwnContainer:
    return OwnContainer("me", (), mode, ())


def test_a_container_with_its_own_network_joins() -> None:
    assert find_reach(engine(), own("default"), SOCKET) is Reach.JOINED
    assert find_reach(engine(), own("github_network_1"), SOCKET) is Reach.JOINED


@pytest.mark.parametrize("pool", [{"Gateway": "127.0.0.1"}, {"Subnet": "127.0.0.0/8"}])
def test_where_the_bridge_ends_here_containers_are_reached_directly(pool: dict[str, str]) -> None:
    assert find_reach(engine(**pool), None, SOCKET) is Reach.DIRECT
    assert find_reach(engine(**pool), own("host"), SOCKET) is Reach.DIRECT


@pytest.mark.parametrize("pool", [{"Gateway": "192.0.2.1"}, {"Subnet": "192.0.2.0/24"}, {}])
def test_an_engine_in_a_virtual_machine_is_reached_by_published_ports(pool: dict[str, str]) -> None:
    assert find_reach(engine(**pool), None, SOCKET) is Reach.PUBLISHED


def test_a_remote_engine_is_reached_by_published_ports() -> None:
    assert find_reach(engine(Gateway="127.0.0.1"), None, "tcp://10.0.0.9:2376") is Reach.PUBLISHED


def inspection(**settings: Any) -> dict[str, Any]:
    return {"NetworkSettings": settings}


def test_the_container_s_address_is_found() -> None:
    found = inspection(Networks={"a": {"IPAddress": ""}, "b": {"IPAddress": "172.18.0.2"}})
    assert container_address(found, "web", 8000) == Address("172.18.0.2", 8000)
    with pytest.raises(StackError, match="is it running"):
        container_address(inspection(Networks={}), "web", 8000)


def test_a_published_port_is_found_on_the_engine_s_machine() -> None:
    found = inspection(Ports={"8000/tcp": [{"HostIp": "127.0.0.1", "HostPort": "32768"}]})
    assert published_address(found, "web", 8000, "127.0.0.1") == Address("127.0.0.1", 32768)
    remote = published_address(found, "web", 8000, "10.0.0.9")
    assert remote == Address("10.0.0.9", 32768)


def test_a_port_that_is_not_published_is_not_supported_and_says_what_to_do() -> None:
    with pytest.raises(NotSupported) as refused:
        published_address(inspection(Ports={"5432/tcp": None}), "db", 5432, "127.0.0.1")
    assert refused.value.advice == "List 5432 under ports or expose of the service."


def test_networks_of_the_project_are_joined_and_left_and_no_others() -> None:
    found = InMemoryEngine()
    found.add("networks", "ours", {"com.docker.compose.project": "rg-1"})
    found.add("networks", "others", {"com.docker.compose.project": "shop"})
    assert join_networks(found, own("default"), "rg-1") == ("ours",)
    assert "me" in found.all_networks["ours"]["Containers"]
    leave_networks(found, own("default"), "rg-1")
    assert found.all_networks["ours"]["Containers"] == {}
    assert "Containers" not in found.all_networks["others"]
