import os
from collections.abc import Iterator

import pytest
from graphql import GraphQLSchema

from tests.github_double import GitHubDouble, Repository
from tests.github_double.client import Client
from tests.github_double.graphql import schema


@pytest.fixture
def double() -> Iterator[GitHubDouble]:
    with GitHubDouble() as running:
        yield running


@pytest.fixture
def shop(double: GitHubDouble) -> Repository:
    return double.repository("acme/shop", files={"README.md": "# Shop\n", "docs/a/b.md": "b\n"})


@pytest.fixture
def client(double: GitHubDouble) -> Iterator[Client]:
    made = Client(double)
    yield made
    made.close()


@pytest.fixture
def published() -> GraphQLSchema:
    """GitHub's own schema: a named skip without npm's package, a failure where CI=true."""
    try:
        return schema.published()
    except schema.SchemaMissingError as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(str(missing))
        pytest.skip(str(missing))
