"""`http-scenario` with a sink through the whole command: on the engine's machine, in a container.

In both the service knows the gate by one name, which its compose file has from the start.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.checks.network.served import closed_port
from tests.checks.network.test_http_scenario_stack import APP, COMPOSE
from tests.stack.compose.real import HOME
from tests.stack.compose.test_inside_container import PYTHON_IMAGE, SOCKET, lent

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[3]
WORKSPACE = "/github/workspace"
CONFIGURATION = """
version: 1
stack: {base-url: "http://backend:8000"}
items:
  orders:
    title: An order is sent on
    check: http-scenario
    timeout: 60s
    with:
      generate: {id: uuid}
      sinks: {hooks: {port: PORT}}
      steps:
        - {url: /orders, method: POST, json: {id: "{{id}}"}, status: 201}
        - sink: {name: hooks, path: /hooks/order, jsonpath: {$.id: "{{id}}"}, count: 1}
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    root = tmp_path / "shop"
    (root / ".github").mkdir(parents=True)
    port = str(closed_port())
    (root / "app.py").write_text(APP)
    (root / "docker-compose.yml").write_text(COMPOSE.replace("PORT", port))
    (root / ".github/readiness.yml").write_text(CONFIGURATION.replace("PORT", port))
    yield root
    shutil.rmtree(root, ignore_errors=True)


PROCESSES = """
version: 1
stack:
  driver: process
  base-url: http://127.0.0.1:WEB
  processes:
    backend:
      command: [PYTHON, app.py]
      environment: {HOOK: "127.0.0.1:PORT", LISTEN: "WEB"}
      ready: {http: /}
"""


COMMAND = [sys.executable, "-m", "readiness_gate", "run", "--half", "checks", "--format", "json"]


def item(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.stdout.startswith("{"), done.stdout + done.stderr
    found = json.loads(done.stdout)["items"]
    return next(one for one in found if one["id"] == "orders")


def test_beside_processes(checkout: Path) -> None:
    port, web = str(closed_port()), str(closed_port())
    _, _, items = CONFIGURATION.partition("items:")
    text = f"{PROCESSES}items:{items}".replace("PYTHON", sys.executable)
    text = text.replace("WEB", web).replace("PORT", port)
    (checkout / ".github/readiness.yml").write_text(text)
    done = on_this_machine(checkout)
    assert item(done)["outcome"] == "passed", item(done)


@pytest.mark.docker
def test_on_the_engine_s_machine(checkout: Path) -> None:
    done = on_this_machine(checkout)
    assert item(done)["outcome"] == "passed", item(done)


def on_this_machine(checkout: Path) -> subprocess.CompletedProcess[str]:
    variables = {"PATH": os.environ["PATH"], "HOME": str(HOME), "PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(
        COMMAND,
        cwd=checkout,
        env=variables,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@pytest.mark.docker
def test_in_a_container_with_a_network_of_its_own(checkout: Path) -> None:
    done = subprocess.run(
        [
            "docker", "run", "--rm", "--label", "test-of-the-runner", "--workdir", WORKSPACE,
            "-e", f"PYTHONPATH={REPOSITORY}", "-e", f"PATH={os.environ['PATH']}",
            "-e", f"HOME={HOME}", "-v", f"{SOCKET}:{SOCKET}", *lent(),
            "-v", f"{checkout}:{WORKSPACE}", PYTHON_IMAGE, *COMMAND,
        ],
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert item(done)["outcome"] == "passed", item(done)
