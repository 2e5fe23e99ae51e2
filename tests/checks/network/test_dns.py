from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from readiness_gate.checks.network.dns import CHECK
from readiness_gate.doors.programs import Completed
from readiness_gate.doors.sockets import Silence, TargetSockets, Unreachable
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.fakes.context import booted, context
from tests.fakes.options import options, refusal
from tests.fakes.stack import Call, FakeStack, completed


@dataclass
class Names(TargetSockets):
    """A resolver that knows these names; a `Silence` is what it says instead."""

    known: dict[str, tuple[str, ...] | Silence] = field(default_factory=dict)

    def resolve(self, name: str, *, timeout: float) -> tuple[str, ...]:
        assert timeout > 0
        answer = self.known.get(name, Silence.UNKNOWN)
        if isinstance(answer, Silence):
            raise Unreachable(answer, name)
        return answer


def ran(
    text: str,
    *,
    names: Names | None = None,
    answer: Callable[[Call], Completed] | None = None,
    own: bool = True,
) -> CheckResult:
    return CHECK.run(
        context(
            stack=FakeStack(answer=answer),
            sockets=names or Names(),
            base_url="https://shop.example",
            steps=booted() if own else {},
        ),
        options(CHECK, text),
    )


def resolver(known: dict[str, str], *, program: str = "getent") -> Callable[[Call], Completed]:
    def answer(call: Call) -> Completed:
        if call.command[0] != program:
            return completed(127)
        found = known.get(call.command[-1])
        return completed(2) if found is None else completed(0, stdout=found)

    return answer


DB = {"db": "172.18.0.2     STREAM db\n172.18.0.2     DGRAM\n", "backend": "172.18.0.3 STREAM\n"}


@pytest.mark.parametrize("program", ["getent", "python3"])
def test_a_service_is_found_from_within_another(program: str) -> None:
    result = ran("{name: db, from: backend}", answer=resolver(DB, program=program))
    assert result.outcome is Outcome.PASSED
    assert result.summary == "db from backend: leads to 172.18.0.2"


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("{name: db, from: backend, addresses: ['172.18.0.2']}", Outcome.PASSED),
        ("{name: db, from: backend, addresses: {have-len: 2}}", Outcome.FAILED),
        ("{name: cache, from: backend}", Outcome.FAILED),
        ("{name: cache, from: backend, resolvable: false}", Outcome.PASSED),
        ("{name: db, from: backend, resolvable: false}", Outcome.FAILED),
    ],
)
def test_answers_are_compared(text: str, outcome: Outcome) -> None:
    assert ran(text, answer=resolver(DB)).outcome is outcome


@pytest.mark.parametrize(
    "answer",
    [
        resolver({}),
        lambda _: completed(127),
        lambda _: completed(None),
        lambda _: completed(3, stderr="Temporary failure"),
        lambda _: completed(0, stdout="<html>"),
    ],
    ids=["knows not itself", "no program", "no answer", "later", "nonsense"],
)
def test_a_resolver_that_does_not_say_decides_nothing(
    answer: Callable[[Call], Completed],
) -> None:
    for text in ("{name: db, from: backend}", "{name: db, from: backend, resolvable: false}"):
        result = ran(text, answer=answer)
        assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


def test_the_host_of_the_target_is_found_from_here() -> None:
    names = Names({"shop.example": ("192.0.2.7", "2001:db8::7")})
    result = ran("{name: shop.example, addresses: ['192.0.2.7']}", names=names)
    assert result.outcome is Outcome.PASSED
    assert ran("name: shop.example").outcome is Outcome.FAILED


@pytest.mark.parametrize("silence", [Silence.TIME_OUT, Silence.NO_ROUTE])
def test_silence_decides_nothing(silence: Silence) -> None:
    for text in ("name: shop.example", "{name: shop.example, resolvable: false}"):
        result = ran(text, names=Names({"shop.example": silence}))
        assert result.error_class is ErrorClass.INCONCLUSIVE
    foreign = ran("name: shop.example", names=Names({"shop.example": silence}), own=False)
    assert foreign.error_class is ErrorClass.INFRASTRUCTURE


def test_an_unknown_name_counts_only_where_the_resolver_works() -> None:
    text = "{name: shop.example, resolvable: false}"
    assert ran(text).error_class is ErrorClass.INCONCLUSIVE
    works = Names({"localhost": ("127.0.0.1",)})
    assert ran(text, names=works).outcome is Outcome.PASSED


@pytest.mark.parametrize("name", ["other.example", "db", "localhost"])
def test_no_other_name_is_asked_for(name: str) -> None:
    with pytest.raises(ConfigurationError, match="not the host of"):
        ran(f"name: {name}", names=Names({name: ("192.0.2.1",)}))


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("{name: '-x'}", "name"),
        ("{name: 'a b'}", "name"),
        ("{name: db, resolvable: false, addresses: ['1']}", "has none"),
    ],
)
def test_what_asserts_nothing_is_refused(text: str, cause: str) -> None:
    assert cause in refusal(CHECK, text)
