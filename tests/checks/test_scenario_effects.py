"""What a sink proves when a request could not be read to its end, or was forgotten."""

from dataclasses import dataclass
from typing import Any

import pytest

from readiness_gate.checks.masks import Masks
from readiness_gate.checks.scenario_effects import Effects, Looked
from readiness_gate.checks.scenario_steps import SinkStep
from readiness_gate.checks.scenario_values import Values
from readiness_gate.doors.clock import Deadline, SystemClock
from readiness_gate.doors.sink import Received
from readiness_gate.model.outcome import ErrorClass
from tests.fakes.context import context

LEAK = {"regex": {"hunter2": "hunter2"}}


@dataclass
class Arrived:
    """Implements `Sink` with what came, and how much was forgotten."""

    requests: tuple[Received, ...]
    lost: int = 0

    def received(self) -> tuple[Received, ...]:
        return self.requests

    def forgotten(self) -> int:
        return self.lost


def sent(body: bytes = b"nothing", *, cut: bool = False, path: str = "/h") -> Received:
    return Received("POST", path, (), body, cut)


def looked(ask: dict[str, Any], *requests: Received, lost: int = 0) -> Looked:
    given = context(clock=SystemClock())
    effects = Effects(given, {"s": Arrived(requests, lost)})
    step = SinkStep.model_validate({"sink": {"name": "s", **ask}, "delay": 1})
    return effects.look(step, Values(given.clock, Masks()), Deadline(given.clock, 5))


@pytest.mark.parametrize("count", [0, {"le": 1}, {"lt": 3}])
def test_what_could_not_be_read_does_not_prove_that_nothing_came(count: object) -> None:
    cut = [sent(cut=True)] * 3
    found = looked({**LEAK, "count": count}, *cut)
    assert found.error_class is ErrorClass.INCONCLUSIVE
    assert "3 more could not be read to their end" in found.problems[0]
    assert not looked({**LEAK, "count": count}, *([sent()] * 3)).problems


@pytest.mark.parametrize("count", [0, 2, {"le": 1_100}])
def test_what_was_forgotten_does_not_prove_that_nothing_came(count: object) -> None:
    found = looked({**LEAK, "count": count}, sent(), lost=1_200)
    assert found.error_class is ErrorClass.INCONCLUSIVE
    assert "1200 more were not kept" in found.problems[0]


@pytest.mark.parametrize("ask", [{"path": "/other"}, {"method": "GET"}])
def test_what_differs_in_its_head_needs_no_body(ask: dict[str, Any]) -> None:
    assert not looked({**LEAK, **ask, "count": 0}, sent(cut=True)).problems


def test_enough_stays_enough_whatever_else_came() -> None:
    came = looked({**LEAK, "count": {"ge": 1}}, sent(b"hunter2"), sent(cut=True), lost=5)
    assert (came.problems, came.error_class) == ((), None)
    assert came.first is not None


def test_too_many_stays_too_many() -> None:
    found = looked({**LEAK, "count": 0}, sent(b"hunter2"), sent(cut=True), lost=5)
    assert found.problems
    assert found.error_class is None


def test_a_flood_decides_nothing_in_time() -> None:
    found = looked({**LEAK, "count": {"le": 10**9}}, lost=10**8)
    assert found.error_class is ErrorClass.INCONCLUSIVE


def test_a_body_that_stayed_compressed_proves_nothing() -> None:
    packed = Received("POST", "/h", (("content-encoding", "br"),), b"\x0b\x02", packed=True)
    assert looked({**LEAK, "count": 0}, packed).error_class is ErrorClass.INCONCLUSIVE
    assert not looked({"path": "/h", "count": 1}, packed).problems
