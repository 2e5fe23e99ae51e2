"""Webhook payloads as an Actions runner leaves them in a file, made from the double's state."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tests.github_double.double import GitHubDouble
from tests.github_double.objects import Commit, changes
from tests.github_double.pulls import PullRequest
from tests.github_double.records import Comment, QueueEntry, WorkflowRun
from tests.github_double.repository import Repository
from tests.github_double.shapes import common, pulls, verdicts

Json = dict[str, Any]

PullRequestAction = Literal[
    "opened",
    "synchronize",
    "reopened",
    "edited",
    "labeled",
    "unlabeled",
    "ready_for_review",
    "converted_to_draft",
    "closed",
]


@dataclass(frozen=True)
class Event:
    """One event: its name, its payload, and what GITHUB_SHA and GITHUB_REF are in its runs."""

    name: str
    payload: Json
    sha: str
    ref: str

    def write(self, path: Path) -> Path:
        """Writes the file that GITHUB_EVENT_PATH names."""
        path.write_text(json.dumps(self.payload, indent=2))
        return path

    def environment(self, double: GitHubDouble, path: Path) -> dict[str, str]:
        """The variables that a runner sets for a step of this event's run, token excepted."""
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": double.api_url,
            "GITHUB_GRAPHQL_URL": double.graphql_url,
            "GITHUB_SERVER_URL": double.web,
            "GITHUB_REPOSITORY": self.payload["repository"]["full_name"],
            "GITHUB_EVENT_NAME": self.name,
            "GITHUB_EVENT_PATH": str(path),
            "GITHUB_SHA": self.sha,
            "GITHUB_REF": self.ref,
        }


def _envelope(double: GitHubDouble, home: Repository, sender: str) -> Json:
    urls = double.urls
    return {
        "repository": common.repository(urls, home),
        "sender": common.user(urls, double.world.user(sender)),
    }


def pull_request(
    double: GitHubDouble,
    pull: PullRequest,
    action: PullRequestAction,
    *,
    before: str | None = None,
    label: str | None = None,
    changed: Json | None = None,
    sender: str = "author",
) -> Event:
    """`pull_request` as it stands now.

    `before` is the old head of a push, `label` the one added or taken away, `changed` what an
    edit replaced: `{"body": {"from": ...}}` or `{"base": {"ref": {"from": ...}, ...}}`.
    """
    home, test_merge = pull.repository, pull.test_merge()
    payload: Json = {
        "action": action,
        "number": pull.number,
        "pull_request": pulls.pull_request(double.urls, pull),
        **_envelope(double, home, sender),
    }
    if action == "synchronize":
        parents = home.objects[pull.head_sha].parents
        payload |= {"before": before or parents[0], "after": pull.head_sha}
    if action == "edited":
        payload["changes"] = changed or {"body": {"from": ""}}
    if label is not None:
        payload["label"] = common.label(double.urls, home, home.label(label))
    if pull.merged:  # the runs of a merged one are on its base
        return Event("pull_request", payload, str(pull.merge_commit_sha), _heads(pull.base_ref))
    sha = test_merge.sha if test_merge else pull.head_sha
    return Event("pull_request", payload, sha, f"refs/pull/{pull.number}/merge")


def pull_request_target(event: Event, home: Repository) -> Event:
    """The same for `pull_request_target`: SHA and ref are always the default branch's."""
    branch = home.default_branch
    return Event("pull_request_target", event.payload, home.tip(branch).sha, _heads(branch))


def merge_group(double: GitHubDouble, home: Repository, entry: QueueEntry) -> Event:
    """`merge_group`: it names no pull request but in its ref."""
    group = {
        "head_sha": entry.head_sha,
        "head_ref": _heads(entry.head_ref),
        "base_sha": entry.base_sha,
        "base_ref": _heads(entry.base_ref),
        "head_commit": _simple(home.objects[entry.head_sha]),
    }
    payload = {"action": "checks_requested", "merge_group": group}
    payload |= _envelope(double, home, "github-merge-queue[bot]")
    return Event("merge_group", payload, entry.head_sha, _heads(entry.head_ref))


def push(double: GitHubDouble, home: Repository, branch: str, *, sender: str = "author") -> Event:
    """`push` of the branch's newest commit."""
    tip = home.tip(branch)
    before = tip.parents[0] if tip.parents else "0" * 40
    commit = _pushed(double, home, tip)
    seconds = {"created_at": 1767600000, "pushed_at": 1767600000, "master_branch": "main"}
    payload = {
        "ref": _heads(branch),
        "before": before,
        "after": tip.sha,
        "base_ref": None,
        "created": not tip.parents,
        "deleted": False,
        "forced": False,
        "compare": f"{double.urls.page(home)}/compare/{before[:12]}...{tip.sha[:12]}",
        "commits": [commit],
        "head_commit": commit,
        "pusher": {"name": sender, "email": f"{sender}@users.noreply.example"},
        **_envelope(double, home, sender),
    }
    payload["repository"] |= seconds
    return Event("push", payload, tip.sha, _heads(branch))


def workflow_dispatch(
    double: GitHubDouble,
    home: Repository,
    inputs: dict[str, str] | None = None,
    *,
    workflow: str = ".github/workflows/readiness.yml",
    sender: str = "maintainer",
) -> Event:
    """`workflow_dispatch` on the default branch."""
    ref = _heads(home.default_branch)
    payload = {"inputs": inputs or {}, "ref": ref, "workflow": workflow}
    payload |= _envelope(double, home, sender)
    return Event("workflow_dispatch", payload, home.tip(home.default_branch).sha, ref)


def schedule(double: GitHubDouble, home: Repository, cron: str = "17 * * * *") -> Event:
    """`schedule`: always the default branch, and nobody in particular sent it."""
    payload = {"schedule": cron, "workflow": ".github/workflows/readiness-merge.yml"}
    payload |= _envelope(double, home, "github-actions[bot]")
    return Event(
        "schedule", payload, home.tip(home.default_branch).sha, _heads(home.default_branch)
    )


def workflow_run(
    double: GitHubDouble,
    home: Repository,
    run: WorkflowRun,
    action: Literal["requested", "in_progress", "completed"] = "completed",
) -> Event:
    """`workflow_run`: SHA and ref are the default branch's, whatever the run was of."""
    tip, branch = home.tip(home.default_branch), _heads(home.default_branch)
    shape = verdicts.workflow_run(double.urls, home, run)
    workflow = {
        "id": 1,
        "node_id": common.node_id("W", 1),
        "name": run.name,
        "path": run.path,
        "state": "active",
        "created_at": home.created_at,
        "updated_at": home.created_at,
        "url": shape["workflow_url"],
        "html_url": f"{double.urls.page(home)}/blob/{home.default_branch}/{run.path}",
        "badge_url": f"{double.urls.page(home)}/workflows/{run.name}/badge.svg",
    }
    payload = {"action": action, "workflow_run": shape, "workflow": workflow}
    payload |= _envelope(double, home, "author")
    return Event("workflow_run", payload, tip.sha, branch)


def issue_comment(
    double: GitHubDouble,
    home: Repository,
    comment: Comment,
    action: Literal["created", "edited", "deleted"] = "created",
    *,
    before: str | None = None,
) -> Event:
    """`issue_comment` as it stands now; `before` is the text that an edit replaced."""
    found = home.issues.get(comment.number) or home.pulls[comment.number]
    tip, branch = home.tip(home.default_branch), _heads(home.default_branch)
    payload: Json = {
        "action": action,
        "issue": _with_reactions(pulls.issue(double.urls, home, found)),
        "comment": _with_reactions(pulls.comment(double.urls, home, comment)),
        **_envelope(double, home, comment.author.login),
    }
    if action == "edited":
        payload["changes"] = {"body": {"from": before or ""}}
    return Event("issue_comment", payload, tip.sha, branch)


def _with_reactions(shape: Json) -> Json:
    kinds = ("+1", "-1", "laugh", "confused", "heart", "hooray", "eyes", "rocket")
    counts: Json = dict.fromkeys(kinds, 0)
    reactions = {"url": f"{shape['url']}/reactions", "total_count": 0, **counts}
    return shape | {"reactions": reactions}


def _heads(branch: str) -> str:
    return f"refs/heads/{branch}"


def _simple(commit: Commit) -> Json:
    who = {"name": commit.author, "email": f"{commit.author}@users.noreply.example"}
    return {
        "id": commit.sha,
        "tree_id": commit.tree_sha,
        "message": commit.message,
        "timestamp": commit.date,
        "author": who,
        "committer": who,
    }


def _pushed(double: GitHubDouble, home: Repository, commit: Commit) -> Json:
    before = home.objects[commit.parents[0]].files if commit.parents else {}
    states = changes(before, commit.files)
    return _simple(commit) | {
        "distinct": True,
        "url": f"{double.urls.page(home)}/commit/{commit.sha}",
        **{
            name: [path for path, state in states.items() if state == name]
            for name in ("added", "removed", "modified")
        },
    }
