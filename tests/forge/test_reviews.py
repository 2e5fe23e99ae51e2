import pytest

from readiness_gate.errors import ForgeError, PermissionMissing
from readiness_gate.forge.github import GitHubForge
from readiness_gate.model.review import Reviews
from tests.forge.conftest import MakeForge
from tests.github_double import GitHubDouble, Repository


def _read(forge: GitHubForge, number: int) -> Reviews:
    found = forge.reviews([number])[number]
    assert isinstance(found, Reviews)
    return found


def test_the_last_opinion_of_each_person_is_read(shop: Repository, live: GitHubForge) -> None:
    shop.collaborators["rita"] = "write"
    pull = shop.pull_request(number=14)
    pull.review("CHANGES_REQUESTED", author="rita")
    old = pull.head_sha
    pull.review("APPROVED", author="visitor")
    pull.push()
    pull.review("APPROVED", author="rita")
    pull.review("COMMENTED", author="rita")
    found = _read(live, 14)
    assert found.decision is None
    seen = {one.author: (one.state, one.commit, one.writer) for one in found.opinions}
    assert seen == {
        "rita": ("approved", pull.head_sha, True),
        "visitor": ("approved", old, False),
    }
    assert all(one.submitted_at for one in found.opinions)


@pytest.mark.parametrize("decision", ["approved", "changes_requested", "review_required"])
def test_githubs_own_decision_is_read(shop: Repository, live: GitHubForge, decision: str) -> None:
    shop.required_approvals = 1
    pull = shop.pull_request(number=14)
    if decision != "review_required":
        pull.review("APPROVED" if decision == "approved" else "CHANGES_REQUESTED", author="author")
    assert _read(live, 14).decision == decision


def test_a_bot_is_told_by_its_login(shop: Repository, live: GitHubForge) -> None:
    shop.pull_request(number=14).review("APPROVED", author="robot[bot]")
    [opinion] = _read(live, 14).opinions
    assert (opinion.author, opinion.bot) == ("robot[bot]", True)


def test_a_pull_request_that_is_not_there_and_a_lacking_permission_are_errors(
    shop: Repository, live: GitHubForge, make_forge: MakeForge
) -> None:
    shop.pull_request(number=14)
    assert isinstance(live.reviews([99])[99], ForgeError)
    lost = make_forge("ghs_without_pull_requests").reviews([14])[14]
    assert isinstance(lost, PermissionMissing)
    assert lost.permission == "pull-requests: read"


@pytest.mark.usefixtures("shop")
def test_members_of_a_team_are_told_to_an_app_and_not_to_a_workflow(
    double: GitHubDouble, live: GitHubForge, make_forge: MakeForge
) -> None:
    double.world.teams["acme/legal"] = ["Lea", "paula"]
    double.token("ghs_app", members="read")
    assert set(make_forge("ghs_app").team("acme/legal")) == {"lea", "paula"}
    with pytest.raises(PermissionMissing) as lacking:
        live.team("acme/legal")
    assert lacking.value.permission == "members: read"
    assert "App" in lacking.value.advice
