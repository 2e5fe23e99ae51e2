"""Files and directories at a ref."""

import hashlib
from typing import Any

from tests.github_double.archive import archive
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


def _credential(name: str, sha: str) -> str:
    return hashlib.sha1(f"archive of {name} at {sha}".encode()).hexdigest()[:20]


def _archive(call: Call) -> Answer:
    home, ref = call.repository, call.arguments["ref"] or call.repository.default_branch
    commit = home.resolve(ref)
    if commit is None:
        raise not_found()
    place = f"{call.urls.api}/codeload/{home.full_name}/legacy.tar.gz/{commit.sha}"
    location = f"{place}?token={_credential(home.full_name, commit.sha)}"
    return Answer(302, headers={"location": location})


def _download(call: Call) -> Answer:
    """The archive's own host: it wants no token but the credential in the address."""
    name, sha = f"{call.arguments['account']}/{call.arguments['project']}", call.arguments["sha"]
    if call.request.query.get("token") != _credential(name, sha):
        raise not_found()
    packed = archive(call.world.repository(name), sha)
    return Answer(200, packed, {"content-type": "application/x-gzip"})


_OWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")


def _owners_errors(call: Call) -> Answer:
    home = call.repository
    source = home.resolve(call.request.query.get("ref", home.default_branch))
    path = next((one for one in _OWNERS if source and one in source.files), None)
    if source is None or path is None:
        raise not_found()
    errors: list[dict[str, Any]] = []
    for number, line in enumerate(source.files[path].decode().splitlines(), 1):
        pattern, *owners = line.partition("#")[0].split() or [""]
        bad = {"kind": "Invalid pattern"} if pattern.startswith("!") else None
        for owner in owners:
            if not owner.startswith("@"):
                bad = {"kind": "Invalid owner"}
            elif "/" not in owner and home.role(owner[1:]) not in ("admin", "maintain", "write"):
                bad = {"kind": "Unknown owner"}
        if bad:
            place = {"line": number, "column": 1, "source": line, "suggestion": None, "path": path}
            errors.append(bad | place | {"message": f"{bad['kind']} on line {number}"})
    return Answer(200, {"errors": errors})


ROUTES = (
    Route("GET", "/repos/{owner}/{name}/codeowners/errors", _owners_errors, ("contents",)),
    Route("GET", "/repos/{owner}/{name}/contents", _contents, ("contents",)),
    Route("GET", "/repos/{owner}/{name}/contents/{path...}", _contents, ("contents",)),
    Route("GET", "/repos/{owner}/{name}/tarball/{ref...}", _archive, ("contents",)),
    Route("GET", "/codeload/{account}/{project}/legacy.tar.gz/{sha}", _download),
)
