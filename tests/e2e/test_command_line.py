"""The command on a laptop's copy of the shop: run, keep, interrupt, read."""

import json
import signal
import socket
from pathlib import Path

import pytest

from tests.e2e import tiny
from tests.e2e.command_line import begin, call, finish, wait_until
from tests.e2e.leftovers import docker, left_behind
from tests.e2e.repository import git, shop
from tests.github_double import GitHubDouble
from tests.github_double.git_import import import_git

pytestmark = [pytest.mark.docker, pytest.mark.slow, pytest.mark.timeout(480)]


def running(prefix: str) -> list[str]:
    shown = docker("ps", "--format", '{{.Label "readiness-gate.project"}}').stdout.split()
    return [one for one in shown if one.startswith(prefix)]


def test_the_shop_is_ready_on_a_laptop_while_its_port_is_taken(tmp_path: Path) -> None:
    checkout = shop(tmp_path / "shop")
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # The port of the shop's compose file; where others hold it already, it is taken too.
        if taken.connect_ex(("127.0.0.1", 8000)) != 0:
            taken.bind(("127.0.0.1", 8000))
            taken.listen()
        done = call(checkout.folder, "run", "--half", "checks", "--format", "junit=gate.xml")
    assert done.exit_code == 0, done.said
    report = done.report
    assert report["verdict"] == "ready"
    assert report["conclusions"] == {"merge": None, "checks": "success"}
    assert report["tested-sha"] == checkout.test_merge_sha
    assert done.item("integration-tests")["outcome"] == "passed"
    assert "<testsuite" in (checkout.folder / "gate.xml").read_text(encoding="utf-8")
    assert left_behind(done.project_prefix) == {}
    assert git(checkout.folder, "status", "--porcelain") == "?? gate.xml"


def test_keep_leaves_the_stack_up_until_teardown(tmp_path: Path) -> None:
    folder = tiny.web(tmp_path / "tiny")
    done = call(folder, "run", "--keep")
    assert done.exit_code == 0, done.said
    (project,) = set(running(done.project_prefix))
    assert f"readiness-gate teardown --project {project}" in done.said
    removed = call(folder, "teardown", "--project", project)
    assert removed.exit_code == 0, removed.said
    assert left_behind(done.project_prefix) == {}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_ends_with_130_and_leaves_nothing(
    tmp_path: Path, number: signal.Signals
) -> None:
    checkout = shop(tmp_path / "shop")
    process = begin(checkout.folder, "run", "--half", "checks")
    prefix = f"rg-local-{process.pid}-"
    wait_until("the stack boots", lambda: running(prefix) or process.poll() is not None)
    process.send_signal(number)
    done = finish(process, checkout.folder, 60)
    assert done.exit_code == 130, done.said
    assert "interrupted" in done.stderr
    assert left_behind(prefix) == {}


def test_a_killed_run_is_cleaned_up_by_teardown_without_a_name(tmp_path: Path) -> None:
    folder = tiny.database(tmp_path / "tiny")
    process = begin(folder, "run")
    prefix = f"rg-local-{process.pid}-"
    wait_until("the stack boots", lambda: running(prefix) or process.poll() is not None)
    process.kill()
    finish(process, folder, 60)
    removed = call(folder, "teardown")
    assert removed.exit_code == 0, removed.said
    assert prefix in removed.stderr
    assert left_behind(prefix) == {}


def test_a_narrowed_run_writes_nothing_to_github(tmp_path: Path) -> None:
    folder = tiny.web(tmp_path / "tiny")
    with GitHubDouble() as double:
        config = (folder / ".github" / "readiness.yml").read_text(encoding="utf-8")
        home = double.repository("acme/tiny", files={".github/readiness.yml": config})
        git(folder, "checkout", "-q", "-b", "feature")
        import_git(home, folder)
        home.pull_request(number=3, head="feature")
        environment = {
            "GITHUB_TOKEN": "ghs_writer",
            "GITHUB_REPOSITORY": "acme/tiny",
            "GITHUB_API_URL": double.api_url,
            "GITHUB_GRAPHQL_URL": double.graphql_url,
        }
        done = call(
            folder, "run", "--pull-request", "3", "--publish", "--only", "greets",
            environment=environment,
        )  # fmt: skip
        assert done.exit_code == 0, done.said
        assert done.item("greets")["outcome"] == "passed"
        assert [one for one in double.requests if one.writes] == []
        whole = call(folder, "run", "--pull-request", "3", "--publish", environment=environment)
        assert whole.exit_code == 0, whole.said
        assert [one for one in double.requests if one.writes] != []


def test_recorded_facts_answer_merge_plan_and_explain_without_a_network(tmp_path: Path) -> None:
    checkout = shop(tmp_path / "shop")
    with GitHubDouble() as double:
        home = double.repository("acme/shop", files={"README.md": "# Shop\n"})
        for number in (14, 15):
            home.pull_request(number=number, merged=True)
        for number in (17, 16, 21, 10):
            home.pull_request(number=number)
        recorded = call(
            checkout.folder, "snapshot", "--output", "facts.json",
            environment={
                "GITHUB_TOKEN": "ghs_writer",
                "GITHUB_REPOSITORY": "acme/shop",
                "GITHUB_API_URL": double.api_url,
                "GITHUB_GRAPHQL_URL": double.graphql_url,
            },
        )  # fmt: skip
        assert recorded.exit_code == 0, recorded.said
    facts = ("--snapshot", "facts.json")
    merge = call(checkout.folder, "merge", *facts, "--format", "json")
    assert merge.exit_code == 0, merge.said
    answers = {one["number"]: one["conclusion"] for one in merge.json["pull-requests"]}
    assert answers == {17: "success", 16: "pending", 21: "pending", 10: "pending"}
    assert set(merge.json["api"]) == {"requests", "points"}
    plan = call(checkout.folder, "plan", *facts, "--format", "json")
    assert plan.exit_code == 0, plan.said
    assert plan.json["order"] == [f"acme/shop#{one}" for one in (17, 16, 21, 10)]
    assert plan.json["next"] == ["acme/shop#17"]
    assert plan.json["cycles"] == []
    assumed = call(checkout.folder, "plan", *facts, "--format", "json", "--what-if-merged", "17")
    assert assumed.json["next"] == ["acme/shop#16"]
    mermaid = call(checkout.folder, "plan", *facts, "--format", "mermaid")
    assert mermaid.stdout.startswith("flowchart LR\n")
    explained = call(checkout.folder, "explain", "#16", *facts)
    assert explained.exit_code == 0, explained.said
    assert "#17" in explained.stdout
    item = call(checkout.folder, "explain", "no-orphans")
    assert item.exit_code == 0, item.said
    assert "orphaned-rows" in item.stdout
    single = call(checkout.folder, "run", "--half", "merge", "--pull-request", "17", *facts)
    assert single.exit_code == 0, single.said
    assert json.loads((checkout.folder / "readiness-report" / "report.json").read_text())[
        "conclusions"
    ] == {"merge": "success", "checks": None}
