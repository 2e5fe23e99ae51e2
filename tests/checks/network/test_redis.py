import contextlib
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.network.redis import CHECK
from readiness_gate.doors.clock import SystemClock
from readiness_gate.doors.web import Answer
from readiness_gate.errors import ConfigurationError
from readiness_gate.formats.resp import Replies, Reply
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from readiness_gate.stack.base import Address
from tests.checks.network.served import closed_port, raw
from tests.fakes.context import booted, context
from tests.fakes.options import options, refusal
from tests.fakes.stack import FakeStack
from tests.fakes.web import FakeWeb, Request, answer
from tests.stack.compose.real import opener


@dataclass
class Store:
    """As much of Redis as is asked; keys with their time to live in ms, -1: none."""

    keys: dict[str, int] = field(default_factory=dict)
    info: dict[str, str] = field(
        default_factory=lambda: {
            "redis_version": "8.0",
            "aof_enabled": "1",
            "aof_last_write_status": "ok",
            "aof_last_bgrewrite_status": "ok",
            "rdb_last_bgsave_status": "ok",
            "maxmemory_policy": "noeviction",
        }
    )
    config: dict[str, str] = field(default_factory=lambda: {"save": "", "appendonly": "yes"})
    password: str = ""
    open: bool = False

    def speak(self, connection: socket.socket) -> None:
        self.open = not self.password
        commands = Replies(lambda: connection.recv(65_536))
        with contextlib.suppress(Exception):
            while True:
                words = commands.read()
                assert isinstance(words, list)
                connection.sendall(self.answer([str(word) for word in words]))

    def answer(self, words: list[str]) -> bytes:
        name, *rest = words
        if name == "AUTH":
            self.open = rest[-1] == self.password
            return b"+OK\r\n" if self.open else b"-WRONGPASS invalid\r\n"
        if not self.open:
            return b"-NOAUTH Authentication required.\r\n"
        if name == "SCAN":
            found = [key for key in self.keys if key.startswith(rest[2].rstrip("*"))]
            return written(["0", [*found, *found[:1]]])
        if name == "PTTL":
            return b":%d\r\n" % self.keys.get(rest[0], -2)
        if name == "CONFIG":
            return written([rest[1], self.config[rest[1]]] if rest[1] in self.config else [])
        if name == "INFO":
            lines = "".join(f"{key}:{value}\r\n" for key, value in self.info.items())
            return written(f"# Server\r\n{lines}")
        return {"PING": b"+PONG\r\n", "SELECT": b"+OK\r\n"}[name]


def written(reply: Reply) -> bytes:
    if isinstance(reply, list):
        return b"*%d\r\n" % len(reply) + b"".join(map(written, reply))
    text = str(reply).encode()
    return b"$%d\r\n%s\r\n" % (len(text), text)


def facts(port: int, *, web: FakeWeb | None = None, own: bool = True) -> CheckContext:
    stack = FakeStack(
        service_names=("backend", "redis"),
        addresses={("redis", 6379): Address("127.0.0.1", port)},
        environments={"redis": {"REDIS_PASSWORD": "s3cret", "EMPTY": ""}},
    )
    return context(
        stack=stack,
        web=web,
        base_url="http://shop.example",
        clock=SystemClock(),
        steps=booted() if own else {},
        timeout=5.0,
    )


def ran(text: str, store: Store, *, web: FakeWeb | None = None) -> CheckResult:
    with raw(store.speak) as port:
        return CHECK.run(facts(port, web=web), options(CHECK, f"{{service: redis{text}}}"))


def test_a_redis_that_answers_passes() -> None:
    result = ran("", Store())
    assert result.outcome is Outcome.PASSED
    assert result.summary == "redis redis:6379 answers, 0 further assertions hold"


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (", persistence: aof", ""),
        (", persistence: any", ""),
        (", persistence: rdb", "persistence: save is off"),
        (", persistence: none", "persistence: appendonly is on"),
        (", config: {appendonly: 'yes'}", ""),
        (", config: {appendonly: 'no'}", 'config appendonly: expected "no", got "yes"'),
        (", config: {maxmemory: '0'}", "config maxmemory: expected"),
        (", info: {aof_enabled: 1, maxmemory_policy: noeviction}", ""),
        (", info: {maxmemory_policy: allkeys-lru}", "info maxmemory_policy: expected"),
        (", info: {role: master}", 'info role: expected "master", got nothing'),
        (", keys: {'session:*': {count: '==2'}}", ""),
        (", keys: {'session:*': {count: '>2'}}", "keys session:*: count: expected >2, got 2"),
        (", keys: {'session:*': {expire: true}}", "'session:b' never expires"),
        (", keys: {'cart:*': {expire: true}}", ""),
        (", keys: {'cart:*': {expire: false}}", "'cart:1' expires"),
        (", keys: {'none:*': {expire: true}}", "there is none whose time to live"),
        (", database: 2", ""),
    ],
)
def test_assertions(text: str, cause: str) -> None:
    store = Store(keys={"session:a": 1000, "session:b": -1, "cart:1": 5})
    result = ran(text, store)
    assert result.outcome is (Outcome.FAILED if cause else Outcome.PASSED), result.summary
    assert cause in result.summary


def test_what_was_written_badly_is_not_kept() -> None:
    store = Store()
    store.info["aof_last_write_status"] = "err"
    result = ran(", persistence: aof", store)
    assert result.summary.endswith("persistence: aof_last_write_status is err")


KEYSPACE = (
    ", keys: {'session:*': {increases: '>=1', expire: true}}, requests: [{url: /, method: POST}]"
)


@pytest.mark.parametrize(
    ("adds", "outcome"),
    [
        ({"session:new": 60_000}, Outcome.PASSED),
        ({"x": 1}, Outcome.FAILED),
        ({"session:new": -1}, Outcome.FAILED),
    ],
)
def test_keys_after_requests(adds: dict[str, int], outcome: Outcome) -> None:
    store = Store(keys={"session:old": -1})

    def login(_: Request) -> Answer:
        store.keys |= adds
        return answer(201)

    result = ran(KEYSPACE, store, web=FakeWeb(responder=login))
    assert result.outcome is outcome, result.summary


def test_requests_that_fail_prove_nothing() -> None:
    result = ran(KEYSPACE, Store(), web=FakeWeb([answer(500)]))
    assert result.outcome is Outcome.FAILED
    assert "got 500" in result.summary


def test_a_password_is_taken_from_the_service() -> None:
    store = Store(password="s3cret")
    assert ran(", password: REDIS_PASSWORD", store).outcome is Outcome.PASSED
    without = ran("", store)
    assert (without.outcome, without.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)
    assert "NOAUTH" in without.summary
    other = Store(password="other")
    wrong = ran(", password: REDIS_PASSWORD", other)
    assert wrong.error_class is ErrorClass.CONFIGURATION
    assert "s3cret" not in wrong.summary + wrong.details
    with pytest.raises(ConfigurationError, match="EMPTY"):
        ran(", password: EMPTY", store)


def test_a_redis_that_loads_decides_nothing() -> None:
    store = Store()
    store.info["loading"] = "1"
    assert ran("", store).error_class is ErrorClass.INCONCLUSIVE


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"+PONG",
        b"$4\r\nPONGxx",
        b"$99999999999\r\n",
        b"$-5x\r\n",
        b":1\r\n",
        b"*9999999\r\n",
        b"*1\r\n" * 50,
        b"x" * 100_000,
        b"+NO\r\n",
        b"",
    ],
)
def test_what_is_no_redis_fails(reply: bytes) -> None:
    def speak(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(reply)

    with raw(speak) as port:
        result = CHECK.run(facts(port), options(CHECK, "{service: redis, timeout: 1s}"))
        assert result.outcome is Outcome.FAILED, result.summary


def test_a_redis_that_says_nothing_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        result = CHECK.run(facts(port), options(CHECK, "{service: redis, timeout: 200ms}"))
        assert result.outcome is Outcome.FAILED
        assert "no answer in time" in result.summary


def test_a_closed_port_fails_and_of_a_foreign_system_decides_nothing() -> None:
    port = closed_port()
    assert "connection refused" in CHECK.run(facts(port), options(CHECK, "service: redis")).summary
    foreign = CHECK.run(facts(port, own=False), options(CHECK, "service: redis"))
    assert (foreign.outcome, foreign.error_class) == (Outcome.ERROR, ErrorClass.INFRASTRUCTURE)


def test_another_host_is_not_asked() -> None:
    with pytest.raises(ConfigurationError, match="no service of the stack"):
        CHECK.run(facts(1), options(CHECK, "service: elsewhere"))


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("{}", "service"),
        ("{service: redis, keys: {a: {}}}", "assert something"),
        ("{service: redis, keys: {a: {increases: '>0'}}}", "say in requests"),
        ("{service: redis, requests: [{url: /}]}", "say in keys"),
        ("{service: redis, user: a}", "needs a password"),
    ],
)
def test_what_asserts_nothing_is_refused(text: str, cause: str) -> None:
    assert cause in refusal(CHECK, text)


COMPOSE = """
services:
  redis:
    image: redis:8
    command: [redis-server, --appendonly, "yes", --requirepass, of-the-test]
    environment: {REDIS_PASSWORD: of-the-test}
    healthcheck:
      test: [CMD, redis-cli, -a, of-the-test, ping]
      interval: 1s
      retries: 20
"""


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CheckContext]:
    root: Path = tmp_path_factory.mktemp("project")
    (root / "docker-compose.yml").write_text(COMPOSE)
    with opener() as opened:
        stack = opened(root)
        stack.build(60.0)
        stack.start(None, 60.0)
        assert all(one.healthy for one in stack.wait(None, 60.0, 0.2))
        yield context(
            workspace=root, stack=stack, steps=booted("redis"), clock=SystemClock(), timeout=20.0
        )


@pytest.mark.docker
def test_a_real_redis(real: CheckContext) -> None:
    text = """
service: redis
password: REDIS_PASSWORD
persistence: any
config: {appendonly: "yes", maxmemory-policy: noeviction}
info: {role: master, redis_version: {match-regexp: "^[0-9]"}}
keys: {"session:*": {count: "==1", expire: true}}
"""
    assert real.stack is not None
    command = ["redis-cli", "-a", "of-the-test", "set", "session:1", "x", "ex", "600"]
    assert real.stack.execute("redis", command, timeout=10.0).succeeded
    result = CHECK.run(real, options(CHECK, text))
    assert result.outcome is Outcome.PASSED, result.details or result.summary
    refused = CHECK.run(real, options(CHECK, "service: redis"))
    assert refused.error_class is ErrorClass.CONFIGURATION
