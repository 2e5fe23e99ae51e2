"""`http-scenario` against an application on loopback, step by step, and what ends it."""

import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from readiness_gate.checks.context import DatabaseAccess
from readiness_gate.checks.network.http_scenario import CHECK
from readiness_gate.doors.clock import Clock, SystemClock
from readiness_gate.doors.exchange import TargetWeb
from readiness_gate.errors import ConfigurationError, StackError
from readiness_gate.model.evidence import RequestEvidence, TableEvidence, TextEvidence
from readiness_gate.model.outcome import ErrorClass, Need, Outcome
from readiness_gate.model.result import CheckResult
from readiness_gate.stack.base import Address, NotSupported
from readiness_gate.stack.facts import LogLine
from tests.checks.network.flows import App, application
from tests.checks.network.served import Asked, Reply, closed_port, raw, served
from tests.fakes.context import booted, context
from tests.fakes.disruption import FakeDisruption
from tests.fakes.options import options, refusal
from tests.fakes.stack import FakeStack


def ran(
    text: str,
    app: App,
    *,
    timeout: float = 20.0,
    own: bool = True,
    stack: FakeStack | None = None,
    clock: Clock | None = None,
    workspace: Path | None = None,
    variables: dict[str, str] | None = None,
    databases: dict[str, DatabaseAccess] | None = None,
) -> CheckResult:
    stack = stack or FakeStack()
    stack.addresses.setdefault(("backend", 8000), Address("127.0.0.1", app.port))
    return CHECK.run(
        context(
            stack=stack,
            web=TargetWeb(),
            clock=clock or SystemClock(),
            base_url="http://backend:8000",
            steps=booted() if own else {},
            timeout=timeout,
            workspace=workspace,
            variables=variables,
            databases=databases,
        ),
        options(CHECK, text),
    )


def shown(result: CheckResult) -> str:
    return f"{result.summary}\n{result.details}\n{result.evidence}\n{result.remediation}"


ACCOUNT = """
generate: {email: email, password: password}
steps:
  - name: register
    url: /register
    method: POST
    json: {email: "{{email}}", password: "{{password}}"}
    status: 201
  - name: log in
    url: /login
    method: POST
    form: {email: "{{email}}", password: "{{password}}"}
    cookie: {sid: {exists: true}}
    capture: {token: {jsonpath: $.token}}
  - {name: who am I, url: /me, auth: {bearer: "{{token}}"}, jsonpath: {$.email: "{{email}}"}}
"""


def test_a_flow_of_captured_and_generated_values_passes() -> None:
    with application() as app:
        result = ran(ACCOUNT, app)
    assert result.outcome is Outcome.PASSED, result.summary
    assert result.summary == "3 steps, 5 assertions hold"
    (table,) = result.evidence
    assert isinstance(table, TableEvidence)
    assert [row[0] for row in table.rows] == [
        "step 1 (register)",
        "step 2 (log in)",
        "step 3 (who am I)",
    ]
    (account,) = app.accounts
    assert account.endswith("@example.com")


def test_the_step_that_fails_ends_the_flow_and_shows_request_and_answer() -> None:
    with application(App(broken="/login")) as app:
        result = ran(ACCOUNT, app)
    assert result.outcome is Outcome.FAILED
    assert result.summary == (
        "step 2 (log in): POST http://backend:8000/login: status: expected less than 400, got 500; "
        "and 1 more"
    )
    request, answer, table = result.evidence
    assert isinstance(request, TextEvidence)
    assert request.title == "Request"
    assert "application/x-www-form-urlencoded" in request.text
    assert isinstance(answer, RequestEvidence)
    assert (answer.status, answer.body) == (500, '{"error": "broken"}')
    assert isinstance(table, TableEvidence)
    assert table.omitted == 1
    assert "GET /me" not in app.seen


def test_passwords_tokens_and_sessions_are_masked_everywhere() -> None:
    text = (
        ACCOUNT + '  - {url: "/echo/{{token}}", method: POST, json: ["{{password}}"], body: no}\n'
    )
    with application() as app:
        result = ran(text, app)
    assert result.outcome is Outcome.FAILED
    (password,) = app.accounts.values()
    (token,) = app.sessions
    for secret in (password, token):
        assert secret not in shown(result)
    assert "***" in shown(result)


def test_cookies_are_kept_for_each_user_and_expire() -> None:
    text = """
    variables: {password: pw}
    steps:
      - {url: /register, method: POST, json: {email: admin@x, password: "{{password}}"}}
      - {url: /register, method: POST, json: {email: nurse@x, password: "{{password}}"}}
      - {url: /login, method: POST, cookies: a, json: {email: admin@x, password: "{{password}}"}}
      - {url: /login, method: POST, cookies: n, json: {email: nurse@x, password: "{{password}}"}}
      - {url: /admin, cookies: a, status: 200}
      - {url: /admin, cookies: n, status: 403}
      - {url: /admin, status: 403}
      - {url: /me, cookies: n, jsonpath: {$.email: nurse@x}}
      - {url: /logout, cookies: n}
      - {url: /me, cookies: n, status: 401}
    """
    with application() as app:
        result = ran(text, app)
    assert result.outcome is Outcome.PASSED, result.summary


class Frozen(SystemClock):
    """Real but for the wall clock, which stands in the middle of a period and jumps on sleep."""

    def __init__(self, start: float) -> None:
        self.moment = start

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.moment, UTC)

    def sleep(self, seconds: float) -> None:
        self.moment += seconds


TWO_FACTORS = """
generate: {code: {totp: {secret: "{{secret}}"}}}
variables: {first: "1111111105", second: "1111111110"}
steps:
  - {url: /enable, capture: {secret: {jsonpath: $.secret}}}
  - {name: confirm, url: /verify, method: POST, json: {code: "{{code}}"}, headers: {X-Now: FIRST}}
  - {name: log in, url: /verify, method: POST, json: {code: "{{code}}"}, headers: {X-Now: SECOND}}
"""


def test_a_one_time_password_is_never_sent_twice_nor_at_its_end() -> None:
    text = TWO_FACTORS.replace("FIRST", "'1111111110'").replace("SECOND", "'1111111140'")
    with application() as app:
        clock = Frozen(1111111109.0)  # one second before the end of a period
        result = ran(text, app, clock=clock, timeout=90)
        assert result.outcome is Outcome.PASSED, result.summary
        assert 1111111140 <= clock.moment < 1111111141
        wrong = ran(
            text.replace("'1111111140'", "'1111111110'"),
            app,
            clock=Frozen(1111111109.0),
            timeout=90,
        )
        assert wrong.outcome is Outcome.FAILED
        assert "step 2 (confirm)" in wrong.summary  # used by the flow before


def test_a_wrong_secret_and_a_password_that_comes_too_late_are_said() -> None:
    text = """
    generate: {code: {totp: {secret: "0189"}}}
    steps: [{url: /verify, method: POST, json: {code: "{{code}}"}}]
    """
    with application() as app:
        with pytest.raises(ConfigurationError, match="base32"):
            ran(text, app, clock=Frozen(1111111115.0))
        late = ran(text, app, clock=Frozen(1111111109.0), timeout=1.0)
    assert (late.outcome, late.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert "time was over" in late.summary


def test_files_are_uploaded_and_found_where_the_answer_says(tmp_path: Path) -> None:
    (tmp_path / "scan.pdf").write_bytes(b"%PDF-1.7 \x00\xff")
    text = """
    steps:
      - url: /files
        method: POST
        multipart: {scan: {file: scan.pdf, type: application/pdf}}
        status: 201
        jsonpath: {$.size: 11}
        capture: {place: {header: Location}}
      - {url: "{{place}}", jsonpath: {$.size: 11}}
    """
    with application() as app:
        result = ran(text, app, workspace=tmp_path)
    assert result.outcome is Outcome.PASSED, result.summary
    assert list(app.files.values()) == [b"%PDF-1.7 \x00\xff"]


def test_numbers_stay_numbers_and_values_are_quoted_in_urls() -> None:
    text = """
    variables: {name: "a b/c?d=é", price: 12}
    generate: {n: {number: {from: 7, to: 7}}, id: uuid, word: {text: 5}, day: {timestamp: 1d}}
    steps:
      - url: "/echo/{{name}}?id={{id}}&w={{word}}"
        method: POST
        json: {price: "{{price}}", n: "{{n}}", text: "n={{n}}", day: "{{day}}"}
        jsonpath:
          $.path: {match-regexp: "^/echo/a%20b%2Fc%3Fd%3D%C3%A9.id=[0-9a-f-]{36}&w=[a-z2-9]{5}$"}
        body: {contain-substring: '\\"n\\": 7, \\"text\\": \\"n=7\\", \\"day\\": \\"20'}
    """
    with application() as app:
        result = ran(text, app)
    assert result.outcome is Outcome.PASSED, result.summary


def test_it_is_polled_until_it_holds() -> None:
    text = """
    steps:
      - {url: /orders, method: POST, json: {}, status: 201, capture: {id: {jsonpath: $.id}}}
      - url: "/orders/{{id}}"
        retry: TIMES
        retry-interval: 10ms
        jsonpath: {$.state: done, $.id: "{{id}}"}
    """
    with application(App(slow=3)) as app:
        assert ran(text.replace("TIMES", "5"), app).outcome is Outcome.PASSED
        result = ran(text.replace("TIMES", "2"), app)
    assert result.outcome is Outcome.FAILED
    assert result.summary.endswith('$.state: expected "done", got "open" after 3 tries')


def test_a_step_is_repeated() -> None:
    with application() as app:
        result = ran("steps: [{url: /echo, repeat: 4}]", app)
    assert result.outcome is Outcome.PASSED
    assert app.seen == ["GET /echo"] * 4


CLEANED = """
steps:
  - {url: /orders, method: POST, json: {}, capture: {id: {jsonpath: $.id}}}
  - {name: broken, url: /gone, status: 200}
clean-up:
  - {url: "/orders/{{id}}", method: DELETE, status: CODE}
  - {url: /echo}
"""


def test_the_clean_up_is_done_also_after_a_failure() -> None:
    with application() as app:
        result = ran(CLEANED.replace("CODE", "204"), app)
        assert result.outcome is Outcome.FAILED
        assert "step 2 (broken)" in result.summary
        assert app.orders == {}
        assert app.seen[-1] == "GET /echo"


def test_a_step_that_is_cut_short_by_the_items_time_decides_nothing() -> None:
    def mute(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.recv(1)

    with raw(mute) as port:
        result = ran("steps: [{url: /}]", App(port=port), timeout=0.3)
        assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
        assert "time was over after 0.3 s" in result.summary
        slow = ran("steps: [{url: /, timeout: 100ms}]", App(port=port))
        assert slow.outcome is Outcome.FAILED
        assert "answer within 0.1 s" in slow.summary


def test_a_clean_up_that_fails_is_a_failure_and_the_next_is_done_all_the_same() -> None:
    with application() as app:
        result = ran(CLEANED.replace("CODE", "200").replace("/gone", "/echo"), app)
        assert result.outcome is Outcome.FAILED
        assert "step 3" in result.summary
        assert app.seen[-1] == "GET /echo"
        both = ran(CLEANED.replace("CODE", "200"), app)
        assert "step 2 (broken)" in both.summary
        assert "clean-up: step 3" in both.details


def test_what_was_never_made_need_not_be_cleaned_up() -> None:
    with application(App(broken="/orders")) as app:
        result = ran(CLEANED.replace("CODE", "204"), app)
    assert result.outcome is Outcome.FAILED
    assert result.summary.startswith("step 1")
    assert "{{id}} is not there" in result.details


def test_the_clean_up_is_done_also_when_a_step_cannot_be_done() -> None:
    text = """
    variables: {place: "http://evil.example/"}
    steps: [{url: "{{place}}"}]
    clean-up: [{url: /echo}]
    """
    with application() as app:
        with pytest.raises(ConfigurationError, match=r"evil\.example is no service"):
            ran(text, app)
        assert app.seen == ["GET /echo"]


def test_the_clean_up_has_time_left_when_the_flow_has_none() -> None:
    text = """
    steps: [{url: /me, status: 200, retry: 1000, retry-interval: 50ms}]
    clean-up: [{url: /echo}]
    """
    with application() as app:
        begun = time.monotonic()
        result = ran(text, app, timeout=2.0)
        assert time.monotonic() - begun < 5
        assert result.outcome is Outcome.FAILED
        assert "expected 200, got 401" in result.summary
        assert app.seen[-1] == "GET /echo"


def test_a_capture_that_finds_nothing_fails() -> None:
    for capture, cause in (
        ("{jsonpath: $.none}", "$.none finds nothing"),
        ("{jsonpath: '$..*'}", "$..* finds 3 values, not one"),
        ("{header: X-None}", "header X-None finds nothing"),
        ("{cookie: none}", "cookie none finds nothing"),
        ("{regex: 'x([0-9]+)x'}", "finds nothing"),
    ):
        with application() as app:
            result = ran(f"steps: [{{url: /echo, capture: {{v: {capture}}}}}]", app)
        assert result.outcome is Outcome.FAILED
        assert f"capture v: {cause}" in result.summary or cause in result.summary


def test_silence_of_the_own_stack_fails_and_of_another_cannot_tell() -> None:
    app = App(port=closed_port())
    own = ran("steps: [{url: /me}]", app)
    theirs = ran("steps: [{url: /me}]", app, own=False)
    assert own.outcome is Outcome.FAILED
    assert "connection refused" in own.summary
    assert (theirs.outcome, theirs.error_class) == (Outcome.ERROR, ErrorClass.INFRASTRUCTURE)


def test_a_foreign_system_is_not_written_to() -> None:
    with application() as app, pytest.raises(ConfigurationError, match="POST is not sent"):
        ran("steps: [{url: /orders, method: POST}]", app, own=False)


@dataclass
class Replicas(FakeDisruption):
    """Replicas on ports of their own."""

    ports: dict[str, int] = field(default_factory=dict)

    def address(self, replica: str, port: int) -> Address:
        assert port == 8000
        return Address("127.0.0.1", self.ports[replica])


SPREAD = "{spread: backend, steps: [{url: /echo, repeat: 4}, {url: 'http://other:80/echo'}]}"


def test_requests_go_to_every_replica_by_turns() -> None:
    with application() as one, application() as two, application() as other:
        stack = FakeStack(service_names=("backend", "other"))
        stack.addresses[("other", 80)] = Address("127.0.0.1", other.port)
        ports = {"backend-1": one.port, "backend-2": two.port}
        stack.operations = Replicas({"backend": list(ports)}, ports=ports)
        result = ran(SPREAD, one, stack=stack)
        assert result.outcome is Outcome.PASSED, result.summary
        assert "over 2 replicas of backend" in result.summary
        assert (len(one.seen), len(two.seen), len(other.seen)) == (2, 2, 1)
        once = ran("{spread: backend, steps: [{url: /echo}]}", one, stack=stack)
        assert (once.outcome, once.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
        assert once.summary == "no request went to backend-2"
        bad = ran("{spread: backend, steps: [{url: /echo, repeat: 2, body: x}]}", one, stack=stack)
        assert "at backend-1" in bad.summary


def test_a_redirect_to_another_host_is_not_followed_and_said() -> None:
    with served(lambda _: Reply(302, {"Location": "http://evil.example/"})) as port:
        text = "steps: [{url: /a, follow-redirects: true, status: 200}]"
        result = ran(text, App(port=port))
    assert result.outcome is Outcome.FAILED
    assert "expected 200, got 302" in result.summary
    assert "the redirect to http://evil.example/ is not followed" in result.details


@pytest.mark.parametrize("value", ["''", "'('"])
def test_an_expectation_that_means_nothing_with_its_values_never_holds(value: str) -> None:
    text = f"""
    variables: {{found: {value}}}
    steps: [{{url: /echo, body: {{match-regexp: "{{{{found}}}}"}}}}]
    """
    with application() as app:
        result = ran(text, app)
    assert result.outcome is Outcome.FAILED
    assert "the expectation cannot be meant" in result.summary


def test_one_replica_is_no_spread() -> None:
    stack = FakeStack()
    stack.operations = Replicas()
    with application() as app, pytest.raises(ConfigurationError, match="one is no spread"):
        ran("{spread: backend, steps: [{url: /echo}]}", app, stack=stack)


HOOKED = """
sinks: {payments: {port: PORT}}
steps:
  - name: order
    url: /orders
    method: POST
    json: {hook: "{{payments}}/hooks"}
    capture: {id: {jsonpath: $.id}}
  - sink:
      name: payments
      method: POST
      path: /hooks/paid
      header: {X-Signature: "sha-{{id}}", content-type: {have-prefix: application/json}}
      jsonpath: {$.order: "{{id}}", $.state: paid}
      count: 1
    retry: 20
    retry-interval: 50ms
    capture: {state: {jsonpath: $.state}}
  - {url: "/echo/{{state}}", jsonpath: {$.path: /echo/paid}}
"""


def test_a_webhook_has_to_arrive() -> None:
    text = HOOKED.replace("PORT", str(closed_port()))
    with application() as app:
        result = ran(text, app)
        assert result.outcome is Outcome.PASSED, result.summary
    with application(App(sends=False)) as app:
        result = ran(text.replace("retry: 20", "retry: 2"), app)
        assert result.outcome is Outcome.FAILED
        assert "0 of 0 requests at payments are as expected" in result.summary
    with application() as app:
        result = ran(text.replace("state: paid", "state: open").replace("20", "4"), app)
        assert result.outcome is Outcome.FAILED
        assert 'the first that is not: $.state: expected "open", got "paid"' in result.summary


def test_a_sink_whose_port_is_taken_is_the_platforms_fault() -> None:
    with application() as app, pytest.raises(StackError, match="cannot listen") as refused:
        ran(HOOKED.replace("PORT", str(app.port)), app)
    assert refused.value.infrastructure


def test_nothing_is_proven_to_stay_away_without_waiting() -> None:
    text = "{sinks: {s: {port: 9400}}, steps: [{url: /}, {sink: {name: s, count: 0}}]}"
    assert "write a delay" in refusal(CHECK, text)
    waits = text.replace("9400", str(closed_port())).replace("count: 0}", "count: 0}, delay: 50ms")
    with application() as app:
        assert ran(waits.replace("url: /", "url: /echo"), app).outcome is Outcome.PASSED


def database(tmp_path: Path) -> dict[str, DatabaseAccess]:
    file = tmp_path / "app.db"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE users (id INTEGER, email TEXT)")
        connection.execute("INSERT INTO users VALUES (7, 'o''brien@x')")
    access = DatabaseAccess("main", "sqlite", f"sqlite:///{file}", True, None, None, None)
    return {"main": access}


def test_rows_are_asked_for_with_values_as_literals(tmp_path: Path) -> None:
    text = """
    variables: {email: "o'brien@x", wrong: "x' OR '1'='1"}
    steps:
      - {url: /echo}
      - {sql: {query: "SELECT id FROM users WHERE email = {{email}}", value: 7}}
      - {sql: {query: "SELECT count(*) FROM users WHERE email = {{wrong}}", value: 0}}
      - {sql: {query: "SELECT email FROM users", rows: {contain-element: {have-key: email}}}}
      - {sql: {query: "SELECT count(*) FROM users", value: COUNT}, retry: 1, retry-interval: 1ms}
    """
    with application() as app:
        known = database(tmp_path)
        result = ran(text.replace("COUNT", "1"), app, databases=known)
        assert result.outcome is Outcome.PASSED, result.summary
        wrong = ran(text.replace("COUNT", "2"), app, databases=known)
        assert wrong.summary == "step 5 (sql): expected 2, got 1 after 2 tries"
        broken = ran(text.replace("FROM users", "FROM nothing"), app, databases=known)
        assert (broken.outcome, broken.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


def test_a_step_that_asks_the_database_needs_it() -> None:
    assert CHECK.refine_needs is not None
    asks = options(CHECK, "steps: [{url: /}, {sql: {query: SELECT 1, value: 1}}]")
    assert CHECK.refine_needs(asks) == {Need.STACK, Need.DATABASE}
    assert CHECK.refine_needs(options(CHECK, "steps: [{url: /}]")) == {Need.STACK}


LOGGED = """
generate: {email: email}
steps:
  - {url: /register, method: POST, json: {email: "{{email}}", password: p}}
  - {log: {service: worker, contains: "registered {{email}}"}, retry: 3, retry-interval: 10ms}
  - {log: {service: worker, matches: "registered [a-z0-9.-]+@example", count: 1}, retry: 0}
"""


def test_lines_of_a_log_have_to_come_after_the_begin() -> None:
    class Logging(FakeStack):
        def log_lines(
            self, service: str, *, since: float | None = None, until: float | None = None
        ) -> Iterator[LogLine]:
            assert since is not None
            return iter([LogLine("worker-1", 0.0, line) for line in app.log])

    with application() as app:
        result = ran(LOGGED, app, stack=Logging(service_names=("backend", "worker")))
        assert result.outcome is Outcome.PASSED, result.summary
        silent = LOGGED.replace("registered {{email}}", "sent {{email}}")
        result = ran(silent, app, stack=Logging(service_names=("backend", "worker")))
        assert result.outcome is Outcome.FAILED
        assert "0 of 2 new lines of worker" in result.summary
        with pytest.raises(ConfigurationError, match="there is no service worker"):
            ran(LOGGED, app)


def test_where_no_line_has_a_time_those_from_before_are_left_out() -> None:
    class Untimed(FakeStack):
        def log_lines(
            self, service: str, *, since: float | None = None, until: float | None = None
        ) -> Iterator[LogLine]:
            if since is not None:
                raise NotSupported("nobody noted when a line was printed")
            return iter([LogLine("worker", 0.0, line) for line in app.log])

    text = LOGGED.replace("registered {{email}}", "registered").replace("count: 1", "count: COUNT")
    with application() as app:
        app.log += ["registered readiness-old@example.com"] * 3
        stack = Untimed(service_names=("backend", "worker"))
        result = ran(text.replace("COUNT", "1"), app, stack=stack)
        assert result.outcome is Outcome.PASSED, result.summary
        assert ran(text.replace("COUNT", "4"), app, stack=stack).outcome is Outcome.FAILED


def test_a_replica_may_redirect_to_its_service() -> None:
    def answers(asked: Asked) -> Reply:
        where = {"Location": "http://backend:8000/there"}
        return Reply(200) if asked.path == "/there" else Reply(302, where)

    with served(answers) as one, served(answers) as two:
        stack = FakeStack()
        ports = {"backend-1": one, "backend-2": two}
        stack.operations = Replicas({"backend": list(ports)}, ports=ports)
        text = """
        spread: backend
        steps: [{url: /here, follow-redirects: true, redirects: 1, status: 200, repeat: 2}]
        """
        result = ran(text, App(port=one), stack=stack)
    assert result.outcome is Outcome.PASSED, result.summary


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{steps: []}", "steps"),
        ("{}", "steps"),
        ("steps: [{sql: {query: SELECT 1, value: 1}}]", "has to be a request"),
        ("steps: [{}]", "url"),
        ("steps: [{url: /, sql: {query: SELECT 1, value: 1}}]", "url"),
        ("steps: [{url: '/{{tokn}}'}]", "step 1 (GET /{{tokn}}): nothing before it sets {{tokn}}"),
        (
            "steps: [{url: '/', capture: {token: {header: A}}}, {url: '/{{tokn}}'}]",
            "did you mean 'token'?",
        ),
        ("steps: [{url: '/{{b}}', capture: {b: {header: A}}}]", "nothing before it sets {{b}}"),
        ("{generate: {a: {totp: {secret: '{{x}}'}}}, steps: [{url: /}]}", "{{x}}"),
        ("{generate: {a: guid}, steps: [{url: /}]}", "generate"),
        ("{generate: {a: {}}, steps: [{url: /}]}", "write one of"),
        ("{generate: {a: {number: {from: 2, to: 1}}}, steps: [{url: /}]}", "from"),
        ("{generate: {a: uuid}, variables: {a: b}, steps: [{url: /}]}", "name of two values"),
        ("{generate: {marker: uuid}, steps: [{url: /}]}", "is there already"),
        ("{variables: {'a b': c}, steps: [{url: /}]}", "a value's name"),
        ("steps: [{url: /, capture: {a: {}}}]", "write one of jsonpath"),
        ("steps: [{url: /}, {sink: {name: s}}]", "there is no sink s"),
        ("{sinks: {a: {port: 80}}, steps: [{url: /}]}", "port"),
        ("{sinks: {a: {port: 9400}, b: {port: 9400}}, steps: [{url: /}]}", "have one port"),
        ("steps: [{url: /}, {log: {service: a}}]", "contains and matches"),
        ("steps: [{url: /}, {log: {service: a, matches: '('}}]", "RE2"),
        ("steps: [{url: /}, {sql: {query: SELECT 1}}]", "value and rows"),
        ("steps: [{url: /}, {sql: {query: SELECT 1; SELECT 2, value: 1}}]", "one statement"),
        (
            "steps: [{url: /}, {sql: {query: \"SELECT '{{marker}}'\", value: 1}}]",
            "take the quotes away",
        ),
        ("steps: [{url: 'ftp://x/{{marker}}'}]", "starts with /"),
        ("steps: [{url: /, statos: 200}]", "unknown key 'statos'"),
    ],
)
def test_flows_that_prove_nothing_or_cannot_be_meant_are_refused(text: str, says: str) -> None:
    assert says in refusal(CHECK, text)
