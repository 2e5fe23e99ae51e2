"""Gates on one engine at the same time, and what a killed or kept one means to the next."""

import shutil
from pathlib import Path

import pytest

from tests.e2e import tiny
from tests.e2e.command_line import begin, call, finish, wait_until
from tests.e2e.leftovers import docker, left_behind
from tests.e2e.repository import write

pytestmark = [pytest.mark.docker, pytest.mark.slow]

# All that disturbs others: a port, a name, a tag, a shared volume and network.
COMPOSE = """\
services:
  web:
    build: .
    image: readiness-gate-test/beside:1
    container_name: beside-web
    ports: ["127.0.0.1:18377:80"]
    volumes: ["./site:/usr/share/nginx/html:ro", "shared:/var/cache/shared"]
    networks: [back]
    healthcheck:
      test: [CMD, bash, -c, "exec 3<>/dev/tcp/127.0.0.1/80"]
      interval: 500ms
      retries: 60
volumes: {shared: {name: beside-shared}}
networks: {back: {name: beside-back}}
"""
CONFIG = tiny.CONFIG.replace("settle: 1s", "settle: 3s")


def beside(folder: Path, greeting: str) -> Path:
    repository = tiny.web(folder, config=CONFIG.replace("hello", greeting), compose=COMPOSE)
    write(
        repository,
        {"Dockerfile": "FROM nginx:1.26\n", "site/greeting.txt": f"{greeting}\n"},
    )
    return repository


def test_two_gates_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    folders = [beside(tmp_path / name, name) for name in ("alpha", "beta")]
    started = [begin(folder, "run") for folder in folders]
    done = [finish(one, folder) for one, folder in zip(started, folders, strict=True)]
    for one in done:
        assert one.exit_code == 0, one.said
        assert one.item("greets")["outcome"] == "passed"
        assert left_behind(one.project_prefix) == {}
    assert docker("image", "inspect", "readiness-gate-test/beside:1").returncode != 0
    for kind, name in (("volume", "beside-shared"), ("network", "beside-back")):
        assert docker(kind, "inspect", name).returncode != 0


def test_the_next_gate_removes_what_a_killed_one_left_and_keeps_what_is_kept(
    tmp_path: Path,
) -> None:
    killed = begin(tiny.web(tmp_path / "killed", config=tiny.CONFIG.replace("1s", "60s")), "run")
    prefix = f"rg-local-{killed.pid}-"
    wait_until("it boots", lambda: "container" in left_behind(prefix))
    killed.kill()
    finish(killed, tmp_path / "killed", 60)
    kept = call(tiny.web(tmp_path / "kept"), "run", "--keep")
    try:
        assert kept.exit_code == 0, kept.said
        assert left_behind(prefix) == {}
        done = call(tiny.web(tmp_path / "next"), "run")
        assert done.exit_code == 0, done.said
        assert "container" in left_behind(kept.project_prefix)
    finally:
        line = next(line for line in kept.said.splitlines() if "teardown --project" in line)
        project = line.rpartition("--project ")[2].strip(" `")
        call(kept.folder, "teardown", "--project", project)
    assert left_behind(kept.project_prefix) == {}


def test_the_timeline_goes_from_the_image_to_the_teardown(tmp_path: Path) -> None:
    done = call(beside(tmp_path / "tiny", "hello"), "run")
    assert done.exit_code == 0, done.said
    spans = {one["name"]: one for one in done.report["timeline"]}
    assert spans["image web"]["kind"] == "build"
    assert spans["service web"]["kind"] == "boot"
    assert spans["greets"]["kind"] == "check"
    assert spans["teardown"]["kind"] == "teardown"
    assert spans["image web"]["end-ms"] <= spans["service web"]["end-ms"]
    assert spans["greets"]["end-ms"] <= spans["teardown"]["start-ms"]


def test_a_failure_says_how_it_is_seen_again_and_so_it_is(tmp_path: Path) -> None:
    folder = tiny.web(tmp_path / "tiny", config=tiny.CONFIG.replace("hello", "good bye"))
    done = call(folder, "run")
    assert done.exit_code == 1, done.said
    command = done.item("greets")["reproduce"]
    assert command == "readiness-gate run --half checks --only greets --keep"
    shutil.rmtree(folder / "readiness-report")
    again = call(folder, *command.split()[1:])
    try:
        assert again.exit_code == 1, again.said
        assert again.item("greets")["summary"] == done.item("greets")["summary"]
        assert "container" in left_behind(again.project_prefix)
    finally:
        line = next(line for line in again.said.splitlines() if "teardown --project" in line)
        call(folder, "teardown", "--project", line.rpartition("--project ")[2].strip(" `"))
    assert left_behind(again.project_prefix) == {}
