import pytest
from graphql import GraphQLSchema, parse, validate

from readiness_gate.errors import ForgeError
from readiness_gate.forge import changes
from readiness_gate.forge.github import GitHubForge
from readiness_gate.forge.once import FactsOnce
from readiness_gate.forge.rest import Fields
from readiness_gate.model.change import FileChange
from tests.github_double import GitHubDouble, Repository
from tests.github_double.conftest import published as published  # noqa: PLC0414

TEXT = (
    "query ($owner: String!, $name: String!) { repository(owner: $owner, name: $name) "
    "{ k0: pullRequest(number: 14) { ...changed } } }"
)


def test_the_query_is_githubs_own_language(published: GraphQLSchema) -> None:
    assert validate(published, parse(TEXT + changes.FRAGMENT)) == []


def test_a_sweep_reads_the_files_of_25_in_one_query(
    double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    for number in range(1, 61):
        shop.pull_request(number=number, files={f"docs/{number}.md": "x", "README.md": None})
    facts = FactsOnce(live)
    facts.expect(live.open_pull_requests())
    before = len(double.requests)
    for number in range(1, 61):
        assert facts.inventory.changes(number) == (
            FileChange(path="README.md", kind="removed"),
            FileChange(path=f"docs/{number}.md", kind="added"),
        )
    assert len(double.requests) - before == 3


def test_what_one_query_cannot_tell_is_asked_for_alone(
    double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    shop.pull_request(number=1, files={f"{n}.md": "x" for n in range(101)})
    shop.pull_request(number=2, files={"a.md": "x"})
    assert set(live.inventory.plain_changes([1, 2, 3])) == {2}
    facts = FactsOnce(live)
    facts.expect(live.open_pull_requests())
    assert len(facts.inventory.changes(1)) == 101
    # The other one came along.
    calls = len(double.requests)
    assert [one.path for one in facts.inventory.changes(2)] == ["a.md"]
    assert len(double.requests) == calls


@pytest.mark.parametrize("kind", ["RENAMED", "COPIED", "SOMETHING_NEW"])
def test_a_renamed_file_has_an_old_name_that_graphql_does_not_tell(kind: str) -> None:
    data = {
        "files": {
            "nodes": [{"path": "a.md", "changeType": kind}],
            "pageInfo": {"hasNextPage": False},
        }
    }
    with pytest.raises(ForgeError, match="not told whole"):
        changes._changes(14, Fields(data, "#14"))


def test_without_an_answer_each_is_asked_for_alone(
    double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    for number in (1, 2):
        shop.pull_request(number=number, files={"a.md": "x"})
    facts = FactsOnce(live)
    facts.expect(live.open_pull_requests())
    double.faults.add("POST", "/graphql", "partial", data_path=("repository", "k0", "files"))
    assert [one.path for one in facts.inventory.changes(1)] == ["a.md"]
    assert [one.path for one in facts.inventory.changes(2)] == ["a.md"]
