from datetime import UTC

import pytest

from readiness_gate.errors import ForgeError, PermissionMissing
from readiness_gate.forge.github import GitHubForge
from tests.forge.conftest import MakeForge
from tests.github_double import GitHubDouble, Repository


def test_a_run_of_a_fork_is_read_with_its_newest_attempt(
    double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    fork = double.fork(shop, "visitor")
    shop.pull_request(number=14, head="idea", head_repository=fork)
    made = shop.verdicts.workflow_run("idea", head_repository=fork)
    shop.verdicts.rerun(made, conclusion="cancelled")
    found = live.runs.run(made.id)
    assert (found.id, found.attempt, found.status) == (made.id, 2, "completed")
    assert (found.conclusion, found.event, found.path) == ("cancelled", "pull_request", made.path)
    assert (found.repository, found.head_repository) == ("acme/shop", "visitor/shop")
    assert (found.head_branch, found.head_sha) == ("idea", made.head_sha)
    assert found.started_at is not None
    assert found.started_at.tzinfo is UTC
    assert found.from_fork


def test_a_run_that_goes_on_has_no_conclusion(shop: Repository, live: GitHubForge) -> None:
    made = shop.verdicts.workflow_run("main", status="in_progress")
    assert live.runs.run(made.id).conclusion is None


def test_a_run_that_is_none_is_an_error(shop: Repository, live: GitHubForge) -> None:
    with pytest.raises(ForgeError, match="not found"):
        live.runs.run(1)


def test_artifacts_are_those_of_the_run_and_the_name_newest_first(
    shop: Repository, live: GitHubForge
) -> None:
    one, other = shop.verdicts.workflow_run("main"), shop.verdicts.workflow_run("main")
    first = shop.verdicts.artifact(one, "report", b"1")
    shop.verdicts.artifact(one, "logs", b"2")
    shop.verdicts.artifact(other, "report", b"3")
    second = shop.verdicts.artifact(one, "report", b"4444")
    found = live.runs.artifacts(one.id, "report")
    assert [artifact.id for artifact in found] == [second.id, first.id]
    assert (found[0].name, found[0].run, found[0].size) == ("report", one.id, 4)
    assert not found[0].expired


def test_the_bytes_come_from_another_host_without_the_token(
    double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    run = shop.verdicts.workflow_run("main")
    shop.verdicts.artifact(run, "report", b"a zip")
    (artifact,) = live.runs.artifacts(run.id, "report")
    assert live.runs.content(artifact, limit=5) == b"a zip"
    (asked,) = double.downloads
    assert asked.credential is None
    assert "sig" in asked.query


def test_more_than_the_limit_is_not_read(shop: Repository, live: GitHubForge) -> None:
    run = shop.verdicts.workflow_run("main")
    shop.verdicts.artifact(run, "report", b"x" * 300_000)
    (artifact,) = live.runs.artifacts(run.id, "report")
    with pytest.raises(ForgeError, match="the artifact report is over 1000 bytes"):
        live.runs.content(artifact, limit=1000)


def test_an_expired_artifact_has_no_content(shop: Repository, live: GitHubForge) -> None:
    run = shop.verdicts.workflow_run("main")
    shop.verdicts.artifact(run, "report", b"a zip").expired = True
    (artifact,) = live.runs.artifacts(run.id, "report")
    assert artifact.expired
    assert live.runs.content(artifact, limit=10) is None


def test_a_branch_has_its_own_history_and_no_other(shop: Repository, live: GitHubForge) -> None:
    first = shop.tip("main").sha
    second = shop.commit("main", {"a": "a"})
    side = shop.commit("side", {"b": "b"})
    assert live.runs.contains(second, first)
    assert live.runs.contains(second, second)
    assert not live.runs.contains(first, second)
    third = shop.commit("main", {"c": "c"})
    assert not live.runs.contains(third, side)
    with pytest.raises(ForgeError):
        live.runs.contains(third, "f" * 40)


def test_the_token_says_under_which_name_it_writes(make_forge: MakeForge, shop: Repository) -> None:
    assert make_forge().runs.identity() == "github-actions[bot]"
    assert make_forge("ghp_maintainer").runs.identity() == "maintainer"


def test_a_token_that_may_not_read_runs_says_which_permission_lacks(
    double: GitHubDouble, make_forge: MakeForge, shop: Repository
) -> None:
    double.token("ghs_less", actions="none")
    run = shop.verdicts.workflow_run("main")
    with pytest.raises(PermissionMissing) as error:
        make_forge("ghs_less").runs.run(run.id)
    assert error.value.permission == "actions: read"
