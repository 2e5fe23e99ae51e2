import pytest

from readiness_gate.checks.api_tokens import expired, jwt_parts, tampered
from readiness_gate.errors import ConfigurationError
from tests.checks.network.described import NOW, SECRET, token

RIGHT = token("admin")


def test_an_expired_token_is_the_right_one_an_hour_after_its_end() -> None:
    assert expired(RIGHT, SECRET, NOW) == token("admin", end=NOW - 3600)


@pytest.mark.parametrize(
    ("text", "secret", "cause"),
    [
        ("opaque", SECRET, "no JSON Web Token"),
        ("a.b.c", SECRET, "no JSON Web Token"),
        (RIGHT, "another", "does not sign"),
    ],
)
def test_what_cannot_be_signed_is_said(text: str, secret: str, cause: str) -> None:
    with pytest.raises(ConfigurationError, match=cause) as refused:
        expired(text, secret, NOW)
    assert secret not in str(refused.value)


def test_tampered_tokens_keep_the_claims_and_lose_the_signature() -> None:
    found = tampered(RIGHT)
    assert list(found) == ["a token with another signature", "an unsigned token (alg none)"]
    for text in found.values():
        read = jwt_parts(text)
        assert read is not None
        assert read[1]["sub"] == "admin"
        assert text != RIGHT
    assert list(tampered("opaque-token")) == ["an altered token"]
    assert tampered("opaque-token")["an altered token"] != "opaque-token"
