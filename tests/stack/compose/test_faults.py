"""Faults on an engine in memory: what is asked of it, and what it refuses."""

from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from readiness_gate.errors import StackError
from readiness_gate.stack.base import NotSupported
from readiness_gate.stack.compose.faults import Faults
from readiness_gate.stack.compose.project import ComposeProject
from readiness_gate.stack.disruption import Fault
from tests.forge.clock import FakeClock
from tests.stack.compose.fake_engine import InMemoryEngine

ID = "0123456789abcdef"
FREEZING = "OCI runtime pause failed: unable to freeze: unknown"


class Refusing(InMemoryEngine):
    """Refuses to freeze so many times."""

    refusals: int = 0
    message: str = FREEZING

    def pause(self, container: str) -> None:
        super().pause(container)
        if self.refusals:
            self.refusals -= 1
            raise StackError(self.message, infrastructure=True)


@dataclass
class Project:
    engine: Refusing = field(default_factory=Refusing)
    clock: FakeClock = field(default_factory=FakeClock)


def faults(project: Project, ended: list[str] | None = None) -> Faults:
    return Faults(cast("ComposeProject", project), (ended if ended is not None else []).append)


def attached(networks: dict[str, Any]) -> Project:
    project = Project()
    project.engine.add("containers", "api-1", {}, NetworkSettings={"Networks": networks})
    project.engine.all_containers["api-1"]["Id"] = ID
    for name in networks:
        project.engine.add("networks", name, {}, Containers={"api-1": {}})
    return project


def test_a_container_in_which_a_process_begins_is_frozen_at_a_later_try() -> None:
    project = Project()
    project.engine.refusals = 3
    faults(project).inflict(Fault.PAUSE, "api", ["api-1"], 0.0)
    assert project.engine.calls == [("pause", "api-1")] * 4
    assert project.clock.slept == [0.1] * 3


def test_a_container_that_cannot_be_frozen_is_an_error_and_is_let_go() -> None:
    project = Project()
    project.engine.refusals = 100
    found = faults(project)
    with pytest.raises(StackError, match="unable to freeze"):
        found.inflict(Fault.PAUSE, "api", ["api-1"], 0.0)
    found.heal("api")
    assert project.engine.calls[-1] == ("unpause", "api-1")
    project = Project()
    project.engine.refusals, project.engine.message = 1, "no such container"
    with pytest.raises(StackError, match="no such container"):
        faults(project).inflict(Fault.PAUSE, "api", ["api-1"], 0.0)


def test_a_stop_ends_every_replica() -> None:
    ended: list[str] = []
    faults(Project(), ended).inflict(Fault.STOP, "api", ["api-1", "api-2"], 0.0)
    assert ended == ["api-1", "api-2"]


def test_what_is_cut_off_comes_back_under_its_names_and_its_fixed_address() -> None:
    project = attached(
        {
            "front": {"Aliases": ["api", ID[:12]], "IPAMConfig": {"IPv4Address": "10.9.0.7"}},
            "back": {"Aliases": ["api", "store"], "IPAMConfig": None},
        }
    )
    found = faults(project)
    found.inflict(Fault.DISCONNECT, "api", ["api-1"], 0.0)
    assert project.engine.calls == [
        ("disconnect", "front", "api-1"), ("disconnect", "back", "api-1"),
    ]  # fmt: skip
    project.engine.calls.clear()
    found.heal("api")
    assert project.engine.calls == [
        ("reconnect", "front", "api-1", "api", "10.9.0.7"),
        ("reconnect", "back", "api-1", "api", "store", ""),
    ]
    found.heal_all()
    assert len(project.engine.calls) == 2


class Weary(Refusing):
    """Refuses once to undo a fault."""

    weary: bool = True

    def unpause(self, container: str) -> None:
        super().unpause(container)
        self._once()

    def reconnect(self, network: str, container: str, **settings: Any) -> None:
        super().reconnect(network, container, **settings)
        self._once()

    def _once(self) -> None:
        if self.weary:
            self.weary = False
            raise StackError("the engine is busy", infrastructure=True)


def test_what_the_engine_refused_to_undo_is_undone_at_the_next_try() -> None:
    project = Project(engine=Weary())
    found = faults(project)
    found.inflict(Fault.PAUSE, "api", ["api-1", "api-2"], 0.0)
    with pytest.raises(StackError, match="busy"):
        found.heal("api")
    project.engine.calls.clear()
    found.heal_all()
    assert project.engine.calls == [("unpause", "api-1"), ("unpause", "api-2")]

    project = attached({"front": {"Aliases": ["api"]}, "back": {"Aliases": ["api"]}})
    weary = Weary()
    weary.all_containers, weary.all_networks = (
        project.engine.all_containers,
        project.engine.all_networks,
    )
    project.engine = weary
    found = faults(project)
    found.inflict(Fault.DISCONNECT, "api", ["api-1"], 0.0)
    with pytest.raises(StackError, match="busy"):
        found.heal("api")
    weary.calls.clear()
    found.heal_all()
    assert [one[:2] for one in weary.calls] == [("reconnect", "front"), ("reconnect", "back")]


@pytest.mark.parametrize("networks", [{}, {"host": {}}, {"none": {}}])
def test_what_has_no_network_of_its_own_cannot_be_cut_off(networks: dict[str, Any]) -> None:
    project = attached(networks)
    with pytest.raises(NotSupported, match="no network of its own"):
        faults(project).inflict(Fault.DISCONNECT, "api", ["api-1"], 0.0)
    assert project.engine.calls == []


def test_latency_freezes_and_lets_go_again_and_again() -> None:
    project = Project()
    found = faults(project)
    found.inflict(Fault.LATENCY, "api", ["api-1"], 0.001)
    while len(project.engine.calls) < 4:
        pass
    found.heal("api")
    assert project.engine.calls[:4] == [("pause", "api-1"), ("unpause", "api-1")] * 2
    assert project.engine.calls[-1] == ("unpause", "api-1")


def test_latency_that_is_refused_is_an_error_at_once() -> None:
    project = Project()
    project.engine.refusals, project.engine.message = 1, "no such container"
    found = faults(project)
    with pytest.raises(StackError, match="no such container"):
        found.inflict(Fault.LATENCY, "api", ["api-1"], 0.001)
    found.heal("api")
    assert project.engine.calls == [("pause", "api-1"), ("unpause", "api-1")]


def test_latency_that_ended_by_itself_is_an_error_when_it_is_healed() -> None:
    project = Project()
    found = faults(project)
    found.inflict(Fault.LATENCY, "api", ["api-1"], 0.001)
    project.engine.refusals, project.engine.message = 100, "no such container"
    while project.engine.refusals == 100:
        pass
    with pytest.raises(StackError, match="api could not be slowed down: no such container"):
        found.heal("api")
    project.engine.refusals = 0
    found.inflict(Fault.LATENCY, "api", ["api-1"], 0.001)
    found.heal_all()
