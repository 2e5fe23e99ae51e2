from collections.abc import Mapping
from typing import Any

import pytest

from readiness_gate.errors import ForgeError, PermissionMissing
from readiness_gate.forge import graphql, queries
from readiness_gate.forge.retry import Answer
from readiness_gate.model.pull_request import Fact, Issue, Missing, PullRequest, Reference
from readiness_gate.model.pull_request import Unreachable as Lost

FOURTEEN, FIFTEEN = Reference("acme/shop", 14), Reference("acme/shop", 15)
GROUPED: queries.Grouped = [("acme/shop", [FOURTEEN, FIFTEEN])]


def pull(number: int, **changed: object) -> dict[str, Any]:
    return {
        "__typename": "PullRequest",
        "number": number,
        "title": "A change",
        "body": "",
        "state": "MERGED",
        "isDraft": False,
        "merged": True,
        "mergedAt": "2026-03-02T09:30:00Z",
        "baseRefName": "main",
        "baseRefOid": "a" * 40,
        "headRefName": "change",
        "headRefOid": "b" * 40,
        "headRepository": None,
        "author": None,
        "labels": {"nodes": []},
        "mergeCommit": {"oid": "c" * 40},
        "timelineItems": {"nodes": []},
        **changed,
    }


def answer(repository: object, *errors: Mapping[str, object]) -> Answer:
    data: dict[str, object] = {"data": {"r0": repository}}
    return Answer(200, {}, data | ({"errors": list(errors)} if errors else {}))


def both(**changed: object) -> dict[str, object]:
    home = {"nameWithOwner": "acme/shop"}
    return {**home, "n14": pull(14, **changed), "n15": pull(15)}


def read(repository: object, *errors: Mapping[str, object]) -> tuple[Fact, Fact]:
    facts = graphql.facts(GROUPED, answer(repository, *errors))
    return facts[FOURTEEN], facts[FIFTEEN]


def test_a_deleted_author_and_fork_have_names_that_say_so() -> None:
    fact, _ = read(both())
    assert isinstance(fact, PullRequest)
    assert (fact.author, fact.head_repository) == ("ghost", "")


@pytest.mark.parametrize("kind", ["FORBIDDEN", "NOT_FOUND"])
@pytest.mark.parametrize(
    "path",
    [
        ["r0", "n14", "headRepository"],
        ["r0", "n14", "timelineItems", "nodes", 3, "source"],
        ["r0", "n14", "timelineItems", "nodes", 3, "source", "repository"],
    ],
)
def test_what_the_token_cannot_see_around_a_pull_request_does_not_lose_it(
    kind: str, path: list[object]
) -> None:
    error = {"type": kind, "path": path, "message": "Resource not accessible by integration"}
    hidden = {"nodes": [None, {}, {"source": None}]}
    fact, _ = read(both(timelineItems=hidden), error)
    assert isinstance(fact, PullRequest)
    complete = graphql.whole(answer(both(), error), "r0", permission="pull-requests: read")
    assert complete.text("nameWithOwner") == "acme/shop"


@pytest.mark.parametrize(
    "error",
    [
        {"path": ["r0", "n14", "headRepository"], "message": "Something went wrong"},
        {"path": ["r0", "n14", "timelineItems"], "type": "FORBIDDEN", "message": "no"},
        {"path": ["r0", "n14"], "type": "FORBIDDEN", "message": "Resource not accessible"},
        {"path": ["r0", "n14"], "type": "NOT_FOUND", "message": "yet there is data"},
        {"path": ["r0", "n14", "labels"], "type": "NOT_FOUND", "message": "deeper"},
    ],
)
def test_every_other_error_loses_the_reference_and_no_other(error: dict[str, object]) -> None:
    lost, kept = read(both(), error)
    assert isinstance(lost, Lost)
    assert isinstance(kept, PullRequest)


@pytest.mark.parametrize(
    ("repository", "errors"),
    [
        (None, []),
        ({}, []),
        ("text", []),
        (both(), [{"message": "an error without a path"}]),
        (both(), [{"path": [], "message": "an empty path"}]),
        (None, [{"path": ["r0"], "type": "NOT_FOUND", "message": "no such repository"}]),
        (None, [{"path": ["r0"], "message": "Something went wrong"}]),
    ],
)
def test_a_repository_without_an_answer_loses_all_of_its_references(
    repository: object, errors: list[dict[str, object]]
) -> None:
    assert all(isinstance(fact, Lost) for fact in read(repository, *errors))


def test_a_null_without_an_error_is_not_an_absence() -> None:
    lost, kept = read({**both(), "n14": None})
    assert isinstance(lost, Lost)
    assert isinstance(kept, PullRequest)


def test_a_number_is_missing_only_with_githubs_own_word_for_it() -> None:
    error = {"path": ["r0", "n14"], "type": "NOT_FOUND", "message": "Could not resolve"}
    assert read({**both(), "n14": None}, error)[0] == Missing(FOURTEEN)


@pytest.mark.parametrize("change", [{"merged": None}, {"state": 5}, {"mergedAt": "soon"}])
def test_a_fact_of_another_shape_is_unreachable(change: dict[str, object]) -> None:
    lost, _ = read(both(**change))
    assert isinstance(lost, Lost)
    assert "no usable" in lost.reason


@pytest.mark.parametrize(
    ("reason", "said"),
    [("COMPLETED", "completed"), ("NOT_PLANNED", "not_planned"), ("DUPLICATE", "duplicate")],
)
def test_reasons_of_closed_issues_are_written_as_in_rest(reason: str, said: str) -> None:
    issue = {"__typename": "Issue", "title": "t", "issueState": "CLOSED", "stateReason": reason}
    fact, _ = read({**both(), "n14": issue})
    assert fact == Issue(FOURTEEN, "t", "closed", said)


def test_a_git_revert_names_the_merge_commit() -> None:
    source = pull(20, body=f'Revert "A change"\n\nThis reverts commit {"c" * 40}.')
    source["repository"] = {"nameWithOwner": "Acme/Shop"}
    events = {"nodes": [{"source": {"__typename": "Issue"}}, {"source": source}]}
    found = graphql.reverting(GROUPED, answer(both(timelineItems=events)))
    assert found == {FOURTEEN: [Reference("acme/shop", 20)]}


def test_a_revert_in_another_repository_is_none() -> None:
    source = pull(20, body="Reverts acme/shop#14")
    source["repository"] = {"nameWithOwner": "visitor/shop"}
    events = {"nodes": [{"source": source}]}
    assert graphql.reverting(GROUPED, answer(both(timelineItems=events))) == {}


def test_a_complete_answer_is_asked_for_and_permissions_are_named() -> None:
    forbidden = {"type": "FORBIDDEN", "path": ["r0"], "message": "Resource not accessible"}
    with pytest.raises(PermissionMissing) as missing:
        graphql.whole(answer(None, forbidden), "r0", permission="pull-requests: read")
    assert missing.value.permission == "pull-requests: read"
    with pytest.raises(ForgeError, match="is no object"):
        graphql.whole(answer(None), "r0", permission="pull-requests: read")
