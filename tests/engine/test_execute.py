"""One check with its time limit: whatever it raises, and if it never answers, is an error."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from readiness_gate.engine.bind import BoundCheck
from readiness_gate.engine.execute import execute
from readiness_gate.engine.threads import THREADS
from readiness_gate.errors import (
    ConfigurationError,
    DatabaseError,
    ForgeError,
    GateError,
    Interrupted,
    PermissionMissing,
    StackError,
)
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult, passed
from readiness_gate.stack.base import NotSupported
from tests.engine.builders import Options, check, context, result_of

ERRORS: list[tuple[BaseException, ErrorClass]] = [
    (ConfigurationError("wrong", advice="next"), ErrorClass.CONFIGURATION),
    (PermissionMissing("refused", permission="statuses: write"), ErrorClass.CONFIGURATION),
    (NotSupported("no images"), ErrorClass.CONFIGURATION),
    (ForgeError("no answer", advice="next"), ErrorClass.INFRASTRUCTURE),
    (StackError("the engine is gone", infrastructure=True), ErrorClass.INFRASTRUCTURE),
    (StackError("service web is not running"), ErrorClass.INCONCLUSIVE),
    (DatabaseError("gone"), ErrorClass.INFRASTRUCTURE),
    (GateError("other"), ErrorClass.INTERNAL),
    (Interrupted("stop"), ErrorClass.INTERNAL),
    (KeyError("x"), ErrorClass.INTERNAL),
    (AssertionError("never"), ErrorClass.INTERNAL),
    (RecursionError(), ErrorClass.INTERNAL),
    (MemoryError(), ErrorClass.INTERNAL),
    (OSError(2, "No such file"), ErrorClass.INTERNAL),
    (SystemExit(0), ErrorClass.INTERNAL),
]


def answered(run: Callable[..., CheckResult], *, timeout: float = 5.0) -> CheckResult:
    bound = BoundCheck(check("http", run), Options(), "a")
    return result_of(bound, replace(context(), timeout=timeout), grace=0.05)


def test_the_answer_of_the_check_is_returned_as_it_is() -> None:
    result = passed("3 things seen")
    assert answered(lambda _context, _options: result) is result


def test_a_check_gets_its_context_and_its_options() -> None:
    seen: list[Any] = []

    def note(context: Any, options: Any) -> CheckResult:
        seen.extend([context.timeout, options])
        return passed("noted")

    answered(note)
    assert seen == [5.0, Options()]


@pytest.mark.parametrize(("error", "error_class"), ERRORS, ids=lambda one: type(one).__name__)
def test_what_a_check_raises_is_an_error_of_its_class(
    error: BaseException, error_class: ErrorClass
) -> None:
    def boom(_context: Any, _options: Any) -> CheckResult:
        raise error

    result = answered(boom)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, error_class)
    assert result.summary
    assert result.unsupported is isinstance(error, NotSupported)


def test_an_expected_problem_keeps_its_advice_and_shows_no_traceback() -> None:
    def boom(_context: Any, _options: Any) -> CheckResult:
        raise ForgeError("no answer", advice="try later")

    result = answered(boom)
    assert (result.summary, result.remediation, result.details) == ("no answer", "try later", "")


def test_an_unexpected_problem_shows_where_it_came_from() -> None:
    def boom(_context: Any, _options: Any) -> CheckResult:
        raise KeyError("missing")

    result = answered(boom)
    assert result.summary == "KeyError: 'missing'"
    assert "test_execute.py" in result.details
    assert "please report it" in (result.remediation or "")


def test_a_stack_error_keeps_the_tail_of_its_log() -> None:
    def boom(_context: Any, _options: Any) -> CheckResult:
        raise StackError("gone", log="last words")

    assert answered(boom).details == "last words"


def test_a_check_that_hangs_is_inconclusive_in_time() -> None:
    release = threading.Event()

    def hang(_context: Any, _options: Any) -> CheckResult:
        release.wait(10)
        return passed("too late")

    try:
        result = answered(hang, timeout=0.05)
    finally:
        release.set()
    assert result.error_class is ErrorClass.INCONCLUSIVE
    assert result.summary == "did not end within 0.05 s"


def test_what_a_check_says_after_its_limit_is_not_heard() -> None:
    release, said = threading.Event(), threading.Event()
    heard: list[CheckResult] = []

    def hang(_context: Any, _options: Any) -> CheckResult:
        release.wait(10)
        return passed("too late")

    def work() -> None:
        bound = BoundCheck(check("http", hang), Options(), "a")
        execute(bound, replace(context(), timeout=0.01), heard.append, grace=0.01)
        said.set()

    threading.Thread(target=work, daemon=True).start()
    while not heard:
        time.sleep(0.005)
    release.set()
    assert said.wait(5)
    assert [one.outcome for one in heard] == [Outcome.ERROR]


def test_an_exception_that_cannot_be_shown_is_an_error_as_well() -> None:
    class Unspeakable(Exception):  # noqa: N818
        def __str__(self) -> str:
            raise RuntimeError("no words")

    def boom(_context: Any, _options: Any) -> CheckResult:
        raise Unspeakable

    result = answered(boom, timeout=0.5)
    assert result.error_class is ErrorClass.INTERNAL
    assert result.summary.startswith("Unspeakable")


def test_a_hanging_check_is_spoken_for_where_no_more_threads_are_to_be_had(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    release = threading.Event()
    heard: list[CheckResult] = []

    def hang(_context: Any, _options: Any) -> CheckResult:
        release.wait(10)
        return passed("too late")

    def work() -> None:
        bound = BoundCheck(check("http", hang), Options(), "a")
        execute(bound, replace(context(), timeout=0.3), heard.append, grace=0.01)

    def held() -> None:
        release.wait(10)

    def none_left(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    answered(lambda _context, _options: passed("the alarms run"))
    for _ in range(100):  # More than are idle.
        THREADS.start(held)
    THREADS.start(work)
    monkeypatch.setattr(threading.Thread, "start", none_left)
    until = time.monotonic() + 3
    while not heard and time.monotonic() < until:
        time.sleep(0.01)
    release.set()
    assert [one.outcome for one in heard] == [Outcome.ERROR]
