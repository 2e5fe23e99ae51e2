"""The command line, warm, for the contracts that are driven from outside."""

from collections.abc import Iterator

import pytest

from tests.contracts.outside import Command


@pytest.fixture(scope="session")
def command() -> Iterator[Command]:
    """The command line of this interpreter's installation."""
    started = Command()
    yield started
    started.close()
