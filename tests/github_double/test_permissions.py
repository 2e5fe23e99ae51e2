"""What each token may and may not, as GitHub says it."""

import pytest

from tests.github_double import GitHubDouble, Repository
from tests.github_double.client import Client
from tests.github_double.rules import Protection

_HOME = "/repos/acme/shop"


@pytest.mark.parametrize(
    ("token", "permission", "method", "path"),
    [
        ("ghs_readonly", "issues=write; pull_requests=write", "POST", "issues/14/comments"),
        ("ghs_readonly", "statuses=write", "POST", "statuses/HEAD"),
        ("ghs_without_statuses", "statuses=write", "POST", "statuses/HEAD"),
        ("ghs_without_pull_requests", "pull_requests=read", "GET", "pulls/14"),
        ("ghs_without_pull_requests", "pull_requests=read", "GET", "pulls"),
        ("ghs_without_contents", "contents=read", "GET", "contents/README.md"),
    ],
)
def test_a_missing_permission_is_a_403_that_names_it(
    double: GitHubDouble, shop: Repository, token: str, permission: str, method: str, path: str
) -> None:
    pull = shop.pull_request(number=14)
    client = Client(double, token)
    body = {"body": "hello", "state": "success", "context": "x"} if method == "POST" else None
    answer = client.send(method, f"{_HOME}/{path.replace('HEAD', pull.head_sha)}", json=body)
    client.close()
    assert answer.status_code == 403
    assert answer.json()["message"] == "Resource not accessible by integration"
    assert answer.headers["x-accepted-github-permissions"] == permission
    assert not shop.comments
    assert not shop.verdicts.statuses


def test_a_missing_permission_in_graphql_is_an_error_with_its_path(
    double: GitHubDouble, shop: Repository
) -> None:
    shop.pull_request(number=14)
    client = Client(double, "ghs_without_pull_requests")
    text = '{ repository(owner: "acme", name: "shop") { pullRequest(number: 14) { title } } }'
    answer = client.query(text)
    client.close()
    assert answer["data"] == {"repository": {"pullRequest": None}}
    (error,) = answer["errors"]
    assert error["type"] == "FORBIDDEN"
    assert error["path"] == ["repository", "pullRequest"]


def test_a_bad_token_is_401_and_none_reads_but_does_not_write(
    double: GitHubDouble, shop: Repository
) -> None:
    bad, nobody = Client(double, "ghs_wrong"), Client(double, "")
    assert bad.get(_HOME).status_code == 401
    assert nobody.get(_HOME).status_code == 200
    sha = shop.tip("main").sha
    assert nobody.send("POST", f"{_HOME}/statuses/{sha}", json={}).status_code == 401
    assert nobody.send("POST", "/graphql", json={"query": "{ viewer { id } }"}).status_code == 401
    bad.close()
    nobody.close()


def test_an_actions_token_is_nobody_in_particular(client: Client) -> None:
    assert client.get("/user").status_code == 403


def test_a_private_repository_does_not_exist_for_a_token_without_it(
    double: GitHubDouble, client: Client
) -> None:
    double.repository("acme/secret", private=True)
    assert client.get("/repos/acme/secret").status_code == 404
    answer = client.query('{ repository(owner: "acme", name: "secret") { id } }')
    assert answer["data"] == {"repository": None}
    double.token("ghs_inside", repositories=frozenset({"acme/secret"}))
    inside = Client(double, "ghs_inside")
    assert inside.get("/repos/acme/secret").status_code == 200
    inside.close()


def test_a_token_reads_but_does_not_write_another_public_repository(
    double: GitHubDouble, shop: Repository
) -> None:
    double.token("ghs_elsewhere", repositories=frozenset({"acme/library"}))
    client = Client(double, "ghs_elsewhere")
    sha = shop.tip("main").sha
    assert client.get(f"{_HOME}/contents/README.md").status_code == 200
    body = {"state": "success"}
    assert client.send("POST", f"{_HOME}/statuses/{sha}", json=body).status_code == 403
    client.close()


def test_somebody_elses_comment_cannot_be_edited_by_a_workflow(
    client: Client, shop: Repository
) -> None:
    shop.pull_request(number=14)
    comment = shop.comment(14, "<!-- readiness-gate:v1 -->", author="visitor")
    answer = client.send("PATCH", f"{_HOME}/issues/comments/{comment.id}", json={"body": "x"})
    assert answer.status_code == 403
    assert comment.body == "<!-- readiness-gate:v1 -->"


def test_logins_of_bots_differ_between_rest_and_graphql(client: Client, shop: Repository) -> None:
    shop.pull_request(number=14)
    path = f"{_HOME}/issues/14/comments"
    made = client.send("POST", path, json={"body": "mine"}).json()
    shop.comment(14, "not mine", author="visitor")
    text = """{ viewer { login } repository(owner: "acme", name: "shop") {
      pullRequest(number: 14) { comments(first: 9) { nodes { viewerDidAuthor author { login } } } }
    } }"""
    answer = client.query(text)
    assert made["user"]["login"] == "github-actions[bot]"
    assert answer["data"] == {
        "viewer": {"login": "github-actions[bot]"},
        "repository": {
            "pullRequest": {
                "comments": {
                    "nodes": [
                        {"viewerDidAuthor": True, "author": {"login": "github-actions"}},
                        {"viewerDidAuthor": False, "author": {"login": "visitor"}},
                    ]
                }
            }
        },
    }


def test_the_permission_of_a_person_is_read_from_the_api(client: Client, shop: Repository) -> None:
    shop.collaborators["helper"] = "maintain"
    answer = client.get(f"{_HOME}/collaborators/helper/permission").json()
    assert (answer["permission"], answer["role_name"]) == ("write", "maintain")
    other = client.get(f"{_HOME}/collaborators/stranger/permission").json()
    assert other["permission"] == "read"


@pytest.mark.parametrize(
    ("permission", "path"),
    [
        ("administration=read", f"{_HOME}/branches/main/protection"),
        ("vulnerability_alerts=read", f"{_HOME}/dependabot/alerts"),
        ("secret_scanning_alerts=read", f"{_HOME}/secret-scanning/alerts"),
        ("members=read", "/orgs/acme/teams/legal/members"),
    ],
)
def test_a_workflows_own_token_never_sees_some_things(
    double: GitHubDouble, shop: Repository, permission: str, path: str
) -> None:
    double.world.teams["acme/legal"] = ["lea"]
    client = Client(double, "ghs_writer")
    answer = client.get(path)
    client.close()
    assert answer.status_code == 403
    assert answer.headers["x-accepted-github-permissions"] == permission


def test_who_may_bypass_a_ruleset_is_told_to_administrators(
    double: GitHubDouble, shop: Repository
) -> None:
    shop.rules.add({"type": "deletion"})
    workflow, person = Client(double, "ghs_writer"), Client(double, "ghp_maintainer")
    assert "bypass_actors" not in workflow.get(f"{_HOME}/rulesets/1").json()
    assert person.get(f"{_HOME}/rulesets/1").json()["bypass_actors"] == []
    workflow.close()
    person.close()


def test_the_summary_of_a_branch_tells_that_it_is_protected(
    double: GitHubDouble, shop: Repository
) -> None:
    client = Client(double, "ghs_writer")
    assert client.get(f"{_HOME}/branches/main").json()["protected"] is False
    shop.rules.protect("main", Protection({"build": None}, shown=False))
    hidden = client.get(f"{_HOME}/branches/main").json()
    assert (hidden["protected"], hidden["protection"]["enabled"]) == (True, True)
    assert hidden["protection"]["required_status_checks"]["checks"] == []
    client.close()
