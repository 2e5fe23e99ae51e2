import pytest

from readiness_gate.forge.github import GitHubForge
from readiness_gate.model.pull_request import Issue, Missing, PullRequest, Reference, Unreachable
from tests.forge.conftest import MakeForge
from tests.github_double import GitHubDouble, Repository


def _home(number: int) -> Reference:
    return Reference("acme/shop", number)


def test_one_query_answers_for_every_kind_of_reference(
    double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    shop.pull_request(number=14, merged=True)
    shop.pull_request(number=15, draft=True, body="text", labels=["api"])
    shop.pull_request(number=16, closed=True)
    shop.issue(number=3, closed_as="not_planned")
    shop.issue(number=4, title="Open one")
    double.repository("acme/shared-lib").pull_request(number=7)
    other = Reference("acme/Shared-Lib", 7)
    numbers = (14, 15, 16, 3, 4, 99)
    facts = live.resolve([*map(_home, numbers), other])
    assert len(double.requests) == 1
    merged, draft, closed, declined, issue, missing = (facts[_home(n)] for n in numbers)
    assert isinstance(merged, PullRequest)
    assert (merged.state, merged.merged, merged.reverted_by) == ("closed", True, None)
    assert merged.merge_commit_sha == shop.pulls[14].merge_commit_sha
    assert isinstance(draft, PullRequest)
    assert (draft.state, draft.draft, draft.body, draft.labels) == ("open", True, "text", ("api",))
    assert isinstance(closed, PullRequest)
    assert (closed.state, closed.merged) == ("closed", False)
    assert declined == Issue(_home(3), "An issue", "closed", "not_planned")
    assert issue == Issue(_home(4), "Open one", "open", None)
    assert missing == Missing(_home(99))
    found = facts[other]
    assert isinstance(found, PullRequest)
    assert found.reference == other


def test_both_interfaces_say_the_same_of_a_pull_request(
    shop: Repository, live: GitHubForge
) -> None:
    for number, state in ((14, "merged"), (15, "closed"), (16, "draft")):
        shop.pull_request(
            number=number,
            merged=state == "merged",
            closed=state == "closed",
            draft=state == "draft",
            labels=["a"],
        )
        assert live.resolve([_home(number)])[_home(number)] == live.pull_request(number)


def test_a_repository_that_the_token_cannot_see_is_unreachable_and_not_missing(
    double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    double.repository("acme/secret", private=True).pull_request(number=1)
    shop.pull_request(number=14)
    secret, nowhere = Reference("acme/secret", 1), Reference("acme/nowhere", 1)
    facts = live.resolve([secret, nowhere, _home(14)])
    assert facts[secret] == Unreachable(secret, "acme/secret is not visible to the token")
    assert facts[nowhere] == Unreachable(nowhere, "acme/nowhere is not visible to the token")
    assert isinstance(facts[_home(14)], PullRequest)


def test_a_token_without_the_permission_makes_it_unreachable(
    shop: Repository, make_forge: MakeForge
) -> None:
    shop.pull_request(number=14)
    fact = make_forge("ghs_without_pull_requests").resolve([_home(14)])[_home(14)]
    assert isinstance(fact, Unreachable)
    assert "pull-requests: read" in fact.reason


def test_partial_data_is_unreachable_for_what_it_touches_only(
    double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    shop.pull_request(number=14, merged=True)
    shop.pull_request(number=15)
    double.faults.add("POST", "/graphql", "partial", data_path=("r0", "n14"))
    facts = live.resolve([_home(14), _home(15)])
    assert isinstance(facts[_home(14)], Unreachable)
    assert isinstance(facts[_home(15)], PullRequest)


def test_a_failure_deep_inside_makes_the_whole_fact_unreachable(
    double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    shop.pull_request(number=14, labels=["api"])
    double.faults.add("POST", "/graphql", "partial", data_path=("r0", "n14", "labels"))
    assert isinstance(live.resolve([_home(14)])[_home(14)], Unreachable)


def test_an_error_with_http_200_is_asked_again_and_then_unreachable(
    double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    shop.pull_request(number=14)
    double.faults.add("POST", "/graphql", "graphql-error", times=2)
    assert isinstance(live.resolve([_home(14)])[_home(14)], PullRequest)
    double.faults.add("POST", "/graphql", "graphql-error", times=5)
    fact = live.resolve([_home(14)])[_home(14)]
    assert isinstance(fact, Unreachable)
    assert "in 5 tries" in fact.reason


def test_a_used_up_limit_of_points_is_unreachable_at_once(
    double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    shop.pull_request(number=14)
    double.faults.add("POST", "/graphql", "primary", reset_after=3000)
    fact = live.resolve([_home(14)])[_home(14)]
    assert isinstance(fact, Unreachable)
    assert "rate limit is used up" in fact.reason
    assert len(double.requests) == 1


def test_references_are_asked_for_in_batches_of_fifty(
    double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    for number in range(1, 121):
        shop.pull_request(number=number)
    facts = live.resolve([_home(number) for number in range(1, 121)])
    assert len(facts) == 120
    assert all(isinstance(fact, PullRequest) for fact in facts.values())
    assert len(double.requests) == 3
    assert live.usage.points == double.points


def test_a_lost_batch_loses_its_own_references_only(
    double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    for number in range(1, 61):
        shop.pull_request(number=number)
    double.faults.add("POST", "/graphql", "5xx-before", times=5)
    facts = live.resolve([_home(number) for number in range(1, 61)])
    lost = [one.number for one, fact in facts.items() if isinstance(fact, Unreachable)]
    assert lost == list(range(1, 51))


@pytest.mark.parametrize("number", [2**31, 10**17])
def test_a_number_beyond_githubs_own_is_missing_and_spoils_nothing(
    double: GitHubDouble, shop: Repository, live: GitHubForge, number: int
) -> None:
    shop.pull_request(number=14)
    hidden = Reference("acme/nowhere", number)
    facts = live.resolve([_home(number), _home(14), hidden])
    assert facts[_home(number)] == Missing(_home(number))
    assert isinstance(facts[_home(14)], PullRequest)
    assert isinstance(facts[hidden], Unreachable)


def test_nothing_asked_is_nothing_sent(double: GitHubDouble, live: GitHubForge) -> None:
    assert live.resolve([]) == {}
    assert double.requests == []


def test_a_merged_revert_is_seen(shop: Repository, live: GitHubForge) -> None:
    shop.pull_request(number=14, merged=True)
    shop.pull_request(number=20, body="Reverts acme/shop#14\n", merged=True)
    fact = live.resolve([_home(14)])[_home(14)]
    assert isinstance(fact, PullRequest)
    assert fact.reverted_by == _home(20)


def test_a_revert_that_was_reverted_does_not_count(shop: Repository, live: GitHubForge) -> None:
    shop.pull_request(number=14, merged=True)
    shop.pull_request(number=20, body="Reverts acme/shop#14", merged=True)
    shop.pull_request(number=21, body="Reverts #20", merged=True)
    fact = live.resolve([_home(14)])[_home(14)]
    assert isinstance(fact, PullRequest)
    assert fact.reverted_by is None


@pytest.mark.parametrize(
    ("body", "merged", "base"),
    [
        ("Reverts acme/shop#14", False, "main"),
        ("Reverts acme/shop#14", True, "develop"),
        ("Follows acme/shop#14", True, "main"),
        ("Reverts acme/shop#140, see #14", True, "main"),
        ("This never Reverts acme/shop#14", True, "main"),
    ],
)
def test_other_mentions_are_no_reverts(
    shop: Repository, live: GitHubForge, body: str, merged: bool, base: str
) -> None:
    shop.commit("develop", {"develop.txt": "1"})
    shop.pull_request(number=14, merged=True)
    shop.pull_request(number=20, body=body, merged=merged, base=base)
    fact = live.resolve([_home(14)])[_home(14)]
    assert isinstance(fact, PullRequest)
    assert fact.reverted_by is None
