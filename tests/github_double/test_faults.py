"""Scripted faults: what the client sees, and what really happened."""

import time

import pytest
import requests

from tests.github_double import GitHubDouble, Repository
from tests.github_double.client import Client
from tests.github_double.faults import Kind

_HOME = "/repos/acme/shop"
_COMMENTS = f"{_HOME}/issues/14/comments"


@pytest.fixture(autouse=True)
def pull(shop: Repository) -> None:
    shop.pull_request(number=14)


def _post(client: Client) -> requests.Response:
    return client.send("POST", _COMMENTS, json={"body": "hello"})


@pytest.mark.parametrize(("kind", "written"), [("5xx-before", 0), ("5xx-after", 1)])
def test_a_5xx_says_nothing_about_the_write(
    double: GitHubDouble, client: Client, shop: Repository, kind: Kind, written: int
) -> None:
    double.faults.add("POST", _COMMENTS, kind, code=503)
    assert _post(client).status_code == 503
    assert len(shop.comments) == written
    assert _post(client).status_code == 201
    assert double.faults.left() == 0


@pytest.mark.parametrize(("kind", "written"), [("drop-before", 0), ("drop-after", 1)])
def test_a_dropped_connection_says_nothing_about_the_write(
    double: GitHubDouble, client: Client, shop: Repository, kind: Kind, written: int
) -> None:
    double.faults.add("POST", _COMMENTS, kind)
    with pytest.raises(requests.ConnectionError):
        _post(client)
    assert len(shop.comments) == written
    assert double.requests[-1].code is None
    assert double.requests[-1].fault == kind


def test_too_many_requests_with_and_without_a_time(double: GitHubDouble, client: Client) -> None:
    double.faults.add("POST", _COMMENTS, "429", retry_after=7)
    double.faults.add("POST", _COMMENTS, "429")
    first, second = _post(client), _post(client)
    assert (first.status_code, first.headers["retry-after"]) == (429, "7")
    assert second.status_code == 429
    assert "retry-after" not in second.headers


def test_a_secondary_limit_is_a_403_with_budget_left(double: GitHubDouble, client: Client) -> None:
    double.faults.add("POST", _COMMENTS, "secondary", retry_after=60)
    answer = _post(client)
    assert answer.status_code == 403
    assert "secondary rate limit" in answer.json()["message"]
    assert int(answer.headers["x-ratelimit-remaining"]) > 0


def test_a_primary_limit_is_a_403_with_its_reset_far_ahead(
    double: GitHubDouble, client: Client
) -> None:
    double.faults.add("GET", _HOME, "primary", reset_after=2000)
    answer = client.get(_HOME)
    assert answer.status_code == 403
    assert answer.headers["x-ratelimit-remaining"] == "0"
    assert int(answer.headers["x-ratelimit-reset"]) - time.time() > 1900


def test_graphql_fails_with_200(double: GitHubDouble, client: Client) -> None:
    text = '{ repository(owner: "acme", name: "shop") { pullRequest(number: 14) { title } } }'
    double.faults.add("POST", "/graphql", "graphql-error", containing="pullRequest")
    double.faults.add("POST", "/graphql", "primary")
    broken, limited, fine = client.query(text), client.query(text), client.query(text)
    assert broken["data"] is None
    assert limited["errors"][0]["type"] == "RATE_LIMITED"
    assert "errors" not in fine


def test_partial_data_comes_with_its_error(double: GitHubDouble, client: Client) -> None:
    double.faults.add(
        "POST", "/graphql", "partial", data_path=("repository", "pullRequests", "nodes", 0)
    )
    text = """{ repository(owner: "acme", name: "shop") {
      pullRequests(first: 5) { nodes { number } } } }"""
    answer = client.query(text)
    assert answer["data"] == {"repository": {"pullRequests": {"nodes": [None]}}}
    assert len(answer["errors"]) == 1


def test_a_head_moves_between_a_read_and_a_write(
    double: GitHubDouble, client: Client, shop: Repository
) -> None:
    pull = shop.pulls[14]
    before = client.get(f"{_HOME}/pulls/14").json()["head"]["sha"]
    double.faults.add("GET", f"{_HOME}/pulls/14", "hook", hook=pull.push)
    after = client.get(f"{_HOME}/pulls/14").json()["head"]["sha"]
    assert before != after == pull.head_sha


def test_a_slow_answer_is_late_but_right(double: GitHubDouble, client: Client) -> None:
    double.faults.add("GET", _HOME, "slow", seconds=0.3)
    with pytest.raises(requests.Timeout):
        requests.get(f"{double.api_url}{_HOME}", timeout=0.1)
    assert client.get(_HOME).status_code == 200


def test_a_fault_waits_its_turn(double: GitHubDouble, client: Client) -> None:
    double.faults.add("*", f"{_HOME}.*", "5xx-before", skip=1, times=2)
    assert [client.get(_HOME).status_code for _ in range(4)] == [200, 502, 502, 200]


def test_the_journal_tells_who_asked_what(double: GitHubDouble, client: Client) -> None:
    _post(client)
    client.query("{ viewer { login } }")
    wrote, asked = double.requests
    assert (wrote.method, wrote.path, wrote.code) == ("POST", _COMMENTS, 201)
    assert (wrote.identity, wrote.body) == ("github-actions[bot]", {"body": "hello"})
    assert (wrote.writes, asked.writes, asked.points) == (True, False, 1)


def test_a_fault_of_the_doubles_own_is_raised_at_the_end() -> None:
    def broken() -> None:
        raise ZeroDivisionError

    def use() -> None:
        with GitHubDouble() as running:
            running.faults.add("GET", "/rate_limit", "hook", hook=broken)
            assert requests.get(f"{running.api_url}/rate_limit", timeout=10).status_code == 500

    with pytest.raises(ZeroDivisionError):
        use()
