"""Payloads against GitHub's own models of them, and against the double's state."""

from pathlib import Path
from typing import Any, Literal, get_args

import githubkit_schemas.latest.models as github
import pytest

from tests.github_double import GitHubDouble, Repository, events
from tests.github_double.client import Client

_MODELS: dict[events.PullRequestAction, Any] = {
    "opened": github.WebhookPullRequestOpened,
    "synchronize": github.WebhookPullRequestSynchronize,
    "reopened": github.WebhookPullRequestReopened,
    "edited": github.WebhookPullRequestEdited,
    "labeled": github.WebhookPullRequestLabeled,
    "unlabeled": github.WebhookPullRequestUnlabeled,
    "ready_for_review": github.WebhookPullRequestReadyForReview,
    "converted_to_draft": github.WebhookPullRequestConvertedToDraft,
    "closed": github.WebhookPullRequestClosed,
}


@pytest.mark.parametrize("action", get_args(events.PullRequestAction))
def test_a_pull_request_payload_fits_githubs_model(
    double: GitHubDouble, shop: Repository, action: events.PullRequestAction
) -> None:
    pull = shop.pull_request(number=14, body="Depends on #10")
    pull.draft = action == "converted_to_draft"
    if action == "closed":
        pull.close()
    label = "database" if action in ("labeled", "unlabeled") else None
    event = events.pull_request(double, pull, action, label=label)
    _MODELS[action].model_validate(event.payload)


def test_a_pull_request_payload_is_what_the_api_answers(
    double: GitHubDouble, client: Client, shop: Repository
) -> None:
    pull = shop.pull_request(number=14)
    event = events.pull_request(double, pull, "opened")
    assert client.get("/repos/acme/shop/pulls/14").json() == event.payload["pull_request"]


def test_the_sha_of_a_pull_request_run_is_the_test_merge_commit(
    double: GitHubDouble, shop: Repository
) -> None:
    pull = shop.pull_request(number=14)
    event = events.pull_request(double, pull, "opened")
    assert event.ref == "refs/pull/14/merge"
    assert event.sha == shop.refs[event.ref] != pull.head_sha
    assert shop.objects[event.sha].parents == (shop.tip("main").sha, pull.head_sha)


def test_a_push_payload_names_the_old_and_the_new_head(
    double: GitHubDouble, shop: Repository
) -> None:
    pull = shop.pull_request(number=14)
    before = pull.head_sha
    pull.push()
    payload = events.pull_request(double, pull, "synchronize").payload
    assert (payload["before"], payload["after"]) == (before, pull.head_sha)
    assert payload["pull_request"]["head"]["sha"] == pull.head_sha


def test_pull_request_target_runs_on_the_default_branch_whatever_the_base(
    double: GitHubDouble, shop: Repository
) -> None:
    shop.commit("release", {"a.txt": "a"})
    event = events.pull_request(double, shop.pull_request(number=14, base="release"), "opened")
    target = events.pull_request_target(event, shop)
    assert (target.ref, target.sha) == ("refs/heads/main", shop.tip("main").sha)
    assert target.payload["pull_request"]["base"]["ref"] == "release"


def test_a_merge_group_payload_names_its_pull_request_only_in_the_ref(
    double: GitHubDouble, client: Client, shop: Repository
) -> None:
    shop.pull_request(number=14)
    entry = shop.queue.add(14)
    event = events.merge_group(double, shop, entry)
    github.WebhookMergeGroupChecksRequested.model_validate(event.payload)
    group = event.payload["merge_group"]
    assert group["head_ref"] == f"refs/heads/gh-readonly-queue/main/pr-14-{group['base_sha']}"
    assert event.sha == group["head_sha"]
    assert client.get(f"/repos/acme/shop/commits/{event.sha}/pulls").json() == []


def test_push_and_dispatch_payloads_fit_githubs_models(
    double: GitHubDouble, shop: Repository
) -> None:
    shop.commit("main", {"a.txt": "a", "README.md": None})
    event = events.push(double, shop, "main")
    github.WebhookPush.model_validate(event.payload)
    commit = event.payload["head_commit"]
    assert (commit["added"], commit["removed"]) == (["a.txt"], ["README.md"])
    dispatch = events.workflow_dispatch(double, shop, {"pull-request": "14"})
    github.WebhookWorkflowDispatch.model_validate(dispatch.payload)


def test_the_environment_of_an_event_points_to_the_double(
    double: GitHubDouble, shop: Repository, tmp_path: Path
) -> None:
    event = events.push(double, shop, "main")
    path = event.write(tmp_path / "event.json")
    environment = event.environment(double, path)
    assert environment["GITHUB_EVENT_PATH"] == str(path)
    assert environment["GITHUB_REPOSITORY"] == "acme/shop"
    assert environment["GITHUB_GRAPHQL_URL"] == f"http://127.0.0.1:{double.port}/graphql"


_COMMENT_MODELS: dict[str, Any] = {
    "created": github.WebhookIssueCommentCreated,
    "edited": github.WebhookIssueCommentEdited,
    "deleted": github.WebhookIssueCommentDeleted,
}


@pytest.mark.parametrize("action", ["created", "edited", "deleted"])
def test_a_comment_payload_fits_githubs_model(
    double: GitHubDouble, shop: Repository, action: Literal["created", "edited", "deleted"]
) -> None:
    shop.pull_request(number=14)
    event = events.issue_comment(double, shop, shop.comment(14, "hello", author="lead"), action)
    _COMMENT_MODELS[action].model_validate(event.payload)
    assert event.sha == shop.tip("main").sha
    assert event.payload["issue"]["pull_request"]
    shop.issue(number=3)
    plain = events.issue_comment(double, shop, shop.comment(3, "hello"), action)
    assert "pull_request" not in plain.payload["issue"]
