from datetime import UTC, datetime, timedelta

from readiness_gate.stack.compose.base import COMPOSE_PROJECT
from readiness_gate.stack.compose.janitor import abandoned, clean_up
from readiness_gate.stack.owner import own_identity
from readiness_gate.stack.project import KEPT, PROJECT_LABEL, Owner, labels
from tests.stack.compose.fake_engine import InMemoryEngine

NOW = datetime(2026, 1, 5, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def engine_with(**owners: Owner) -> InMemoryEngine:
    engine = InMemoryEngine()
    for name, owner in owners.items():
        project = f"rg-{name}-1-aa"
        own = {**labels(project, owner, LATER), "com.docker.compose.project": project}
        engine.add("containers", f"{name}-c", own)
        engine.add("networks", f"{name}-n", own)
    engine.add("containers", "living", {}, State={"Running": True})
    engine.add("containers", "stopped", {}, State={"Running": False})
    return engine


def test_only_projects_that_lost_their_owner_are_abandoned() -> None:
    engine = engine_with(
        gone=Owner("container", "f00"),
        ended=Owner("container", "stopped"),
        lives=Owner("container", "living"),
        here=own_identity().owner,
    )
    assert abandoned(engine, now=NOW, ours="rg-x") == ("rg-ended-1-aa", "rg-gone-1-aa")


def test_our_own_project_is_never_abandoned() -> None:
    engine = engine_with(gone=Owner("container", "f00"))
    assert abandoned(engine, now=NOW, ours="rg-gone-1-aa") == ()


def test_what_only_a_network_is_left_of_is_seen() -> None:
    engine = engine_with(gone=Owner("container", "f00"))
    engine.all_containers.pop("gone-c")
    assert clean_up(engine, now=NOW, ours="rg-x") == ("rg-gone-1-aa",)
    assert engine.all_networks == {}


def test_a_gate_that_was_killed_while_it_built_is_known_by_its_mark() -> None:
    engine = InMemoryEngine()
    project = "rg-gone-1-aa"
    own = {**labels(project, Owner("container", "f00"), LATER), COMPOSE_PROJECT: project}
    engine.add("volumes", f"{project}_owner", own)
    engine.add("images", "sha256:1", {PROJECT_LABEL: project}, RepoTags=[f"{project}-web:latest"])
    assert clean_up(engine, now=NOW, ours="rg-x") == (project,)
    assert engine.all_images == {}
    assert engine.all_volumes == {}


def test_what_its_user_keeps_lives_until_its_deadline() -> None:
    engine = engine_with(kept=KEPT)
    assert abandoned(engine, now=NOW, ours="rg-x") == ()
    assert abandoned(engine, now=LATER + timedelta(seconds=1), ours="rg-x") == ("rg-kept-1-aa",)


def test_containers_of_others_are_left_alone() -> None:
    engine = engine_with(gone=Owner("container", "f00"))
    clean_up(engine, now=NOW, ours="rg-x")
    assert set(engine.all_containers) == {"living", "stopped"}


def test_one_that_resists_is_not_said_to_be_removed() -> None:
    engine = engine_with(gone=Owner("container", "f00"))
    engine.stubborn.add("gone-n")
    engine.add("networks", "gone-n", labels("rg-gone-1-aa", Owner("container", "f00"), LATER))
    removed = clean_up(engine, now=NOW, ours="rg-x", timeout=0.0)
    assert removed == ()
