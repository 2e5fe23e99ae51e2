"""The double from a file, from a git repository, and as a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.github_double import GitHubDouble
from tests.github_double.client import Client
from tests.github_double.objects import tree_sha
from tests.github_double.scenario import load

_ROOT = Path(__file__).parents[2]

SCENARIO = {
    "tokens": {"ghs_narrow": {"statuses": "read"}},
    "repositories": [
        {
            "name": "acme/shop",
            "files": {"README.md": "# Shop\n"},
            "branches": {"release": {"VERSION": "1\n"}},
            "collaborators": {"reviewer": "write"},
            "required-approvals": 1,
            "issues": [{"number": 3, "closed_as": "completed"}],
            "pulls": [
                {"number": 14, "merged": "squash"},
                {"number": 15, "fork": "visitor", "head": "idea", "author": "visitor"},
                {
                    "number": 17,
                    "body": "Depends on #14",
                    "labels": ["database"],
                    "reviews": [{"state": "APPROVED"}],
                    "comments": [{"body": "hello"}],
                    "statuses": [{"context": "ci", "state": "success"}],
                },
            ],
            "queue": [17],
        }
    ],
    "faults": [
        {
            "method": "GET",
            "path": "/repos/acme/shop/pulls/17",
            "kind": "hook",
            "push": {"repository": "acme/shop", "branch": "change-17", "files": {"a": "b"}},
        }
    ],
}


def test_a_scenario_builds_the_state(double: GitHubDouble, client: Client) -> None:
    load(double, SCENARIO)
    home = double.world.repositories["acme/shop"]
    assert home.pulls[14].merged
    assert home.pulls[15].cross_repository
    assert home.pulls[17].decision() == "APPROVED"
    assert home.verdicts.combined(home.pulls[17].head_sha) == "success"
    head = home.pulls[17].head_sha
    assert client.get("/repos/acme/shop/pulls/17").json()["head"]["sha"] != head
    assert double.faults.left() == 0


@pytest.mark.parametrize(
    "scenario",
    [
        {"repos": []},
        {"repositories": [{"name": "a/b", "branch": {}}]},
        {"repositories": [{"name": "a/b", "pulls": [{"numbr": 1}]}]},
    ],
)
def test_a_misspelt_scenario_is_refused(double: GitHubDouble, scenario: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="unknown keys in the scenario"):
        load(double, scenario)


def _git(directory: Path, *arguments: str) -> str:
    environment = {"PATH": os.environ["PATH"], "HOME": str(directory), "GIT_CONFIG_NOSYSTEM": "1"}
    environment |= {f"GIT_{who}_NAME": "author" for who in ("AUTHOR", "COMMITTER")}
    environment |= {
        f"GIT_{who}_EMAIL": "a@users.noreply.example" for who in ("AUTHOR", "COMMITTER")
    }
    command = ["git", "-C", str(directory), *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    directory = tmp_path / "checkout"
    (directory / "docs").mkdir(parents=True)
    _git(directory, "init", "-q", "-b", "main")
    (directory / "README.md").write_text("# Shop\n")
    (directory / "docs" / "a.md").write_text("ü\n")
    _git(directory, "add", ".")
    _git(directory, "commit", "-q", "-m", "First")
    _git(directory, "checkout", "-q", "-b", "change")
    (directory / "docs" / "run.sh").write_text("#!/bin/sh\n")
    (directory / "docs" / "run.sh").chmod(0o755)
    (directory / "latest").symlink_to("docs/a.md")
    _git(directory, "add", ".")
    _git(directory, "commit", "-q", "-m", "Second")
    return directory


def test_a_git_repository_keeps_its_shas(
    double: GitHubDouble, client: Client, checkout: Path
) -> None:
    repository = {"name": "acme/real", "git": str(checkout), "pulls": [{"head": "change"}]}
    load(double, {"repositories": [repository]})
    pull = client.get("/repos/acme/real/pulls/1").json()
    assert pull["head"]["sha"] == _git(checkout, "rev-parse", "change")
    assert pull["base"]["sha"] == _git(checkout, "rev-parse", "main")
    assert pull["changed_files"] == 2
    files = double.world.repository("acme/real").tip("change").files
    assert tree_sha(files) == _git(checkout, "rev-parse", "change^{tree}")


def test_checks_deployments_and_required_checks_come_from_a_scenario(double: GitHubDouble) -> None:
    run = {"name": "build", "conclusion": "failure"}
    pull = {"number": 14, "check-runs": [run], "deployments": {"staging": ["queued", "success"]}}
    required = {"readiness / merge": 15368, "lint": None}
    load(
        double,
        {"repositories": [{"name": "acme/x", "pulls": [pull], "required-checks": required}]},
    )
    home = double.world.repository("acme/x")
    [made] = home.verdicts.check_runs[home.pulls[14].head_sha]
    assert (made.name, made.conclusion) == ("build", "failure")
    [deployed] = home.verdicts.deployments
    assert home.verdicts.deployment_state(deployed) == "active"
    [ruleset] = home.rules.holding("main")
    assert len(ruleset.rules[0]["parameters"]["required_status_checks"]) == 2


def test_shas_are_the_ones_that_git_computes(double: GitHubDouble, checkout: Path) -> None:
    files = {"README.md": "# Shop\n", "docs/a.md": "ü\n"}
    home = double.repository("acme/made", files=files)
    commit = home.tip("main")
    assert commit.tree_sha == _git(checkout, "rev-parse", "main^{tree}")
    assert home.objects.get(commit.sha[:7]) is commit


def test_the_double_runs_as_a_process_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "scenario.json"
    path.write_text(json.dumps(SCENARIO))
    command = [sys.executable, "-m", "tests.github_double", str(path)]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            address = process.stdout.readline().strip()
            assert address.startswith("http://127.0.0.1:")
            client = Client(GitHubDouble())
            path_of_status = "/repos/acme/shop/issues/15/comments"
            client.send("POST", f"{address}{path_of_status}", json={"body": "from outside"})
            state = client.get(f"{address}/__double__/state").json()
            client.close()
        finally:
            process.terminate()
        assert process.wait(timeout=10) == 0
    (comment,) = state["repositories"]["acme/shop"]["comments"]["15"]
    assert comment["body"] == "from outside"
    assert [entry["path"] for entry in state["requests"]] == [path_of_status]
