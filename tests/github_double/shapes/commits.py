"""Commits, files, refs, comparisons: the git side of a repository."""

import base64
from typing import Any

from tests.github_double.objects import Commit, blob_sha, changes, children, mode, tree_sha
from tests.github_double.repository import Repository
from tests.github_double.shapes import rules
from tests.github_double.shapes.common import Json, Urls, node_id, user

_CONTENT_BYTES = 1_048_576


def _who(commit: Commit) -> Json:
    email = f"{commit.author}@users.noreply.example"
    return {"name": commit.author, "email": email, "date": commit.date}


def _unsigned() -> Json:
    missing: Json = dict.fromkeys(("signature", "payload", "verified_at"))
    return {"verified": False, "reason": "unsigned"} | missing


def git_commit(urls: Urls, home: Repository, commit: Commit) -> Json:
    """A commit of the git database."""
    api, page = urls.repository(home), urls.page(home)
    return {
        "sha": commit.sha,
        "node_id": node_id("C", int(commit.sha[:8], 16)),
        "url": f"{api}/git/commits/{commit.sha}",
        "html_url": f"{page}/commit/{commit.sha}",
        "author": _who(commit),
        "committer": _who(commit),
        "message": commit.message,
        "tree": {"sha": commit.tree_sha, "url": f"{api}/git/trees/{commit.tree_sha}"},
        "parents": [
            {
                "sha": parent,
                "url": f"{api}/git/commits/{parent}",
                "html_url": f"{page}/commit/{parent}",
            }
            for parent in commit.parents
        ],
        "verification": _unsigned(),
    }


def commit_summary(urls: Urls, home: Repository, commit: Commit) -> Json:
    """A commit as lists carry it."""
    api, page = urls.repository(home), urls.page(home)
    inner = git_commit(urls, home, commit)
    account = user(urls, home.world.user(commit.author))
    return {
        "sha": commit.sha,
        "node_id": inner["node_id"],
        "url": f"{api}/commits/{commit.sha}",
        "html_url": f"{page}/commit/{commit.sha}",
        "comments_url": f"{api}/commits/{commit.sha}/comments",
        "commit": {key: inner[key] for key in ("url", "author", "committer", "message", "tree")}
        | {"comment_count": 0, "verification": _unsigned()},
        "author": account,
        "committer": account,
        "parents": [
            parent | {"url": f"{api}/commits/{parent['sha']}"} for parent in inner["parents"]
        ],
    }


def commit(urls: Urls, home: Repository, item: Commit) -> Json:
    """A commit as its own route answers it, with the files it changed."""
    before = home.objects[item.parents[0]].files if item.parents else {}
    files = changed_files(urls, home, before, item)
    stats = {"additions": len(files), "deletions": 0, "total": len(files)}
    return commit_summary(urls, home, item) | {"stats": stats, "files": files}


def changed_files(urls: Urls, home: Repository, before: Any, after: Commit) -> list[Json]:
    """The files that differ between a tree and a commit (line counts are nominal)."""
    page, api = urls.page(home), urls.repository(home)
    states = changes(before, after.files)
    moved: dict[str, str] = {}
    for old in [path for path, state in states.items() if state == "removed"]:
        new = next(
            (
                path
                for path, state in states.items()
                if state == "added" and path not in moved and after.files[path] == before[old]
            ),
            None,
        )
        if new is not None:
            moved[new] = old
            states[new] = "renamed"
            del states[old]
    return [
        {
            "sha": blob_sha(after.files.get(path, before.get(path, b""))),
            "filename": path,
            "status": state,
            "additions": 0 if state == "removed" else 1,
            "deletions": 0 if state == "added" else 1,
            "changes": 1,
            "blob_url": f"{page}/blob/{after.sha}/{path}",
            "raw_url": f"{page}/raw/{after.sha}/{path}",
            "contents_url": f"{api}/contents/{path}?ref={after.sha}",
            **({"previous_filename": moved[path]} if path in moved else {}),
        }
        for path, state in states.items()
    ]


def _entry(urls: Urls, home: Repository, path: str, ref: str, content: bytes | None) -> Json:
    directory = content is None
    self_url = f"{urls.repository(home)}/contents/{path}?ref={ref}"
    kind = "tree" if directory else "blob"
    source = home.resolve(ref)
    sha = tree_sha(source.files if source else {}, path) if content is None else blob_sha(content)
    git_url = f"{urls.repository(home)}/git/{kind}s/{sha}"
    page = f"{urls.page(home)}/{kind}/{ref}/{path}"
    return {
        "type": "dir" if directory else "file",
        "size": len(content or b""),
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": sha,
        "url": self_url,
        "git_url": git_url,
        "html_url": page,
        "download_url": None if directory else f"{urls.page(home)}/raw/{ref}/{path}",
        "_links": {"self": self_url, "git": git_url, "html": page},
    }


def file_content(urls: Urls, home: Repository, path: str, ref: str, content: bytes) -> Json:
    """One file: in base64 up to 1 MB, empty with encoding `none` beyond."""
    small = len(content) <= _CONTENT_BYTES
    return _entry(urls, home, path, ref, content) | {
        "encoding": "base64" if small else "none",
        "content": base64.encodebytes(content).decode() if small else "",
    }


def directory(urls: Urls, home: Repository, path: str, ref: str, source: Commit) -> list[Json]:
    """The entries of a directory."""
    return [
        _entry(urls, home, f"{path}/{name}" if path else name, ref, content)
        for name, content in sorted(children(source.files, path).items())
    ]


def tree(urls: Urls, home: Repository, source: Commit, *, recursive: bool) -> Json:
    """The tree of a commit."""
    api = urls.repository(home)
    entries: dict[str, bytes | None] = {}
    directories = [""]
    while directories:
        here = directories.pop()
        for name, content in children(source.files, here).items():
            path = f"{here}/{name}" if here else name
            entries[path] = content
            if content is None and recursive:
                directories.append(path)
    rows: list[Json] = []
    for path, content in sorted(entries.items()):
        sha = tree_sha(source.files, path) if content is None else blob_sha(content)
        kind = "tree" if content is None else "blob"
        row = {"path": path, "type": kind, "sha": sha, "url": f"{api}/git/{kind}s/{sha}"}
        row["mode"] = mode(content).zfill(6)
        rows.append(row if content is None else row | {"size": len(content)})
    url = f"{api}/git/trees/{source.tree_sha}"
    return {"sha": source.tree_sha, "url": url, "truncated": False, "tree": rows}


def git_ref(urls: Urls, home: Repository, name: str) -> Json:
    """A ref in full, `refs/heads/main`."""
    api, sha = urls.repository(home), home.refs[name]
    return {
        "ref": name,
        "node_id": node_id("REF", int(sha[:8], 16)),
        "url": f"{api}/git/{name}",
        "object": {"type": "commit", "sha": sha, "url": f"{api}/git/commits/{sha}"},
    }


def branch(urls: Urls, home: Repository, name: str) -> Json:
    """A branch with its tip."""
    api = f"{urls.repository(home)}/branches/{name}"
    classic = home.rules.protections.get(name)
    return {
        "name": name,
        "commit": commit_summary(urls, home, home.tip(name)),
        "_links": {"self": api, "html": f"{urls.page(home)}/tree/{name}"},
        "protected": classic is not None or bool(home.rules.holding(name)),
        "protection": rules.summary(classic),
        "protection_url": f"{api}/protection",
    }


def comparison(urls: Urls, home: Repository, base: Commit, head: Commit) -> Json:
    """What `head` has over `base`, oldest first; raises KeyError for unrelated histories."""
    start = home.objects.merge_base(base.sha, head.sha)
    if start is None:
        raise KeyError("no common ancestor")
    ahead = home.objects.ahead(base.sha, head.sha)
    behind = home.objects.ahead(head.sha, base.sha)
    states = {(False, False): "identical", (True, False): "ahead", (False, True): "behind"}
    state = states.get((bool(ahead), bool(behind)), "diverged")
    page = f"{urls.page(home)}/compare/{base.sha}...{head.sha}"
    return {
        "url": f"{urls.repository(home)}/compare/{base.sha}...{head.sha}",
        "html_url": page,
        "permalink_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "base_commit": commit_summary(urls, home, base),
        "merge_base_commit": commit_summary(urls, home, start),
        "status": state,
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": [commit_summary(urls, home, item) for item in ahead],
        "files": changed_files(urls, home, start.files, head),
    }
