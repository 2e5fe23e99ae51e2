import logging
import time
from dataclasses import replace

import pytest

from readiness_gate.errors import ForgeError, PermissionMissing
from readiness_gate.forge.base import CommitStatus
from readiness_gate.forge.github import GitHubForge
from readiness_gate.model.outcome import Conclusion
from tests.forge.clock import FakeClock
from tests.forge.conftest import MakeForge
from tests.github_double import GitHubDouble, Repository

MARKER = "<!-- readiness-gate:v1 -->"
OURS = "github-actions[bot]"
CONTEXT = "readiness / merge"
COMMENTS = "/repos/acme/shop/issues/14/comments"
STATUSES = r"/repos/acme/shop/statuses/.*"


@pytest.fixture(autouse=True)
def _pull_request(shop: Repository) -> None:
    shop.pull_request(number=14)


def _writes(double: GitHubDouble) -> list[tuple[str, int | None]]:
    return [(entry.method, entry.code) for entry in double.requests if entry.writes]


def _bodies(shop: Repository) -> list[str]:
    return [comment.body for comment in shop.comments_on(14)]


def _set(forge: GitHubForge, shop: Repository, description: str = "waits for #10") -> str:
    head = shop.pulls[14].head_sha
    forge.set_status(head, CONTEXT, Conclusion.PENDING, description, "https://ci.example/run/1")
    return head


# -- comments


def test_own_comments_are_found_behind_250_of_others(shop: Repository, live: GitHubForge) -> None:
    for number in range(250):
        shop.comment(14, f"comment {number}")
    first = shop.comment(14, f"{MARKER}\nfirst", author=OURS)
    second = shop.comment(14, f"{MARKER}\r\nsecond", author=OURS)
    found = live.own_comments(14, MARKER)
    assert [comment.id for comment in found] == [first.id, second.id]
    assert live.usage.requests == 3


def test_a_spoofed_marker_is_not_an_own_comment(shop: Repository, live: GitHubForge) -> None:
    shop.comment(14, f"{MARKER}\nforged", author="attacker")
    shop.comment(14, f"{MARKER}\nforged", author="github-actions")
    shop.comment(14, f"text first\n{MARKER}", author=OURS)
    shop.comment(14, f"{MARKER} and more", author=OURS)
    assert live.own_comments(14, MARKER) == []


def test_an_incomplete_page_of_comments_is_an_error(
    double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    shop.comment(14, f"{MARKER}\nours", author=OURS)
    path = ("repository", "pullRequest", "comments", "nodes", 0)
    double.faults.add("POST", "/graphql", "partial", data_path=path)
    with pytest.raises(ForgeError, match="not complete"):
        live.own_comments(14, MARKER)


def test_comments_of_a_number_that_is_none_are_an_error(live: GitHubForge) -> None:
    with pytest.raises(ForgeError):
        live.own_comments(99, MARKER)


def test_a_comment_is_written_changed_and_deleted(shop: Repository, live: GitHubForge) -> None:
    made = live.create_comment(14, f"{MARKER}\none")
    assert made.url == f"https://github.com/acme/shop/pull/14#issuecomment-{made.id}"
    changed = live.update_comment(made, f"{MARKER}\ntwo")
    assert (changed.id, changed.body) == (made.id, f"{MARKER}\ntwo")
    assert _bodies(shop) == [f"{MARKER}\ntwo"]
    live.delete_comment(made)
    live.delete_comment(made)
    assert _bodies(shop) == []


def test_a_comment_is_repeated_after_a_failure_that_wrote_nothing(
    double: GitHubDouble, shop: Repository, live: GitHubForge, clock: FakeClock
) -> None:
    double.faults.add("POST", COMMENTS, "5xx-before", code=500)
    live.create_comment(14, f"{MARKER}\none")
    assert _bodies(shop) == [f"{MARKER}\none"]
    assert _writes(double) == [("POST", 500), ("POST", 201)]
    assert clock.slept == [1]


@pytest.mark.parametrize("kind", ["5xx-after", "drop-after"])
def test_a_comment_that_was_written_after_all_is_not_doubled(
    double: GitHubDouble, shop: Repository, live: GitHubForge, kind: str
) -> None:
    double.faults.add("POST", COMMENTS, kind)  # type: ignore[arg-type]
    made = live.create_comment(14, f"{MARKER}\none")
    assert _bodies(shop) == [f"{MARKER}\none"]
    assert made.id in shop.comments
    assert len(_writes(double)) == 1


def test_a_comment_that_another_run_wrote_meanwhile_takes_our_text(
    double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    double.faults.add("POST", COMMENTS, "5xx-before")
    theirs = shop.comment(14, f"{MARKER}\ntheirs", author=OURS)
    made = live.create_comment(14, f"{MARKER}\nours")
    assert (made.id, made.body) == (theirs.id, f"{MARKER}\nours")
    assert _bodies(shop) == [f"{MARKER}\nours"]


def test_a_changed_comment_is_sent_again_after_a_failure(
    double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    made = live.create_comment(14, f"{MARKER}\none")
    path = f"/repos/acme/shop/issues/comments/{made.id}"
    double.faults.add("PATCH", path, "5xx-before", times=2, code=503)
    live.update_comment(made, f"{MARKER}\ntwo")
    assert _bodies(shop) == [f"{MARKER}\ntwo"]
    assert _writes(double)[1:] == [("PATCH", 503), ("PATCH", 503), ("PATCH", 200)]


def test_a_comment_that_somebody_deleted_cannot_be_changed(
    shop: Repository, live: GitHubForge
) -> None:
    made = live.create_comment(14, f"{MARKER}\none")
    del shop.comments[made.id]
    with pytest.raises(ForgeError, match="not found"):
        live.update_comment(made, "two")


def test_a_comment_that_is_too_long_is_refused_and_not_repeated(
    double: GitHubDouble, live: GitHubForge
) -> None:
    with pytest.raises(ForgeError, match="422"):
        live.create_comment(14, "x" * 65_537)
    assert len(double.requests) == 1


# -- statuses


def _timeless(status: CommitStatus) -> CommitStatus:
    assert status.created_at is not None
    return replace(status, created_at=None)


def test_the_newest_status_of_each_context_is_read_from_all_pages(
    shop: Repository, live: GitHubForge
) -> None:
    head = shop.pulls[14].head_sha
    shop.verdicts.status(head, "rare", "failure", description=None, creator="maintainer")
    for number in range(130):
        shop.verdicts.status(head, "ci", "pending", description=f"run {number}", creator="ci[bot]")
    found = {name: _timeless(status) for name, status in live.statuses(head).items()}
    assert found == {
        "ci": CommitStatus("ci", Conclusion.PENDING, "run 129", "", "ci[bot]"),
        "rare": CommitStatus("rare", Conclusion.FAILURE, "", "", "maintainer"),
    }


def test_a_status_is_written_as_it_was_given(shop: Repository, live: GitHubForge) -> None:
    head = _set(live, shop)
    assert _timeless(live.statuses(head)[CONTEXT]) == CommitStatus(
        CONTEXT, Conclusion.PENDING, "waits for #10", "https://ci.example/run/1", OURS
    )


@pytest.mark.parametrize(("kind", "written"), [("5xx-before", 1), ("5xx-after", 1)])
def test_a_status_is_written_exactly_once_through_a_failure(
    double: GitHubDouble, shop: Repository, live: GitHubForge, kind: str, written: int
) -> None:
    double.faults.add("POST", STATUSES, kind)  # type: ignore[arg-type]
    head = _set(live, shop)
    assert len(shop.verdicts.on(head)) == written


def test_statuses_of_an_unknown_commit_are_an_error(live: GitHubForge) -> None:
    with pytest.raises(ForgeError):
        live.statuses("f" * 40)
    with pytest.raises(ForgeError):
        live.set_status("f" * 40, CONTEXT, Conclusion.SUCCESS, "", "")


# -- permissions


@pytest.mark.parametrize("token", ["ghs_readonly", "ghs_without_statuses"])
def test_a_token_that_may_not_write_statuses_is_told_so_at_once(
    double: GitHubDouble, shop: Repository, make_forge: MakeForge, token: str
) -> None:
    with pytest.raises(PermissionMissing) as missing:
        _set(make_forge(token), shop)
    assert missing.value.permission == "statuses: write"
    assert len(double.requests) == 1


def test_a_token_that_may_not_comment_is_told_so_at_once(
    double: GitHubDouble, make_forge: MakeForge
) -> None:
    with pytest.raises(PermissionMissing) as missing:
        make_forge("ghs_readonly").create_comment(14, "text")
    assert missing.value.permission == "pull-requests: write"
    assert len(double.requests) == 1


# -- limits


@pytest.mark.parametrize(
    ("kind", "retry_after", "slept"),
    [("429", 7, 7), ("429", None, 60), ("secondary", 11, 11), ("secondary", None, 60)],
)
def test_a_request_to_slow_down_is_followed(
    double: GitHubDouble,
    shop: Repository,
    live: GitHubForge,
    clock: FakeClock,
    kind: str,
    retry_after: int | None,
    slept: int,
) -> None:
    double.faults.add("POST", STATUSES, kind, retry_after=retry_after)  # type: ignore[arg-type]
    head = _set(live, shop)
    assert len(shop.verdicts.on(head)) == 1
    assert clock.slept == [slept]


def test_a_limit_that_resets_soon_is_waited_for(
    double: GitHubDouble, shop: Repository, live: GitHubForge, clock: FakeClock
) -> None:
    double.faults.add("POST", STATUSES, "primary", reset_after=30)
    _set(live, shop)
    assert len(clock.slept) == 1
    assert 25 < clock.slept[0] < 35


def test_a_limit_that_resets_in_an_hour_is_an_error_at_once(
    double: GitHubDouble, shop: Repository, live: GitHubForge, clock: FakeClock
) -> None:
    double.faults.add("POST", STATUSES, "primary", reset_after=3600)
    started = time.monotonic()
    with pytest.raises(ForgeError, match="rate limit is used up") as refused:
        _set(live, shop)
    assert "60 minutes" in refused.value.advice
    assert (clock.slept, len(double.requests)) == ([], 1)
    assert time.monotonic() - started < 5


def test_an_outage_ends_in_an_error_and_is_bounded_over_all_requests(
    double: GitHubDouble, shop: Repository, make_forge: MakeForge, clock: FakeClock
) -> None:
    double.faults.add("*", "/repos/.*", "5xx-before", times=1000)
    forge = make_forge(total_wait=20)
    for _ in range(4):
        with pytest.raises(ForgeError):
            forge.pull_request(14)
    assert sum(clock.slept) <= 20


def test_requests_are_counted_with_their_repetitions(
    double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    double.faults.add("POST", STATUSES, "5xx-before", times=2)
    _set(live, shop)
    assert live.usage.requests == len(double.requests) == 5


def test_the_token_is_in_no_log_line(
    shop: Repository, live: GitHubForge, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        _set(live, shop)
    assert "ghs_writer" not in caplog.text
    assert "ghs_writer" not in f"{live!r}{vars(live)!r}"
