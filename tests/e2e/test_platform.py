"""A machine that cannot carry the stack: one clear finding, of the right class, never green."""

import os
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import tiny
from tests.e2e.command_line import Called, call
from tests.e2e.leftovers import left_behind

pytestmark = [pytest.mark.timeout(240), pytest.mark.docker]

CONFIG = f"""{tiny.CONFIG}
  machine: {{check: preflight}}
  container: {{check: container-inspect, with: {{services: web, privileged: false, binds: true}}}}
  site:
    check: filesystem
    with:
      services: web
      files: {{/usr/share/nginx/html/greeting.txt: {{contents: [hello], writable: false}}}}
  memory: {{check: resource-budget, with: {{over: 2s, max-memory: 200MB, requests: {{url: /}}}}}}
  quiet: {{check: log-assert, with: {{services: web, absent: [secret], matches: ["GET /"]}}}}
"""


def repository(folder: Path, **more: str) -> Path:
    files = {
        ".github/readiness.yml": CONFIG,
        "docker-compose.yml": tiny.COMPOSE,
        "site/greeting.txt": "hello\n",
        "site/index.html": "<p>hello</p>\n",
    }
    return tiny.repository(folder, {**files, **more})


def machine(done: Called) -> dict[str, Any]:
    assert done.report["verdict"] != "ready", done.said
    assert left_behind(done.project_prefix) == {}
    return done.item("machine")


@pytest.mark.slow
def test_every_reading_check_passes_on_a_service_that_is_well(tmp_path: Path) -> None:
    done = call(repository(tmp_path / "tiny"), "run")
    outcomes = {item["id"]: item["outcome"] for item in done.report["items"]}
    names = ("machine", "container", "site", "memory", "quiet", "greets")
    assert {name: outcomes[name] for name in names} == dict.fromkeys(names, "passed"), done.said
    assert done.exit_code == 0, done.said
    assert left_behind(done.project_prefix) == {}
    order = {span["name"]: span["start-ms"] for span in done.report["timeline"]}
    assert order["machine"] <= order["images"]
    assert order["quiet"] >= order["memory"]


def test_without_an_engine_it_says_that_there_is_no_socket(tmp_path: Path) -> None:
    folder = repository(tmp_path / "tiny")
    host = {"DOCKER_HOST": f"unix://{tmp_path}/none.sock"}
    done = call(folder, "run", environment=host)
    found = machine(done)
    assert (found["outcome"], found["class"]) == ("error", "infrastructure")
    assert "there is no such socket" in found["summary"]
    assert done.exit_code == 3, done.said


def test_with_compose_of_the_first_generation_alone_it_says_so(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    real = shutil.which("docker")
    docker = (
        "#!/bin/sh\n"
        "if [ $1 = compose ]; then\n"
        "  echo \"docker: 'compose' is not a docker command.\" >&2; exit 1\n"
        "fi\n"
        f'exec {real} "$@"\n'
    )
    for name, text in {"docker": docker, "docker-compose": "#!/bin/sh\necho 1.29.2\n"}.items():
        path = programs / name
        path.write_text(text)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    environment = {"PATH": f"{programs}:{os.environ['PATH']}"}
    found = machine(call(repository(tmp_path / "tiny"), "run", environment=environment))
    assert (found["outcome"], found["class"]) == ("error", "infrastructure")
    assert "docker-compose 1.29.2" in found["summary"]


def test_a_variable_without_a_value_is_the_author_s(tmp_path: Path) -> None:
    compose = tiny.COMPOSE.replace("nginx:1.26", "nginx:${NGINX_OF_NOBODY}")
    done = call(repository(tmp_path / "tiny", **{"docker-compose.yml": compose}), "run")
    found = machine(done)
    assert found["outcome"] == "failed"
    assert "NGINX_OF_NOBODY (docker-compose.yml:3)" in found["summary"]
    assert done.exit_code == 1, done.said
