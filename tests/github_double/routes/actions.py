"""What workflow runs uploaded; its bytes lie on another host, as GitHub's do."""

import hashlib

from tests.github_double.exchange import Answer, Request
from tests.github_double.records import Artifact, WorkflowRun
from tests.github_double.refusals import RefusalError, not_found
from tests.github_double.routing import Call, Route
from tests.github_double.shapes import verdicts
from tests.github_double.world import World


def _of_run(call: Call) -> Answer:
    home, run = call.repository, _run(call)
    name = call.request.query.get("name")
    found = [
        one
        for one in home.verdicts.artifacts.values()
        if one.run == run.id and name in (None, one.name)
    ]
    found.sort(key=lambda one: one.id, reverse=True)
    shown, headers = call.page(found)
    shapes = [verdicts.artifact(call.urls, home, one) for one in shown]
    return Answer(200, {"total_count": len(found), "artifacts": shapes}, headers)


def _jobs(call: Call) -> Answer:
    home, run = call.repository, _run(call)
    found = [one for one in home.verdicts.check_runs.get(run.head_sha, []) if one.run == run.id]
    shown, headers = call.page(found)
    shapes = [verdicts.job(call.urls, home, run, one) for one in shown]
    return Answer(200, {"total_count": len(found), "jobs": shapes}, headers)


def _run(call: Call) -> WorkflowRun:
    run = call.repository.verdicts.workflow_runs.get(call.number("id"))
    if run is None:
        raise not_found()
    return run


def _listed(call: Call) -> Answer:
    home, query = call.repository, call.request.query
    workflow = call.arguments.get("workflow")
    runs = list(home.verdicts.workflow_runs.values())
    if workflow is not None:
        runs = [run for run in runs if run.path.rpartition("/")[2] == workflow]
        known = f".github/workflows/{workflow}" in home.tip(home.default_branch).files
        if not (runs or known):
            raise not_found()
    wanted = {"branch": "head_branch", "head_sha": "head_sha", "event": "event"}
    for name, attribute in wanted.items():
        if name in query:
            runs = [run for run in runs if getattr(run, attribute) == query[name]]
    if "status" in query:  # a conclusion will do, too
        runs = [run for run in runs if query["status"] in (run.status, run.conclusion)]
    runs.sort(key=lambda run: (run.created_at, run.id), reverse=True)
    shown, headers = call.page(runs)
    shapes = [verdicts.workflow_run(call.urls, home, run) for run in shown]
    if query.get("exclude_pull_requests") == "true":
        shapes = [shape | {"pull_requests": []} for shape in shapes]
    return Answer(200, {"total_count": len(runs), "workflow_runs": shapes}, headers)


def _rerun(call: Call) -> Answer:
    run = _run(call)
    if run.status != "completed":
        raise RefusalError(403, "This workflow is already running")
    call.repository.verdicts.rerun(run, conclusion=None)
    return Answer(201, {})


def _zip(call: Call) -> Answer:
    artifact = call.repository.verdicts.artifacts.get(call.number("id"))
    if artifact is None or call.arguments["format"] != "zip":
        raise not_found()
    if artifact.expired:
        raise RefusalError(410, "Artifact has expired")
    host = call.urls.api.rpartition(":")[0]
    place = f"{host}:{call.world.storage_port}/artifacts/{artifact.id}"
    return Answer(302, headers={"location": f"{place}?sig={_signature(artifact)}"})


def stored(world: World, request: Request) -> Answer:
    """The storage's own answer: the address is the credential, and a token beside it is refused."""
    if request.credential is not None:
        return Answer(400, {"message": "InvalidAuthenticationInfo"})
    number = request.path.removeprefix("/artifacts/")
    for repository in world.repositories.values():
        artifact = repository.verdicts.artifacts.get(int(number)) if number.isdigit() else None
        if artifact is not None and request.query.get("sig") == _signature(artifact):
            return Answer(200, artifact.content, {"content-type": "application/zip"})
    return Answer(404, {"message": "BlobNotFound"})


def _signature(artifact: Artifact) -> str:
    return hashlib.sha1(f"artifact {artifact.id} {artifact.name}".encode()).hexdigest()[:20]


_ACTIONS = "/repos/{owner}/{name}/actions"

ROUTES = (
    Route("GET", f"{_ACTIONS}/runs", _listed, ("actions",)),
    Route("GET", f"{_ACTIONS}/workflows/{{workflow}}/runs", _listed, ("actions",)),
    Route("POST", f"{_ACTIONS}/runs/{{id}}/rerun", _rerun, ("actions",)),
    Route("GET", "/repos/{owner}/{name}/actions/runs/{id}/artifacts", _of_run, ("actions",)),
    Route("GET", "/repos/{owner}/{name}/actions/runs/{id}/jobs", _jobs, ("actions",)),
    Route("GET", "/repos/{owner}/{name}/actions/artifacts/{id}/{format}", _zip, ("actions",)),
)
