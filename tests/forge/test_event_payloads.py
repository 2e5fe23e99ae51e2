"""Payloads as a runner leaves them, read by the gate."""

from typing import Literal

import pytest

from readiness_gate.forge.events import Commented, Subject, parse
from readiness_gate.forge.github import GitHubForge
from readiness_gate.merge.commands import Attest, Recheck
from readiness_gate.model.outcome import Half, Stage
from tests.github_double import GitHubDouble, Repository, events


def test_a_push_to_a_pull_request(double: GitHubDouble, shop: Repository) -> None:
    pull = shop.pull_request(number=14)
    pull.push()
    sent = events.pull_request(double, pull, "synchronize")
    event = parse(sent.name, sent.payload)
    assert (event.pull_request, event.head_sha) == (14, pull.head_sha)
    assert event.head_sha != sent.sha  # GITHUB_SHA is the test merge
    assert event.halves == set(Half)


def test_an_edit_of_the_text_and_one_of_the_base(double: GitHubDouble, shop: Repository) -> None:
    pull = shop.pull_request(number=14)
    text = events.pull_request(double, pull, "edited")
    assert parse(text.name, text.payload).halves == {Half.MERGE}
    shop.commit("develop", {"a": "1"})
    pull.edit(base="develop")
    base = events.pull_request(
        double, pull, "edited", changed={"base": {"ref": {"from": "main"}, "sha": {"from": "x"}}}
    )
    assert parse(base.name, base.payload).halves == set(Half)


def test_a_merge_group_is_parsed_and_walked(
    double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    for number in (14, 15):
        shop.pull_request(number=number)
        entry = shop.queue.add(number)
    sent = events.merge_group(double, shop, entry)
    group = parse(sent.name, sent.payload).merge_group
    assert group is not None
    assert (group.base_branch, group.head_sha) == ("main", sent.sha)
    found = live.merge_group(group.head_ref, group.head_sha, group.base_sha)
    assert [member.number for member in found.members] == [14, 15]


def test_a_merged_pull_request_concerns_its_dependants(
    double: GitHubDouble, shop: Repository
) -> None:
    sent = events.pull_request(double, shop.pull_request(number=14, merged=True), "closed")
    event = parse(sent.name, sent.payload)
    assert (event.subject, event.dependants) == (Subject.CLOSED_PULL_REQUEST, True)


def test_a_push_to_main_and_a_call_by_hand(double: GitHubDouble, shop: Repository) -> None:
    tip = shop.commit("main", {"a": "1"})
    pushed = events.push(double, shop, "main")
    stage = parse(pushed.name, pushed.payload, stage=Stage.POST_DEPLOY, sha=pushed.sha)
    assert (stage.subject, stage.sha) == (Subject.STAGE, tip)
    called = events.workflow_dispatch(double, shop, {"pull-request": "14"})
    assert parse(called.name, called.payload).pull_request == 14


LINE = "/readiness attest privacy https://example.test/a"


def test_a_comment_with_commands_is_taken_for_its_pull_request(
    double: GitHubDouble, shop: Repository
) -> None:
    shop.pull_request(number=14)
    comment = shop.comment(14, f"Hello\n\n{LINE}\n/readiness recheck", author="lead")
    sent = events.issue_comment(double, shop, comment)
    event = parse(sent.name, sent.payload, mode="merge")
    assert (event.subject, event.pull_request) == (Subject.PULL_REQUEST, 14)
    assert event.halves == {Half.MERGE}
    assert event.comment == Commented(
        comment.id, "lead", (Attest("privacy", "https://example.test/a"), Recheck())
    )


@pytest.mark.parametrize("action", ["edited", "deleted"])
def test_a_comment_that_was_changed_commands_nothing_but_is_looked_at(
    double: GitHubDouble, shop: Repository, action: Literal["edited", "deleted"]
) -> None:
    shop.pull_request(number=14)
    sent = events.issue_comment(double, shop, shop.comment(14, LINE), action)
    event = parse(sent.name, sent.payload, mode="merge")
    assert (event.subject, event.comment) == (Subject.PULL_REQUEST, None)


def test_a_sign_off_that_was_edited_away_is_looked_at(
    double: GitHubDouble, shop: Repository
) -> None:
    shop.pull_request(number=14)
    comment = shop.comment(14, "never mind")
    sent = events.issue_comment(double, shop, comment, "edited", before=LINE)
    assert parse(sent.name, sent.payload, mode="merge").subject is Subject.PULL_REQUEST


@pytest.mark.parametrize("action", ["created", "edited", "deleted"])
def test_talk_wakes_nobody(
    double: GitHubDouble, shop: Repository, action: Literal["created", "edited", "deleted"]
) -> None:
    shop.pull_request(number=14)
    for body in ("looks good", f"> {LINE}", "`/readiness recheck`"):
        sent = events.issue_comment(double, shop, shop.comment(14, body), action)
        event = parse(sent.name, sent.payload, mode="merge")
        assert (event.subject, event.halves) == (Subject.NOTHING, frozenset())
