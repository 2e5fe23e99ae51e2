"""Check runs with their suites and workflow runs, and deployments."""

from typing import Any

from tests.github_double.graphql.context import Arguments, Context, Located, page
from tests.github_double.graphql.resolvers.shared import Fields, Resolver, inner
from tests.github_double.objects import Commit
from tests.github_double.records import CheckRun, CheckSuite, Deployment, WorkflowRun
from tests.github_double.shapes.common import node_id

APPS = {"github-actions": 15368}
"""Ids of known apps; another one has an id made from its slug."""


def _app_id(slug: str) -> int:
    return APPS.get(slug, 100_000 + sum(map(ord, slug)))


def _commit(source: Located[Any], _context: Context, _arguments: Arguments) -> Located[Commit]:
    return Located(source.home, source.home.objects[source.item.sha])


def _suites(source: Located[Commit], context: Context, arguments: Arguments) -> Any:
    context.require(source.home, "checks")
    found = source.home.verdicts.suites(source.item.sha)
    return page([Located(source.home, suite) for suite in found], arguments)


def _suite(source: Located[CheckRun], _context: Context, _arguments: Arguments) -> Any:
    return Located(source.home, source.home.verdicts.suite_of(source.item))


def _checks(source: Located[CheckSuite], _context: Context, arguments: Arguments) -> Any:
    found = source.home.verdicts.checks_in(source.item)
    return page([Located(source.home, one) for one in found], arguments)


def _status(source: Located[CheckSuite], _context: Context, _arguments: Arguments) -> str:
    run = source.item.run
    if run is not None:
        return run.status.upper()
    runs = source.home.verdicts.checks_in(source.item)
    return "COMPLETED" if all(one.status == "completed" for one in runs) else "IN_PROGRESS"


def _conclusion(source: Located[CheckSuite], _context: Context, _arguments: Arguments) -> Any:
    run = source.item.run
    if run is not None:
        return run.conclusion.upper() if run.conclusion else None
    found = {one.conclusion for one in source.home.verdicts.checks_in(source.item)}
    if None in found:
        return None
    return "SUCCESS" if found <= {"success", "neutral", "skipped"} else "FAILURE"


def _run(source: Located[CheckSuite], context: Context, _arguments: Arguments) -> Any:
    context.require(source.home, "actions")
    return Located(source.home, source.item.run) if source.item.run else None


def _suite_of_run(source: Located[WorkflowRun], _context: Context, _arguments: Arguments) -> Any:
    for suite in source.home.verdicts.suites(source.item.head_sha):
        if suite.run is source.item:
            return Located(source.home, suite)
    raise KeyError(source.item.id)


def _deployments(source: Located[Commit], context: Context, arguments: Arguments) -> Any:
    context.require(source.home, "deployments")
    names = arguments.get("environments")
    found = [
        one
        for one in source.home.verdicts.deployments
        if one.sha == source.item.sha and (names is None or one.environment in names)
    ]
    order = arguments.get("orderBy") or {"direction": "ASC"}
    if order["direction"] == "DESC":
        found.reverse()
    return page([Located(source.home, one) for one in found], arguments)


def _state(source: Located[Deployment], _context: Context, _arguments: Arguments) -> str:
    return source.home.verdicts.deployment_state(source.item).upper()


def _latest(source: Located[Deployment], _context: Context, _arguments: Arguments) -> Any:
    return source if source.item.states else None


def _last(place: int) -> Resolver:
    return lambda source, _context, _arguments: source.item.states[-1][place]


FIELDS: dict[str, Fields] = {
    "Commit": {"checkSuites": _suites, "deployments": _deployments},
    "CheckRun": {
        "checkSuite": _suite,
        "url": lambda source, context, _a: (
            f"{context.urls.page(source.home)}/runs/{source.item.id}"
        ),
    },
    "CheckSuite": {
        "id": lambda source, _c, _a: node_id("CS", source.item.id),
        "databaseId": inner("id"),
        "status": _status,
        "conclusion": _conclusion,
        "createdAt": inner("created_at"),
        "app": inner("app"),
        "commit": _commit,
        "checkRuns": _checks,
        "workflowRun": _run,
    },
    "App": {
        "id": lambda slug, _c, _a: node_id("A", _app_id(slug)),
        "databaseId": lambda slug, _c, _a: _app_id(slug),
        "name": lambda slug, _c, _a: slug.replace("-", " ").title(),
        "slug": lambda slug, _c, _a: slug,
    },
    "WorkflowRun": {
        "id": lambda source, _c, _a: node_id("WFR", source.item.id),
        "databaseId": inner("id"),
        "event": inner("event"),
        "runNumber": inner("run_number"),
        "createdAt": inner("created_at"),
        "url": lambda source, context, _a: (
            f"{context.urls.page(source.home)}/actions/runs/{source.item.id}"
        ),
        "checkSuite": _suite_of_run,
        "workflow": lambda source, _c, _a: source,
    },
    "Workflow": {
        "id": lambda source, _c, _a: node_id("W", 1),
        "databaseId": lambda _source, _c, _a: 1,
        "name": inner("name"),
    },
    "Deployment": {
        "id": lambda source, _c, _a: node_id("DE", source.item.id),
        "databaseId": inner("id"),
        "commit": _commit,
        "commitOid": inner("sha"),
        "createdAt": inner("created_at"),
        "creator": inner("creator"),
        "description": lambda _source, _c, _a: None,
        "environment": inner("environment"),
        "latestStatus": _latest,
        "state": _state,
    },
    "DeploymentStatus": {
        "id": lambda source, _c, _a: node_id("DES", source.item.id),
        "createdAt": _last(1),
        "creator": inner("creator"),
        "environmentUrl": lambda _source, _c, _a: None,
        "logUrl": lambda source, context, _a: (
            f"{context.urls.page(source.home)}/deployments/{source.item.id}"
        ),
        "state": lambda source, _c, _a: source.item.states[-1][0].upper(),
    },
}
