import os
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from graphql import GraphQLSchema

from tests.github_double import GitHubDouble, Repository
from tests.github_double.graphql import schema


@pytest.fixture
def double() -> Iterator[GitHubDouble]:
    with GitHubDouble() as running:
        yield running


@pytest.fixture
def shop(double: GitHubDouble) -> Repository:
    return double.repository("acme/shop", files={"README.md": "# Shop\n", "docs/a/b.md": "b\n"})


class Client:
    """A plain HTTP client with one token: what the double says, with nothing in between."""

    def __init__(self, double: GitHubDouble, token: str = "ghs_writer") -> None:
        self.double = double
        self._session = requests.Session()
        self._session.trust_env = False
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"

    def send(self, method: str, path: str, **options: object) -> requests.Response:
        url = path if path.startswith("http") else f"{self.double.api_url}{path}"
        return self._session.request(method, url, timeout=10, **options)  # type: ignore[arg-type]

    def get(self, path: str, **options: object) -> requests.Response:
        return self.send("GET", path, **options)

    def query(self, text: str, **variables: object) -> dict[str, Any]:
        answer = self.send("POST", "/graphql", json={"query": text, "variables": variables})
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def close(self) -> None:
        self._session.close()


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
