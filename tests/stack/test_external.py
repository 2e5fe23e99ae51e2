from collections.abc import Callable

import pytest

from readiness_gate.stack.base import Leftovers, NotSupported, Stack
from readiness_gate.stack.external import ExternalStack


def test_nothing_is_started_and_nothing_is_removed() -> None:
    stack: Stack = ExternalStack(project="rg-1", base_url="https://api.example")
    stack.prepare()
    assert stack.services == ()
    assert stack.tear_down(1.0) == Leftovers()


def test_everything_else_is_not_supported() -> None:
    stack: Stack = ExternalStack(project="rg-1", base_url="https://api.example")
    questions: list[Callable[[], object]] = [
        lambda: stack.build(1.0),
        lambda: stack.start(None, 1.0),
        lambda: stack.wait(None, 1.0, 0.0),
        lambda: stack.one_off("a", ["true"], timeout=1.0),
        lambda: stack.execute("a", ["true"], timeout=1.0),
        lambda: stack.address("a", 80),
        lambda: stack.environment("a"),
        lambda: stack.image("a"),
        lambda: stack.build_base("a", "/tmp", 1.0),
        lambda: stack.copy_out("a", "/x"),
        lambda: stack.logs("a"),
    ]
    for question in questions:
        with pytest.raises(NotSupported, match="external driver"):
            question()
