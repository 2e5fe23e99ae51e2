import pytest

from readiness_gate.errors import StackError
from readiness_gate.stack.base import Address
from readiness_gate.stack.urls import reachable
from tests.fakes.stack import FakeStack

STACK = FakeStack(
    ("Backend", "db"),
    addresses={
        ("Backend", 8000): Address("172.18.0.4", 8000),
        ("Backend", 80): Address("127.0.0.1", 32768),
        ("Backend", 443): Address("fd00::4", 443),
    },
)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://backend:8000/health?a=b", "http://172.18.0.4:8000/health?a=b"),
        ("http://backend/", "http://127.0.0.1:32768/"),
        ("https://backend/", "https://[fd00::4]:443/"),
        ("http://user:pass@backend:8000/", "http://user:pass@172.18.0.4:8000/"),
        ("https://api.example/backend", "https://api.example/backend"),
        ("/health", "/health"),
    ],
)
def test_the_name_of_a_service_becomes_where_it_is_reached(url: str, expected: str) -> None:
    assert reachable(STACK, url) == expected


def test_a_port_that_is_not_reached_is_an_error() -> None:
    with pytest.raises(StackError):
        reachable(STACK, "http://db:1/")
