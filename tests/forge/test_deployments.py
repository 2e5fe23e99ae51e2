from readiness_gate.errors import ForgeError, PermissionMissing
from readiness_gate.forge.github import GitHubForge
from readiness_gate.model.deployment import CommitDeployments
from tests.forge.conftest import MakeForge
from tests.github_double import GitHubDouble, Repository


def _read(forge: GitHubForge, commit: str) -> CommitDeployments:
    found = forge.deployments([commit])[commit]
    assert isinstance(found, CommitDeployments)
    return found


def test_the_newest_deployment_comes_first(shop: Repository, live: GitHubForge) -> None:
    sha = shop.tip("main").sha
    shop.verdicts.deployment(sha, "staging", "success")
    shop.verdicts.deployment(sha, "production", "queued", "failure", creator="rita")
    shop.verdicts.deployment(sha, "staging")
    found = _read(live, sha)
    assert [(one.environment, one.state, one.creator) for one in found.deployments] == [
        ("staging", "pending", "github-actions"),
        ("production", "failure", "rita"),
        ("staging", "active", "github-actions"),
    ]
    assert found.complete
    assert found.deployments[1].url.endswith(str(shop.verdicts.deployments[1].id))


def test_a_deployment_that_another_one_replaced_is_inactive(
    shop: Repository, live: GitHubForge
) -> None:
    old = shop.tip("main").sha
    shop.verdicts.deployment(old, "staging", "success")
    new = shop.commit("main", {"a": "b"})
    shop.verdicts.deployment(new, "staging", "success")
    assert [one.state for one in _read(live, old).deployments] == ["inactive"]
    assert [one.state for one in _read(live, new).deployments] == ["active"]


def test_more_than_are_read_is_said(shop: Repository, live: GitHubForge) -> None:
    sha = shop.tip("main").sha
    for _ in range(51):
        shop.verdicts.deployment(sha, "preview", "success")
    found = _read(live, sha)
    assert (len(found.deployments), found.complete) == (50, False)


def test_a_lacking_permission_and_a_commit_that_is_gone_are_errors(
    double: GitHubDouble, shop: Repository, live: GitHubForge, make_forge: MakeForge
) -> None:
    double.token("ghs_blind", deployments="none")
    sha = shop.tip("main").sha
    lost = make_forge("ghs_blind").deployments([sha])[sha]
    assert isinstance(lost, PermissionMissing)
    assert lost.permission == "deployments: read"
    assert isinstance(live.deployments(["f" * 40])["f" * 40], ForgeError)
