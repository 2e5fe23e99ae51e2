from pathlib import Path

import pytest

from readiness_gate.adopt.doctor import jobs
from readiness_gate.adopt.doctor.finding import Finding
from tests.adopt.doctor.builders import gates, hardened, said, shop, swap

CANCEL = "cancel-in-progress: ${{ github.event.action == 'synchronize' }}"
COMMAND = """\
on: pull_request
permissions: {contents: read, pull-requests: write, statuses: write}
jobs:
  gate:
    runs-on: x
    steps:
      - run: pip install readiness-gate
      - run: |
          readiness-gate run --half checks
"""


def test_the_ready_made_workflows_may_what_they_need(tmp_path: Path) -> None:
    assert said(jobs.findings(gates(tmp_path, hardened()))) == []


def test_one_step_may_what_it_needs(tmp_path: Path) -> None:
    assert said(jobs.findings(gates(tmp_path, shop()))) == []


def only(tmp_path: Path, files: dict[str, str]) -> Finding:
    (found,) = jobs.findings(gates(tmp_path, files))
    return found


def test_a_permission_that_lacks_is_named_with_the_lines(tmp_path: Path) -> None:
    found = only(tmp_path, shop(("      statuses: write #", "      #")))
    assert (found.rule, found.severity) == ("permissions-missing", "error")
    assert found.message == "job readiness in mode run lacks statuses: write"
    assert found.change == (
        "permissions:\n  contents: read\n  pull-requests: write\n  statuses: write"
    )


def test_a_level_that_is_too_low_lacks(tmp_path: Path) -> None:
    files = hardened(publish=swap("statuses: write", "statuses: read"))
    assert only(tmp_path, files).rule == "permissions-missing"


@pytest.mark.parametrize("scope", ["contents", "id-token", "packages", "statuses"])
def test_the_untrusted_half_may_write_nothing(scope: str, tmp_path: Path) -> None:
    files = hardened(
        checks=swap(
            "      pull-requests: read #", f"      pull-requests: read\n      {scope}: write #"
        )
    )
    if scope == "contents":
        files = hardened(checks=swap("contents: read", "contents: write"))
    found = only(tmp_path, files)
    assert (found.rule, found.severity) == ("permissions-wide", "error")
    assert f"may write {scope}, and the code of the pull request runs beside it" in found.message


def test_more_than_is_needed_is_a_warning_in_the_trusted_half(tmp_path: Path) -> None:
    found = only(tmp_path, hardened(publish=swap("contents: read", "contents: write")))
    assert (found.rule, found.severity) == ("permissions-wide", "warning")


def test_everything_is_too_much(tmp_path: Path) -> None:
    text = COMMAND.replace("{contents: read, pull-requests: write, statuses: write}", "write-all")
    rules = [one.rule for one in jobs.findings(gates(tmp_path, {"a.yml": text}))]
    assert "permissions-wide" in rules
    assert "permissions-missing" not in rules


def test_permissions_that_are_not_stated_are_whatever_there_is(tmp_path: Path) -> None:
    text = "\n".join(line for line in COMMAND.splitlines() if not line.startswith("permissions"))
    rules = [one.rule for one in jobs.findings(gates(tmp_path, {"a.yml": text}))]
    assert "permissions-unstated" in rules


def test_a_token_of_ones_own_has_its_own_permissions(tmp_path: Path) -> None:
    files = hardened(
        publish=swap(
            "          mode: publish",
            "          mode: publish\n          token: ${{ secrets.APP }}",
        ),
        merge=str,
    )
    files["readiness-publish.yml"] = files["readiness-publish.yml"].replace(
        "statuses: write", "x: read"
    )
    assert said(jobs.findings(gates(tmp_path, files))) == []


@pytest.mark.parametrize("value", ["true", "${{ github.event_name == 'pull_request' }}", "yes"])
def test_an_event_of_the_same_commit_must_not_cancel(value: str, tmp_path: Path) -> None:
    found = only(tmp_path, shop((CANCEL, f"cancel-in-progress: {value}")))
    assert (found.rule, found.severity) == ("cancel-in-progress", "error")
    assert found.change == CANCEL
    assert "pull_request" in found.message


def test_the_trusted_half_is_never_cancelled(tmp_path: Path) -> None:
    files = hardened(merge=swap("cancel-in-progress: false", "cancel-in-progress: true"))
    found = only(tmp_path, files)
    assert found.change == "cancel-in-progress: false"
    assert "merge_group" in found.message


def test_new_commits_alone_may_cancel(tmp_path: Path) -> None:
    text = COMMAND.replace("jobs:", "concurrency: {group: x, cancel-in-progress: true}\njobs:")
    rules = [one.rule for one in jobs.findings(gates(tmp_path, {"a.yml": text}))]
    assert "cancel-in-progress" not in rules


@pytest.mark.parametrize(
    "step",
    [
        "uses: actions/checkout@v5\n        with: {ref: '${{ github.head_ref }}'}",
        "run: gh pr checkout ${{ github.event.number }}",
    ],
)
def test_code_of_a_pull_request_is_never_checked_out_beside_a_writing_token(
    step: str, tmp_path: Path
) -> None:
    files = hardened(merge=swap("    steps:\n", f"    steps:\n      - {step}\n"))
    found = only(tmp_path, files)
    assert (found.rule, found.severity) == ("unsafe-checkout", "error")
    assert found.line is not None


def test_a_token_that_the_checkout_leaves_is_a_warning(tmp_path: Path) -> None:
    files = shop(("          persist-credentials: false", "          persist-credentials: true"))
    assert only(tmp_path, files).rule == "persisted-credentials"


def test_the_command_has_no_post_step(tmp_path: Path) -> None:
    found = [
        one
        for one in jobs.findings(gates(tmp_path, {"a.yml": COMMAND}))
        if one.rule == "teardown-missing"
    ]
    assert [one.line for one in found] == [8]
    assert found[0].change == "- if: always()\n  run: readiness-gate teardown"


def test_a_teardown_that_always_runs_is_enough(tmp_path: Path) -> None:
    text = COMMAND + "      - if: always()\n        run: readiness-gate teardown\n"
    rules = [one.rule for one in jobs.findings(gates(tmp_path, {"a.yml": text}))]
    assert "teardown-missing" not in rules


def test_two_prefixes_are_two_gates(tmp_path: Path) -> None:
    files = hardened(
        publish=swap(
            "          mode: publish", "          mode: publish\n          status-prefix: go"
        )
    )
    found = only(tmp_path, files)
    assert found.rule == "prefixes-differ"
    assert "`go / …`" in found.message
