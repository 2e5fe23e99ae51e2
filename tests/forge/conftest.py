from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from readiness_gate.forge.github import GitHubForge
from tests.forge.clock import FakeClock
from tests.github_double import GitHubDouble, Repository

MakeForge = Callable[..., GitHubForge]


@pytest.fixture
def double() -> Iterator[GitHubDouble]:
    with GitHubDouble() as running:
        yield running


@pytest.fixture
def shop(double: GitHubDouble) -> Repository:
    return double.repository("acme/shop", files={"README.md": "# Shop\n", "api/app.py": "app\n"})


@pytest.fixture
def clock() -> FakeClock:
    # The double tells resets of limits in real time.
    return FakeClock(datetime.now(UTC))


@pytest.fixture
def make_forge(double: GitHubDouble, clock: FakeClock) -> MakeForge:
    def make(
        token: str | None = "ghs_writer",
        repository: str = "acme/shop",
        total_wait: float = 120.0,
    ) -> GitHubForge:
        return GitHubForge(
            repository=repository,
            token=token,
            api_url=double.api_url,
            graphql_url=double.graphql_url,
            clock=clock,
            seconds_between_writes=0,
            total_wait=total_wait,
        )

    return make


@pytest.fixture
def live(make_forge: MakeForge) -> GitHubForge:
    return make_forge()
