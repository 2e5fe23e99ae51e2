"""`plan` and `explain '#N'` on recorded facts."""

import json
from pathlib import Path
from typing import Any

import pytest

from readiness_gate.cli import explain, plan
from readiness_gate.cli.console import Console
from readiness_gate.doors.settings import Settings, from_environment
from readiness_gate.errors import ConfigurationError
from readiness_gate.forge.recorded import RecordedPullRequest
from tests.forge.builders import pull_request, snapshot

CONFIG = "version: 1\nmerge: {order: [14, 15]}\n"
OPENED = (
    pull_request(14, head="base", author="alice"),
    pull_request(15, base="base"),
    pull_request(16, draft=True, author="bob"),
    pull_request(17, body="Depends on #15 and #16\n\nNeeds PR 99"),
    pull_request(18),
)


def settings(folder: Path, *opened: RecordedPullRequest) -> Settings:
    path = folder / ".github" / "readiness.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(CONFIG, "utf-8")
    facts = folder / "facts.json"
    facts.write_text(snapshot(*(opened or OPENED)).model_dump_json(by_alias=True), "utf-8")
    return from_environment(
        {"GITHUB_WORKSPACE": str(folder)}, {"snapshot": str(facts), "mode": "merge"}
    )


@pytest.fixture
def planned(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def call(*opened: RecordedPullRequest, merged: tuple[int, ...] = (), form: str = "text") -> str:
        given = settings(tmp_path, *opened)
        assert plan.command(given, Console(), merged=list(merged), output_format=form) == 0
        return capsys.readouterr().out

    return call


def test_the_text_says_the_order_what_is_next_and_what_to_mind(planned: Any) -> None:
    assert planned() == (
        "→   1. #14\n"
        "    2. #15      after #14 open\n"
        "    3. #16\n"
        "    4. #17      after #15 open, #16 draft\n"
        "→   5. #18\n"
        "next to merge, in parallel: #14, #18\n"
        "critical path, 3 merges: #14 → #15 → #17\n"
        "#14: deleting its branch on the command line or through the API closes #15: merge on "
        "GitHub's page, which gives them another base, or change their base first\n"
        "#14: a squash or rebase merge leaves its commits behind in #15: merge it with a merge "
        "commit, or rebase them afterwards\n"
        "#17: line 3 looks like a dependency but was not wholly read: Needs PR 99\n"
    )


def test_the_json_has_what_machines_read(planned: Any) -> None:
    found = json.loads(planned(form="json"))
    assert set(found) >= {"order", "next", "edges", "cycles", "findings"}
    assert found["parallel"][0] == [f"acme/shop#{n}" for n in (14, 16, 18)]
    assert found["critical-path"] == [f"acme/shop#{n}" for n in (14, 15, 17)]
    assert found["warnings"][0]["pull-request"] == "acme/shop#14"


def test_what_if_merged_asks_only_of_open_ones(planned: Any, tmp_path: Path) -> None:
    found = json.loads(planned(merged=(14,), form="json"))
    assert found["next"] == ["acme/shop#15", "acme/shop#18"]
    with pytest.raises(ConfigurationError, match="#99 is no open pull request"):
        plan.command(settings(tmp_path), Console(), merged=[99], output_format="text")


def test_the_picture_has_every_open_one(planned: Any) -> None:
    drawn = planned(form="mermaid")
    assert drawn.startswith("flowchart LR\n")
    assert '[/"#16 draft"/]' in drawn
    assert drawn.count("-->") == 3


def test_a_circle_is_a_finding_and_orders_nobody(planned: Any) -> None:
    circle = (pull_request(1, body="After #2"), pull_request(2, body="After #1"))
    found = json.loads(planned(*circle, form="json"))
    assert found["cycles"] == [["acme/shop#1", "acme/shop#2"]]
    assert (found["order"], found["next"]) == ([], [])
    assert "cycle: #1 → #2 → #1" in planned(*circle)


def test_explain_says_both_ends_and_who_moves(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explain.command(settings(tmp_path), Console(), subject="#17") == 0
    assert capsys.readouterr().out.splitlines() == [
        "#17 Change 17",
        "  … #15 is open (body); merge #15 first",
        "  … #16 is a draft (body); finish and merge #16 first",
        "  next move: bob finishes the draft #16",
        "  next move: alice or a maintainer merges #14",
        "  waited for by: nobody",
        "  read: #15 (line 1)",
        "  read: #16 (line 1)",
        "  warning: line 3 looks like a dependency but was not wholly read: Needs PR 99",
    ]
    explain.command(settings(tmp_path), Console(), subject="14")
    said = capsys.readouterr().out
    assert "waits for nothing" in said
    assert "waited for by: #15" in said
    assert "when it merges: deleting its branch" in said


def test_explain_of_a_closed_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no open pull request"):
        explain.command(settings(tmp_path), Console(), subject="#99")
