"""Releases of a repository; container packages of an organisation or of a person."""

from tests.github_double.exchange import Answer
from tests.github_double.refusals import forbidden, not_found
from tests.github_double.routing import Call, Route
from tests.github_double.shapes import shelf


def _by_tag(call: Call) -> Answer:
    found = next(
        (
            one
            for one in call.repository.releases
            if one.tag == call.arguments["tag"] and not one.draft
        ),
        None,
    )
    if found is None:
        raise not_found()
    return Answer(200, shelf.release(call.urls, call.repository, found))


def _latest(call: Call) -> Answer:
    found = [one for one in call.repository.releases if not (one.draft or one.prerelease)]
    if not found:
        raise not_found()
    return Answer(200, shelf.release(call.urls, call.repository, found[-1]))


def _versions(kind: str) -> "Route":
    def answer(call: Call) -> Answer:
        if call.token is None or not call.token.allows("packages", "read"):
            raise forbidden("packages=read")
        owner, package = call.arguments["owner"], call.arguments["package"]
        account = next((one for one in call.world.accounts if one.login == owner), None)
        expected = "Organization" if kind == "orgs" else "User"
        found = call.world.images.get(f"{owner}/{package}")
        if account is None or account.kind != expected or found is None:
            raise not_found("Package not found.")
        newest = list(reversed(found))
        return call.listed(newest, lambda one: shelf.image_version(call.urls, owner, package, one))

    # The package's slashes come percent-encoded, and are decoded before routes are matched.
    return Route("GET", f"/{kind}/{{owner}}/packages/container/{{package...}}/versions", answer)


_RELEASES = "/repos/{owner}/{name}/releases"

ROUTES = (
    Route("GET", f"{_RELEASES}/latest", _latest, ("contents",)),
    Route("GET", f"{_RELEASES}/tags/{{tag...}}", _by_tag, ("contents",)),
    _versions("orgs"),
    _versions("users"),
)
