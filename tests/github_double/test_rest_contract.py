"""Every answer of every REST route against GitHub's own models."""

import re
from typing import Any

import githubkit_schemas.latest.models as github
import pytest
import requests
from pydantic import TypeAdapter

from tests.github_double import GitHubDouble, Repository, events
from tests.github_double.client import Client
from tests.github_double.routes import ROUTES
from tests.github_double.rules import Protection, merge_queue, pull_request, required_checks

# Still in the answers of 2022-11-28, taken out of the models by 2026-03-10.
_LEGACY = {"merge_commit_sha", "assignee", "has_downloads", "rate"}

_HOME = "/repos/acme/shop"
_TEXT = {"body": "hello"}
_STATUS = {"state": "pending", "context": "readiness / merge", "description": "running"}

# Route: an example and the model of its answer; a list for an array, None for an empty answer.
CASES: dict[str, tuple[str, dict[str, str] | None, Any]] = {
    "GET /repos/{owner}/{name}/codeowners/errors": (
        f"{_HOME}/codeowners/errors?ref=main",
        None,
        github.CodeownersErrors,
    ),
    "GET /repos/{owner}/{name}/actions/runs": (
        f"{_HOME}/actions/runs?head_sha=HEAD_SHA",
        None,
        github.ReposOwnerRepoActionsRunsGetResponse200,
    ),
    "GET /repos/{owner}/{name}/actions/workflows/{workflow}/runs": (
        f"{_HOME}/actions/workflows/readiness.yml/runs?branch=change&status=success",
        None,
        github.ReposOwnerRepoActionsWorkflowsWorkflowIdRunsGetResponse200,
    ),
    "POST /repos/{owner}/{name}/actions/runs/{id}/rerun": (
        f"{_HOME}/actions/runs/RUN/rerun",
        {},
        github.EmptyObject,
    ),
    "GET /repos/{owner}/{name}/releases/latest": (f"{_HOME}/releases/latest", None, github.Release),
    "GET /repos/{owner}/{name}/releases/tags/{tag...}": (
        f"{_HOME}/releases/tags/v1.4.0",
        None,
        github.Release,
    ),
    "GET /orgs/{owner}/packages/container/{package...}/versions": (
        "/orgs/acme/packages/container/shop%2Fapi/versions",
        None,
        [github.PackageVersion],
    ),
    "GET /users/{owner}/packages/container/{package...}/versions": (
        "/users/author/packages/container/tool/versions",
        None,
        [github.PackageVersion],
    ),
    "GET /rate_limit": ("/rate_limit", None, github.RateLimitOverview),
    "GET /repos/{owner}/{name}": (_HOME, None, github.FullRepository),
    "GET /repos/{owner}/{name}/collaborators/{user}/permission": (
        f"{_HOME}/collaborators/maintainer/permission",
        None,
        github.RepositoryCollaboratorPermission,
    ),
    "GET /repos/{owner}/{name}/contents": (
        f"{_HOME}/contents",
        None,
        [github.ContentDirectoryItems],
    ),
    "GET /repos/{owner}/{name}/contents/{path...}": (
        f"{_HOME}/contents/docs/a/b.md?ref=main",
        None,
        github.ContentFile,
    ),
    "GET /repos/{owner}/{name}/git/ref/{ref...}": (
        f"{_HOME}/git/ref/heads/main",
        None,
        github.GitRef,
    ),
    "GET /repos/{owner}/{name}/git/matching-refs/{ref...}": (
        f"{_HOME}/git/matching-refs/heads/",
        None,
        [github.GitRef],
    ),
    "GET /repos/{owner}/{name}/git/refs": (f"{_HOME}/git/refs", None, [github.GitRef]),
    "GET /repos/{owner}/{name}/git/commits/{sha}": (
        f"{_HOME}/git/commits/HEAD_SHA",
        None,
        github.GitCommit,
    ),
    "GET /repos/{owner}/{name}/git/trees/{sha...}": (
        f"{_HOME}/git/trees/main?recursive=1",
        None,
        github.GitTree,
    ),
    "GET /repos/{owner}/{name}/git/blobs/{sha}": (
        f"{_HOME}/git/blobs/BLOB_SHA",
        None,
        github.Blob,
    ),
    "GET /repos/{owner}/{name}/branches/{branch...}": (
        f"{_HOME}/branches/main",
        None,
        github.BranchWithProtection,
    ),
    "GET /repos/{owner}/{name}/issues/{number}": (f"{_HOME}/issues/14", None, github.Issue),
    "GET /repos/{owner}/{name}/issues/{number}/comments": (
        f"{_HOME}/issues/14/comments",
        None,
        [github.IssueComment],
    ),
    "POST /repos/{owner}/{name}/issues/{number}/comments": (
        f"{_HOME}/issues/14/comments",
        _TEXT,
        github.IssueComment,
    ),
    "GET /repos/{owner}/{name}/issues/comments/{id}": (
        f"{_HOME}/issues/comments/COMMENT",
        None,
        github.IssueComment,
    ),
    "PATCH /repos/{owner}/{name}/issues/comments/{id}": (
        f"{_HOME}/issues/comments/COMMENT",
        _TEXT,
        github.IssueComment,
    ),
    "GET /repos/{owner}/{name}/pulls": (
        f"{_HOME}/pulls?state=all",
        None,
        [github.PullRequestSimple],
    ),
    "GET /repos/{owner}/{name}/pulls/{number}": (f"{_HOME}/pulls/14", None, github.PullRequest),
    "GET /repos/{owner}/{name}/pulls/{number}/reviews": (
        f"{_HOME}/pulls/14/reviews",
        None,
        [github.PullRequestReview],
    ),
    "GET /repos/{owner}/{name}/pulls/{number}/files": (
        f"{_HOME}/pulls/14/files",
        None,
        [github.DiffEntry],
    ),
    "GET /repos/{owner}/{name}/pulls/{number}/commits": (
        f"{_HOME}/pulls/14/commits",
        None,
        [github.Commit],
    ),
    "POST /repos/{owner}/{name}/statuses/{sha}": (
        f"{_HOME}/statuses/HEAD_SHA",
        _STATUS,
        github.Status,
    ),
    "GET /repos/{owner}/{name}/statuses/{ref...}": (
        f"{_HOME}/statuses/HEAD_SHA",
        None,
        [github.Status],
    ),
    "GET /repos/{owner}/{name}/commits/{ref...}/status": (
        f"{_HOME}/commits/HEAD_SHA/status",
        None,
        github.CombinedCommitStatus,
    ),
    "GET /repos/{owner}/{name}/commits/{ref...}/statuses": (
        f"{_HOME}/commits/HEAD_SHA/statuses",
        None,
        [github.Status],
    ),
    "GET /repos/{owner}/{name}/commits/{ref...}/pulls": (
        f"{_HOME}/commits/HEAD_SHA/pulls",
        None,
        [github.PullRequestSimple],
    ),
    "GET /repos/{owner}/{name}/commits/{ref...}/check-runs": (
        f"{_HOME}/commits/HEAD_SHA/check-runs",
        None,
        github.ReposOwnerRepoCommitsRefCheckRunsGetResponse200,
    ),
    "GET /repos/{owner}/{name}/commits/{ref...}": (
        f"{_HOME}/commits/HEAD_SHA",
        None,
        github.Commit,
    ),
    "GET /repos/{owner}/{name}/compare/{basehead...}": (
        f"{_HOME}/compare/main...change",
        None,
        github.CommitComparison,
    ),
    "GET /repos/{owner}/{name}/actions/runs/{id}": (
        f"{_HOME}/actions/runs/RUN",
        None,
        github.WorkflowRun,
    ),
    "GET /repos/{owner}/{name}/actions/runs/{id}/artifacts": (
        f"{_HOME}/actions/runs/RUN/artifacts",
        None,
        github.ReposOwnerRepoActionsRunsRunIdArtifactsGetResponse200,
    ),
    "GET /repos/{owner}/{name}/actions/runs/{id}/jobs": (
        f"{_HOME}/actions/runs/RUN/jobs",
        None,
        github.ReposOwnerRepoActionsRunsRunIdJobsGetResponse200,
    ),
    "GET /repos/{owner}/{name}/rules/branches/{branch...}": (
        f"{_HOME}/rules/branches/main",
        None,
        [github.RepositoryRuleDetailedOneof8],
    ),
    "GET /repos/{owner}/{name}/rulesets/{id}": (
        f"{_HOME}/rulesets/1",
        None,
        github.RepositoryRuleset,
    ),
    "GET /repos/{owner}/{name}/code-scanning/analyses": (
        f"{_HOME}/code-scanning/analyses",
        None,
        [github.CodeScanningAnalysis],
    ),
    "GET /repos/{owner}/{name}/code-scanning/alerts": (
        f"{_HOME}/code-scanning/alerts?state=open",
        None,
        [github.CodeScanningAlertItems],
    ),
    "DELETE /repos/{owner}/{name}/issues/comments/{id}": (
        f"{_HOME}/issues/comments/COMMENT",
        None,
        None,
    ),
}


# With tests of their own: of another token's answer, and of answers that are no JSON.
_OTHERS = {
    "GET /repos/{owner}/{name}/branches/{branch...}/protection",
    "GET /repos/{owner}/{name}/dependabot/alerts",
    "GET /repos/{owner}/{name}/secret-scanning/alerts",
    "GET /orgs/{org}/teams/{team}/members",
    "GET /user",
    "GET /repos/{owner}/{name}/tarball/{ref...}",
    "GET /codeload/{account}/{project}/legacy.tar.gz/{sha}",
    "GET /repos/{owner}/{name}/actions/artifacts/{id}/{format}",
}


@pytest.fixture
def places(shop: Repository) -> dict[str, str]:
    """A repository with one of everything, and the names that the examples need."""
    pull = shop.pull_request(
        number=14,
        head="change",
        body="Depends on #10",
        labels=["database"],
        stack={"base": {"ref": "main", "sha": None}, "number": 1},
    )
    shop.pull_request(number=10, merged=True)
    shop.issue(number=3, closed_as="not_planned")
    pull.review("APPROVED")
    shop.rules.add(required_checks({"build": 15368, "lint": None}))
    shop.alerts.analyse("refs/heads/main", shop.tip("main").sha)
    shop.alerts.add("code-scanning", "high", "py/sql-injection")
    shop.verdicts.status(pull.head_sha, "ci", "success", description="fine")
    shop.verdicts.check_run(pull.head_sha, "build")
    shop.release("v1.4.0", "shop.tar.gz")
    shop.world.image("acme/shop/api", "1.4.0", digest=f"sha256:{'d' * 64}")
    shop.world.user("author")
    shop.world.image("author/tool", "1", digest=f"sha256:{'e' * 64}")
    shop.commit("main", {".github/CODEOWNERS": "* @author\n!a @author\n* @stranger\n"})
    shop.verdicts.check_run(pull.head_sha, "test", status="in_progress")
    run = shop.verdicts.workflow_run("change")
    shop.verdicts.artifact(run, "readiness-report", b"a zip")
    return {
        "HEAD_SHA": pull.head_sha,
        "BLOB_SHA": "61780798228d17af2d34fce4cfbdf35556832472",  # git hash-object of "b\n"
        "COMMENT": str(shop.comment(14, "first", author="github-actions[bot]").id),
        "RUN": str(run.id),
    }


def _conforms(model: Any, body: Any) -> None:
    if isinstance(model, list):
        assert body, "an empty array proves nothing"
        for element in body:
            _conforms(model[0], element)
        return
    TypeAdapter(model).validate_python(body)
    known = {field.alias or name for name, field in model.model_fields.items()}
    assert set(body) - known - _LEGACY == set(), "keys that GitHub's model does not have"


@pytest.mark.parametrize("route", sorted(CASES))
def test_the_answer_of_a_route_fits_githubs_model(
    route: str, client: Client, places: dict[str, str]
) -> None:
    path, body, model = CASES[route]
    path = re.sub("|".join(places), lambda found: places[found.group()], path)
    answer = client.send(route.split(maxsplit=1)[0], path, json=body)
    assert answer.status_code == (204 if model is None else 201 if "POST" in route else 200)
    if model is not None:
        _conforms(model, answer.json())
    assert answer.headers["x-ratelimit-resource"] == "core"
    assert answer.headers["x-github-request-id"]


def test_the_user_of_a_person_fits_githubs_model(double: GitHubDouble) -> None:
    client = Client(double, "ghp_maintainer")
    _conforms(github.SimpleUser, client.get("/user").json())
    client.close()


def test_what_only_administrators_see_fits_githubs_models(
    double: GitHubDouble, shop: Repository
) -> None:
    contexts = {"readiness / merge": 15368, "lint": None}
    shop.rules.protect("main", Protection(contexts, strict=True, approvals=1, code_owners=True))
    queue, reviews = merge_queue(), pull_request(2, code_owners=True)
    actor = {"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"}
    shop.rules.add(queue, reviews, bypass=[actor])
    shop.alerts.add("dependabot", "critical", "requests")
    shop.alerts.add("secret-scanning", "critical", "aws_access_key_id")
    double.world.teams["acme/legal"] = ["lea"]
    client = Client(double, "ghp_maintainer")

    def answer(path: str) -> Any:
        found = client.get(path)
        assert found.status_code == 200
        return found.json()

    _conforms(github.BranchProtection, answer(f"{_HOME}/branches/main/protection"))
    _conforms(github.BranchWithProtection, answer(f"{_HOME}/branches/main"))
    _conforms(github.RepositoryRuleset, answer(f"{_HOME}/rulesets/1"))
    found = answer(f"{_HOME}/rules/branches/main")
    _conforms(github.RepositoryRuleDetailedOneof4, found[0])
    _conforms(github.RepositoryRuleDetailedOneof7, found[1])
    _conforms([github.DependabotAlert], answer(f"{_HOME}/dependabot/alerts"))
    _conforms([github.SecretScanningAlert], answer(f"{_HOME}/secret-scanning/alerts"))
    _conforms([github.SimpleUser], answer("/orgs/acme/teams/legal/members"))
    client.close()


def test_the_examples_are_the_routes() -> None:
    routes = {f"{route.method} {route.pattern}" for route in ROUTES}
    assert routes == {*CASES} | _OTHERS


def test_an_issue_and_a_fork_fit_githubs_models(
    double: GitHubDouble, client: Client, shop: Repository
) -> None:
    shop.issue(number=3, body="words", closed_as="completed")
    fork = double.fork(shop, "visitor")
    shop.pull_request(number=4, head="idea", head_repository=fork, author="visitor")
    run = shop.verdicts.workflow_run("idea", head_repository=fork)
    _conforms(github.Issue, client.get(f"{_HOME}/issues/3").json())
    _conforms(github.PullRequest, client.get(f"{_HOME}/pulls/4").json())
    _conforms(github.FullRepository, client.get("/repos/visitor/shop").json())
    answer = client.get(f"{_HOME}/actions/runs/{run.id}").json()
    _conforms(github.WorkflowRun, answer)
    assert answer["pull_requests"] == []


def test_a_refusal_fits_githubs_models(client: Client, shop: Repository) -> None:
    missing = client.get(f"{_HOME}/pulls/99")
    assert missing.status_code == 404
    _conforms(github.BasicError, missing.json())
    sha = shop.tip("main").sha
    long = client.send("POST", f"{_HOME}/statuses/{sha}", json=_STATUS | {"description": "x" * 141})
    assert long.status_code == 422
    github.ValidationError.model_validate(long.json())


def test_an_artifact_lies_on_another_host_that_wants_no_token(
    double: GitHubDouble, client: Client, shop: Repository
) -> None:
    shop.pull_request(number=14, head="change")
    run = shop.verdicts.workflow_run("change")
    artifact = shop.verdicts.artifact(run, "readiness-report", b"a zip")
    address = f"{_HOME}/actions/artifacts/{artifact.id}/zip"
    answer = client.get(address, allow_redirects=False)
    assert answer.status_code == 302
    location = answer.headers["location"]
    assert f":{double.port}/" not in location
    assert requests.get(location, timeout=5).content == b"a zip"
    token = {"Authorization": "Bearer ghs_writer"}
    assert requests.get(location, headers=token, timeout=5).status_code == 400
    assert requests.get(location.partition("?")[0], timeout=5).status_code == 404
    artifact.expired = True
    assert client.get(address).status_code == 410
    assert len(double.downloads) == 3


def test_a_run_of_a_workflow_is_told_as_github_tells_it(
    double: GitHubDouble, client: Client, shop: Repository
) -> None:
    shop.pull_request(number=14, head="change")
    run = shop.verdicts.rerun(shop.verdicts.workflow_run("change"), conclusion="cancelled")
    event = events.workflow_run(double, shop, run)
    github.WebhookWorkflowRunCompleted.model_validate(event.payload)
    assert event.sha == shop.tip("main").sha
    answer = client.get(f"{_HOME}/actions/runs/{run.id}").json()
    assert answer == event.payload["workflow_run"]
    assert (answer["run_attempt"], answer["conclusion"]) == (2, "cancelled")
    assert answer["run_started_at"] > answer["created_at"]
