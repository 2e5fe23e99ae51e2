"""Commits, trees, files, and what was reported on commits."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from graphql import GraphQLError

from tests.github_double.graphql.context import Arguments, Context, Located, Page, Path, page
from tests.github_double.graphql.resolvers.shared import Fields, Resolver, inner
from tests.github_double.objects import Commit, blob_sha, children, mode, tree_sha
from tests.github_double.records import CheckRun, Status
from tests.github_double.shapes.common import node_id

_BAD = ("failure", "timed_out", "cancelled", "action_required", "startup_failure", "stale")


def _reports(source: Located[Commit]) -> list[Any]:
    verdicts, sha = source.home.verdicts, source.item.sha
    runs = {(run.name, run.app, run.run): run for run in verdicts.check_runs.get(sha, [])}
    reports = [*runs.values(), *verdicts.newest(sha)]
    return [Located(source.home, report) for report in reports]


def rollup(source: Located[Commit] | None) -> Located[Commit] | None:
    """The commit itself if anything was reported on it, else None: no rollup."""
    return source if source and _reports(source) else None


def _rollup(source: Located[Commit], context: Context, _arguments: Arguments) -> Any:
    context.require(source.home, "checks", "statuses")
    return rollup(source)


def _rollup_state(source: Located[Commit], _context: Context, _arguments: Arguments) -> str:
    states: set[str] = set()
    for report in _reports(source):
        if isinstance(report.item, CheckRun):
            bad = report.item.conclusion in _BAD
            states.add("failure" if bad else "success" if report.item.conclusion else "pending")
        else:
            states.add(report.item.state)
    for state in ("error", "failure", "pending"):
        if state in states:
            return state.upper()
    return "SUCCESS"


def _status(source: Located[Commit], _context: Context, _arguments: Arguments) -> Any:
    return source if source.home.verdicts.newest(source.item.sha) else None


def _context(source: Located[Commit], _context: Context, arguments: Arguments) -> Any:
    for status in source.home.verdicts.newest(source.item.sha):
        if status.context == arguments["name"]:
            return Located(source.home, status)
    return None


def _contexts(source: Located[Commit], _context: Context, _arguments: Arguments) -> Any:
    newest = source.home.verdicts.newest(source.item.sha)
    return [Located(source.home, status) for status in newest]


def _counted(kind: type[CheckRun] | type[Status]) -> Resolver:
    def resolve(source: Page, _context: Context, _arguments: Arguments) -> int:
        return sum(isinstance(node.item, kind) for node in source.nodes)

    return resolve


def _visible(source: Page, context: Context, _arguments: Arguments) -> list[Any]:
    """The reports, those that the token may not read refused one by one."""
    shown: list[Any] = []
    for node in source.nodes:
        scope = "checks" if isinstance(node.item, CheckRun) else "statuses"
        try:
            context.require(node.home, scope)
            shown.append(node)
        except GraphQLError as refusal:
            shown.append(refusal)
    return shown


def _parents(source: Located[Commit], _context: Context, arguments: Arguments) -> Any:
    objects = source.home.objects
    parents = [Located(source.home, objects[parent]) for parent in source.item.parents]
    return page(parents, arguments)


def _history(source: Located[Commit], _context: Context, arguments: Arguments) -> Any:
    commits = source.home.objects.history(source.item.sha)
    return page([Located(source.home, commit) for commit in commits], arguments)


def _pulls(source: Located[Commit], context: Context, arguments: Arguments) -> Any:
    context.require(source.home, "pull_requests")
    objects = source.home.objects
    found = [
        pull
        for pull in source.home.pulls.values()
        if source.item.sha == pull.merge_commit_sha
        or source.item.sha in {c.sha for c in objects.ahead(pull.base_sha, pull.head_sha)}
    ]
    return page(found, arguments)


def _blame(source: Located[Commit], context: Context, arguments: Arguments) -> Any:
    context.require(source.home, "contents")
    if arguments["path"] not in source.item.files:
        raise GraphQLError(f"File {arguments['path']} does not exist")
    origins = source.home.objects.blame(source.item.sha, arguments["path"])
    return _ranges(source, origins)


def _ranges(source: Located[Commit], origins: Sequence[str]) -> list[Any]:
    found: list[Any] = []
    for sha, run in groupby(enumerate(origins, 1), key=lambda one: one[1]):
        lines = [number for number, _ in run]
        found.append(Located(source.home, (lines[0], lines[-1], source.home.objects[sha])))
    return found


def _file(source: Located[Commit], context: Context, arguments: Arguments) -> Any:
    context.require(source.home, "contents")
    files, path = source.item.files, arguments["path"]
    known = path in files or any(name.startswith(f"{path}/") for name in files)
    return Path(source.home, files, path) if known else None


def _oid(source: Path, _context: Context, _arguments: Arguments) -> str:
    content = source.files.get(source.path)
    return tree_sha(source.files, source.path) if content is None else blob_sha(content)


def _entries(source: Path, _context: Context, _arguments: Arguments) -> Any:
    names = sorted(children(source.files, source.path))
    prefix = f"{source.path}/" if source.path else ""
    return [Path(source.home, source.files, f"{prefix}{name}") for name in names]


def _content(source: Path) -> bytes:
    return source.files.get(source.path, b"")


_COMMIT: Fields = {
    "id": lambda source, _c, _a: node_id("C", int(source.item.sha[:8], 16)),
    "oid": inner("sha"),
    "abbreviatedOid": lambda source, _c, _a: source.item.sha[:7],
    "message": inner("message"),
    "messageHeadline": lambda source, _c, _a: source.item.message.split("\n")[0],
    "committedDate": inner("date"),
    "authoredDate": inner("date"),
    "parents": _parents,
    "history": _history,
    "file": _file,
    "status": _status,
    "statusCheckRollup": _rollup,
    "associatedPullRequests": _pulls,
    "blame": _blame,
    "tree": lambda source, _c, _a: Path(source.home, source.item.files, ""),
    "url": lambda source, context, _a: f"{context.urls.page(source.home)}/commit/{source.item.sha}",
}

_PATH: Fields = {
    "id": lambda source, c, a: node_id("OBJ", int(_oid(source, c, a)[:8], 16)),
    "oid": _oid,
    "abbreviatedOid": lambda source, c, a: _oid(source, c, a)[:7],
}

FIELDS: dict[str, Fields] = {
    "Commit": _COMMIT,
    "Blame": {"ranges": lambda source, _c, _a: source},
    "BlameRange": {
        "age": lambda _source, _c, _a: 1,
        "startingLine": lambda source, _c, _a: source.item[0],
        "endingLine": lambda source, _c, _a: source.item[1],
        "commit": lambda source, _c, _a: Located(source.home, source.item[2]),
    },
    "Tree": _PATH | {"entries": _entries},
    "TreeEntry": {
        "mode": lambda source, _c, _a: int(mode(source.files.get(source.path)), 8),
        "name": lambda source, _c, _a: source.path.rpartition("/")[2],
        "path": lambda source, _c, _a: source.path,
        "type": lambda source, _c, _a: "blob" if source.path in source.files else "tree",
        "oid": _oid,
        "object": lambda source, _c, _a: source,
        "size": lambda source, _c, _a: len(_content(source)),
    },
    "Blob": _PATH
    | {
        "byteSize": lambda source, _c, _a: len(_content(source)),
        "isBinary": lambda source, _c, _a: b"\0" in _content(source),
        "isTruncated": lambda _source, _c, _a: False,
        "text": lambda source, _c, _a: (
            None if b"\0" in _content(source) else _content(source).decode(errors="replace")
        ),
    },
    "Status": {
        "id": lambda source, _c, _a: node_id("S", int(source.item.sha[:8], 16)),
        "state": lambda source, _c, _a: source.home.verdicts.combined(source.item.sha).upper(),
        "context": _context,
        "contexts": _contexts,
    },
    "StatusContext": {
        "id": lambda source, _c, _a: node_id("SC", source.item.id),
        "context": inner("context"),
        "state": lambda source, _c, _a: source.item.state.upper(),
        "description": inner("description"),
        "targetUrl": inner("target_url"),
        "createdAt": inner("created_at"),
        "creator": inner("creator"),
    },
    "StatusCheckRollup": {
        "id": lambda source, _c, _a: node_id("SCR", int(source.item.sha[:8], 16)),
        "state": _rollup_state,
        "contexts": lambda source, _c, arguments: page(_reports(source), arguments),
    },
    "StatusCheckRollupContextConnection": {
        "nodes": _visible,
        "checkRunCount": _counted(CheckRun),
        "statusContextCount": _counted(Status),
    },
    "CheckRun": {
        "id": lambda source, _c, _a: node_id("CR", source.item.id),
        "databaseId": lambda source, _c, _a: source.item.id,
        "name": inner("name"),
        "status": lambda source, _c, _a: source.item.status.upper(),
        "conclusion": lambda source, _c, _a: (
            source.item.conclusion.upper() if source.item.conclusion else None
        ),
        "startedAt": inner("started_at"),
        "completedAt": inner("completed_at"),
        "detailsUrl": lambda source, context, _a: (
            f"{context.urls.page(source.home)}/runs/{source.item.id}"
        ),
    },
}
