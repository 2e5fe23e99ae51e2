"""A sweep over the open pull requests of a repository on the double: what it reads and writes."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from readiness_gate.cli import sweep
from readiness_gate.cli.console import Console
from readiness_gate.cli.dependants import re_evaluate
from readiness_gate.cli.doors import open_doors
from readiness_gate.cli.evaluation import Gate, open_gate
from readiness_gate.cli.merge import as_json
from readiness_gate.cli.sweep import ReEvaluated, evaluate_all
from readiness_gate.doors.settings import from_environment
from readiness_gate.forge.events import parse
from readiness_gate.forge.github import GitHubForge
from readiness_gate.model.outcome import Half
from readiness_gate.model.report import Report
from readiness_gate.publish.statuses import describe
from tests.forge.clock import FakeClock
from tests.github_double import GitHubDouble, PullRequest, Repository, events

CONFIG = ".github/readiness.yml"
MERGE = "readiness / merge"
GRAPH_CHECKS = "version: 1\nmerge: {}\n"


@pytest.fixture
def double() -> Iterator[GitHubDouble]:
    with GitHubDouble() as running:
        yield running


@pytest.fixture
def shop(double: GitHubDouble) -> Repository:
    return double.repository("acme/shop", files={CONFIG: GRAPH_CHECKS})


@pytest.fixture
def gate(double: GitHubDouble, tmp_path: Path) -> Callable[..., Gate]:
    def opened(run: int = 7001, token: str = "ghs_writer") -> Gate:
        settings = from_environment(
            {
                "GITHUB_ACTIONS": "true",
                "GITHUB_TOKEN": token,
                "GITHUB_REPOSITORY": "acme/shop",
                "GITHUB_API_URL": double.api_url,
                "GITHUB_GRAPHQL_URL": double.graphql_url,
                "GITHUB_SERVER_URL": double.web,
                "GITHUB_WORKSPACE": str(tmp_path),
                "GITHUB_RUN_ID": str(run),
            },
            {"mode": "merge"},
        )
        clock = FakeClock(datetime.now(UTC))
        forge = GitHubForge(
            repository="acme/shop",
            token=token,
            api_url=double.api_url,
            graphql_url=double.graphql_url,
            clock=clock,
            seconds_between_writes=0,
        )
        doors = replace(open_doors(settings), clock=clock)
        return open_gate(settings, doors, forge, Console(color=False))

    return opened


def swept(one: Gate) -> ReEvaluated:
    assert one.graphs is not None
    return evaluate_all(one, one.graphs.listed().standing)


def state(shop: Repository, pull: PullRequest) -> str | None:
    return next((s.state for s in shop.verdicts.newest(pull.head_sha) if s.context == MERGE), None)


def said(shop: Repository, pull: PullRequest) -> str:
    return next(s.description or "" for s in shop.verdicts.newest(pull.head_sha))


def written(double: GitHubDouble) -> list[str]:
    return [one.path for one in double.requests if one.writes]


def stands(shop: Repository, report: Report) -> None:
    """Let the report's verdict stand on its head, as an earlier sweep has left it."""
    conclusion = report.conclusions.merge
    assert conclusion is not None
    assert report.head_sha is not None
    words = describe([one for one in report.items if one.half is Half.MERGE], conclusion)
    shop.verdicts.status(report.head_sha, MERGE, conclusion.value, description=words)


def test_a_thousand_verdicts_that_stand_cost_twelve_requests_and_fifteen_points(
    double: GitHubDouble,
    shop: Repository,
    gate: Callable[..., Gate],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shop.pull_request(number=1, merged=True)
    for number in range(2, 1002):
        shop.pull_request(number=number, body=f"Depends on #{number - 1}" if number % 3 else "")
    with monkeypatch.context() as dry:
        dry.setattr(sweep, "WRITES", 0)
        for report in swept(gate()).reports:
            stands(shop, report)
    calls = len(double.requests)
    done = swept(gate(7002))
    assert (len(done.reports), done.failed, done.left) == (1000, (), ())
    assert written(double) == []
    spent = list(double.requests)[calls:]
    assert len(spent) <= 12
    assert sum(one.points for one in spent) <= 15


def test_statuses_come_before_comments_and_only_what_changed_is_written(
    double: GitHubDouble, shop: Repository, gate: Callable[..., Gate]
) -> None:
    first = shop.pull_request(number=14)
    waits = shop.pull_request(number=15, body="Depends on #14")
    assert swept(gate()).exit_code == 0
    kinds = ["status" if "/statuses/" in path else "comment" for path in written(double)]
    assert kinds == ["status", "status", "comment", "comment"]
    assert (state(shop, first), state(shop, waits)) == ("success", "pending")
    before = len(written(double))
    assert swept(gate(7002)).exit_code == 0
    assert len(written(double)) == before
    first.merge()
    assert swept(gate(7003)).exit_code == 0
    assert state(shop, waits) == "success"
    assert len(written(double)) == before + 2


def test_beyond_the_budget_the_rest_is_left_and_named(
    double: GitHubDouble,
    shop: Repository,
    gate: Callable[..., Gate],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sweep, "WRITES", 3)
    pulls = [shop.pull_request(number=number) for number in range(1, 8)]
    one = gate()
    done = swept(one)
    assert (done.left, done.exit_code) == ((4, 5, 6, 7), 0)
    assert [state(shop, pull) for pull in pulls] == ["success"] * 3 + [None] * 4
    assert "left to the next sweep, one run writes 3: #4, #5, #6, #7" in capsys.readouterr().err
    assert as_json(done, one)["left"] == [4, 5, 6, 7]
    assert swept(gate(7002)).left == (7,)
    assert swept(gate(7003)).left == ()


def test_a_wrong_green_is_taken_back_before_anything_else(
    shop: Repository, gate: Callable[..., Gate], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "WRITES", 1)
    for number in range(1, 6):
        shop.pull_request(number=number)
    green = shop.pull_request(number=9, body="Depends on #1")
    shop.verdicts.status(green.head_sha, MERGE, "success", description="ready: 2 passed")
    assert swept(gate()).left == (1, 2, 3, 4, 5)
    assert state(shop, green) == "pending"


def test_one_that_fails_skips_nobody(
    double: GitHubDouble, shop: Repository, gate: Callable[..., Gate]
) -> None:
    broken = shop.pull_request(number=14)
    fine = shop.pull_request(number=15)
    path = f"/repos/acme/shop/statuses/{broken.head_sha}"
    double.faults.add("POST", path, "5xx-before", times=20)
    done = swept(gate())
    assert [line.partition(":")[0] for line in done.failed] == ["#14"]
    assert done.exit_code == 3
    assert state(shop, fine) == "success"


def test_where_github_stops_answering_the_rest_is_left(
    double: GitHubDouble, shop: Repository, gate: Callable[..., Gate]
) -> None:
    for number in range(1, 8):
        shop.pull_request(number=number)
    double.faults.add("POST", "/repos/acme/shop/statuses/.*", "429", times=100, retry_after=3600)
    done = swept(gate())
    assert (len(done.failed), done.left, done.exit_code) == (3, (4, 5, 6, 7), 3)


def test_a_head_that_moves_gets_nothing_and_is_left_to_its_own_run(
    double: GitHubDouble, shop: Repository, gate: Callable[..., Gate]
) -> None:
    pull = shop.pull_request(number=14)
    old = pull.head_sha
    one = gate()
    assert one.graphs is not None
    listed = one.graphs.listed().standing
    pull.push()
    done = evaluate_all(one, listed)
    assert (done.left, done.exit_code) == ((14,), 0)
    assert shop.verdicts.on(old) == []
    assert shop.verdicts.on(pull.head_sha) == []


def test_shared_heads_take_the_worse_and_are_written_once(
    double: GitHubDouble, shop: Repository, gate: Callable[..., Gate]
) -> None:
    shop.commit("release", {"x": "y"})
    blocker = shop.pull_request(number=3)
    one = shop.pull_request(number=14, head="feature", body="Depends on #3")
    other = shop.pull_request(number=30, head="feature", base="release")
    assert one.head_sha == other.head_sha
    shop.commit("release", {CONFIG: GRAPH_CHECKS})
    swept(gate())
    assert state(shop, one) == "pending"
    assert said(shop, one) == "#14, #30 share one head: the worse of them counts"
    assert len(shop.verdicts.on(one.head_sha)) == 1
    before = len(written(double))
    swept(gate(7002))
    assert len(written(double)) == before
    blocker.merge()
    swept(gate(7003))
    assert state(shop, one) == "success"


def test_closed_ones_are_never_touched(
    double: GitHubDouble, shop: Repository, gate: Callable[..., Gate]
) -> None:
    closed = shop.pull_request(number=13, closed=True)
    merged = shop.pull_request(number=14, merged=True)
    shop.pull_request(number=15, body="Depends on #13 and #14")
    swept(gate())
    assert shop.verdicts.on(closed.head_sha) == []
    assert shop.verdicts.on(merged.head_sha) == []
    assert shop.comments_on(13) == shop.comments_on(14) == []


def test_a_base_without_a_configuration_and_a_broken_one_skip_nobody(
    shop: Repository, gate: Callable[..., Gate], capsys: pytest.CaptureFixture[str]
) -> None:
    shop.commit("bare", {CONFIG: None})
    shop.commit("broken", {CONFIG: "version: 1\nnonsense: 1\n"})
    bare = shop.pull_request(number=14, base="bare")
    broken = shop.pull_request(number=15, base="broken")
    fine = shop.pull_request(number=16)
    done = swept(gate())
    assert "#14: its base branch has no configuration" in capsys.readouterr().err
    assert [line.partition(":")[0] for line in done.failed] == ["#15"]
    assert (state(shop, bare), state(shop, broken), state(shop, fine)) == (None, "error", "success")


def test_many_bases_are_read_in_one_request(
    double: GitHubDouble,
    shop: Repository,
    gate: Callable[..., Gate],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sweep, "WRITES", 0)
    shop.pull_request(number=1, head="layer-1")
    for number in range(2, 41):
        base = f"layer-{number - 1}"
        shop.pull_request(number=number, base=base, head=f"layer-{number}")
    done = swept(gate())
    assert (len(done.reports), len(done.left)) == (40, 40)
    assert len(double.requests) == 2


def test_labels_are_read_in_a_batch_and_only_where_a_policy_speaks_of_them(
    double: GitHubDouble, shop: Repository, gate: Callable[..., Gate]
) -> None:
    when = "items:\n  merge-order: {check: merge-order, when: {labels: [ordered]}}\n"
    shop.commit("main", {CONFIG: GRAPH_CHECKS + when})
    shop.pull_request(number=14, labels=["ordered"])
    shop.pull_request(number=15)
    done = swept(gate())
    found = {
        report.pull_request: next(one for one in report.items if one.id == "merge-order").skipped_by
        for report in done.reports
    }
    assert found[14] is None
    assert found[15] == "when"
    asked = [one for one in double.requests if "labels(first: 100)" in json.dumps(one.body)]
    assert len(asked) == 1


def test_an_event_re_evaluates_everything_behind_it_and_looks_at_the_parents_comment(
    double: GitHubDouble, shop: Repository, gate: Callable[..., Gate]
) -> None:
    first = shop.pull_request(number=14)
    middle = shop.pull_request(number=15, body="Depends on #14, blocked by #16")
    last = shop.pull_request(number=16, body="Depends on #15")
    swept(gate())
    assert (state(shop, middle), state(shop, last)) == ("failure", "failure")
    middle.edit(body="Depends on #14")
    event = events.pull_request(double, middle, "edited")
    done = re_evaluate(gate(7002), parse("pull_request", event.payload, mode="merge"))
    assert done.exit_code == 0
    assert state(shop, last) == "pending"
    later = shop.pull_request(number=17, body="Depends on #14")
    event = events.pull_request(double, later, "opened")
    re_evaluate(gate(7003), parse("pull_request", event.payload, mode="merge"))
    (comment,) = shop.comments_on(14)
    assert "**Blocks** `#15`, `#17`" in comment.body
    assert [one.state for one in shop.verdicts.on(first.head_sha)] == ["success"]


def test_a_reopened_dependency_takes_the_green_back(
    double: GitHubDouble, shop: Repository, gate: Callable[..., Gate]
) -> None:
    issue = shop.issue(number=7, closed_as="completed")
    waits = shop.pull_request(number=15, body="Blocked by #7")
    swept(gate())
    assert state(shop, waits) == "success"
    issue.state, issue.state_reason = "open", None
    swept(gate(7002))
    assert state(shop, waits) == "pending"


def test_an_older_run_that_was_late_leaves_the_newer_verdict(
    double: GitHubDouble, shop: Repository, gate: Callable[..., Gate]
) -> None:
    first = shop.pull_request(number=14)
    waits = shop.pull_request(number=15, body="Depends on #14")
    old, new = gate(7001), gate(7002)
    assert old.graphs is not None
    read_before = old.graphs.listed().standing
    first.merge()
    swept(new)
    assert state(shop, waits) == "success"
    # The double's clock is not ours: the older run has read before anything was written.
    old.graphs.read_at = datetime(2000, 1, 1, tzinfo=UTC)
    done = evaluate_all(old, read_before)
    assert state(shop, waits) == "success"
    assert 15 in done.left


def test_taking_the_last_line_out_of_a_body_frees_it(
    shop: Repository, gate: Callable[..., Gate]
) -> None:
    shop.pull_request(number=14)
    waits = shop.pull_request(number=15, body="Depends on #14")
    swept(gate())
    assert state(shop, waits) == "pending"
    waits.edit(body="No dependency any more.")
    swept(gate(7002))
    assert state(shop, waits) == "success"


def test_a_conflict_and_a_mergeability_that_is_not_known_change_no_verdict(
    shop: Repository, gate: Callable[..., Gate]
) -> None:
    conflict = shop.pull_request(number=14, files={"a.txt": "theirs\n"})
    shop.commit("main", {"a.txt": "ours\n"})
    unknown = shop.pull_request(number=15)
    unknown.mergeable_known = False
    assert conflict.test_merge() is None
    swept(gate())
    assert (state(shop, conflict), state(shop, unknown)) == ("success", "success")


def test_the_policy_is_that_of_the_tip_of_the_own_base(
    shop: Repository, gate: Callable[..., Gate]
) -> None:
    ordered = "version: 1\nmerge: {order: [14, 15]}\n"
    shop.commit("release", {CONFIG: ordered})
    shop.pull_request(number=14, base="release")
    late = shop.pull_request(number=15, base="release", files={CONFIG: GRAPH_CHECKS})
    other = shop.pull_request(number=16)
    swept(gate())
    # What the pull request itself says of the policy does not count.
    assert state(shop, late) == "pending"
    assert state(shop, other) == "success"


def test_a_status_that_never_arrived_is_made_up_for(
    double: GitHubDouble, shop: Repository, gate: Callable[..., Gate]
) -> None:
    pull = shop.pull_request(number=14)
    path = f"/repos/acme/shop/statuses/{pull.head_sha}"
    double.faults.add("POST", path, "5xx-before", times=5)
    assert swept(gate()).exit_code == 3
    assert state(shop, pull) is None
    assert swept(gate(7002)).exit_code == 0
    assert state(shop, pull) == "success"


def test_s_20_the_same_verdict_of_somebody_else_is_written_anew(
    shop: Repository, gate: Callable[..., Gate]
) -> None:
    pull = shop.pull_request(number=14)
    assert swept(gate()).exit_code == 0
    words = said(shop, pull)
    shop.verdicts.status(pull.head_sha, MERGE, "success", description=words, creator="mallory")
    assert swept(gate(7002)).exit_code == 0
    (newest,) = shop.verdicts.newest(pull.head_sha)
    assert (newest.creator.login, newest.description) == ("github-actions[bot]", words)


def test_where_nothing_is_enforced_comments_are_kept_up_and_no_status_is_written(
    double: GitHubDouble,
    shop: Repository,
    gate: Callable[..., Gate],
    capsys: pytest.CaptureFixture[str],
) -> None:
    shop.commit("main", {CONFIG: f"{GRAPH_CHECKS}enforce: none\n"})
    first = shop.pull_request(number=14)
    waits = shop.pull_request(number=15, body="Depends on #14")
    swept(gate())
    assert (state(shop, first), state(shop, waits)) == (None, None)
    assert "`#14` | ⏳ open" in shop.comments_on(15)[0].body
    first.merge()
    swept(gate(7002))
    assert "`#14` | ✅ merged" in shop.comments_on(15)[0].body
    assert "asked of GitHub:" in capsys.readouterr().err
