"""Comments and reviews that can be sign-offs, from the double's GraphQL."""

import pytest
from graphql import GraphQLSchema, parse, validate

from readiness_gate.errors import ForgeError
from readiness_gate.forge.github import GitHubForge
from readiness_gate.forge.recorded import dump_snapshot, load_snapshot
from readiness_gate.forge.snapshot import SnapshotForge
from readiness_gate.model.remark import Remark
from tests.forge import builders
from tests.forge.conftest import MakeForge
from tests.github_double import GitHubDouble, Repository
from tests.github_double.conftest import published as published  # noqa: PLC0414

LINE = "/readiness attest privacy https://example.test/a"


def read(forge: GitHubForge, number: int) -> tuple[Remark, ...]:
    found = forge.remarks([number])[number]
    if isinstance(found, ForgeError):
        raise found
    return found


def test_comments_with_a_command_and_reviews_are_read(shop: Repository, live: GitHubForge) -> None:
    pull = shop.pull_request(number=14)
    shop.comment(14, "looks good", author="a")
    shop.comment(14, f"Sign with `{LINE}`", author="github-actions[bot]")
    said = shop.comment(14, LINE, author="lead")
    first = pull.head_sha
    review = pull.review("COMMENTED", author="deputy", body=LINE)
    pull.push()
    pull.review("CHANGES_REQUESTED", author="a")
    approval = pull.review("APPROVED", author="boss", body="fine")
    found = read(live, 14)
    assert [(one.kind, one.author, one.state, one.body) for one in found] == [
        ("comment", "lead", "", LINE),
        ("review", "deputy", "commented", LINE),
        ("review", "boss", "approved", ""),
    ]
    assert [one.id for one in found] == [said.id, review.id, approval.id]
    assert [one.commit for one in found] == [None, first, pull.head_sha]
    assert found[0].url.endswith(f"/pull/14#issuecomment-{said.id}")
    assert found[1].url.endswith(f"/pull/14#pullrequestreview-{review.id}")
    assert not any(one.edited or one.hidden or one.bot for one in found)


def test_what_was_edited_or_hidden_is_marked_and_what_was_deleted_is_gone(
    shop: Repository, live: GitHubForge
) -> None:
    pull = shop.pull_request(number=14)
    edited = shop.comment(14, "nothing", author="lead")
    shop.edit_comment(edited, LINE, editor="lead")
    shop.comment(14, LINE, author="lead").minimized_reason = "outdated"
    gone = shop.comment(14, LINE, author="lead")
    del shop.comments[gone.id]
    pull.review("COMMENTED", author="lead", body=LINE).edited_at = shop.world.now()
    assert [(one.edited, one.hidden) for one in read(live, 14)] == [
        (True, False),
        (False, True),
        (True, False),
    ]


def test_a_bot_is_known_by_its_name(shop: Repository, live: GitHubForge) -> None:
    shop.pull_request(number=14)
    shop.comment(14, LINE, author="helper[bot]")
    (one,) = read(live, 14)
    assert (one.author, one.bot) == ("helper[bot]", True)


def test_every_page_is_read(double: GitHubDouble, shop: Repository, live: GitHubForge) -> None:
    pull = shop.pull_request(number=14)
    for number in range(230):
        shop.comment(14, LINE if number % 100 == 7 else "talk", author="lead")
    for _ in range(130):
        pull.review("COMMENTED", author="a", body="talk")
    pull.review("COMMENTED", author="late", body=LINE)
    assert [one.author for one in read(live, 14)] == ["lead", "lead", "lead", "late"]
    assert len(double.requests) == 4


def test_many_pull_requests_are_one_query(
    double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    for number in range(1, 26):
        shop.pull_request(number=number)
        shop.comment(number, LINE, author="lead")
    found = live.remarks(range(1, 26))
    assert [len(one) for one in found.values() if not isinstance(one, ForgeError)] == [1] * 25
    assert len(double.requests) == 1


def test_a_number_that_is_none_is_an_error_of_its_own(shop: Repository, live: GitHubForge) -> None:
    shop.pull_request(number=14)
    found = live.remarks([14, 99])
    assert found[14] == ()
    assert isinstance(found[99], ForgeError)


def test_a_partial_answer_is_an_error(
    double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    shop.pull_request(number=14)
    shop.comment(14, LINE, author="lead")
    hole = ("repository", "k0", "comments", "nodes", 0)
    double.faults.add("POST", "/graphql", "partial", data_path=hole)
    assert isinstance(live.remarks([14])[14], ForgeError)


def test_a_token_that_cannot_read_pull_requests_is_told(
    shop: Repository, make_forge: MakeForge
) -> None:
    shop.pull_request(number=14)
    found = make_forge("ghs_without_pull_requests").remarks([14])[14]
    assert isinstance(found, ForgeError)


def test_remarks_go_into_a_snapshot_and_come_out_the_same(
    shop: Repository, live: GitHubForge
) -> None:
    shop.pull_request(number=14)
    shop.comment(14, LINE, author="lead")
    found = read(live, 14)
    recorded = builders.snapshot().model_copy(update={"remarks": {14: found}})
    again = SnapshotForge(load_snapshot(dump_snapshot(recorded), name="facts.json"))
    assert again.remarks([14, 15])[14] == found
    with pytest.raises(ForgeError, match="does not hold remarks of 15"):
        raise again.remarks([15])[15]  # type: ignore[misc]


def test_the_queries_are_githubs_own_language(
    published: GraphQLSchema, double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    pull = shop.pull_request(number=14)
    for _ in range(101):
        shop.comment(14, "talk", author="a")
        pull.review("COMMENTED", author="a", body="talk")
    read(live, 14)
    assert len(double.queries) == 3
    assert [validate(published, parse(one)) for one in double.queries] == [[], [], []]
