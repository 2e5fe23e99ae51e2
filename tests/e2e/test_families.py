"""One quick run per family of checks, by the command, on what is real."""

from pathlib import Path

import pytest

from tests.e2e import tiny
from tests.e2e.command_line import call
from tests.e2e.leftovers import left_behind
from tests.github_double import GitHubDouble

pytestmark = pytest.mark.timeout(180)

MERGE_CONFIG = """\
version: 1
merge: {order: [14, 17]}
roles: {release: [release-lead]}
items:
  signed: {check: attestation, with: {by: release}}
"""
REPOSITORY_CONFIG = """\
version: 1
items:
  readme: {check: file-exists, with: {path: README.md}}
  no-leftovers: {check: file-content, with: {path: "*.py", absent: [FIXME]}}
  variables: {check: env-contract, with: {file: .env.ci, required: {TOKEN: {min-length: 8}}}}
"""
REPOSITORY = {
    ".github/readiness.yml": REPOSITORY_CONFIG,
    "README.md": "# Tiny\n",
    "main.py": "print('done')\n",
    ".env.ci": "TOKEN=long-enough-for-it\n",
}


def test_merge_decides_from_github_alone_and_writes_its_status(tmp_path: Path) -> None:
    folder = tiny.repository(tmp_path / "tiny", {"README.md": "# Tiny\n"})
    with GitHubDouble() as double:
        home = double.repository("acme/tiny", files={".github/readiness.yml": MERGE_CONFIG})
        home.pull_request(number=14)
        pull = home.pull_request(number=17, body="Depends on #14")
        environment = {
            "GITHUB_TOKEN": "ghs_writer",
            "GITHUB_REPOSITORY": "acme/tiny",
            "GITHUB_API_URL": double.api_url,
            "GITHUB_GRAPHQL_URL": double.graphql_url,
        }
        done = call(
            folder, "merge", "--pull-request", "17", "--publish", "--format", "json",
            environment=environment,
        )  # fmt: skip
        assert done.exit_code == 1, done.said
        (entry,) = done.json["pull-requests"]
        assert (entry["number"], entry["conclusion"]) == (17, "pending")
        assert {edge["to"]: edge["state"] for edge in entry["edges"]} == {"acme/tiny#14": "open"}
        (status,) = home.verdicts.newest(pull.head_sha)
        assert (status.context, status.state) == ("readiness / merge", "pending")
        assert "#14" in (status.description or "")
        (comment,) = home.comments_on(17)
        assert "#14" in comment.body
        assert "`signed`" in comment.body


def test_repository_passes_and_fails_on_the_files_alone(tmp_path: Path) -> None:
    folder = tiny.repository(tmp_path / "tiny", REPOSITORY)
    done = call(folder, "run")
    assert done.exit_code == 0, done.said
    assert {one["id"]: one["outcome"] for one in done.report["items"]} == {
        "readme": "passed",
        "no-leftovers": "passed",
        "variables": "passed",
    }
    (folder / "main.py").write_text("print('done')  # FIXME: not yet\n")
    again = call(folder, "run")
    assert again.exit_code == 1, again.said
    assert again.item("no-leftovers")["outcome"] == "failed"


@pytest.mark.docker
def test_stack_and_network_answer_for_a_stack_of_one_service(tmp_path: Path) -> None:
    folder = tiny.web(tmp_path / "tiny")
    done = call(folder, "run")
    assert done.exit_code == 0, done.said
    assert {one["id"]: one["outcome"] for one in done.report["items"]} == {
        "greets": "passed",
        "image-build": "passed",
        "stack-health": "passed",
    }
    assert left_behind(done.project_prefix) == {}
    (folder / "site" / "greeting.txt").write_text("good-bye\n")
    again = call(folder, "run", "--only", "greets")
    assert again.exit_code == 1, again.said
    assert again.item("greets")["outcome"] == "failed"
    assert left_behind(again.project_prefix) == {}


@pytest.mark.docker
def test_database_finds_the_orphan_in_a_real_postgresql(tmp_path: Path) -> None:
    clean = call(tiny.database(tmp_path / "clean"), "run")
    assert clean.exit_code == 0, clean.said
    assert clean.item("enforced")["outcome"] == "passed"
    assert clean.item("no-orphans")["outcome"] == "passed"
    folder = tiny.database(tmp_path / "orphan", tables=tiny.TABLES + tiny.ORPHAN)
    found = call(folder, "run")
    assert found.exit_code == 1, found.said
    assert found.item("no-orphans")["outcome"] == "failed"
    assert "1" in found.item("no-orphans")["summary"]
    assert left_behind(clean.project_prefix) == left_behind(found.project_prefix) == {}
