"""Check runs, statuses and workflow runs of commits, in batches."""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from readiness_gate.errors import ForgeError
from readiness_gate.forge import graphql
from readiness_gate.forge.batch import read_batch
from readiness_gate.forge.client import Client
from readiness_gate.forge.rest import Fields
from readiness_gate.model.commit_checks import CommitChecks, ReportedCheck, WorkflowState

PERMISSION = "checks: read"
_PAGES = 20
"""Of 100 check runs and statuses on one commit."""

_CONTEXTS = """
fragment contexts on StatusCheckRollupContextConnection {
  nodes {
    __typename
    ... on CheckRun {
      name status conclusion startedAt url
      checkSuite { id app { databaseId slug } workflowRun { workflow { name } } }
    }
    ... on StatusContext { context state createdAt targetUrl creator { __typename login } }
  }
  pageInfo { hasNextPage endCursor }
}
"""
_COMMIT = """
fragment reported on Commit {
  oid
  statusCheckRollup { contexts(first: 100) { ...contexts } }
  checkSuites(last: 100) {
    nodes {
      id status conclusion
      workflowRun { event url workflow { name } }
    }
  }
}
"""
_MORE = (
    """
query ($owner: String!, $name: String!, $commit: GitObjectID!, $after: String) {
  rateLimit { cost }
  repository(owner: $owner, name: $name) {
    object(oid: $commit) {
      ... on Commit { statusCheckRollup { contexts(first: 100, after: $after) { ...contexts } } }
    }
  }
}
"""
    + _CONTEXTS
)


def read_checks(
    client: Client, repository: str, commits: Collection[str]
) -> dict[str, CommitChecks | ForgeError]:
    """Return what was reported on each commit, or why that is not known."""

    def read(commit: str, fields: Fields) -> CommitChecks:
        nodes = _nodes(client, repository, commit, fields)
        # Counted here: a connection for every suite would cost a hundred times the points.
        jobs = Counter(
            one.fields("checkSuite").text("id")
            for one in nodes
            if one.text("__typename") != "StatusContext"
        )
        return CommitChecks(checks=tuple(_check(one) for one in nodes), runs=_runs(fields, jobs))

    return read_batch(
        client,
        repository,
        commits,
        field=lambda commit: f"object(oid: {json.dumps(commit)}) {{ ...reported }}",
        fragment=_COMMIT + _CONTEXTS,
        permission=_permission,
        read=read,
    )


def _permission(path: Sequence[object]) -> str:
    """Return what the token needs for a field; GitHub refuses parts of the answer one by one."""
    if "workflowRun" in path:
        return "actions: read"
    # A node is a check run or a status, and the refusal does not say which.
    return "checks: read, statuses: read" if "nodes" in path else PERMISSION


def _nodes(client: Client, repository: str, commit: str, fields: Fields) -> list[Fields]:
    rollup = _rollup(fields)
    found: list[Fields] = []
    for _ in range(_PAGES):
        if rollup is None:
            return found
        found += rollup.items("nodes")
        position = rollup.fields("pageInfo")
        if not position.truth("hasNextPage"):
            return found
        rollup = _more(client, repository, commit, position.text("endCursor"))
    raise ForgeError(f"checks on {commit[:7]} go on after {_PAGES} pages")


def _more(client: Client, repository: str, commit: str, after: str) -> Fields | None:
    owner, _, name = repository.partition("/")
    given = {"owner": owner, "name": name, "commit": commit, "after": after}
    answer = client.query(_MORE, given, permission=PERMISSION)
    return _rollup(graphql.whole(answer, "repository", "object", permission=PERMISSION))


def _rollup(commit: Fields) -> Fields | None:
    # GitHub writes null where nothing was reported at all.
    if not commit.has("statusCheckRollup"):
        return None
    return commit.fields("statusCheckRollup").fields("contexts")


def _check(fields: Fields) -> ReportedCheck:
    return _status(fields) if fields.text("__typename") == "StatusContext" else _check_run(fields)


def _check_run(fields: Fields) -> ReportedCheck:
    suite = fields.fields("checkSuite")
    app = suite.fields("app") if suite.has("app") else None
    return ReportedCheck(
        name=fields.text("name"),
        kind="check-run",
        state=_state(fields),
        app=app.text("slug") if app else "",
        app_id=app.number("databaseId") if app and app.has("databaseId") else None,
        workflow=_workflow(suite.fields("workflowRun")) if suite.has("workflowRun") else "",
        started_at=fields.time("startedAt"),
        url=fields.text("url", default=""),
    )


def _status(fields: Fields) -> ReportedCheck:
    creator = fields.fields("creator") if fields.has("creator") else None
    login = creator.text("login") if creator else ""
    bot = creator is not None and creator.text("__typename") == "Bot"
    return ReportedCheck(
        name=fields.text("context"),
        kind="status",
        state=fields.text("state").lower(),
        # An app writes statuses as the bot of its own slug.
        app=login.removesuffix("[bot]") if bot else "",
        creator=f"{login}[bot]" if bot and not login.endswith("[bot]") else login,
        started_at=fields.time("createdAt"),
        url=fields.text("targetUrl", default=""),
    )


def _runs(commit: Fields, jobs: Mapping[str, int]) -> tuple[WorkflowState, ...]:
    if not commit.has("checkSuites"):
        return ()
    return tuple(
        WorkflowState(
            workflow=_workflow(suite.fields("workflowRun")),
            event=suite.fields("workflowRun").text("event"),
            state=_state(suite),
            jobs=jobs.get(suite.text("id"), 0),
            url=suite.fields("workflowRun").text("url", default=""),
        )
        for suite in commit.fields("checkSuites").items("nodes")
        # Suites of other apps stay queued for ever where the app has nothing to say.
        if suite.has("workflowRun")
    )


def _workflow(run: Fields) -> str:
    return run.fields("workflow").text("name")


def _state(fields: Fields) -> str:
    status = fields.text("status").lower()
    return fields.text("conclusion", default="unknown").lower() if status == "completed" else status
