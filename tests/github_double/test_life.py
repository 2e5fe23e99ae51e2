"""Pull requests, forks and the merge queue over time, as GitHub tells of them."""

import io
import tarfile
from typing import Any

import pytest
import requests

from tests.github_double import GitHubDouble, Repository
from tests.github_double.client import Client
from tests.github_double.objects import Executable

_HOME = "/repos/acme/shop"
_STATE = """query ($n: Int!) { repository(owner: "acme", name: "shop") { pullRequest(number: $n) {
  state merged mergeable baseRefOid reviewDecision headRepository { nameWithOwner }
  isCrossRepository mergeCommit { oid } } } }"""


def _graphql(client: Client, number: int) -> dict[str, Any]:
    data = client.query(_STATE, n=number)["data"]
    found: dict[str, Any] = data["repository"]["pullRequest"]
    return found


def test_merged_is_a_state_of_its_own_only_in_graphql(client: Client, shop: Repository) -> None:
    pull = shop.pull_request(number=14, merged=True)
    shop.pull_request(number=15, closed=True)
    rest = client.get(f"{_HOME}/pulls/14").json()
    assert (rest["state"], rest["merged"], rest["mergeable"]) == ("closed", True, None)
    assert _graphql(client, 14)["state"] == "MERGED"
    assert _graphql(client, 15)["state"] == "CLOSED"
    assert pull.merge_commit_sha == shop.tip("main").sha


def test_the_base_sha_stays_while_the_base_moves(client: Client, shop: Repository) -> None:
    shop.pull_request(number=14)
    before = shop.tip("main").sha
    shop.commit("main", {"other.txt": "x"})
    assert client.get(f"{_HOME}/pulls/14").json()["base"]["sha"] == before
    assert client.get(f"{_HOME}/git/ref/heads/main").json()["object"]["sha"] != before


def test_a_conflict_is_not_mergeable_and_unknown_is_null(client: Client, shop: Repository) -> None:
    pull = shop.pull_request(number=14, files={"README.md": "mine\n"})
    pull.mergeable_known = False
    assert client.get(f"{_HOME}/pulls/14").json()["mergeable"] is None
    assert _graphql(client, 14)["mergeable"] == "UNKNOWN"
    pull.mergeable_known = True
    assert client.get(f"{_HOME}/pulls/14").json()["mergeable"] is True
    shop.commit("main", {"README.md": "theirs\n"})
    assert client.get(f"{_HOME}/pulls/14").json()["mergeable"] is False
    assert _graphql(client, 14)["mergeable"] == "CONFLICTING"


@pytest.mark.parametrize(("method", "found"), [("merge", "ahead"), ("squash", "diverged")])
def test_a_squash_leaves_no_ancestry(
    client: Client, shop: Repository, method: str, found: str
) -> None:
    pull = shop.pull_request(number=14)
    pull.merge("squash" if method == "squash" else "merge")
    answer = client.get(f"{_HOME}/compare/{pull.head_sha}...main").json()
    assert answer["status"] == found


def test_deleting_a_base_by_api_closes_what_stands_on_it(client: Client, shop: Repository) -> None:
    shop.pull_request(number=14, head="parent")
    shop.pull_request(number=15, base="parent")
    shop.pulls[14].merge()
    shop.delete_branch("parent")
    assert client.get(f"{_HOME}/pulls/15").json()["state"] == "closed"
    assert client.get(f"{_HOME}/pulls/14").json()["merged"] is True


def test_a_deleted_fork_leaves_a_pull_request_without_a_head_repository(
    double: GitHubDouble, client: Client, shop: Repository
) -> None:
    fork = double.fork(shop, "visitor")
    pull = shop.pull_request(number=14, head="idea", head_repository=fork, author="visitor")
    assert _graphql(client, 14)["headRepository"] == {"nameWithOwner": "visitor/shop"}
    pull.head_repository = None
    assert client.get(f"{_HOME}/pulls/14").json()["head"]["repo"] is None
    assert _graphql(client, 14)["headRepository"] is None
    assert _graphql(client, 14)["isCrossRepository"] is True


def test_a_push_to_a_fork_moves_the_pull_request(double: GitHubDouble, shop: Repository) -> None:
    fork = double.fork(shop, "visitor")
    pull = shop.pull_request(number=14, head="idea", head_repository=fork)
    sha = fork.commit("idea", {"more.txt": "x"})
    assert pull.head_sha == sha == shop.refs["refs/pull/14/head"]


def test_a_review_decision_needs_a_rule(client: Client, shop: Repository) -> None:
    pull = shop.pull_request(number=14)
    shop.collaborators["reviewer"] = "write"
    assert _graphql(client, 14)["reviewDecision"] is None
    shop.required_approvals = 1
    assert _graphql(client, 14)["reviewDecision"] == "REVIEW_REQUIRED"
    pull.review("APPROVED", author="stranger")
    assert _graphql(client, 14)["reviewDecision"] == "REVIEW_REQUIRED"
    pull.review("CHANGES_REQUESTED")
    assert _graphql(client, 14)["reviewDecision"] == "CHANGES_REQUESTED"
    pull.review("APPROVED")
    assert _graphql(client, 14)["reviewDecision"] == "APPROVED"


def test_groups_of_a_queue_chain_and_change_when_one_is_ejected(
    client: Client, shop: Repository
) -> None:
    for number in (14, 15, 16):
        shop.pull_request(number=number)
        shop.queue.add(number)
    first, second, third = shop.queue.entries
    assert (second.base_sha, third.base_sha) == (first.head_sha, second.head_sha)
    text = """{ repository(owner: "acme", name: "shop") { mergeQueue(branch: "main") {
      entries(first: 10) { nodes { position pullRequest { number } headCommit { oid } } } } } }"""
    data = client.query(text)["data"]
    nodes = data["repository"]["mergeQueue"]["entries"]["nodes"]
    assert [(n["position"], n["pullRequest"]["number"]) for n in nodes] == [
        (1, 14),
        (2, 15),
        (3, 16),
    ]
    shop.queue.remove(15)
    assert [entry.number for entry in shop.queue.entries] == [14, 16]
    assert shop.queue.entries[1].base_sha == first.head_sha
    assert f"refs/heads/{third.head_ref}" in shop.refs


def test_a_landed_group_merges_all_ahead_of_it(client: Client, shop: Repository) -> None:
    for number in (14, 15):
        shop.pull_request(number=number)
        shop.queue.add(number)
    last = shop.queue.entries[1]
    shop.queue.land(15)
    assert shop.tip("main").sha == last.head_sha
    assert client.get(f"{_HOME}/pulls/14").json()["merged"] is True
    assert client.get(f"{_HOME}/pulls/15").json()["merge_commit_sha"] == last.head_sha
    assert shop.queue.entries == []


def test_what_is_not_there_is_partial_data_under_its_alias(
    client: Client, shop: Repository
) -> None:
    shop.issue(number=3, closed_as="duplicate")
    text = """{ repository(owner: "acme", name: "shop") {
      a: issueOrPullRequest(number: 3) { ... on Issue { state stateReason } }
      b: issueOrPullRequest(number: 99) { __typename } } }"""
    answer = client.query(text)
    issue = {"state": "CLOSED", "stateReason": "NOT_PLANNED"}
    assert answer["data"] == {"repository": {"a": issue, "b": None}}
    assert answer["errors"][0]["path"] == ["repository", "b"]
    assert answer["errors"][0]["type"] == "NOT_FOUND"


def test_files_are_read_at_any_ref_and_in_any_form(client: Client, shop: Repository) -> None:
    old = shop.tip("main").sha
    shop.commit("main", {"README.md": "new\n", "docs/big.bin": b"\0" * 1_100_000})
    raw = {"accept": "application/vnd.github.raw+json"}
    path = f"{_HOME}/contents/README.md"
    assert client.get(path, headers=raw).text == "new\n"
    assert client.get(f"{path}?ref={old}", headers=raw).text == "# Shop\n"
    big = client.get(f"{_HOME}/contents/docs/big.bin").json()
    assert (big["encoding"], big["content"], big["size"]) == ("none", "", 1_100_000)
    listed = client.get(f"{_HOME}/contents/docs").json()
    assert [(entry["name"], entry["type"]) for entry in listed] == [
        ("a", "dir"),
        ("big.bin", "file"),
    ]
    assert client.get(f"{_HOME}/contents/nothing").status_code == 404
    assert "No commit found" in client.get(f"{path}?ref=gone").json()["message"]


def test_the_newer_version_of_the_api_has_no_merge_commit_sha(
    client: Client, shop: Repository
) -> None:
    shop.pull_request(number=14, merged=True)
    path = f"{_HOME}/pulls/14"
    assert "merge_commit_sha" in client.get(path).json()
    newer = client.get(path, headers={"x-github-api-version": "2026-03-10"})
    assert "merge_commit_sha" not in newer.json()
    unknown = client.get(path, headers={"x-github-api-version": "2020-01-01"})
    assert unknown.status_code == 400


def test_an_archive_is_redirected_to_an_address_that_wants_no_token(
    double: GitHubDouble, client: Client, shop: Repository
) -> None:
    shop.commit("main", {"run.sh": Executable(b"#!/bin/sh\n")})
    sha = shop.tip("main").sha
    answer = client.get(f"{_HOME}/tarball/{sha}", allow_redirects=False)
    assert answer.status_code == 302
    location = answer.headers["location"]
    packed = requests.get(location, timeout=10)
    with tarfile.open(fileobj=io.BytesIO(packed.content), mode="r:gz") as tar:
        modes = {member.name: member.mode for member in tar}
    folder = f"acme-shop-{sha[:7]}"
    assert modes[f"{folder}/run.sh"] == 0o755
    assert modes[f"{folder}/docs/a/b.md"] == 0o644
    assert requests.get(location.partition("?")[0], timeout=10).status_code == 404
    assert double.requests[1].identity is None


def test_a_long_comparison_comes_in_pages(client: Client, shop: Repository) -> None:
    start = shop.tip("main").sha
    shas = [shop.commit("main", {"a.txt": f"{index}"}) for index in range(5)]
    path = f"{_HOME}/compare/{start}...main?per_page=2"
    first = client.get(path)
    second = client.get(first.links["next"]["url"])
    assert first.json()["total_commits"] == 5
    assert [c["sha"] for c in first.json()["commits"] + second.json()["commits"]] == shas[:4]
    assert (len(first.json()["files"]), second.json()["files"]) == (1, [])


def test_a_revert_stands_in_the_timeline_of_what_it_reverts(
    double: GitHubDouble, client: Client, shop: Repository
) -> None:
    pull = shop.pull_request(number=14, files={"a.txt": "a"}, merged=True)
    pull.revert(number=20)
    shop.issue(number=3, body="see acme/shop#14, not #140")
    double.repository("acme/secret", private=True).pull_request(body="acme/shop#14")
    text = """{ repository(owner: "acme", name: "shop") { pullRequest(number: 14) {
      timelineItems(itemTypes: [CROSS_REFERENCED_EVENT], last: 100) { nodes {
        ... on CrossReferencedEvent { source { __typename
          ... on PullRequest { number merged body } ... on Issue { issue: number } } } } } } } }"""
    data = client.query(text)["data"]["repository"]["pullRequest"]["timelineItems"]["nodes"]
    revert = {"number": 20, "merged": True, "body": "Reverts acme/shop#14"}
    assert [event["source"] for event in data] == [
        {"__typename": "PullRequest", **revert},
        {"__typename": "Issue", "issue": 3},
    ]
    assert "a.txt" not in shop.tip("main").files
