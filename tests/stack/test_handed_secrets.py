import pytest

from readiness_gate.stack.handed_secrets import secret_values


@pytest.mark.parametrize(
    "name",
    ["PASSWORD", "DB_PASSWD", "JWT_SECRET", "API_KEY", "APIKEY", "github_token", "SENTRY_DSN"],
)
def test_a_secret_is_known_by_its_name(name: str) -> None:
    assert secret_values({name: "value"}, {}) == {name: "value"}


@pytest.mark.parametrize("name", ["USER", "KEYBOARD", "TOKENIZER", "PATH", "PUBLIC_KEY"])
def test_other_names_are_no_secrets(name: str) -> None:
    assert secret_values({name: "value"}, {}) == {}


def test_what_was_passed_on_and_passwords_of_addresses_are_secrets() -> None:
    variables = {"A": "handed", "URL": "redis://:pass@cache:6379/0", "EMPTY_TOKEN": ""}
    found = secret_values(variables, {"NAME_THERE": "handed", "NOTHING": ""})
    assert found == {"A": "handed", "URL (its password)": "pass"}
