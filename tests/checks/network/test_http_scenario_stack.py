"""`http-scenario` on a real stack: two replicas, a database between them, a webhook out of one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.network.http_scenario import CHECK
from readiness_gate.doors.clock import SystemClock
from readiness_gate.doors.exchange import TargetWeb
from readiness_gate.model.outcome import Outcome
from tests.checks.network.served import closed_port
from tests.fakes.context import booted, context
from tests.fakes.options import options
from tests.stack.compose.real import opener

pytestmark = pytest.mark.docker

APP = """
import http.client, http.server, json, os, socket

class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        print("order", sent["id"], flush=True)
        where = http.client.HTTPConnection(os.environ["HOOK"], timeout=5)
        body = json.dumps({"id": sent["id"], "by": socket.gethostname()})
        where.request("POST", "/hooks/order", body, {"Content-Type": "application/json"})
        where.getresponse().read()
        self.answer(201, {"by": socket.gethostname()})

    def do_GET(self):
        self.answer(200, {"by": socket.gethostname()})

    def answer(self, status, data):
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

port = int(os.environ.get("LISTEN", "8000"))
http.server.ThreadingHTTPServer(("", port), Handler).serve_forever()
"""
COMPOSE = """
services:
  backend:
    image: python:3.13-slim-trixie
    command: [python, /app/app.py]
    volumes: ["./app.py:/app/app.py:ro"]
    environment: {HOOK: "readiness-gate-sink:PORT"}
    expose: ["8000"]
    deploy: {replicas: 2}
    stop_grace_period: 1s
    healthcheck:
      test: [CMD, python, -c, "import socket; socket.create_connection(('127.0.0.1', 8000), 1)"]
      interval: 500ms
      timeout: 5s
      retries: 40
"""
FLOW = """
generate: {id: uuid}
sinks: {hooks: {port: PORT}}
spread: backend
steps:
  - {name: order, url: /orders, method: POST, json: {id: "{{id}}"}, status: 201, repeat: 2}
  - sink: {name: hooks, path: /hooks/order, jsonpath: {$.id: "{{id}}"}, count: 2}
    retry-interval: 200ms
  - log: {service: backend, contains: "order {{id}}", count: 2}
"""


@pytest.fixture(scope="module")
def port() -> int:
    return closed_port()


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[CheckContext]:
    root: Path = tmp_path_factory.mktemp("flow")
    (root / "app.py").write_text(APP)
    (root / "docker-compose.yml").write_text(COMPOSE.replace("PORT", str(port)))
    with opener() as opened:
        stack = opened(root, way_back=True)
        stack.build(60.0)
        stack.start(None, 60.0)
        health = stack.wait(None, 60.0, 0.5)
        assert all(one.healthy for one in health), health
        yield context(
            workspace=root,
            stack=stack,
            steps=booted("backend"),
            web=TargetWeb(),
            clock=SystemClock(),
            base_url="http://backend:8000",
            timeout=30.0,
        )


def test_a_flow_over_two_replicas_whose_webhooks_arrive(real: CheckContext, port: int) -> None:
    result = CHECK.run(real, options(CHECK, FLOW.replace("PORT", str(port))))
    assert result.outcome is Outcome.PASSED, result
    assert "over 2 replicas of backend" in result.summary


def test_an_effect_that_does_not_come_fails(real: CheckContext, port: int) -> None:
    text = FLOW.replace("PORT", str(port)).replace('$.id: "{{id}}"', "$.id: other")
    result = CHECK.run(real, options(CHECK, text))
    assert result.outcome is Outcome.FAILED
    assert "0 of 2 requests at hooks are as expected" in result.summary
