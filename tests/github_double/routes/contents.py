"""Files and directories at a ref."""

from tests.github_double.exchange import Answer
from tests.github_double.refusals import not_found
from tests.github_double.routing import Call, Route
from tests.github_double.shapes import commits


def _contents(call: Call) -> Answer:
    home, path = call.repository, call.arguments.get("path", "").strip("/")
    ref = call.request.query.get("ref", home.default_branch)
    source = home.resolve(ref)
    if source is None:
        raise not_found(f"No commit found for the ref {ref}")
    content = source.files.get(path)
    if content is not None:
        if ".raw" in call.request.headers.get("accept", ""):
            return Answer(200, content, {"content-type": "application/vnd.github.raw+json"})
        return Answer(200, commits.file_content(call.urls, home, path, ref, content))
    entries = commits.directory(call.urls, home, path, ref, source)
    if not entries:
        raise not_found()
    return Answer(200, entries)


ROUTES = (
    Route("GET", "/repos/{owner}/{name}/contents", _contents, ("contents",)),
    Route("GET", "/repos/{owner}/{name}/contents/{path...}", _contents, ("contents",)),
)
