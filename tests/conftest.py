"""What every test shares: a missing engine is a named skip, and a failure where CI=true."""

import os
from functools import cache

import pytest
from hypothesis import settings

from tests.docker_engine import server

# An example that is slow on a busy machine is no fault; what has to be quick is measured elsewhere.
settings.register_profile("without-deadline", settings.default, deadline=None)
settings.load_profile("without-deadline")


@cache
def engine_version() -> str | None:
    return server.version()


def pytest_runtest_setup(item: pytest.Item) -> None:
    needs = [name for name in ("docker", "act") if item.get_closest_marker(name)]
    if not needs or engine_version() is not None:
        return
    reason = "no Docker engine answers (make engine)"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
