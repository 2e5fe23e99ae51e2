"""A stateful, honest GitHub on loopback for the tests: REST and GraphQL over one state.

with GitHubDouble() as double:
    shop = double.repository("acme/shop", files={"README.md": "# Shop\\n"})
    shop.pull_request(number=14, body="Depends on #10")
    ...  # point the client at double.api_url with the token "ghs_writer"
    assert [entry.code for entry in double.requests if entry.writes] == [201]
"""

from tests.github_double.double import GitHubDouble
from tests.github_double.journal import Entry
from tests.github_double.pulls import PullRequest
from tests.github_double.repository import Repository

__all__ = ["Entry", "GitHubDouble", "PullRequest", "Repository"]
