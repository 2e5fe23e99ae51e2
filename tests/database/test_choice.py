import pytest

from readiness_gate.database.choice import choose
from readiness_gate.errors import ConfigurationError


def test_the_only_database_needs_no_name() -> None:
    assert choose({"main": 1}, None) == 1
    assert choose({"main": 1, "log": 2}, "log") == 2


@pytest.mark.parametrize(
    ("databases", "name", "message"),
    [
        ({}, None, "configured: none"),
        ({"a": 1, "b": 2}, None, "configured: a, b"),
        ({"a": 1}, "c", "there is no database c; configured: a"),
    ],
)
def test_what_cannot_be_chosen_is_an_error(
    databases: dict[str, int], name: str | None, message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        choose(databases, name)
