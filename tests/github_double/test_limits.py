"""GitHub's limits: of statuses, texts, pages, requests and points."""

import pytest

from tests.github_double import GitHubDouble, Repository
from tests.github_double.client import Client

_HOME = "/repos/acme/shop"


def test_a_context_takes_a_thousand_statuses_on_a_commit(client: Client, shop: Repository) -> None:
    sha = shop.tip("main").sha
    for _ in range(1000):
        shop.verdicts.status(sha, "full", "pending")
    body = {"state": "success", "context": "full"}
    assert client.send("POST", f"{_HOME}/statuses/{sha}", json=body).status_code == 422
    other = body | {"context": "other"}
    assert client.send("POST", f"{_HOME}/statuses/{sha}", json=other).status_code == 201
    assert shop.verdicts.combined(sha) == "pending"


@pytest.mark.parametrize(("characters", "code"), [(140, 201), (141, 422)])
def test_a_description_has_140_characters(
    client: Client, shop: Repository, characters: int, code: int
) -> None:
    sha = shop.tip("main").sha
    body = {"state": "success", "context": "x", "description": "é" * characters}
    assert client.send("POST", f"{_HOME}/statuses/{sha}", json=body).status_code == code


@pytest.mark.parametrize(("characters", "code"), [(65_536, 201), (65_537, 422)])
def test_a_comment_has_65536_characters(
    client: Client, shop: Repository, characters: int, code: int
) -> None:
    shop.pull_request(number=14)
    body = {"body": "⛔" * characters}
    assert client.send("POST", f"{_HOME}/issues/14/comments", json=body).status_code == code


def test_an_update_of_a_comment_has_the_same_limit(client: Client, shop: Repository) -> None:
    shop.pull_request(number=14)
    comment = shop.comment(14, "short", author="github-actions[bot]")
    path = f"{_HOME}/issues/comments/{comment.id}"
    assert client.send("PATCH", path, json={"body": "x" * 65_537}).status_code == 422
    assert comment.body == "short"


@pytest.mark.parametrize("body", [{"state": "done"}, {"context": "x"}])
def test_a_status_without_a_valid_state_is_refused(
    client: Client, shop: Repository, body: dict[str, str]
) -> None:
    sha = shop.tip("main").sha
    assert client.send("POST", f"{_HOME}/statuses/{sha}", json=body).status_code == 422


def test_a_status_needs_a_commit(client: Client, shop: Repository) -> None:
    answer = client.send("POST", f"{_HOME}/statuses/{'0' * 40}", json={"state": "success"})
    assert answer.status_code == 422
    assert answer.json()["message"].startswith("No commit found for SHA")


def test_the_newest_status_counts_and_nothing_is_pending(client: Client, shop: Repository) -> None:
    sha = shop.tip("main").sha
    assert client.get(f"{_HOME}/commits/{sha}/status").json()["state"] == "pending"
    for state in ("failure", "success"):
        body = {"state": state, "context": "gate"}
        client.send("POST", f"{_HOME}/statuses/{sha}", json=body)
    combined = client.get(f"{_HOME}/commits/{sha}/status").json()
    assert (combined["state"], combined["total_count"]) == ("success", 1)
    listed = client.get(f"{_HOME}/commits/{sha}/statuses").json()
    assert [status["state"] for status in listed] == ["success", "failure"]


def test_lists_come_in_pages_with_links(client: Client, shop: Repository) -> None:
    shop.pull_request(number=14)
    for index in range(250):
        shop.comment(14, f"comment {index}")
    url: str | None = f"{_HOME}/issues/14/comments?per_page=500"
    sizes = []
    while url:
        answer = client.get(url)
        sizes.append(len(answer.json()))
        url = answer.links.get("next", {}).get("url")
    assert sizes == [100, 100, 50]
    assert len(client.get(f"{_HOME}/issues/14/comments").json()) == 30


def test_an_exhausted_budget_is_403_with_the_reset(
    double: GitHubDouble, client: Client, shop: Repository
) -> None:
    double.limits.set_remaining("ghs_writer", "core", 2)
    codes = [client.get(_HOME).status_code for _ in range(3)]
    assert codes == [200, 200, 403]
    answer = client.get(_HOME)
    assert answer.headers["x-ratelimit-remaining"] == "0"
    assert int(answer.headers["x-ratelimit-reset"]) > 1_700_000_000
    assert client.get("/rate_limit").json()["resources"]["core"]["remaining"] == 0


def test_an_exhausted_graphql_budget_is_200_with_an_error(
    double: GitHubDouble, client: Client, shop: Repository
) -> None:
    double.limits.set_remaining("ghs_writer", "graphql", 1)
    text = '{ repository(owner: "acme", name: "shop") { id } }'
    assert "errors" not in client.query(text)
    answer = client.query(text)
    assert "data" not in answer
    assert answer["errors"][0]["type"] == "RATE_LIMITED"


def test_points_follow_githubs_formula(
    double: GitHubDouble, client: Client, shop: Repository
) -> None:
    cheap = """{ repository(owner: "acme", name: "shop") {
      pullRequests(first: 100) { nodes { number } } } rateLimit { cost nodeCount } }"""
    dear = """query ($n: Int!) { repository(owner: "acme", name: "shop") {
      pullRequests(first: 100) { nodes { labels(first: $n) { nodes { name } }
        comments(first: 100) { nodes { id } } } } } rateLimit { cost nodeCount } }"""
    assert client.query(cheap)["data"]["rateLimit"] == {"cost": 1, "nodeCount": 100}
    assert client.query(dear, n=50)["data"]["rateLimit"] == {"cost": 2, "nodeCount": 15100}
    assert double.points == 3
    headers = client.send("POST", "/graphql", json={"query": cheap}).headers
    assert headers["x-ratelimit-remaining"] == "996"


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [("", "MISSING_PAGINATION_BOUNDARIES"), ("(first: 101)", "EXCESSIVE_PAGINATION")],
)
def test_a_connection_needs_bounds(
    client: Client, shop: Repository, arguments: str, kind: str
) -> None:
    text = f"""{{ repository(owner: "acme", name: "shop") {{
      pullRequests{arguments} {{ nodes {{ number }} }} }} }}"""
    answer = client.query(text)
    assert answer["errors"][0]["type"] == kind
    assert "data" not in answer


def test_a_graphql_list_is_walked_by_cursor(client: Client, shop: Repository) -> None:
    for number in range(1, 6):
        shop.pull_request(number=number, labels=["a"])
    text = """query ($after: String) { repository(owner: "acme", name: "shop") {
      pullRequests(states: OPEN, first: 2, after: $after) {
        totalCount nodes { number } pageInfo { hasNextPage endCursor } } } }"""
    seen, after = [], None
    while True:
        page = client.query(text, after=after)["data"]["repository"]["pullRequests"]
        seen += [node["number"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == [1, 2, 3, 4, 5]


def test_a_known_answer_costs_nothing_to_ask_again(client: Client, shop: Repository) -> None:
    tag = client.get(_HOME).headers["etag"]
    again = client.get(_HOME, headers={"if-none-match": tag})
    assert again.status_code == 304
    assert again.content == b""
