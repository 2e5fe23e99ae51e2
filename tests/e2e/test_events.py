"""What an event of Actions leads to on GitHub, without a stack: quick, by the command."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import tiny
from tests.e2e.command_line import Called, call
from tests.github_double import GitHubDouble, Repository, events
from tests.github_double.events import Event

pytestmark = pytest.mark.timeout(120)

CONFIG = "version: 1\nmerge: {order: [14, 17, 21]}\n"


@pytest.fixture
def double() -> Iterator[GitHubDouble]:
    with GitHubDouble() as made:
        yield made


def tiny_on(double: GitHubDouble, *, config: str | None = CONFIG) -> Repository:
    files = {"README.md": "# Tiny\n"}
    if config is not None:
        files[".github/readiness.yml"] = config
    return double.repository("acme/tiny", files=files)


def gate(double: GitHubDouble, event: Event, tmp_path: Path, token: str = "ghs_writer") -> Called:
    folder = tiny.repository(tmp_path / "tiny", {"README.md": "# Tiny\n"})
    (folder / ".git").rename(tmp_path / "git")  # a checkout of which nothing can be told
    variables = event.environment(double, event.write(tmp_path / "event.json"))
    return call(folder, "run", environment={**variables, "GITHUB_TOKEN": token})


def states(home: Repository, sha: str) -> dict[str, str]:
    return {one.context: one.state for one in home.verdicts.newest(sha)}


def test_a_half_without_a_plan_gets_no_status(double: GitHubDouble, tmp_path: Path) -> None:
    home = tiny_on(double)
    pull = home.pull_request(number=14)
    done = gate(double, events.pull_request(double, pull, "opened"), tmp_path)
    assert done.exit_code == 0, done.said
    assert states(home, pull.head_sha) == {"readiness / merge": "success"}


def test_a_closed_pull_request_is_left_alone_and_those_behind_it_are_evaluated(
    double: GitHubDouble, tmp_path: Path
) -> None:
    home = tiny_on(double)
    merged = home.pull_request(number=14, merged=True)
    behind = home.pull_request(number=17)
    done = gate(double, events.pull_request(double, merged, "closed"), tmp_path)
    assert done.exit_code == 0, done.said
    assert states(home, merged.head_sha) == {}
    assert states(home, behind.head_sha) == {"readiness / merge": "success"}
    assert home.comments_on(14) == []


def test_a_read_only_token_leaves_those_behind_to_a_sweep_and_keeps_the_verdict(
    double: GitHubDouble, tmp_path: Path
) -> None:
    home = tiny_on(double)
    first = home.pull_request(number=14)
    home.pull_request(number=17)
    event = events.pull_request(double, first, "opened")
    done = gate(double, event, tmp_path, token="ghs_readonly")
    assert done.exit_code == 0, done.said
    assert done.report["verdict"] == "ready"
    assert home.verdicts.statuses == {}
    assert done.stderr.count("statuses: write") == 1
    assert "left to the next sweep, this token may not write: #17" in done.stderr


@pytest.mark.slow  # GitHub is asked again and again, as it should be
def test_those_behind_that_cannot_be_evaluated_fail_the_step(
    double: GitHubDouble, tmp_path: Path
) -> None:
    home = tiny_on(double)
    first = home.pull_request(number=14)
    behind = home.pull_request(number=17)
    path = f"/repos/acme/tiny/statuses/{behind.head_sha}"
    double.faults.add("POST", path, "5xx-before", times=50, code=500)
    done = gate(double, events.pull_request(double, first, "opened"), tmp_path)
    assert done.exit_code == 3, done.said
    assert states(home, first.head_sha) == {"readiness / merge": "success"}


def test_a_first_adoption_without_anything_behind_it_is_a_preview(
    double: GitHubDouble, tmp_path: Path
) -> None:
    home = tiny_on(double, config=None)
    pull = home.pull_request(number=14, files={".github/readiness.yml": CONFIG})
    home.pull_request(number=17)
    done = gate(double, events.pull_request(double, pull, "opened"), tmp_path)
    assert done.exit_code == 0, done.said
    assert home.verdicts.statuses == {}
    (comment,) = home.comments_on(14)
    assert "preview" in comment.body.lower()


def test_without_a_configuration_anywhere_nothing_is_written(
    double: GitHubDouble, tmp_path: Path
) -> None:
    home = tiny_on(double, config=None)
    pull = home.pull_request(number=14)
    done = gate(double, events.pull_request(double, pull, "opened"), tmp_path)
    assert done.exit_code == 2, done.said
    assert home.verdicts.statuses == {}
    assert home.comments_on(14) == []


def test_a_wrong_configuration_at_the_base_is_an_error_and_never_left_green(
    double: GitHubDouble, tmp_path: Path
) -> None:
    home = tiny_on(double, config="version: 1\nitmes: {}\n")
    pull = home.pull_request(number=14)
    home.verdicts.status(pull.head_sha, "readiness / merge", "success", description="ready")
    done = gate(double, events.pull_request(double, pull, "synchronize"), tmp_path)
    assert done.exit_code == 2, done.said
    assert ".github/readiness.yml:2:1: " in done.stderr
    assert states(home, pull.head_sha)["readiness / merge"] != "success"


def test_a_head_that_moved_meanwhile_gets_nothing(double: GitHubDouble, tmp_path: Path) -> None:
    home = tiny_on(double)
    pull = home.pull_request(number=14)
    event = events.pull_request(double, pull, "opened")
    old = pull.head_sha
    new = pull.push()
    done = gate(double, event, tmp_path)
    assert states(home, old) == states(home, new) == {}, done.said
    assert "by now" in done.stderr
