"""Commits and what was reported on them; comparisons; workflow runs."""

from tests.github_double.exchange import Answer
from tests.github_double.objects import Commit
from tests.github_double.refusals import RefusalError, not_found
from tests.github_double.routing import Call, Route
from tests.github_double.shapes import commits, pulls, verdicts


def _found(call: Call) -> Commit:
    name = call.arguments["ref"]
    found = call.repository.resolve(name)
    if found is None:
        raise RefusalError(422, f"No commit found for SHA: {name}")
    return found


def _commit(call: Call) -> Answer:
    return Answer(200, commits.commit(call.urls, call.repository, _found(call)))


def _combined(call: Call) -> Answer:
    home, sha = call.repository, _found(call).sha
    shown, headers = call.page(home.verdicts.newest(sha))
    return Answer(200, verdicts.combined(call.urls, home, sha, shown), headers)


def _statuses(call: Call) -> Answer:
    home = call.repository
    found = home.verdicts.on(_found(call).sha)
    return call.listed(found, lambda item: verdicts.status(call.urls, home, item))


def _create_status(call: Call) -> Answer:
    home, body = call.repository, call.request.json()
    status = home.verdicts.status(
        call.arguments["sha"],
        body.get("context", "default"),
        body.get("state", ""),
        description=body.get("description"),
        target_url=body.get("target_url"),
        creator=call.login,
    )
    return Answer(201, verdicts.status(call.urls, home, status))


def _pulls(call: Call) -> Answer:
    # A commit that a squash merge made is in no pull request's own history: nothing is found.
    home, sha = call.repository, _found(call).sha
    found = [
        pull
        for pull in home.pulls.values()
        if sha in {c.sha for c in home.objects.ahead(pull.base_sha, pull.head_sha)}
    ]
    return call.listed(found, lambda pull: pulls.pull_summary(call.urls, pull))


def _check_runs(call: Call) -> Answer:
    home = call.repository
    name = call.request.query.get("check_name")
    runs = [
        run
        for run in home.verdicts.check_runs.get(_found(call).sha, [])
        if name in (None, run.name)
    ]
    if call.request.query.get("filter", "latest") == "latest":
        runs = list({run.name: run for run in runs}.values())
    shown, headers = call.page(runs)
    shapes = [verdicts.check_run(call.urls, home, run) for run in shown]
    return Answer(200, {"total_count": len(runs), "check_runs": shapes}, headers)


def _compare(call: Call) -> Answer:
    home = call.repository
    first, dots, second = call.arguments["basehead"].partition("...")
    base, head = home.resolve(first), home.resolve(second.rpartition(":")[2])
    if not dots or base is None or head is None:
        raise not_found()
    try:
        shape = commits.comparison(call.urls, home, base, head)
    except KeyError:
        raise not_found(f"No common ancestor between {first} and {second}.") from None
    if not {"page", "per_page"} & set(call.request.query):
        shape["commits"] = shape["commits"][-250:]  # without pages: only so many, the newest
        return Answer(200, shape)
    shape["commits"], headers = call.page(shape["commits"])
    if call.request.query.get("page", "1") != "1":
        shape["files"] = []  # all files are on the first page
    return Answer(200, shape, headers)


def _run(call: Call) -> Answer:
    run = call.repository.verdicts.workflow_runs.get(call.number("id"))
    if run is None:
        raise not_found()
    return Answer(200, verdicts.workflow_run(call.urls, call.repository, run))


_COMMIT = "/repos/{owner}/{name}/commits/{ref...}"

ROUTES = (
    Route("POST", "/repos/{owner}/{name}/statuses/{sha}", _create_status, ("statuses",)),
    # The older address of the list, which PyGithub still uses.
    Route("GET", "/repos/{owner}/{name}/statuses/{ref...}", _statuses, ("statuses",)),
    Route("GET", f"{_COMMIT}/status", _combined, ("statuses",)),
    Route("GET", f"{_COMMIT}/statuses", _statuses, ("statuses",)),
    Route("GET", f"{_COMMIT}/pulls", _pulls, ("pull_requests",)),
    Route("GET", f"{_COMMIT}/check-runs", _check_runs, ("checks",)),
    Route("GET", _COMMIT, _commit, ("contents",)),
    Route("GET", "/repos/{owner}/{name}/compare/{basehead...}", _compare, ("contents",)),
    Route("GET", "/repos/{owner}/{name}/actions/runs/{id}", _run, ("actions",)),
)
