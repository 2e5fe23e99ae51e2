from collections.abc import Sequence

import pytest

from readiness_gate.errors import StackError
from readiness_gate.stack.base import Leftovers
from readiness_gate.stack.compose.base import Inspection
from readiness_gate.stack.compose.teardown import audit, tear_down
from tests.stack.compose.fake_engine import InMemoryEngine

PROJECT = "rg-1-1-aaaaaaaa"
OURS = {"com.docker.compose.project": PROJECT, "readiness-gate.project": PROJECT}
OTHERS = {"com.docker.compose.project": "shop"}


def engine_with_a_project() -> InMemoryEngine:
    engine = InMemoryEngine()
    for labels, name in ((OURS, "ours"), (OTHERS, "others")):
        engine.add("containers", f"{name}-c", labels)
        engine.add("networks", f"{name}-n", labels)
        engine.add("volumes", f"{name}-v", labels)
    engine.add("images", "sha256:1", OURS, RepoTags=[f"{PROJECT}-web:latest"])
    engine.add("images", "sha256:2", OTHERS, RepoTags=["shop-web:latest"])
    return engine


def test_everything_of_the_project_goes_and_nothing_of_others() -> None:
    engine = engine_with_a_project()
    assert tear_down(engine, PROJECT, 5.0) == Leftovers()
    assert set(engine.all_containers) == {"others-c"}
    assert set(engine.all_networks) == {"others-n"}
    assert set(engine.all_volumes) == {"others-v"}
    assert set(engine.all_images) == {"sha256:2"}


def test_doing_it_twice_is_fine() -> None:
    engine = engine_with_a_project()
    tear_down(engine, PROJECT, 5.0)
    assert tear_down(engine, PROJECT, 5.0) == Leftovers()


def test_an_image_of_somebody_else_that_goes_meanwhile_does_not_end_the_teardown() -> None:
    class Busy(InMemoryEngine):
        """An engine lists images in two steps, and fails where one goes between them."""

        failures = 2

        def images(self, labels: Sequence[str]) -> list[Inspection]:
            if self.failures:
                self.failures -= 1
                raise StackError("unrecognized image ID sha256:0123", infrastructure=True)
            return super().images(labels)

    engine = Busy()
    engine.add("containers", "ours-c", OURS)
    assert tear_down(engine, PROJECT, 5.0) == Leftovers()
    assert engine.all_containers == {}
    engine.failures = 100
    with pytest.raises(StackError, match="unrecognized image ID"):
        tear_down(engine, PROJECT, 5.0)


def test_networks_are_left_before_they_are_removed() -> None:
    engine = engine_with_a_project()
    engine.connect("ours-n", "the-gate-itself")
    assert tear_down(engine, PROJECT, 5.0) == Leftovers()
    assert ("disconnect", "ours-n", "the-gate-itself") in engine.calls


def test_the_end_that_a_removed_container_left_in_a_network_is_taken_by_its_name() -> None:
    class Stale(InMemoryEngine):
        stale = True

        def remove_network(self, network: str) -> None:
            if self.stale:
                raise StackError(f"network {network} has active endpoints")
            super().remove_network(network)

        def disconnect(self, network: str, container: str) -> None:
            super().disconnect(network, container)
            self.stale = self.stale and container != "rg-1-web-1"

    engine = Stale()
    engine.add("containers", "c", OURS, Names=["/rg-1-web-1"])
    engine.add("networks", "n", OURS)
    assert tear_down(engine, PROJECT, 5.0) == Leftovers()


def test_what_resists_is_named() -> None:
    engine = engine_with_a_project()
    engine.stubborn.add("ours-v")
    assert tear_down(engine, PROJECT, 0.0) == Leftovers(volumes=("ours-v",))


def test_an_image_that_somebody_else_tagged_too_loses_only_our_tag() -> None:
    engine = InMemoryEngine()
    engine.add("images", "sha256:1", OURS, RepoTags=[f"{PROJECT}-web:latest", "acme/web:1"])
    assert tear_down(engine, PROJECT, 5.0) == Leftovers()
    assert engine.all_images["sha256:1"]["RepoTags"] == ["acme/web:1"]


def test_an_untagged_image_of_ours_is_removed() -> None:
    engine = InMemoryEngine()
    engine.add("images", "sha256:1", OURS, RepoTags=["<none>:<none>"])
    assert tear_down(engine, PROJECT, 5.0) == Leftovers()
    assert engine.all_images == {}


def test_what_a_killed_start_still_creates_is_swept_too() -> None:
    class Late(InMemoryEngine):
        looks = 0

        def volumes(self, labels: object) -> list[str]:
            self.looks += 1
            if self.looks == 3:
                self.add("containers", "late", OURS)
            return super().volumes(labels)  # type: ignore[arg-type]

    engine = Late()
    assert tear_down(engine, PROJECT, 5.0) == Leftovers()
    assert engine.all_containers == {}


@pytest.mark.parametrize("name", ["shop", "", "rg-", "rg-../x", "com.docker.compose.project"])
def test_a_name_that_is_not_ours_is_refused(name: str) -> None:
    with pytest.raises(StackError, match="not the name of a project"):
        tear_down(InMemoryEngine(), name, 1.0)


def test_an_engine_that_does_not_answer_is_an_error_not_a_clean_audit() -> None:
    with pytest.raises(StackError):
        audit(InMemoryEngine(unreachable=True), PROJECT)
