"""Accounts, repositories, labels: the objects that stand inside all the others."""

import base64
from dataclasses import dataclass
from typing import Any

from tests.github_double.people import User
from tests.github_double.records import Label
from tests.github_double.repository import Repository

Json = dict[str, Any]

_REPOSITORY_URLS = [
    "archive/{archive_format}{/ref}",
    "assignees{/user}",
    "blobs=git/blobs{/sha}",
    "branches{/branch}",
    "collaborators{/collaborator}",
    "comments{/number}",
    "commits{/sha}",
    "compare/{base}...{head}",
    "contents/{+path}",
    "contributors",
    "deployments",
    "downloads",
    "events",
    "forks",
    "git_commits=git/commits{/sha}",
    "git_refs=git/refs{/sha}",
    "git_tags=git/tags{/sha}",
    "hooks",
    "issue_comment=issues/comments{/number}",
    "issue_events=issues/events{/number}",
    "issues{/number}",
    "keys{/key_id}",
    "labels{/name}",
    "languages",
    "merges",
    "milestones{/number}",
    "notifications{?since,all,participating}",
    "pulls{/number}",
    "releases{/id}",
    "stargazers",
    "statuses/{sha}",
    "subscribers",
    "subscription",
    "tags",
    "teams",
    "trees=git/trees{/sha}",
]


@dataclass(frozen=True)
class Urls:
    """Where the client reaches the API, and where the web pages are said to be."""

    api: str
    web: str = "https://github.com"

    def repository(self, repository: Repository) -> str:
        """The API address of a repository."""
        return f"{self.api}/repos/{repository.full_name}"

    def page(self, repository: Repository) -> str:
        """The web address of a repository."""
        return f"{self.web}/{repository.full_name}"


def node_id(kind: str, number: int) -> str:
    """An opaque global id, the same in REST and GraphQL."""
    return f"{kind}_{base64.urlsafe_b64encode(str(number).encode()).decode().rstrip('=')}"


def user(urls: Urls, account: User) -> Json:
    """An account (SimpleUser)."""
    base = f"{urls.api}/users/{account.login}"
    links = {
        f"{name}_url": f"{base}/{name}"
        for name in ("followers", "subscriptions", "repos", "received_events")
    }
    links["organizations_url"] = f"{base}/orgs"
    return links | {
        "login": account.login,
        "id": account.id,
        "node_id": node_id(account.kind, account.id),
        "avatar_url": f"{urls.web}/avatars/{account.id}",
        "gravatar_id": "",
        "url": base,
        "html_url": f"{urls.web}/{account.login.removesuffix('[bot]')}",
        "following_url": f"{base}/following{{/other_user}}",
        "gists_url": f"{base}/gists{{/gist_id}}",
        "starred_url": f"{base}/starred{{/owner}}{{/repo}}",
        "events_url": f"{base}/events{{/privacy}}",
        "type": account.kind,
        "site_admin": False,
        "user_view_type": "public",
    }


def label(urls: Urls, repository: Repository, item: Label) -> Json:
    """A label on a pull request or an issue."""
    return {
        "id": item.id,
        "node_id": node_id("LA", item.id),
        "url": f"{urls.repository(repository)}/labels/{item.name}",
        "name": item.name,
        "description": None,
        "color": item.color,
        "default": False,
        "archived_at": None,
        "archived_by": None,
    }


def _links(base: str) -> Json:
    links: Json = {}
    for entry in _REPOSITORY_URLS:
        name, equals, path = entry.partition("=")
        word = name.split("{")[0].split("/")[0]
        links[f"{word}_url"] = f"{base}/{path if equals else entry}"
    links["archive_url"] = f"{base}/{{archive_format}}{{/ref}}"
    return links


def repository(urls: Urls, item: Repository) -> Json:
    """A repository as it stands inside pull requests and payloads."""
    page = urls.page(item)
    open_items = sum(pull.state == "open" for pull in item.pulls.values())
    return _links(urls.repository(item)) | {
        "id": item.id,
        "node_id": node_id("R", item.id),
        "name": item.name,
        "full_name": item.full_name,
        "owner": user(urls, item.owner),
        "private": item.private,
        "visibility": "private" if item.private else "public",
        "html_url": page,
        "description": None,
        "fork": item.parent is not None,
        "url": urls.repository(item),
        "git_url": f"git:{page.removeprefix('https:')}.git",
        "ssh_url": f"ssh:{page.removeprefix('https:')}.git",
        "clone_url": f"{page}.git",
        "svn_url": page,
        "mirror_url": None,
        "homepage": None,
        "language": None,
        "license": None,
        "forks_count": 0,
        "forks": 0,
        "stargazers_count": 0,
        "watchers_count": 0,
        "watchers": 0,
        "size": 1,
        "default_branch": item.default_branch,
        "open_issues_count": open_items,
        "open_issues": open_items,
        "is_template": False,
        "topics": [],
        "has_issues": True,
        "has_projects": False,
        "has_wiki": False,
        "has_pages": False,
        "has_discussions": False,
        "has_downloads": False,
        "archived": False,
        "disabled": False,
        "allow_forking": True,
        "web_commit_signoff_required": False,
        "pushed_at": item.created_at,
        "created_at": item.created_at,
        "updated_at": item.created_at,
    }


def full_repository(urls: Urls, item: Repository, role: str) -> Json:
    """A repository as its own route answers it; `role` is the caller's."""
    pushes = role in ("admin", "maintain", "write")
    full = repository(urls, item) | {
        "network_count": 0,
        "subscribers_count": 0,
        "allow_squash_merge": True,
        "allow_merge_commit": True,
        "allow_rebase_merge": True,
        "delete_branch_on_merge": False,
        "permissions": {
            "admin": role == "admin",
            "maintain": role in ("admin", "maintain"),
            "push": pushes,
            "triage": pushes,
            "pull": True,
        },
    }
    if item.parent:
        full["parent"] = full["source"] = repository(urls, item.parent)
    return full
