"""The double driven by PyGithub, the client that the product uses."""

from collections.abc import Iterator

import pytest
from github import Auth, Github, GithubException, UnknownObjectException

from tests.github_double import GitHubDouble, Repository


@pytest.fixture
def hub(double: GitHubDouble) -> Iterator[Github]:
    client = Github(
        base_url=double.api_url,
        auth=Auth.Token("ghs_writer"),
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
    )
    yield client
    client.close()


def test_pull_requests_are_read(hub: Github, shop: Repository) -> None:
    made = shop.pull_request(number=14, body="Depends on #10", labels=["database"], draft=True)
    home = hub.get_repo("acme/shop")
    pull = home.get_pull(14)
    assert (pull.head.sha, pull.base.ref, pull.draft) == (made.head_sha, "main", True)
    assert [label.name for label in pull.labels] == ["database"]
    assert [item.number for item in home.get_pulls(state="open")] == [14]
    assert home.get_branch("main").commit.sha == shop.tip("main").sha
    assert home.get_git_ref("heads/main").object.sha == shop.tip("main").sha


def test_statuses_are_written_and_read(hub: Github, shop: Repository) -> None:
    made = shop.pull_request(number=14)
    commit = hub.get_repo("acme/shop").get_commit(made.head_sha)
    commit.create_status("pending", description="running", context="readiness / merge")
    commit.create_status("success", description="ready", context="readiness / merge")
    assert commit.get_combined_status().state == "success"
    assert [status.state for status in commit.get_statuses()] == ["success", "pending"]


def test_comments_are_written_edited_found_on_any_page_and_deleted(
    hub: Github, shop: Repository
) -> None:
    shop.pull_request(number=14)
    for index in range(120):
        shop.comment(14, f"noise {index}", author="visitor")
    issue = hub.get_repo("acme/shop").get_issue(14)
    comment = issue.create_comment("<!-- marker --> first")
    comment.edit("<!-- marker --> second")
    mine = [item for item in issue.get_comments() if item.user.login == "github-actions[bot]"]
    assert [item.body for item in mine] == ["<!-- marker --> second"]
    comment.delete()
    assert issue.get_comments().totalCount == 120


def test_files_and_comparisons_are_read(hub: Github, shop: Repository) -> None:
    made = shop.pull_request(number=14, files={".github/readiness.yml": "version: 1\n"})
    home = hub.get_repo("acme/shop")
    content = home.get_contents(".github/readiness.yml", ref=made.head_sha)
    assert not isinstance(content, list)
    assert content.decoded_content == b"version: 1\n"
    with pytest.raises(UnknownObjectException):
        home.get_contents(".github/readiness.yml", ref="main")
    assert home.compare("main", made.head_sha).ahead_by == 1
    assert home.get_collaborator_permission("maintainer") == "admin"


def test_graphql_goes_through_the_same_client(hub: Github, shop: Repository) -> None:
    shop.pull_request(number=14)
    text = 'query { repository(owner: "acme", name: "shop") { pullRequest(number: 14) { id } } }'
    _, body = hub.requester.graphql_query(text, {})
    assert body["data"]["repository"]["pullRequest"]["id"]


def test_a_refusal_arrives_as_the_clients_own_error(hub: Github, shop: Repository) -> None:
    made = shop.pull_request(number=14)
    commit = hub.get_repo("acme/shop").get_commit(made.head_sha)
    with pytest.raises(GithubException) as caught:
        commit.create_status("success", description="x" * 141)
    assert caught.value.status == 422
