"""A scenario in JSON: what a double in a process of its own begins with."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from tests.github_double.double import GitHubDouble
from tests.github_double.git_import import import_git
from tests.github_double.repository import Repository
from tests.github_double.rules import required_checks

Json = Mapping[str, Any]

_PULL = ("number", "base", "head", "title", "body", "author", "files", "draft", "labels", "stack")
_PULL_KEYS = {*_PULL, "merged", "closed", "fork", "reviews", "comments", "statuses"}
_PULL_KEYS |= {"check-runs", "deployments"}
_REPOSITORY_KEYS = {
    "name",
    "default-branch",
    "private",
    "files",
    "git",
    "branches",
    "collaborators",
    "required-approvals",
    "pulls",
    "issues",
    "queue",
    "required-checks",
}


def load(double: GitHubDouble, scenario: Json) -> None:
    """Builds the state; raises ValueError for a key that means nothing.

    `{"tokens": {"ghs_x": {"statuses": "read"}}, "repositories": [{"name": "acme/shop",
    "git": "/path", "branches": {"main": {"path": "text"}}, "pulls": [{"number": 14, ...}],
    "issues": [...], "queue": [14]}], "faults": [{"method": "POST", "path": "...", "kind":
    "5xx-after"}]}`. Pull requests are opened in their order; `merged` may be a method's name.
    """
    _check(scenario, {"tokens", "repositories", "faults"})
    for value, changed in scenario.get("tokens", {}).items():
        double.token(value, **changed)
    for wanted in scenario.get("repositories", ()):
        _repository(double, wanted)
    for fault in scenario.get("faults", ()):
        _fault(double, dict(fault))


def _check(given: Json, known: set[str]) -> None:
    unknown = sorted(set(given) - known)
    if unknown:
        raise ValueError(f"unknown keys in the scenario: {', '.join(unknown)}")


def _repository(double: GitHubDouble, wanted: Json) -> None:
    _check(wanted, _REPOSITORY_KEYS)
    branch, private = wanted.get("default-branch", "main"), wanted.get("private", False)
    if "git" in wanted:
        home = double.world.create(wanted["name"], private=private, default_branch=branch)
        import_git(home, Path(wanted["git"]))
    else:
        home = double.repository(
            wanted["name"], private=private, default_branch=branch, files=wanted.get("files")
        )
    home.collaborators.update(wanted.get("collaborators", {}))
    home.required_approvals = wanted.get("required-approvals", 0)
    for name, files in wanted.get("branches", {}).items():
        home.commit(name, files)
    if "required-checks" in wanted:
        home.rules.add(required_checks(wanted["required-checks"]), branches=[branch])
    for issue in wanted.get("issues", ()):
        home.issue(**issue)
    for pull in wanted.get("pulls", ()):
        _pull(double, home, pull)
    for number in wanted.get("queue", ()):
        home.queue.add(number)


def _pull(double: GitHubDouble, home: Repository, wanted: Json) -> None:
    _check(wanted, _PULL_KEYS)
    source = home
    if "fork" in wanted:
        name = f"{wanted['fork']}/{home.name}"
        source = double.world.repositories.get(name) or double.fork(home, wanted["fork"])
    options = {name: wanted[name] for name in _PULL if name in wanted}
    pull = home.pull_request(head_repository=source, **options)
    for review in wanted.get("reviews", ()):
        pull.review(**review)
    for comment in wanted.get("comments", ()):
        home.comment(pull.number, **comment)
    for status in wanted.get("statuses", ()):
        home.verdicts.status(pull.head_sha, **status)
    for check in wanted.get("check-runs", ()):
        home.verdicts.check_run(pull.head_sha, **check)
    for environment, states in wanted.get("deployments", {}).items():
        home.verdicts.deployment(pull.head_sha, environment, *states)
    merged = wanted.get("merged")
    if merged:
        pull.merge("merge" if merged is True else merged)
    elif wanted.get("closed"):
        pull.close()


def _fault(double: GitHubDouble, wanted: dict[str, Any]) -> None:
    push = wanted.pop("push", None)
    if push is not None:  # the hook that can be written down: a branch moves
        home = double.world.repository(push["repository"])
        wanted["hook"] = partial(home.commit, push["branch"], push["files"])
    if "data_path" in wanted:
        wanted["data_path"] = tuple(wanted["data_path"])
    double.faults.add(**wanted)
