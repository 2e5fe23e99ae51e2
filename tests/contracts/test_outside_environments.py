"""`environments` and somebody else's system, driven from outside (DESIGN 1.5)."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.contracts.outside import CONFIG, Called, Command, write

ITEMS = """\
items:
  path: {stage: STAGE, check: http, with: {url: "/health?x=1", status: 200}}
  service: {stage: STAGE, check: http, with: {url: "http://backend:8000/health", status: 200}}
  elsewhere: {stage: STAGE, check: http, with: {url: "http://other:8000/health", status: 200}}
  alerts:
    stage: STAGE
    check: promql
    with: {url: "http://prometheus:9090", query: up, series: ">0"}
  flow: {stage: STAGE, check: http-scenario, with: {steps: [{url: /x, method: POST, status: 200}]}}
  writes: {stage: STAGE, check: http, with: {url: /x, method: POST, status: 200}}
  limited: {stage: STAGE, check: rate-limit, with: {url: /x, limit: 5/minute}}
"""
SERIES = {"resultType": "vector", "result": [{"metric": {}, "value": [1.0, "1"]}]}


@contextmanager
def deployed() -> Iterator[tuple[str, list[str]]]:
    """Serve somebody's system; yield its URL, and what it was asked."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            seen.append(f"{self.command} {self.path.partition('?query')[0]}")
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = json.dumps({"status": "success", "data": SERIES}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _answer  # noqa: N815 - the library's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def outcomes(done: Called) -> dict[str, str]:
    """Return outcome and class of the items that were run."""
    return {
        one["id"]: f"{one['outcome']} {one['class'] or ''}".strip()
        for one in done.report["items"]
        if one["skipped-by"] is None
    }


def test_a_later_stage_asks_the_deployed_copy_and_boots_nothing(
    command: Command, tmp_path: Path
) -> None:
    folder = tmp_path / "workspace"
    with deployed() as (url, seen):
        named = f"{{backend: {url}/v1}}, prometheus: {url}/p, allow: [http-scenario]"
        write(
            folder,
            {
                CONFIG: "version: 1\nstack: {base-url: http://backend:8000, files: [none.yml]}\n"
                f"environments: {{production: {{endpoints: {named}}}}}\n"
                + ITEMS.replace("STAGE", "post-deploy")
            },
        )
        done = command(folder, "run", "--stage=post-deploy", "--environment=production")
    assert outcomes(done) == {
        "path": "passed",
        "service": "passed",
        "elsewhere": "error configuration",
        "alerts": "passed",
        "flow": "passed",
        "writes": "error configuration",
        "limited": "error configuration",
    }, done.said
    assert sorted(seen) == [
        "GET /p/api/v1/query",
        "GET /v1/health",
        "GET /v1/health?x=1",
        "POST /v1/x",
    ]


def test_an_environment_that_is_not_configured_is_a_usage_error(
    command: Command, tmp_path: Path
) -> None:
    folder = tmp_path / "workspace"
    write(folder, {CONFIG: "version: 1\n" + ITEMS.replace("STAGE", "post-deploy")})
    done = command(folder, "run", "--stage=post-deploy", "--environment=production")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "there is no 'production'" in done.stderr


@pytest.mark.parametrize("stage", ["pre-merge", "post-deploy"])
def test_somebody_else_s_system_is_only_read(stage: str, command: Command, tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    with deployed() as (url, seen):
        text = f"version: 1\nstack: {{driver: external, base-url: {url}}}\n"
        write(folder, {CONFIG: text + ITEMS.replace("STAGE", stage)})
        done = command(folder, "run", f"--stage={stage}")
    found = outcomes(done)
    assert found["path"] == "passed", done.said
    refused = {found[name] for name in ("service", "alerts", "flow", "writes", "limited")}
    assert refused == {"error configuration"}
    assert seen == ["GET /health?x=1"]
