"""The load generator against real containers: what it says, with their use beside it."""

import os
from collections.abc import Iterator

import pytest

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.network.load import CHECK
from readiness_gate.doors.clock import SystemClock
from readiness_gate.doors.exchange import TargetWeb
from readiness_gate.doors.programs import HostPrograms
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.fakes.context import booted, context
from tests.fakes.options import options
from tests.stack.compose.real import opener

pytestmark = pytest.mark.docker
COMPOSE = """
services:
  web:
    image: python:3.13-slim-trixie
    init: true
    mem_limit: 300m
    command:
      - python
      - -c
      - |
        import json, time
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
        kept = []
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def do_GET(self):
                status, body = 200, b"{}"
                if self.path == "/slow":
                    time.sleep(0.4)
                if self.path == "/limited":
                    status = 429
                if self.path == "/leak":
                    kept.append(bytearray(100_000))
                if self.path == "/token":
                    body = json.dumps({"access_token": "let-me-in"}).encode()
                if self.path == "/private":
                    status = 200 if self.headers.get("Authorization") == "Bearer let-me-in" else 401
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def log_message(self, *_):
                pass
        ThreadingHTTPServer(("", 8000), Handler).serve_forever()
"""


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CheckContext]:
    root = tmp_path_factory.mktemp("project")
    (root / "docker-compose.yml").write_text(COMPOSE)
    with opener() as opened:
        stack = opened(root)
        stack.build(60.0)
        stack.start(("web",), 60.0)
        stack.wait(("web",), 30.0, 0.5)
        yield context(
            workspace=root,
            stack=stack,
            clock=SystemClock(),
            web=TargetWeb(),
            programs=HostPrograms({"PATH": os.environ["PATH"]}),
            steps=booted("web"),
            base_url="http://web:8000",
            timeout=90.0,
        )


def ran(
    facts: CheckContext, path: str, more: str = "", limit: str = "p(90)<3s", seconds: int = 3
) -> CheckResult:
    text = (
        f"{{executor: constant-arrival-rate, rate: 20, duration: {seconds}s, "
        f'endpoints: [{{url: {path}}}], thresholds: {{http_req_duration: "{limit}"}}{more}}}'
    )
    return CHECK.run(facts, options(CHECK, text))


def test_a_service_that_keeps_up_passes_with_its_use_beside_it(facts: CheckContext) -> None:
    result = ran(facts, "/quick", ", max-memory: 290MB")
    assert result.outcome is Outcome.PASSED, result.summary
    (use,) = (
        one
        for one in result.evidence
        if isinstance(one, TableEvidence) and one.title == "Use by replica"
    )
    assert use.rows[0][0].endswith("web-1")
    assert int(use.rows[0][-1]) >= 3


def test_a_service_that_is_too_slow_fails(facts: CheckContext) -> None:
    result = ran(facts, "/slow", limit="p(90)<100")
    assert result.outcome is Outcome.FAILED, result.summary
    assert "expected <100ms, got" in result.summary


def test_tokens_let_the_load_in_and_without_them_it_fails(facts: CheckContext) -> None:
    login = ", login: {url: /token, method: GET}"
    assert ran(facts, "/private", login).outcome is Outcome.PASSED
    without = ran(facts, "/private")
    assert without.outcome is Outcome.FAILED
    assert "60 x 401" in without.summary


def test_a_limiter_in_front_of_it_leaves_nothing_to_tell(facts: CheckContext) -> None:
    assert ran(facts, "/limited").error_class is ErrorClass.INCONCLUSIVE


def test_a_leak_is_a_slope_under_load(facts: CheckContext) -> None:
    result = ran(facts, "/leak", ", max-growth: 20MB", seconds=16)
    assert result.outcome is Outcome.FAILED, result.summary
    assert "per minute, more than 20 MB" in result.summary
