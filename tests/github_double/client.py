from typing import Any

import requests

from tests.github_double.double import GitHubDouble


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
