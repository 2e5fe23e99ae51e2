"""The ready-made workflows of `examples/hardened` under the local runner, from real events.

The trusted half decides without anybody's code; the untrusted one hands over a report.
"""

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.act_run import Run, run_workflow
from tests.e2e.github import CHECKS, MERGE, Site, queued, site
from tests.e2e.repository import CONFIG, ROOT, Checkout, shop
from tests.github_double import events
from tests.github_double.events import Event

pytestmark = [pytest.mark.docker, pytest.mark.act, pytest.mark.slow, pytest.mark.timeout(480)]

ATTESTATIONS = ".github/readiness-attestations.yml"
FOLDER = ".github/workflows"
UPLOAD = "actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02"
MERGE_ONLY = """\
version: 1
merge: {order: [14, 15, 17, 16, 21, 10]}
"""
WITH_CHECKS = MERGE_ONLY + "items: {readme: {check: file-exists, with: {path: README.md}}}\n"
STAND_IN = """\
name: Stand-in for the upload
description: Keeps what would be uploaded under the artifact's name.
inputs: {name: {description: x}, path: {description: x}}
runs:
  using: composite
  steps:
    - shell: bash
      env: {NAME: "${{ inputs.name }}", FROM: "${{ inputs.path }}"}
      run: mkdir -p uploaded && cp "$FROM" "uploaded/$NAME"
"""


def hardened(folder: Path, config: str = MERGE_ONLY) -> Checkout:
    """The shop with the ready-made set in the place of its own workflow."""
    ready = ROOT / "examples" / "hardened" / FOLDER
    files: dict[str, str | None] = {
        f"{FOLDER}/{path.name}": path.read_text(encoding="utf-8") for path in ready.iterdir()
    }
    return shop(
        folder,
        base={CONFIG: config, ATTESTATIONS: None, f"{FOLDER}/readiness.yml": None, **files},
    )


def run(
    checkout: Checkout,
    shown: Site,
    event: Event,
    action: Path,
    *,
    name: str = "merge",
    token: str = "ghs_writer",
    actions: Mapping[str, Path] | None = None,
) -> Run:
    path = f"{FOLDER}/readiness-{name}.yml"
    return run_workflow(
        checkout, shown, event, action=action, token=token, workflow=path, actions=actions
    )


def states(shown: Site) -> dict[int, dict[str, str]]:
    """The state of each context of each pull request that has any."""
    return {
        one.number: {name: state for name, (state, _) in found.items()}
        for one in shown.home.pulls.values()
        if (found := shown.statuses(one.head_sha))
    }


def test_pull_request_target_decides_the_merge_half_of_it_and_of_those_behind_it(
    tmp_path: Path, action: Path
) -> None:
    checkout = hardened(tmp_path / "shop")
    with site(checkout, fork=True) as shown:
        opened = events.pull_request(shown.double, shown.pull, "opened")
        done = run(checkout, shown, events.pull_request_target(opened, shown.home), action)
        assert done.exit_code == 0, done.log
        assert states(shown) == {
            17: {MERGE: "success"},
            16: {MERGE: "pending"},
            21: {MERGE: "pending"},
            10: {MERGE: "pending"},
        }
        assert shown.history(MERGE) == ["pending", "success"]
        assert "Merge ✅" in shown.comment
        assert done.left == {}


def test_a_closed_pull_request_turns_the_one_that_waited_for_it(
    tmp_path: Path, action: Path
) -> None:
    checkout = hardened(tmp_path / "shop")
    with site(checkout, merged=(14, 15)) as shown:
        merged = events.pull_request(shown.double, shown.home.pulls[15], "closed")
        done = run(checkout, shown, events.pull_request_target(merged, shown.home), action)
        assert done.exit_code == 0, done.log
        assert states(shown)[17] == {MERGE: "success"}
        assert 15 not in states(shown)


def test_merge_group_is_decided_on_its_own_commit(tmp_path: Path, action: Path) -> None:
    checkout = hardened(tmp_path / "shop")
    with site(checkout, merged=()) as shown:
        entry = queued(shown, checkout, 14, 15, 17)
        done = run(checkout, shown, events.merge_group(shown.double, shown.home, entry), action)
        assert done.exit_code == 0, done.log
        assert shown.history(MERGE, entry.head_sha) == ["success"]
        assert shown.commits_with_statuses == {entry.head_sha}


def test_merge_group_that_lacks_one_fails_and_leaves_the_queue(
    tmp_path: Path, action: Path
) -> None:
    checkout = hardened(tmp_path / "shop")
    with site(checkout, merged=()) as shown:
        entry = queued(shown, checkout, 17)
        done = run(checkout, shown, events.merge_group(shown.double, shown.home, entry), action)
        assert shown.history(MERGE, entry.head_sha) == ["failure"], done.log
        assert "#14" in shown.statuses(entry.head_sha)[MERGE][1]


def test_schedule_sweeps_every_open_pull_request(tmp_path: Path, action: Path) -> None:
    checkout = hardened(tmp_path / "shop")
    with site(checkout) as shown:
        shown.home.verdicts.status(
            shown.home.pulls[21].head_sha, MERGE, "success", description="ready: 2 passed"
        )
        done = run(checkout, shown, events.schedule(shown.double, shown.home), action)
        assert done.exit_code == 0, done.log
        assert states(shown) == {
            17: {MERGE: "success"},
            16: {MERGE: "pending"},
            21: {MERGE: "pending"},
            10: {MERGE: "pending"},
        }


@pytest.mark.parametrize("number", ["", "17"], ids=["all", "one"])
def test_workflow_dispatch_decides_one_or_all(number: str, tmp_path: Path, action: Path) -> None:
    checkout = hardened(tmp_path / "shop")
    with site(checkout) as shown:
        inputs = {"pull-request": number} if number else {}
        workflow = f"{FOLDER}/readiness-merge.yml"
        event = events.workflow_dispatch(shown.double, shown.home, inputs, workflow=workflow)
        done = run(checkout, shown, event, action)
        assert done.exit_code == 0, done.log
        assert states(shown)[17] == {MERGE: "success"}
        assert set(states(shown)) == {17, 16, 21, 10}


def test_issue_comment_decides_again_and_says_so(tmp_path: Path, action: Path) -> None:
    checkout = hardened(tmp_path / "shop")
    with site(checkout) as shown:
        said = shown.home.comment(17, "/readiness recheck", author="maintainer")
        event = events.issue_comment(shown.double, shown.home, said)
        done = run(checkout, shown, event, action)
        assert done.exit_code == 0, done.log
        assert shown.history(MERGE)[-1] == "success"


def test_issue_comment_on_an_issue_is_nobodys_command(tmp_path: Path, action: Path) -> None:
    checkout = hardened(tmp_path / "shop")
    with site(checkout) as shown:
        shown.home.issue(number=99)
        said = shown.home.comment(99, "/readiness recheck", author="maintainer")
        event = events.issue_comment(shown.double, shown.home, said)
        done = run(checkout, shown, event, action)
        assert done.exit_code == 0, done.log
        assert shown.commits_with_statuses == set()


def packed(report: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("report.json", report)
    return data.getvalue()


def test_what_a_fork_checked_is_published_by_workflow_run(tmp_path: Path, action: Path) -> None:
    checkout = hardened(tmp_path / "shop", WITH_CHECKS)
    stand_in = tmp_path / "upload-artifact"
    stand_in.mkdir()
    (stand_in / "action.yml").write_text(STAND_IN, encoding="utf-8")
    with site(checkout, fork=True) as shown:
        opened = events.pull_request(shown.double, shown.pull, "opened")
        checked = run(
            checkout, shown, opened, action,
            name="checks", token="ghs_readonly", actions={UPLOAD: stand_in},
        )  # fmt: skip
        assert checked.exit_code == 0, checked.log
        assert shown.commits_with_statuses == set()
        assert "a job in the mode publish says this on GitHub" in checked.log
        assert "lacks the permission" not in checked.log
        report = (checkout.folder / "uploaded" / "readiness-report").read_bytes()
        assert json.loads(report)["conclusions"] == {"merge": None, "checks": "success"}
        ended = shown.home.verdicts.workflow_run(
            "feature",
            path=f"{FOLDER}/readiness-checks.yml",
            name="Readiness checks",
            head_repository=shown.pull.head_repository,
        )
        shown.home.verdicts.artifact(ended, "readiness-report", packed(report))
        event = events.workflow_run(shown.double, shown.home, ended)
        done = run(checkout, shown, event, action, name="publish")
        assert done.exit_code == 0, done.log
        assert shown.statuses() == {CHECKS: ("success", "ready: 1 passed")}
        assert "own claim" in shown.comment
        assert done.left == {}


def test_a_run_that_left_nothing_is_an_error(tmp_path: Path, action: Path) -> None:
    checkout = hardened(tmp_path / "shop", WITH_CHECKS)
    with site(checkout, fork=True) as shown:
        ended = shown.home.verdicts.workflow_run(
            "feature",
            path=f"{FOLDER}/readiness-checks.yml",
            name="Readiness checks",
            head_repository=shown.pull.head_repository,
            conclusion="cancelled",
        )
        event = events.workflow_run(shown.double, shown.home, ended)
        done = run(checkout, shown, event, action, name="publish")
        assert shown.statuses()[CHECKS][0] == "error", done.log
        assert "the run was cancelled" in shown.comment
