"""Pull requests, issues, comments and reviews."""

from tests.github_double.objects import changes
from tests.github_double.pulls import PullRequest
from tests.github_double.records import Comment, Issue, Review
from tests.github_double.repository import Repository
from tests.github_double.shapes.common import Json, Urls, label, node_id, repository, user


def association(item: Repository, login: str) -> str:
    """What an account is to the repository."""
    role = item.role(login)
    if login == item.owner.login:
        return "OWNER"
    return "COLLABORATOR" if role in ("admin", "maintain", "write", "triage") else "NONE"


def _sides(urls: Urls, pull: PullRequest) -> Json:
    base, head = pull.repository, pull.head_repository
    return {
        "head": {
            "label": f"{pull.head_owner.login}:{pull.head_ref}",
            "ref": pull.head_ref,
            "sha": pull.head_sha,
            "user": user(urls, pull.head_owner),
            "repo": repository(urls, head) if head else None,
        },
        "base": {
            "label": f"{base.owner.login}:{pull.base_ref}",
            "ref": pull.base_ref,
            "sha": pull.base_sha,
            "user": user(urls, base.owner),
            "repo": repository(urls, base),
        },
    }


def _pull_links(urls: Urls, pull: PullRequest) -> Json:
    api, page = urls.repository(pull.repository), urls.page(pull.repository)
    number = pull.number
    return {
        "url": f"{api}/pulls/{number}",
        "html_url": f"{page}/pull/{number}",
        "diff_url": f"{page}/pull/{number}.diff",
        "patch_url": f"{page}/pull/{number}.patch",
        "issue_url": f"{api}/issues/{number}",
        "commits_url": f"{api}/pulls/{number}/commits",
        "review_comments_url": f"{api}/pulls/{number}/comments",
        "review_comment_url": f"{api}/pulls/comments{{/number}}",
        "comments_url": f"{api}/issues/{number}/comments",
        "statuses_url": f"{api}/statuses/{pull.head_sha}",
    }


def pull_summary(urls: Urls, pull: PullRequest) -> Json:
    """A pull request as lists carry it."""
    links = _pull_links(urls, pull)
    test_merge = pull.test_merge()
    names = ("comments", "commits", "statuses", "issue", "review_comments", "review_comment")
    summary = links | {
        "id": pull.id,
        "node_id": node_id("PR", pull.id),
        "number": pull.number,
        "state": pull.state,
        "locked": False,
        "active_lock_reason": None,
        "title": pull.title,
        "user": user(urls, pull.author),
        "body": pull.body,
        "labels": [
            label(urls, pull.repository, pull.repository.label(name)) for name in pull.labels
        ],
        "milestone": None,
        "created_at": pull.created_at,
        "updated_at": pull.updated_at,
        "closed_at": pull.closed_at,
        "merged_at": pull.merged_at,
        "merge_commit_sha": test_merge.sha if test_merge else pull.merge_commit_sha,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "draft": pull.draft,
        "author_association": association(pull.repository, pull.author.login),
        "auto_merge": None,
        "_links": {name: {"href": links[f"{name}_url"]} for name in names}
        | {"self": {"href": links["url"]}, "html": {"href": links["html_url"]}},
    }
    if pull.stack is not None:
        summary["stack"] = pull.stack
    return summary | _sides(urls, pull)


def pull_request(urls: Urls, pull: PullRequest) -> Json:
    """A pull request as its own route answers it; `mergeable` is null while unknown."""
    objects = pull.repository.objects
    test_merge, known = pull.test_merge(), pull.mergeable_known
    start = objects.merge_base(pull.base_sha, pull.head_sha)
    changed = changes(start.files if start else {}, objects[pull.head_sha].files)
    mergeable = None if pull.state == "closed" or not known else test_merge is not None
    state = {None: "unknown", True: "clean", False: "dirty"}[mergeable]
    return pull_summary(urls, pull) | {
        "merged": pull.merged,
        "mergeable": mergeable,
        "rebaseable": mergeable,
        "mergeable_state": "draft" if pull.draft and mergeable else state,
        "merged_by": user(urls, pull.merged_by) if pull.merged_by else None,
        "comments": len(pull.repository.comments_on(pull.number)),
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": len(objects.ahead(pull.base_sha, pull.head_sha)),
        "additions": len(changed),
        "deletions": 0,
        "changed_files": len(changed),
    }


def issue(urls: Urls, home: Repository, item: Issue | PullRequest) -> Json:
    """An issue; a pull request asked for as an issue has the key `pull_request`."""
    api = f"{urls.repository(home)}/issues/{item.number}"
    is_pull = isinstance(item, PullRequest)
    names = item.labels
    shape: Json = {
        "id": item.id,
        "node_id": node_id("PR" if is_pull else "I", item.id),
        "url": api,
        "repository_url": urls.repository(home),
        "labels_url": f"{api}/labels{{/name}}",
        "comments_url": f"{api}/comments",
        "events_url": f"{api}/events",
        "timeline_url": f"{api}/timeline",
        "html_url": f"{urls.page(home)}/{'pull' if is_pull else 'issues'}/{item.number}",
        "number": item.number,
        "state": item.state,
        "state_reason": item.state_reason if isinstance(item, Issue) else None,
        "title": item.title,
        "body": item.body,
        "user": user(urls, item.author),
        "labels": [
            label(urls, home, home.label(name if isinstance(name, str) else name.name))
            for name in names
        ],
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "locked": False,
        "active_lock_reason": None,
        "comments": len(home.comments_on(item.number)),
        "closed_at": item.closed_at,
        "closed_by": None,
        "created_at": item.created_at,
        "updated_at": item.updated_at,
        "author_association": association(home, item.author.login),
    }
    if isinstance(item, PullRequest):
        links = _pull_links(urls, item)
        shape["draft"] = item.draft
        shape["pull_request"] = {
            name: links[name] for name in ("url", "html_url", "diff_url", "patch_url")
        } | {"merged_at": item.merged_at}
    return shape


def comment(urls: Urls, home: Repository, item: Comment) -> Json:
    """A comment on the conversation of an issue or a pull request."""
    kind = "pull" if item.number in home.pulls else "issues"
    api = urls.repository(home)
    return {
        "id": item.id,
        "node_id": node_id("IC", item.id),
        "url": f"{api}/issues/comments/{item.id}",
        "html_url": f"{urls.page(home)}/{kind}/{item.number}#issuecomment-{item.id}",
        "issue_url": f"{api}/issues/{item.number}",
        "body": item.body,
        "user": user(urls, item.author),
        "created_at": item.created_at,
        "updated_at": item.updated_at,
        "author_association": association(home, item.author.login),
        "performed_via_github_app": None,
    }


def review(urls: Urls, pull: PullRequest, item: Review) -> Json:
    """A submitted review."""
    page = f"{urls.page(pull.repository)}/pull/{pull.number}"
    api = f"{urls.repository(pull.repository)}/pulls/{pull.number}"
    return {
        "id": item.id,
        "node_id": node_id("PRR", item.id),
        "user": user(urls, item.author),
        "body": item.body,
        "state": item.state,
        "html_url": f"{page}#pullrequestreview-{item.id}",
        "pull_request_url": api,
        "_links": {
            "html": {"href": f"{page}#pullrequestreview-{item.id}"},
            "pull_request": {"href": api},
        },
        "submitted_at": item.submitted_at,
        "commit_id": item.commit,
        "author_association": association(pull.repository, item.author.login),
    }
