import json
import os
import resource
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest

from readiness_gate.checks.context import CheckContext, StepRecord
from readiness_gate.checks.runs.log_assert import run
from readiness_gate.checks.stack.log_assert import CHECK
from readiness_gate.doors.clock import SystemClock
from readiness_gate.doors.exchange import TargetWeb
from readiness_gate.doors.programs import HostPrograms
from readiness_gate.doors.web import Answer, NoAnswer
from readiness_gate.doors.workspace import Workspace
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.evidence import TextEvidence
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from readiness_gate.stack.base import Address, BuiltImage, NotSupported
from readiness_gate.stack.external import ExternalStack
from readiness_gate.stack.facts import LINE_LIMIT, LogLine
from readiness_gate.stack.process import ProcessStack
from readiness_gate.stack.process_launch import ProcessSpec
from tests.fakes.context import booted, context
from tests.fakes.options import options, refusal
from tests.fakes.stack import FakeStack
from tests.fakes.web import FakeWeb
from tests.forge.clock import FakeClock
from tests.stack.compose.real import opener

BEGIN = 1_772_445_600.0
"""Where the fake clock starts."""


def lines(*texts: str, begin: float = BEGIN, every: float = 1.0) -> list[LogLine]:
    return [LogLine("backend-1", begin + at * every, text) for at, text in enumerate(texts)]


def record(level: str = "info", **more: Any) -> str:
    return json.dumps({"level": level, "message": "hello", **more})


def answer(text: str, *texts: str, stack: FakeStack | None = None, **more: Any) -> CheckResult:
    stack = stack or FakeStack(("backend",))
    stack.lines.setdefault("backend", lines(*texts))
    facts = {"steps": booted(*stack.services), "timeout": 60, "clock": FakeClock(), **more}
    return run(context(stack=stack, **facts), options(CHECK, text))


def test_structured_lines_pass_with_a_row_for_every_service() -> None:
    text = '{json: ">=99%", fields: [level, message], errors: <=0, absent: ["password="]}'
    result = answer(text, record(), record("warning"), "")
    assert result.outcome is Outcome.PASSED, result.details
    assert result.summary == "2 lines of backend as asserted"


def test_the_share_of_json_is_told_with_what_is_none() -> None:
    result = answer('{json: ">=95%"}', *[record()] * 9, "INFO plain {not json}")
    assert result.outcome is Outcome.FAILED
    assert result.summary == "backend: share of JSON in 10 lines: expected >=95%, got 90.0 %"
    assert TextEvidence(title="backend: no JSON", text="INFO plain {not json}") in result.evidence


@pytest.mark.parametrize("text", ["[1]", '"level"', "1", "{'level': 'info'}", '{"level": "info"'])
def test_only_an_object_is_a_structured_line(text: str) -> None:
    assert answer('{json: ">=1%"}', text).outcome is Outcome.FAILED


def test_fields_are_asserted_of_every_json_line_also_within_others() -> None:
    held = answer("{fields: [http.status]}", '{"http": {"status": 200}}', '{"http.status": 1}')
    assert held.outcome is Outcome.PASSED
    result = answer("{fields: {level: {not: debug}, time: {exists: true}}}", record("debug"))
    assert result.details.splitlines() == [
        'backend: level of 1 line in JSON: expected not "debug"',
        "backend: time of 1 line in JSON: expected it to exist",
    ]


@pytest.mark.parametrize(
    ("text", "is_error"),
    [
        ("ERROR: broken", True),
        ("2026-01-01 [FATAL] broken", True),
        ("Traceback (most recent call last):", True),
        ('time=x level=error msg="broken"', True),
        (record("error"), True),
        (record("CRITICAL"), True),
        ('{"level": 50, "msg": "pino"}', True),
        ('{"log": {"level": "fatal"}}', True),
        ('{"severity": "ALERT"}', True),
        ("INFO error rate is 0", False),
        (record("info", message="no ERROR at all"), False),
        ('{"level": 30}', False),
        ("TERRORISE", False),
    ],
)
def test_errors_are_known_by_level_or_by_their_usual_words(text: str, is_error: bool) -> None:
    result = answer("{errors: <=0}", text)
    assert result.outcome is (Outcome.FAILED if is_error else Outcome.PASSED)


def test_what_an_error_is_can_be_said() -> None:
    assert answer('{errors: <=0, error: "^E "}', "E broken").outcome is Outcome.FAILED
    assert answer('{errors: <=0, error: "^E "}', "ERROR").outcome is Outcome.PASSED


def test_expressions_have_to_match_or_must_not() -> None:
    text = '{matches: ["listening on [0-9]+"], absent: ["card [0-9]{16}"]}'
    assert answer(text, "listening on 80").outcome is Outcome.PASSED
    result = answer(text, "card 4111111111111111")
    assert result.details.splitlines() == [
        "backend: 1 line match 'card [0-9]{16}'",
        "no line of backend matches 'listening on [0-9]+'",
    ]


def test_examples_show_neither_what_must_not_be_there_nor_a_secret() -> None:
    stack = FakeStack(("backend",), handed={"backend": {"KEY": "only-for-this"}})
    text = '{absent: ["card [0-9]{16}"], errors: <=0}'
    result = answer(text, "ERROR card 4111111111111111 with only-for-this", stack=stack)
    assert result.outcome is Outcome.FAILED
    assert "ERROR *** with ***" in str(result.evidence)
    assert "only-for-this" not in str(result)


def test_a_burst_is_more_errors_than_in_the_baseline_window() -> None:
    calm, loud = record(), record("error")
    log = [*[loud] * 2, *[calm] * 8, *[calm] * 5, *[loud] * 10, *[calm] * 10]
    stack = FakeStack(("backend",), lines={"backend": lines(*log)})
    result = answer("{burst: {factor: 2}}", stack=stack)
    assert result.outcome is Outcome.FAILED
    assert result.summary == "backend: 5 errors in the 10 s from 10 s on, 2 in the first 10 s"
    assert answer("{burst: {}}", stack=stack).outcome is Outcome.PASSED
    assert answer("{burst: {factor: 2, least: 6}}", stack=stack).outcome is Outcome.PASSED


def test_windows_are_counted_from_the_first_line_of_all_replicas() -> None:
    later = [LogLine("backend-1", BEGIN + 15, record("error"))] * 5
    first = [LogLine("backend-2", BEGIN + at, record()) for at in (0, 21)]
    stack = FakeStack(("backend",), lines={"backend": [*later, *first]})
    result = answer("{burst: {}}", stack=stack)
    assert result.summary == "backend: 5 errors in the 10 s from 10 s on, 0 in the first 10 s"


@pytest.mark.parametrize(
    ("log", "said"),
    [
        (lines(record(), record()), "its log spans 1 s; two windows of 10 s are needed"),
        ([LogLine("backend-1", 0.0, record())], "nobody noted when its lines were written"),
    ],
)
def test_a_log_without_time_for_a_burst_proves_nothing(log: list[LogLine], said: str) -> None:
    stack = FakeStack(("backend",), lines={"backend": log})
    result = answer("{burst: {}}", stack=stack)
    assert result.error_class is ErrorClass.INCONCLUSIVE
    assert said in result.summary


def with_secrets(**handed: str) -> FakeStack:
    stack = FakeStack(("backend", "db"), handed={"db": handed})
    stack.environments["db"] = {"POSTGRES_USER": "shopkeeper", **handed}
    return stack


@pytest.mark.parametrize(
    "leak",
    [
        "connecting with s3cr/t&pass!",
        "postgresql://shop:s3cr%2Ft%26pass%21@db/shop",
        "Authorization: Basic czNjci90JnBhc3Mh",
    ],
)
def test_a_handed_secret_is_found_in_any_form_and_never_shown(leak: str) -> None:
    result = answer(
        "{services: backend, secrets: true}", leak, stack=with_secrets(KEY="s3cr/t&pass!")
    )
    assert result.outcome is Outcome.FAILED
    assert result.summary == "backend: KEY of db is in 1 line of the log"
    shown = str(result.evidence)
    assert "s3cr" not in shown
    assert "czNjci" not in shown
    assert "***" in shown


def test_each_line_of_a_long_secret_is_sought() -> None:
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nend\n-----END KEY-----"
    stack = with_secrets(KEY=key)
    result = answer(
        "{services: backend, secrets: true}", "x MIIEvQIBADANBgkqhkiG9w0B y", stack=stack
    )
    assert result.outcome is Outcome.FAILED


def test_secrets_are_sought_in_every_log_and_the_rest_in_the_chosen_ones() -> None:
    stack = with_secrets(KEY="a-long-secret")
    stack.lines["db"] = lines("plain ERROR in a database")
    images = (BuiltImage("backend", "b", True, 1, 1.0),)
    steps = {**booted("backend", "db"), "images": StepRecord("images", True, "", images=images)}
    text = '{secrets: true, json: ">=100%", errors: <=0}'
    result = answer(text, record(), stack=stack, steps=steps)
    assert result.outcome is Outcome.PASSED, result.summary
    assert result.details == "searched for secrets alone: db"
    stack.lines["db"] = lines("key is a-long-secret")
    result = answer(text, record(), stack=stack, steps=steps)
    assert result.summary == "db: KEY of db is in 1 line of the log"


def test_a_word_that_is_no_secret_is_left_out_and_told() -> None:
    stack = with_secrets(A_TOKEN="a-long-secret", DB_PASSWORD="shopkeeper", PIN_SECRET="1234")
    result = answer("{services: backend, secrets: true}", "shopkeeper 1234 db", stack=stack)
    assert result.outcome is Outcome.PASSED
    assert "DB_PASSWORD of db, PIN_SECRET of db" in result.details


def test_without_a_secret_nothing_is_proven() -> None:
    result = answer("{secrets: true}", "hello", stack=with_secrets(PIN_SECRET="1234"))
    assert result.error_class is ErrorClass.INCONCLUSIVE
    assert answer("{secrets: true}", "x").error_class is ErrorClass.INCONCLUSIVE


def test_silence_proves_nothing() -> None:
    for text in ('{json: ">=0%"}', "{errors: <=0}", "{absent: [x]}"):
        assert answer(text, "", " ").error_class is ErrorClass.INCONCLUSIVE
    assert answer("{matches: [x]}").outcome is Outcome.FAILED
    assert answer("{fields: [level]}", "plain").error_class is ErrorClass.INCONCLUSIVE


def test_one_silent_service_of_many_is_told_and_a_named_one_proves_nothing() -> None:
    stack = FakeStack(("backend", "worker"))
    result = answer("{errors: <=0}", "hello", stack=stack)
    assert (result.outcome, result.details) == (Outcome.PASSED, "wrote nothing: worker")
    named = answer("{services: [backend, worker], errors: <=0}", stack=stack)
    assert named.summary == "worker wrote no line"
    assert named.error_class is ErrorClass.INCONCLUSIVE


def test_without_names_the_services_of_the_checkout_are_read() -> None:
    stack = FakeStack(("backend", "db"))
    stack.lines["db"] = lines("ERROR in a database is not ours")
    images = (BuiltImage("backend", "b", True, 1, 1.0), BuiltImage("db", "d", False, 1, 1.0))
    steps = {**booted("backend", "db"), "images": StepRecord("images", True, "", images=images)}
    assert answer("{errors: <=0}", "fine", stack=stack, steps=steps).outcome is Outcome.PASSED
    assert answer("{errors: <=0}", "fine", stack=stack).outcome is Outcome.FAILED


def test_a_line_that_was_not_read_whole_may_hide_anything() -> None:
    stack = FakeStack(("backend",))
    stack.lines["backend"] = [LogLine("backend-1", BEGIN, "x" * LINE_LIMIT, cut=True)]
    assert answer("{absent: [y]}", stack=stack).error_class is ErrorClass.INCONCLUSIVE
    assert answer("{absent: [x]}", stack=stack).outcome is Outcome.FAILED


class Slow:
    """Lines without end, each of which takes a millisecond."""

    def __init__(self, clock: FakeClock, text: str) -> None:
        self.clock, self.text = clock, text

    def __iter__(self) -> Iterator[LogLine]:
        while True:
            self.clock.sleep(0.001)
            yield LogLine("backend-1", BEGIN, self.text)


def test_a_log_that_cannot_be_read_in_time_is_no_pass() -> None:
    clock = FakeClock()
    stack = FakeStack(("backend",), lines={"backend": Slow(clock, "fine")})
    result = answer("{errors: <=0}", stack=stack, clock=clock)
    assert result.error_class is ErrorClass.INCONCLUSIVE
    assert result.summary.startswith("backend: only ")
    stack = FakeStack(("backend",), lines={"backend": Slow(clock, "ERROR")})
    assert answer("{errors: <=0}", stack=stack, clock=clock).outcome is Outcome.FAILED


class Logging(FakeWeb):
    """A target that logs what it is asked for, or forgets to."""

    def __init__(self, stack: FakeStack, clock: FakeClock, *, status: int = 500) -> None:
        super().__init__()
        self.stack, self.clock, self.status = stack, clock, status
        self.asked: list[str] = []
        self.says = "ERROR {}"
        self.body = b"{}"

    def request(self, method: str, url: str, **more: Any) -> Answer:
        self.asked.append(url)
        sent = f"{url} {more.get('headers')} {(more.get('body') or b'').decode()}"
        if self.says:
            at = self.clock.now().timestamp() + 0.1
            line = LogLine("backend-1", at, self.says.format(unquote_plus(sent)))
            self.stack.lines["backend"] = [*self.stack.lines.get("backend", ()), line]
        return Answer(method, url, self.status, (), self.body, 0.01)


def provoking(text: str, *, says: str = "ERROR {}", **more: Any) -> tuple[CheckResult, Logging]:
    clock = FakeClock()
    stack = FakeStack(("backend",), addresses={("backend", 8000): Address("127.0.0.1", 1)})
    old = [LogLine("backend-1", BEGIN - 60, "ERROR old /boom")]
    stack.lines["backend"] = old
    web = Logging(stack, clock, **more)
    web.says = says
    facts = context(
        stack=stack,
        steps=booted("backend"),
        web=web,
        clock=clock,
        timeout=60,
        base_url="http://backend:8000",
    )
    return run(facts, options(CHECK, text)), web


def test_an_error_that_is_provoked_has_to_appear_as_a_new_line() -> None:
    text = "provoke: {url: /boom, status: 500, appears: 'ERROR.*:1/boom'}"
    result, web = provoking(text)
    assert result.outcome is Outcome.PASSED
    assert result.summary == "what GET /boom provoked is in the log"
    assert web.asked == ["http://127.0.0.1:1/boom"]
    silent, _ = provoking(text, says="")
    assert silent.outcome is Outcome.FAILED
    assert "no line of backend matched 'ERROR.*:1/boom' within 10 s" in silent.summary
    other, _ = provoking(text, status=200)
    assert other.summary == "GET /boom: status: expected 500, got 200"


def test_a_line_that_also_comes_by_itself_proves_nothing_without_a_marker() -> None:
    result, web = provoking("provoke: {url: /boom, appears: 'ERROR.*/boom'}")
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert result.summary == (
        "1 line of before match 'ERROR.*/boom', so that a new one need not come from GET /boom"
    )
    assert "{marker}" in str(result.remediation)
    assert web.asked == []
    marked = "provoke: {url: /boom, query: {q: '{marker}'}, appears: 'ERROR.*/boom.*{marker}'}"
    assert provoking(marked)[0].outcome is Outcome.PASSED


@pytest.mark.parametrize(
    "sent",
    [
        "headers: {X-Request-ID: '{marker}'}",
        "query: {q: '{marker}'}",
        "method: POST, json: {name: '{marker}'}",
    ],
)
def test_a_marker_is_a_new_word_in_request_and_line(sent: str) -> None:
    text = f"provoke: {{url: /boom, {sent}, appears: 'ERROR.*{{marker}}'}}"
    result, _ = provoking(text)
    assert result.outcome is Outcome.PASSED
    assert provoking(text, says="ERROR somebody else's")[0].outcome is Outcome.FAILED


def test_nothing_is_provoked_in_somebody_else_s_system() -> None:
    stack = FakeStack(("backend",))
    facts = context(stack=stack, base_url="http://backend:8000")
    result = run(facts, options(CHECK, "provoke: {url: /boom, appears: boom}"))
    assert result.error_class is ErrorClass.CONFIGURATION


STORE = """
provoke: {url: /boom, headers: {X-Id: '{marker}'}, appears: '{marker}'}
store:
  url: http://backend:8000/loki/api/v1/query_range
  query: {query: '{app="x"} |= "{marker}"'}
  jsonpath: {$.data.result: {have-len: {ge: 1}}}
"""


def test_what_was_logged_has_to_arrive_in_the_store() -> None:
    result, web = provoking(STORE, status=200)
    assert result.outcome is Outcome.FAILED
    assert result.summary.endswith("expected a length of at least 1, got nothing, after 30 s")
    assert unquote_plus(web.asked[-1]).partition("|= ")[2].startswith('"readiness-')


def test_a_store_that_has_it_passes() -> None:
    clock = FakeClock()
    stack = FakeStack(("backend",), addresses={("backend", 8000): Address("127.0.0.1", 1)})
    web = Logging(stack, clock, status=200)
    web.body = b'{"data": {"result": [{}]}}'
    facts = context(
        stack=stack, steps=booted("backend"), web=web, clock=clock, base_url="http://backend:8000"
    )
    result = run(facts, options(CHECK, STORE))
    assert result.summary == (
        "what GET /boom provoked is in the log; the log store has what was logged"
    )


class Dead(FakeWeb):
    def request(self, method: str, url: str, **_more: Any) -> Answer:
        raise NoAnswer(f"{method} {url}: ConnectionRefusedError")


def test_a_store_of_somebody_else_that_is_away_is_the_platform_s_fault() -> None:
    stack = ExternalStack(project="rg", base_url="http://logs.example")
    text = "store: {url: /query, jsonpath: {$.data: {exists: true}}}"
    facts = context(
        stack=stack, web=Dead(), clock=FakeClock(), base_url="http://logs.example", timeout=60
    )
    result = run(facts, options(CHECK, text))
    assert result.error_class is ErrorClass.INFRASTRUCTURE
    with pytest.raises(NotSupported):
        run(facts, options(CHECK, "{errors: <=0}"))


def test_a_store_outside_of_the_target_is_not_asked() -> None:
    text = "store: {url: http://elsewhere.example/q, jsonpath: {$.a: 1}}"
    facts = context(stack=FakeStack(("backend",)), base_url="http://backend:8000")
    with pytest.raises(ConfigurationError):
        run(facts, options(CHECK, text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "assert something"),
        ("{services: backend}", "assert something"),
        ("{json: 95%}", "no comparison"),
        ("{absent: ['x*']}", "matches an empty line"),
        ("{absent: ['(']}", "no RE2 expression"),
        ("{provoke: {url: /x}}", "appears"),
        ("{provoke: {url: /x, appears: '{marker}'}}", "has to be sent"),
        ("{store: {url: /q, jsonpath: {}}}", "jsonpath"),
        ("{store: {url: /q, query: {q: '{marker}'}, jsonpath: {$.a: 1}}}", "needs provoke"),
    ],
)
def test_what_asserts_nothing_is_refused(text: str, said: str) -> None:
    assert said in refusal(CHECK, text)


def test_lines_of_a_process_are_read_and_a_new_one_is_counted(tmp_path: Path) -> None:
    program = 'import time\nprint(\'{"level": "info"}\', flush=True)\ntime.sleep(60)'
    (tmp_path / "app.py").write_text(program)
    stack = ProcessStack(
        {"app": ProcessSpec(command=(sys.executable, "app.py"))},
        project=f"rg-test-{os.getpid()}-logs",
        base_url=None,
        workspace=Workspace(tmp_path),
        programs=HostPrograms({"PATH": os.environ["PATH"]}),
        clock=SystemClock(),
        web=TargetWeb(),
        passed_on={"TOKEN": "throw-away-value"},
        state_root=tmp_path / "state",
    )
    try:
        stack.start(None, 10.0)
        assert stack.wait(None, 10.0, 0.3)[0].healthy
        facts = context(stack=stack, steps=booted("app"), clock=SystemClock())
        result = run(facts, options(CHECK, '{json: ">=100%", secrets: true, fields: [level]}'))
    finally:
        stack.tear_down(5.0)
    assert result.outcome is Outcome.PASSED, result.summary


PROGRAM = r"""
import http.server, json, os, sys, threading, time
def say(level, text, **more):
    print(json.dumps({"level": level, "message": text, **more}), flush=True)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/boom":
            say("error", "boom", request=self.headers.get("X-Request-ID"), long="x" * 40000)
        if self.path == "/leak":
            print("using " + os.environ["DB_PASSWORD"], file=sys.stderr, flush=True)
        self.send_response(500 if self.path == "/boom" else 200)
        self.end_headers()
    def log_message(self, *_): pass
say("info", "started")
http.server.ThreadingHTTPServer(("", 8000), Handler).serve_forever()
"""
COMPOSE = """
services:
  app:
    image: python:3.13-slim-trixie
    command: [python, /srv/app.py]
    volumes: ["./app.py:/srv/app.py:ro"]
    environment: {DB_PASSWORD: "a throw-away word"}
    init: true
    healthcheck:
      test: [CMD, python, -c, "import socket; socket.create_connection(('127.0.0.1', 8000))"]
      interval: 1s
  flood:
    image: python:3.13-slim-trixie
    profiles: [flood]
    init: true
    command:
      - python
      - -c
      - |
        import os, time
        block = b'{"level": "info", "message": "%s"}\\n' % (b'x' * 170) * 5000
        for _ in range(100): os.write(1, block)
        time.sleep(600)
"""


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Any]:
    (tmp_path / "docker-compose.yml").write_text(COMPOSE)
    (tmp_path / "app.py").write_text(PROGRAM)
    with opener() as opened:

        def facts(services: Sequence[str], *profiles: str) -> CheckContext:
            stack = opened(tmp_path, profiles=profiles)
            stack.build(60.0)
            stack.start(services, 60.0)
            assert all(one.healthy for one in stack.wait(services, 60.0, 0.2))
            return context(
                workspace=tmp_path,
                stack=stack,
                web=TargetWeb(),
                clock=SystemClock(),
                steps=booted(*services),
                base_url="http://app:8000",
                timeout=90.0,
            )

        yield facts


@pytest.mark.docker
def test_a_real_log_is_judged_and_a_real_error_is_provoked(real: Any) -> None:
    facts = real(["app"])
    text = """
services: app
json: ">=100%"
fields: {level: {or: [info, error]}, message: {exists: true}}
secrets: true
provoke:
  url: /boom
  headers: {X-Request-ID: "{marker}"}
  status: 500
  appears: 'error.*"request": "{marker}"'
"""
    result = run(facts, options(CHECK, text))
    assert result.outcome is Outcome.PASSED, f"{result.summary}\n{result.details}"
    assert facts.web.request("GET", "http://" + _reached(facts) + "/leak", timeout=5).status == 200
    leaked = run(facts, options(CHECK, "{services: app, secrets: true}"))
    assert leaked.summary == "app: DB_PASSWORD of app is in 1 line of the log"
    assert "throw-away" not in str(leaked.evidence)
    quiet = "{services: app, provoke: {url: /quiet, appears: quiet, within: 1s}}"
    assert run(facts, options(CHECK, quiet)).outcome is Outcome.FAILED


def _reached(facts: CheckContext) -> str:
    assert facts.stack is not None
    place = facts.stack.address("app", 8000)
    return f"{place.host}:{place.port}"


@pytest.mark.docker
@pytest.mark.slow
def test_a_log_of_a_hundred_megabytes_costs_little_memory(real: Any) -> None:
    facts = real(["flood"], "flood")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    text = '{services: flood, json: ">=100%", fields: [level], absent: [password], errors: <=0}'
    for _ in range(120):
        result = run(facts, options(CHECK, text))
        if "500000 lines" in result.summary:
            break
        facts.clock.sleep(0.5)
    assert result.outcome is Outcome.PASSED, result.summary
    assert result.summary == "500000 lines of flood as asserted"
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert grown < 50_000_000
