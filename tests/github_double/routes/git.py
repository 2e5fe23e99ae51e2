"""The git database: refs, commits, trees, blobs; and branches."""

import base64

from tests.github_double.exchange import Answer
from tests.github_double.objects import Commit, blob_sha
from tests.github_double.refusals import not_found
from tests.github_double.routing import Call, Route
from tests.github_double.shapes import commits
from tests.github_double.shapes.common import node_id


def _ref(call: Call) -> Answer:
    name = f"refs/{call.arguments['ref']}"
    if name not in call.repository.refs:
        raise not_found()
    return Answer(200, commits.git_ref(call.urls, call.repository, name))


def _refs(call: Call) -> Answer:
    home, start = call.repository, f"refs/{call.arguments.get('ref', '')}"
    names = sorted(name for name in home.refs if name.startswith(start))
    return call.listed(names, lambda name: commits.git_ref(call.urls, home, name))


def _commit(call: Call) -> Commit:
    found = call.repository.objects.get(call.arguments["sha"])
    if found is None:
        raise not_found()
    return found


def _git_commit(call: Call) -> Answer:
    return Answer(200, commits.git_commit(call.urls, call.repository, _commit(call)))


def _tree(call: Call) -> Answer:
    home, name = call.repository, call.arguments["sha"]
    source = home.resolve(name) or next((c for c in home.objects if c.tree_sha == name), None)
    if source is None:
        raise not_found()
    recursive = "recursive" in call.request.query
    return Answer(200, commits.tree(call.urls, home, source, recursive=recursive))


def _blob(call: Call) -> Answer:
    home, sha = call.repository, call.arguments["sha"]
    for commit in home.objects:
        for content in commit.files.values():
            if blob_sha(content) == sha:
                shape = {
                    "sha": sha,
                    "node_id": node_id("B", int(sha[:8], 16)),
                    "size": len(content),
                    "url": f"{call.urls.repository(home)}/git/blobs/{sha}",
                    "encoding": "base64",
                    "content": base64.encodebytes(content).decode(),
                }
                return Answer(200, shape)
    raise not_found()


def _branch(call: Call) -> Answer:
    name = call.arguments["branch"]
    if f"refs/heads/{name}" not in call.repository.refs:
        raise not_found("Branch not found")
    return Answer(200, commits.branch(call.urls, call.repository, name))


_GIT = "/repos/{owner}/{name}/git"
_READ = ("contents",)

ROUTES = (
    Route("GET", f"{_GIT}/ref/{{ref...}}", _ref, _READ),
    Route("GET", f"{_GIT}/matching-refs/{{ref...}}", _refs, _READ),
    Route("GET", f"{_GIT}/refs", _refs, _READ),
    Route("GET", f"{_GIT}/commits/{{sha}}", _git_commit, _READ),
    Route("GET", f"{_GIT}/trees/{{sha...}}", _tree, _READ),
    Route("GET", f"{_GIT}/blobs/{{sha}}", _blob, _READ),
    Route("GET", "/repos/{owner}/{name}/branches/{branch...}", _branch, _READ),
)
