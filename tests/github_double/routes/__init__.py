"""The REST routes that the double answers, one module for each of GitHub's own sections."""

from tests.github_double.routes import (
    actions,
    alerts,
    commits,
    contents,
    git,
    issues,
    meta,
    pulls,
    rules,
    shelf,
    teams,
)
from tests.github_double.routing import Route

ROUTES: tuple[Route, ...] = (
    *meta.ROUTES,
    *alerts.ROUTES,
    *rules.ROUTES,
    *teams.ROUTES,
    *shelf.ROUTES,
    *contents.ROUTES,
    *git.ROUTES,
    *issues.ROUTES,
    *pulls.ROUTES,
    *commits.ROUTES,
    *actions.ROUTES,
)
