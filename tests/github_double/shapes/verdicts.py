"""Statuses, check runs, workflow runs and what they uploaded."""

import hashlib

from tests.github_double.pulls import PullRequest
from tests.github_double.records import Artifact, CheckRun, Status, WorkflowRun
from tests.github_double.repository import Repository
from tests.github_double.shapes.common import Json, Urls, node_id, repository, user


def _status_base(urls: Urls, home: Repository, item: Status) -> Json:
    return {
        "id": item.id,
        "node_id": node_id("SC", item.id),
        "url": f"{urls.repository(home)}/statuses/{item.sha}",
        "avatar_url": user(urls, item.creator)["avatar_url"],
        "state": item.state,
        "context": item.context,
        "description": item.description,
        "target_url": item.target_url,
        "created_at": item.created_at,
        "updated_at": item.created_at,
    }


def status(urls: Urls, home: Repository, item: Status) -> Json:
    """One status with its creator."""
    return _status_base(urls, home, item) | {"creator": user(urls, item.creator)}


def combined(urls: Urls, home: Repository, sha: str, statuses: list[Status]) -> Json:
    """The newest status of each context (one page of them) and the combined state."""
    api = f"{urls.repository(home)}/commits/{sha}"
    return {
        "state": home.verdicts.combined(sha),
        "statuses": [_status_base(urls, home, item) for item in statuses],
        "sha": sha,
        "total_count": len(home.verdicts.newest(sha)),
        "repository": repository(urls, home),
        "commit_url": api,
        "url": f"{api}/status",
    }


def check_run(urls: Urls, home: Repository, item: CheckRun) -> Json:
    """A check run, of no particular app."""
    api = f"{urls.repository(home)}/check-runs/{item.id}"
    return {
        "id": item.id,
        "node_id": node_id("CR", item.id),
        "head_sha": item.sha,
        "external_id": "",
        "url": api,
        "html_url": f"{urls.page(home)}/runs/{item.id}",
        "details_url": f"{urls.page(home)}/runs/{item.id}",
        "name": item.name,
        "status": item.status,
        "conclusion": item.conclusion,
        "started_at": item.started_at,
        "completed_at": item.completed_at,
        "output": {
            "title": None,
            "summary": None,
            "text": None,
            "annotations_count": 0,
            "annotations_url": f"{api}/annotations",
        },
        "check_suite": {"id": item.id},
        "app": None,
        "pull_requests": [],
    }


def _minimal_pull(urls: Urls, pull: PullRequest) -> Json:
    def side(ref: str, sha: str, home: Repository) -> Json:
        home_shape = {"id": home.id, "url": urls.repository(home), "name": home.name}
        return {"ref": ref, "sha": sha, "repo": home_shape}

    return {
        "id": pull.id,
        "number": pull.number,
        "url": f"{urls.repository(pull.repository)}/pulls/{pull.number}",
        "head": side(pull.head_ref, pull.head_sha, pull.head_repository or pull.repository),
        "base": side(pull.base_ref, pull.base_sha, pull.repository),
    }


def workflow_run(urls: Urls, home: Repository, item: WorkflowRun) -> Json:
    """A workflow run; its `pull_requests` are empty for a fork, as GitHub leaves them."""
    api = f"{urls.repository(home)}/actions/runs/{item.id}"
    source = home.world.repository(item.head_repository)
    commit = home.objects[item.head_sha]
    who = {"name": commit.author, "email": f"{commit.author}@users.noreply.example"}
    names = ("jobs", "logs", "artifacts", "cancel", "rerun")
    actor = user(urls, home.world.user(commit.author))
    return {f"{name}_url": f"{api}/{name}" for name in names} | {
        "id": item.id,
        "node_id": node_id("WFR", item.id),
        "name": item.name,
        "path": item.path,
        "display_title": commit.message.splitlines()[0],
        "check_suite_id": item.id,
        "check_suite_node_id": node_id("CS", item.id),
        "check_suite_url": f"{urls.repository(home)}/check-suites/{item.id}",
        "head_branch": item.head_branch,
        "head_sha": item.head_sha,
        "run_number": item.run_number,
        "run_attempt": item.attempt,
        "event": item.event,
        "status": item.status,
        "conclusion": item.conclusion,
        "workflow_id": 1,
        "workflow_url": f"{urls.repository(home)}/actions/workflows/1",
        "previous_attempt_url": None,
        "url": api,
        "html_url": f"{urls.page(home)}/actions/runs/{item.id}",
        "pull_requests": [_minimal_pull(urls, home.pulls[n]) for n in item.pull_requests],
        "created_at": item.created_at,
        "updated_at": item.created_at,
        "run_started_at": item.started_at or item.created_at,
        "actor": actor,
        "triggering_actor": actor,
        "head_commit": {
            "id": commit.sha,
            "tree_id": commit.tree_sha,
            "message": commit.message,
            "timestamp": commit.date,
            "author": who,
            "committer": who,
        },
        "repository": repository(urls, home),
        "head_repository": repository(urls, source),
    }


def artifact(urls: Urls, home: Repository, item: Artifact) -> Json:
    """What a run uploaded, and of which run and commit it is."""
    api = f"{urls.repository(home)}/actions/artifacts/{item.id}"
    run = home.verdicts.workflow_runs[item.run]
    return {
        "id": item.id,
        "node_id": node_id("MDg6QXJ0aWZhY3Q", item.id),
        "name": item.name,
        "size_in_bytes": len(item.content),
        "url": api,
        "archive_download_url": f"{api}/zip",
        "expired": item.expired,
        "created_at": item.created_at,
        "updated_at": item.created_at,
        "expires_at": "2036-01-05T08:00:00Z",
        "digest": f"sha256:{hashlib.sha256(item.content).hexdigest()}",
        "workflow_run": {
            "id": run.id,
            "repository_id": home.id,
            "head_repository_id": home.world.repository(run.head_repository).id,
            "head_branch": run.head_branch,
            "head_sha": run.head_sha,
        },
    }


def job(urls: Urls, home: Repository, run: WorkflowRun, item: CheckRun) -> Json:
    """A job of a workflow run; its id is that of its check run."""
    api = f"{urls.repository(home)}/actions/jobs/{item.id}"
    return {
        "id": item.id,
        "run_id": run.id,
        "run_url": f"{urls.repository(home)}/actions/runs/{run.id}",
        "run_attempt": run.attempt,
        "node_id": node_id("CR", item.id),
        "head_sha": item.sha,
        "url": api,
        "html_url": f"{urls.page(home)}/actions/runs/{run.id}/job/{item.id}",
        "status": item.status,
        "conclusion": item.conclusion,
        "created_at": item.started_at,
        "started_at": item.started_at,
        "completed_at": item.completed_at,
        "name": item.name,
        "steps": [],
        "check_run_url": f"{urls.repository(home)}/check-runs/{item.id}",
        "labels": ["ubuntu-24.04"],
        "runner_id": 1 if item.runner else None,
        "runner_name": item.runner,
        "runner_group_id": 1 if item.runner else None,
        "runner_group_name": "GitHub Actions" if item.runner else None,
        "workflow_name": run.name,
        "head_branch": run.head_branch,
    }
