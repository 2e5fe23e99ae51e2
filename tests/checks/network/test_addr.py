import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.network import dns
from readiness_gate.checks.network.addr import CHECK
from readiness_gate.doors.clock import SystemClock
from readiness_gate.doors.programs import Completed
from readiness_gate.errors import ConfigurationError, StackError
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from readiness_gate.stack.base import Address
from tests.checks.network.served import closed_port, raw
from tests.fakes.context import booted, context
from tests.fakes.options import options, refusal
from tests.fakes.stack import Call, FakeStack, completed
from tests.stack.compose.real import opener


def ran(
    text: str,
    port: int | None,
    *,
    answer: Callable[[Call], Completed] | None = None,
    own: bool = True,
) -> CheckResult:
    addresses = {("db", 5432): Address("127.0.0.1", port)} if port else {}
    stack = FakeStack(addresses=addresses, answer=answer)
    return CHECK.run(
        context(
            stack=stack,
            clock=SystemClock(),
            base_url="http://127.0.0.1",
            steps=booted() if own else {},
        ),
        options(CHECK, text),
    )


def says(**codes: int | None) -> Callable[[Call], Completed]:
    """An image with these programs, each with the exit code that it ends with."""

    def answer(call: Call) -> Completed:
        return completed(codes.get(call.command[0], 127))

    return answer


OPEN = "address: tcp://db:5432"
SHUT = "{address: 'tcp://db:5432', reachable: false}"
FROM = "{address: 'tcp://db:5432', from: backend}"
APART = "{address: 'tcp://db:5432', from: backend, reachable: false}"


def test_an_open_port_is_reached() -> None:
    with raw(lambda _: None) as port:
        assert ran(OPEN, port).outcome is Outcome.PASSED
        refused = ran(SHUT, port)
    assert refused.outcome is Outcome.FAILED
    assert refused.summary == "db:5432 from the gate: reached, and must not be"


def test_a_closed_port_is_not_reached() -> None:
    port = closed_port()
    result = ran(OPEN, port)
    assert result.outcome is Outcome.FAILED
    assert result.summary == "db:5432 from the gate: connection refused"
    assert ran(SHUT, port).outcome is Outcome.PASSED
    foreign = ran(f"address: tcp://127.0.0.1:{port}", None, own=False)
    assert (foreign.outcome, foreign.error_class) == (Outcome.ERROR, ErrorClass.INFRASTRUCTURE)


def test_a_service_that_does_not_run_is_no_closed_port() -> None:
    with pytest.raises(StackError):
        ran(SHUT, None)


def test_another_host_is_not_tried() -> None:
    for text in ("address: tcp://192.0.2.1:80", "{address: 'tcp://x:80', from: backend}"):
        with pytest.raises(ConfigurationError, match="no service of the stack"):
            ran(text, 1)
    with pytest.raises(ConfigurationError, match="no service of the stack"):
        ran("{address: 'tcp://127.0.0.1:80', from: backend}", 1)


@pytest.mark.parametrize("program", ["python3", "bash", "nc"])
def test_within_a_service_any_program_will_do(program: str) -> None:
    assert ran(FROM, 1, answer=says(**{program: 0})).outcome is Outcome.PASSED
    result = ran(FROM, 1, answer=says(**{program: 1}))
    assert result.outcome is Outcome.FAILED
    assert result.summary == "db:5432 from backend: not reached"


def test_an_image_without_any_program_decides_nothing() -> None:
    for text in (FROM, APART):
        result = ran(text, closed_port(), answer=says())
        assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


@pytest.mark.parametrize(
    "output", ["nc: invalid option -- 'z'", "/dev/tcp/db/5432: No such file or directory"]
)
def test_a_program_that_cannot_ask_is_none(output: str) -> None:
    def answer(call: Call) -> Completed:
        return completed(127 if call.command[0] == "python3" else 1, stderr=output)

    with raw(lambda _: None) as port:
        assert ran(APART, port, answer=answer).outcome is Outcome.ERROR


def test_apart_counts_only_where_somebody_answers() -> None:
    with raw(lambda _: None) as port:
        result = ran(APART, port, answer=says(python3=1))
        assert result.outcome is Outcome.PASSED
        assert ran(APART, port, answer=says(python3=None)).outcome is Outcome.PASSED
        reached = ran(APART, port, answer=says(python3=0))
        assert reached.outcome is Outcome.FAILED
    nobody = ran(APART, closed_port(), answer=says(python3=1))
    assert (nobody.outcome, nobody.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


@pytest.mark.parametrize(
    "text",
    ["db", "tcp://db", "udp://db:53", "tcp://db:5432/x", "tcp://db:0", "tcp://a@db:1", "db:99999"],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    assert re.search("no address|port", refusal(CHECK, f"address: '{text}'"), re.IGNORECASE)


COMPOSE = """
services:
  db: {image: "redis:8", networks: [back]}
  backend: {image: "python:3.13-slim-trixie", command: [sleep, "300"], networks: [back, front]}
  edge: {image: "nginx:1.26", networks: [front]}
networks: {back: {}, front: {}}
"""


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CheckContext]:
    root: Path = tmp_path_factory.mktemp("project")
    (root / "docker-compose.yml").write_text(COMPOSE)
    with opener() as opened:
        stack = opened(root)
        stack.build(60.0)
        stack.start(None, 60.0)
        assert all(one.healthy for one in stack.wait(None, 60.0, 0.5))
        yield context(
            workspace=root,
            stack=stack,
            steps=booted("db", "backend", "edge"),
            clock=SystemClock(),
            timeout=30.0,
        )


@pytest.mark.docker
@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("address: tcp://db:6379", Outcome.PASSED),
        ("address: tcp://db:6380", Outcome.FAILED),
        ("{address: 'tcp://db:6379', from: backend}", Outcome.PASSED),
        ("{address: 'tcp://db:6380', from: backend}", Outcome.FAILED),
        ("{address: 'tcp://db:6379', from: edge}", Outcome.FAILED),
        ("{address: 'tcp://db:6379', from: edge, reachable: false}", Outcome.PASSED),
        ("{address: 'tcp://db:6380', from: edge, reachable: false}", Outcome.ERROR),
        ("{address: 'tcp://db:6379', from: backend, reachable: false}", Outcome.FAILED),
    ],
)
def test_real_networks(real: CheckContext, text: str, outcome: Outcome) -> None:
    result = CHECK.run(real, options(CHECK, text))
    assert result.outcome is outcome, result.summary


@pytest.mark.docker
@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("{name: db, from: backend}", Outcome.PASSED),
        ("{name: db, from: backend, addresses: {have-len: 1}}", Outcome.PASSED),
        ("{name: db, from: backend, addresses: ['192.0.2.1']}", Outcome.FAILED),
        ("{name: db, from: edge}", Outcome.FAILED),
        ("{name: db, from: edge, resolvable: false}", Outcome.PASSED),
        ("{name: db, from: backend, resolvable: false}", Outcome.FAILED),
    ],
)
def test_real_names(real: CheckContext, text: str, outcome: Outcome) -> None:
    result = dns.CHECK.run(real, options(dns.CHECK, text))
    assert result.outcome is outcome, result.summary
