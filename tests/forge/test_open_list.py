import pytest
from graphql import GraphQLSchema, parse, validate

from readiness_gate.errors import ForgeError
from readiness_gate.forge.github import GitHubForge
from readiness_gate.forge.open_list import OPEN_LIST
from readiness_gate.forge.tips import tips_query
from readiness_gate.model.outcome import Conclusion
from tests.forge.conftest import MakeForge
from tests.github_double import GitHubDouble, Repository
from tests.github_double.conftest import published as published  # noqa: PLC0414
from tests.github_double.objects import SymbolicLink

CONTEXT = "readiness / merge"


def test_the_queries_are_valid_in_githubs_own_schema(published: GraphQLSchema) -> None:
    text, _ = tips_query("acme/shop", ["main", "next"], [".github/readiness.yml"])
    assert validate(published, parse(OPEN_LIST)) == []
    assert validate(published, parse(text)) == []
    assert validate(published, parse(tips_query("acme/shop", ["main"], [])[0])) == []


def test_the_list_carries_the_statuses_of_the_heads(shop: Repository, live: GitHubForge) -> None:
    first = shop.pull_request(number=14, body="Depends on #12", labels=["api"])
    shop.pull_request(number=15)
    shop.pull_request(number=13, closed=True)
    shop.verdicts.status(first.head_sha, CONTEXT, "pending", description="running")
    newest = shop.verdicts.status(
        first.head_sha, CONTEXT, "failure", description="1 failed", target_url="https://x.example/1"
    )
    listed = live.open_list()
    assert listed.default_branch == "main"
    assert listed.merge_methods == frozenset({"merge", "squash", "rebase"})
    one, other = listed.standing
    assert (one.pull_request.reference.number, one.pull_request.body) == (14, "Depends on #12")
    assert one.statuses is not None
    status = one.statuses[CONTEXT]
    assert (status.state, status.description) == (Conclusion.FAILURE, "1 failed")
    assert (status.target_url, status.creator) == ("https://x.example/1", "github-actions[bot]")
    assert status.created_at is not None
    assert status.created_at.strftime("%Y-%m-%dT%H:%M:%SZ") == newest.created_at
    assert other.statuses == {}
    assert live.labels([14, 15]) == {14: ("api",), 15: ()}


def test_a_thousand_open_ones_are_ten_requests_and_ten_points(
    shop: Repository, live: GitHubForge
) -> None:
    for number in range(1, 251):
        shop.pull_request(number=number, head="shared" if number > 1 else "other")
    assert len(live.open_list().standing) == 250
    assert (live.usage.requests, live.usage.points) == (3, 3)
    assert live.default_branch() == "main"
    assert live.usage.requests == 3


def test_a_fork_has_its_statuses_too(
    double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    fork = double.fork(shop, "visitor")
    made = shop.pull_request(number=14, head_repository=fork)
    shop.verdicts.status(made.head_sha, CONTEXT, "success")
    statuses = live.open_list().standing[0].statuses
    assert statuses is not None
    assert statuses[CONTEXT].state is Conclusion.SUCCESS


@pytest.mark.parametrize("hole", [("repository", "pullRequests", "nodes", 0), ("repository",)])
def test_a_list_that_is_not_complete_is_an_error(
    hole: tuple[str | int, ...], double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    shop.pull_request(number=14)
    double.faults.add("POST", "/graphql", "partial", data_path=hole)
    with pytest.raises(ForgeError, match="not complete"):
        live.open_list()


def test_statuses_that_cannot_be_read_are_not_taken_for_none(
    double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    for number in (14, 15):
        shop.pull_request(number=number)
    hole = ("repository", "pullRequests", "nodes", 1, "commits", "nodes", 0, "commit", "status")
    double.faults.add("POST", "/graphql", "partial", data_path=hole)
    assert [one.statuses for one in live.open_list().standing] == [{}, None]


def test_tips_carry_files_and_tell_absent_ones_apart(shop: Repository, live: GitHubForge) -> None:
    shop.commit("next", {"a.yml": "next\n", "link.yml": SymbolicLink(b"a.yml"), "b.bin": b"\0"})
    tips = live.tips(["main", "next", "gone"], ["README.md", "a.yml", "link.yml", "b.bin"])
    assert set(tips) == {"main", "next"}
    assert tips["main"].sha == shop.tip("main").sha
    assert tips["main"].files["README.md"] == b"# Shop\n"
    assert tips["main"].files["a.yml"] is None
    assert tips["next"].files["a.yml"] == b"next\n"
    # What GraphQL does not give whole is asked of REST.
    assert not {"link.yml", "b.bin"} & set(tips["next"].files)
    assert (live.usage.requests, live.usage.points) == (1, 1)


def test_tips_without_the_permission_are_left_out(shop: Repository, make_forge: MakeForge) -> None:
    assert make_forge(token=None).tips([], ["README.md"]) == {}


def test_a_default_branch_that_is_not_told_is_asked_for_elsewhere(
    double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    shop.pull_request(number=14)
    hole = ("repository", "defaultBranchRef")
    double.faults.add("POST", "/graphql", "partial", data_path=hole)
    assert live.open_list().default_branch is None
    assert live.default_branch() == "main"
