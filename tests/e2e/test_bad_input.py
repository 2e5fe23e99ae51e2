"""What is wrong around the gate: a clear message, the right code, nothing left, never green."""

import json
from pathlib import Path

import pytest

from tests.e2e import tiny
from tests.e2e.command_line import Called, call
from tests.e2e.leftovers import left_behind
from tests.e2e.repository import shop
from tests.github_double import GitHubDouble

pytestmark = pytest.mark.timeout(240)


def not_green(done: Called) -> None:
    assert done.report["verdict"] != "ready", done.said
    assert left_behind(done.project_prefix) == {}


def writer(double: GitHubDouble) -> dict[str, str]:
    return {
        "GITHUB_TOKEN": "ghs_writer",
        "GITHUB_REPOSITORY": "acme/tiny",
        "GITHUB_API_URL": double.api_url,
        "GITHUB_GRAPHQL_URL": double.graphql_url,
    }


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ("version: 1\nitmes: {}\n", ".github/readiness.yml:2:1: "),
        ("version: 1\nitems: {one: file-exist}\n", "unknown check 'file-exist'"),
        ("version: 1\nitems: {a: {check: file-exists, with: {}}}\n", ".github/readiness.yml:2:"),
        ("version: 1\nversion: 1\n", ".github/readiness.yml:2:1: "),
        ("version: 1\nitems: [", ".github/readiness.yml:"),
    ],
)
def test_a_wrong_configuration_is_refused_with_its_place(
    tmp_path: Path, config: str, says: str
) -> None:
    folder = tiny.repository(tmp_path / "tiny", {".github/readiness.yml": config})
    done = call(folder, "run")
    assert done.exit_code == 2, done.said
    assert says in done.stderr
    assert not (folder / "readiness-report").exists()


def test_a_missing_configuration_says_what_to_add(tmp_path: Path) -> None:
    done = call(tiny.repository(tmp_path / "tiny", {"README.md": "# Tiny\n"}), "run")
    assert done.exit_code == 2, done.said
    assert "there is no .github/readiness.yml" in done.stderr
    assert "next step: Write one with `readiness-gate init`" in done.stderr


def test_an_event_that_is_not_supported_lists_the_ones_that_are(tmp_path: Path) -> None:
    folder = tiny.web(tmp_path / "tiny")
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"action": "created"}))
    done = call(
        folder,
        "run",
        environment={
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": "gollum",
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_REPOSITORY": "acme/tiny",
        },
    )
    assert done.exit_code == 2, done.said
    assert "gollum" in done.stderr
    assert "pull_request" in done.stderr
    assert "merge_group" in done.stderr


@pytest.mark.slow
def test_an_unreachable_github_cannot_be_evaluated(tmp_path: Path) -> None:
    folder = tiny.web(tmp_path / "tiny")
    done = call(
        folder,
        "run",
        "--pull-request",
        "17",
        environment={
            "GITHUB_TOKEN": "ghs_writer",
            "GITHUB_REPOSITORY": "acme/tiny",
            "GITHUB_API_URL": "http://127.0.0.1:9",
            "GITHUB_GRAPHQL_URL": "http://127.0.0.1:9/graphql",
        },
    )
    assert done.exit_code == 3, done.said
    assert "127.0.0.1:9" in done.stderr or "GitHub" in done.stderr


@pytest.mark.slow
def test_github_failing_in_the_middle_leaves_no_green_status(tmp_path: Path) -> None:
    folder = tiny.repository(tmp_path / "tiny", {"README.md": "# Tiny\n"})
    with GitHubDouble() as double:
        config = "version: 1\nmerge: {order: [14, 17]}\n"
        home = double.repository("acme/tiny", files={".github/readiness.yml": config})
        home.pull_request(number=14)
        pull = home.pull_request(number=17)
        double.faults.add("POST", "/graphql", "graphql-error", times=100)
        done = call(
            folder, "run", "--half", "merge", "--pull-request", "17", "--publish",
            environment=writer(double),
        )  # fmt: skip
        assert done.exit_code == 3, done.said
        (status,) = home.verdicts.newest(pull.head_sha)
        assert status.state == "error", status


def test_approvals_that_nobody_gave_are_waited_for_and_named(tmp_path: Path) -> None:
    config = "version: 1\nroles: {legal: [legal-lead]}\n"
    config += "items: {terms: {check: attestation, with: {by: legal}}}\n"
    folder = tiny.repository(tmp_path / "tiny", {".github/readiness.yml": config})
    with GitHubDouble() as double:
        home = double.repository("acme/tiny", files={".github/readiness.yml": config})
        pull = home.pull_request(number=17)
        done = call(folder, "run", "--pull-request", "17", "--publish", environment=writer(double))
        assert done.exit_code == 1, done.said
        assert done.report["verdict"] == "waiting"
        assert "legal" in done.item("terms")["waiting-for"]
        (status,) = home.verdicts.newest(pull.head_sha)
        assert (status.state, status.context) == ("pending", "readiness / merge")


def test_no_engine_is_infrastructure_and_names_where_it_was_looked_for(tmp_path: Path) -> None:
    folder = tiny.web(tmp_path / "tiny")
    done = call(folder, "run", environment={"DOCKER_HOST": "unix:///nonexistent/docker.sock"})
    assert done.exit_code == 3, done.said
    health = done.item("stack-health")
    assert (health["outcome"], health["class"]) == ("error", "infrastructure")
    assert "/nonexistent/docker.sock" in health["summary"] + health["details"]
    assert {one["outcome"] for one in done.report["items"]} == {"error"}


@pytest.mark.docker
@pytest.mark.slow
def test_an_unset_variable_is_named_before_anything_starts(tmp_path: Path) -> None:
    checkout = shop(tmp_path / "shop", overlay="unset-variable")
    done = call(checkout.folder, "run", "--half", "checks")
    assert done.exit_code == 1, done.said
    assert "JWT_SECRET" in json.dumps(done.item("stack-healthy"))
    assert "images" not in {one["name"] for one in done.report["timeline"]}
    not_green(done)


@pytest.mark.docker
@pytest.mark.slow
def test_an_image_that_cannot_be_pulled_is_not_the_pull_requests_fault(tmp_path: Path) -> None:
    compose = "services: {web: {image: registry.invalid/acme/web:1}}\n"
    done = call(tiny.web(tmp_path / "tiny", compose=compose), "run")
    assert done.exit_code == 3, done.said
    build = done.item("image-build")
    assert (build["outcome"], build["class"]) == ("error", "infrastructure")
    assert "web" in build["summary"]
    not_green(done)


@pytest.mark.docker
@pytest.mark.slow
def test_a_service_that_never_becomes_healthy_fails_within_its_time(tmp_path: Path) -> None:
    compose = tiny.COMPOSE.replace("127.0.0.1/80", "127.0.0.1/81")
    compose = compose.replace("retries: 20", "retries: 1000")
    config = tiny.CONFIG.replace("wait-timeout: 30s", "wait-timeout: 6s")
    done = call(tiny.web(tmp_path / "tiny", compose=compose, config=config), "run")
    assert done.exit_code == 1, done.said
    health = done.item("stack-health")
    assert health["outcome"] == "failed"
    assert "web" in health["summary"]
    not_green(done)


@pytest.mark.docker
@pytest.mark.slow
def test_a_migration_that_hangs_is_ended_and_named(tmp_path: Path) -> None:
    config_path = ".github/readiness.yml"
    checkout = shop(tmp_path / "shop", overlay="hanging-migration")
    path = checkout.folder / config_path
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("      python: python3\n", "      python: python3\n      timeout: 20s\n")
    )
    done = call(checkout.folder, "run", "--half", "checks", "--only", "migrations")
    assert done.exit_code == 3, done.said
    migrations = done.item("migrations")
    assert migrations["outcome"] == "error"
    assert "20 s" in json.dumps(migrations)
    not_green(done)


@pytest.mark.docker
@pytest.mark.slow
def test_two_runs_at_once_do_not_meet_on_a_published_port(tmp_path: Path) -> None:
    compose = tiny.COMPOSE.replace('expose: ["80"]', 'ports: ["127.0.0.1:18999:80"]')
    folders = [tiny.web(tmp_path / name, compose=compose) for name in ("one", "two")]
    kept = call(folders[0], "run", "--keep")
    try:
        done = call(folders[1], "run")
        assert (kept.exit_code, done.exit_code) == (0, 0), kept.said + done.said
        assert left_behind(done.project_prefix) == {}
        # What is kept stays until it is named: a teardown of what was forgotten leaves it alone.
        call(folders[1], "teardown")
        assert left_behind(kept.project_prefix) != {}
    finally:
        project = kept.said.partition("teardown --project ")[2].partition("`")[0]
        call(folders[0], "teardown", "--project", project)
    assert left_behind(kept.project_prefix) == {}
