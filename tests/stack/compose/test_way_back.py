"""How containers find the gate: a name in the model, or one in the project's networks."""

from typing import Any

import pytest

from readiness_gate.stack.base import SINK_HOST
from readiness_gate.stack.compose.isolation import isolate
from readiness_gate.stack.compose.own_container import OwnContainer
from readiness_gate.stack.compose.reach import join_networks
from tests.stack.compose.fake_engine import InMemoryEngine


def service(body: dict[str, Any], *, way_back: bool = True) -> dict[str, Any]:
    data = {"name": "shop", "services": {"web": {"image": "a", **body}}}
    found = isolate(data, project="rg-1", labels={}, publish=False, way_back=way_back)
    return dict(found.data["services"]["web"])


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, [f"{SINK_HOST}=host-gateway"]),
        ({"extra_hosts": ["a=10.0.0.1"]}, ["a=10.0.0.1", f"{SINK_HOST}=host-gateway"]),
        ({"extra_hosts": {"a": "10.0.0.1"}}, ["a=10.0.0.1", f"{SINK_HOST}=host-gateway"]),
    ],
)
def test_services_know_the_engine_s_machine_by_the_gate_s_name(
    given: dict[str, Any], wanted: list[str]
) -> None:
    assert service(given)["extra_hosts"] == wanted


def test_nothing_is_added_where_nobody_waits_or_the_network_is_anothers() -> None:
    assert "extra_hosts" not in service({}, way_back=False)
    assert "extra_hosts" not in service({"network_mode": "service:db"})


def test_a_gate_in_a_container_has_its_name_in_every_network() -> None:
    class Listening(InMemoryEngine):
        def connect(self, network: str, container: str, aliases: object = ()) -> None:
            self.calls.append((network, container, str(aliases)))

    engine = Listening()
    engine.add("networks", "ours", {"com.docker.compose.project": "rg-1"})
    own = OwnContainer("me", (), "bridge", ("bridge",))
    join_networks(engine, own, "rg-1")
    assert engine.calls == [("ours", "me", str((SINK_HOST,)))]
