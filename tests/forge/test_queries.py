import pytest
from graphql import GraphQLSchema, parse, validate

from readiness_gate.forge import queries
from readiness_gate.model.pull_request import Reference
from tests.github_double.conftest import published as published  # noqa: PLC0414

REFERENCES = [Reference("acme/shop", 14), Reference("acme/shop", 2**31), Reference("acme/lib", 3)]


def _texts() -> dict[str, str]:
    (grouped,) = queries.batches(REFERENCES)
    return {
        "open pull requests": queries.OPEN_PULL_REQUESTS,
        "comments": queries.COMMENTS,
        "facts": queries.facts_query(grouped)[0],
    }


@pytest.mark.parametrize("name", ["open pull requests", "comments", "facts"])
def test_every_query_is_valid_in_githubs_own_schema(published: GraphQLSchema, name: str) -> None:
    assert validate(published, parse(_texts()[name])) == []


def test_names_reach_a_query_as_variables_only() -> None:
    (grouped,) = queries.batches([Reference('a"}/b{', 1)])
    text, variables = queries.facts_query(grouped)
    assert variables == {"o0": 'a"}', "n0": "b{"}
    assert 'a"}' not in text


def test_batches_are_stable_and_group_names_whatever_their_case() -> None:
    mixed = [Reference("Acme/Shop", 2), Reference("acme/shop", 1), Reference("acme/shop", 2)]
    (grouped,) = queries.batches(mixed)
    assert len(grouped) == 1
    assert [one.number for one in grouped[0][1]] == [1, 2, 2]
