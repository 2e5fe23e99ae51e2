"""The shop is disturbed by every check that disturbs, in one run on a pull request."""

from pathlib import Path

import pytest

from tests.e2e.command_line import call
from tests.e2e.github import site
from tests.e2e.leftovers import left_behind
from tests.e2e.repository import CONFIG, NAME, shop

pytestmark = [pytest.mark.docker, pytest.mark.slow, pytest.mark.timeout(480)]

DISTURBED = """\
version: 1
stack:
  files: [docker-compose.yml]
  env-file: .env.ci
  wait-timeout: 180s
  settle: 1s
  services:
    init-queues: {one-shot: true}
    worker: {ready: {log: worker ready}}
  base-url: http://backend:8000
databases:
  main:
    service: db
    migrations: {service: backend, config: alembic.ini, directory: /app, python: python3}
    seed: [{service: backend, command: [python, create_test_data.py]}]
items:
  ends-well: {check: graceful-shutdown, with: {url: /ready, slowed-by: redis}}
  replaced: {check: rolling-update, with: {url: /products}}
  kept:
    check: volume-persistence
    with:
      service: redis
      path: /data
      write: [redis-cli, SET, marker, "{marker}"]
      read: [redis-cli, GET, marker]
  not-kept: {check: volume-persistence, with: {service: backend, path: /tmp}}
  redis-away:
    check: fault-injection
    timeout: 120s
    with:
      dependency: redis
      faults: [pause, stop]
      liveness: {url: /health}
      readiness: {url: /ready, status: 503}
      paths: [{url: /products, status: 200, duration: <3s}]
      duration: 6s
      within: 5s
  back-and-forward:
    check: rollback-drill
    with: {smoke: [{url: /health}, {url: /products}], services: [backend]}
"""
ATTESTATIONS = ".github/readiness-attestations.yml"


def test_the_shop_withstands_and_what_it_does_not_keep_is_told(tmp_path: Path) -> None:
    files = {CONFIG: DISTURBED, ATTESTATIONS: None}
    checkout = shop(tmp_path / "shop", base=files)
    # Nothing merged meanwhile: the base tip is a commit of the checkout.
    with site(checkout, merged=()) as shown:
        environment = {
            "GITHUB_TOKEN": "ghs_writer",
            "GITHUB_REPOSITORY": NAME,
            "GITHUB_API_URL": shown.double.api_url,
            "GITHUB_GRAPHQL_URL": shown.double.graphql_url,
        }
        done = call(
            checkout.folder, "run", "--half", "checks", "--pull-request", "17",
            environment=environment, seconds=420,
        )  # fmt: skip
    assert done.exit_code == 1, done.said
    assert {one["id"]: one["outcome"] for one in done.report["items"]} == {
        "image-build": "passed",
        "stack-health": "passed",
        "migrations-heads": "passed",
        "migrations-applied": "passed",
        "ends-well": "passed",
        "replaced": "passed",
        "kept": "passed",
        "not-kept": "failed",
        "redis-away": "passed",
        "back-and-forward": "passed",
    }, done.said
    assert "it goes with the container" in done.item("not-kept")["summary"]
    assert "the base tip's images" in done.item("back-and-forward")["summary"]
    assert left_behind(done.project_prefix) == {}
