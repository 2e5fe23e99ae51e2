"""Commands of a comment, against facts in memory."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from readiness_gate.cli import run
from readiness_gate.cli.comment_commands import answers
from readiness_gate.cli.console import Console
from readiness_gate.cli.doors import open_doors
from readiness_gate.cli.evaluation import Gate, open_gate, plan_case
from readiness_gate.cli.subject import case_of, read_event
from readiness_gate.doors.settings import from_environment
from readiness_gate.errors import ForgeError, PermissionMissing
from readiness_gate.forge.recorded import (
    RecordedInventory,
    RecordedStatus,
    Snapshot,
    dump_snapshot,
)
from readiness_gate.forge.snapshot import SnapshotForge
from readiness_gate.merge.commands import commands
from readiness_gate.model.outcome import Conclusion
from readiness_gate.model.remark import Remark
from readiness_gate.model.report import CommandAnswer
from tests.forge import builders

CONFIG = """\
version: 1
items:
  privacy: {check: attestation}
  contract: {check: attestation, with: {accept: [file]}}
  release-notes: {check: attestation, stage: pre-deploy}
  readme: {check: file-exists, with: {path: README.md}}
"""
PAGE = "https://github.com/acme/shop/actions/runs/77"
HEAD = builders.sha("head 30")


def facts(
    body: str,
    *,
    role: str = "write",
    status: str | None = f"{PAGE}/attempts/2",
    config: str = CONFIG,
    edited: bool = False,
    deleted: bool = False,
    author: str = "lead",
) -> Snapshot:
    recorded = builders.snapshot(
        builders.pull_request(30),
        files={".github/readiness.yml": config},
        statuses={
            HEAD: [
                RecordedStatus(
                    context="readiness / checks", state=Conclusion.FAILURE, target_url=status
                )
            ]
        }
        if status
        else None,
    )
    remark = Remark(
        id=5,
        author=author,
        body=body,
        created_at=datetime(2026, 3, 1, tzinfo=UTC),
        edited=edited,
        url="https://github.com/acme/shop/pull/30#issuecomment-5",
    )
    return recorded.model_copy(
        update={
            "remarks": {30: () if deleted else (remark,)},
            "inventory": RecordedInventory(permissions={author.lower(): role}),
        }
    )


def gate_of(
    tmp_path: Path,
    forge: SnapshotForge,
    body: str,
    *,
    author: str = "lead",
    more: Mapping[str, str] | None = None,
) -> Gate:
    payload = {
        "action": "created",
        "issue": {"number": 30, "pull_request": {"url": "x"}},
        "comment": {"id": 5, "body": body, "user": {"login": author}},
    }
    event = tmp_path / "event.json"
    event.write_text(json.dumps(payload))
    settings = from_environment(
        {
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": "issue_comment",
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_REPOSITORY": "acme/shop",
            "GITHUB_WORKSPACE": str(tmp_path),
            **(more or {}),
        },
        {"mode": "merge"},
    )
    return open_gate(settings, open_doors(settings), forge, Console())


def told(
    tmp_path: Path, forge: SnapshotForge, body: str, *, author: str = "lead"
) -> tuple[CommandAnswer, ...]:
    gate = gate_of(tmp_path, forge, body, author=author)
    event = read_event(gate.settings)
    case = case_of(event, gate.settings, gate.doors, forge)
    return answers(gate, case, plan_case(gate, case), event.comment)


def test_recheck_starts_the_run_of_the_checks_half_again(tmp_path: Path) -> None:
    forge = SnapshotForge(facts("/readiness recheck"))
    found = told(tmp_path, forge, "/readiness recheck")
    assert found == (
        CommandAnswer(text="recheck: the run of the checks half was started again", url=PAGE),
    )
    assert forge.started_again == [(77, HEAD)]


def test_without_the_permission_to_start_runs_it_is_linked(tmp_path: Path) -> None:
    def refuse(method: str) -> None:
        if method == "rerun":
            raise PermissionMissing("403", permission="actions: write")

    forge = SnapshotForge(facts("/readiness recheck"), on_call=refuse)
    assert told(tmp_path, forge, "/readiness recheck") == (
        CommandAnswer(
            text="recheck: run the checks half again by hand, the token lacks actions: write",
            url=PAGE,
        ),
    )


@pytest.mark.parametrize("role", ["none", "read", "triage"])
def test_who_may_not_write_starts_no_run(tmp_path: Path, role: str) -> None:
    forge = SnapshotForge(facts("/readiness recheck", role=role))
    (found,) = told(tmp_path, forge, "/readiness recheck")
    assert f"who may {role} cannot start a run" in found.text
    assert found.url == PAGE
    assert forge.started_again == []


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"edited": True}, "the comment was edited or hidden"),
        ({"deleted": True}, "the comment is gone"),
        ({"author": "helper[bot]"}, "the comment is of no person"),
        ({"author": "somebody-else"}, "the comment is of no person"),
    ],
)
def test_a_comment_that_does_not_stand_starts_no_run(
    tmp_path: Path, given: dict[str, object], why: str
) -> None:
    forge = SnapshotForge(facts("/readiness recheck", **given))  # type: ignore[arg-type]
    writer = "helper[bot]" if given.get("author") == "helper[bot]" else "lead"
    (found,) = told(tmp_path, forge, "/readiness recheck", author=writer)
    assert why in found.text
    assert forge.started_again == []


@pytest.mark.parametrize(
    "status",
    [
        None,
        "https://github.com/other/shop/actions/runs/77",
        "https://evil.example/acme/shop/actions/runs/77",
        "https://github.com/acme/shop/actions/runs/0",
        "https://github.com/acme/shop/actions/runs/7a",
        "https://github.com/acme/shop/pull/30",
    ],
)
def test_an_address_that_is_no_run_of_ours_is_not_started(
    tmp_path: Path, status: str | None
) -> None:
    forge = SnapshotForge(facts("/readiness recheck", status=status))
    (found,) = told(tmp_path, forge, "/readiness recheck")
    assert found.text.startswith("recheck: no run of the checks half is known for")
    assert forge.started_again == []


def test_what_cannot_be_read_is_said_and_starts_nothing(tmp_path: Path) -> None:
    def broken(method: str) -> None:
        if method == "permission":
            raise ForgeError("GitHub is down")

    forge = SnapshotForge(facts("/readiness recheck"), on_call=broken)
    (found,) = told(tmp_path, forge, "/readiness recheck")
    assert found.text == "recheck: the checks half was left alone: GitHub is down"
    assert forge.started_again == []


def test_without_a_checks_half_there_is_nothing_to_start(tmp_path: Path) -> None:
    config = "version: 1\nitems: {privacy: {check: attestation}}\n"
    forge = SnapshotForge(facts("/readiness recheck", config=config))
    assert told(tmp_path, forge, "/readiness recheck") == ()
    assert forge.started_again == []


LINK = "https://example.test/minutes"


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (f"/readiness attest privacy {LINK}", None),
        (f"/readiness attest privcy {LINK}", "no item is called 'privcy'"),
        (f"/readiness attest contract {LINK}", "contract takes no comment"),
        (f"/readiness attest readme {LINK}", "readme is not signed by people, file-exists"),
        (f"/readiness attest release-notes {LINK}", "belongs to the stage pre-deploy"),
        ("/readiness attest privacy", "line 1 of the comment is no command: write /readiness"),
        ("/readiness override", "line 1 of the comment is no command"),
    ],
)
def test_who_attests_is_told_what_does_not_fit(
    tmp_path: Path, line: str, answer: str | None
) -> None:
    found = told(tmp_path, SnapshotForge(facts(line)), line)
    if answer is None:
        assert found == ()
    else:
        assert answer in found[0].text


def evaluated(
    tmp_path: Path, body: str, *, edited: bool = False
) -> tuple[int, dict[str, Any], str]:
    """What a run over a snapshot file leaves: exit code, report and comment."""
    recorded = tmp_path / "facts.json"
    recorded.write_text(dump_snapshot(facts(body, edited=edited)))
    forge = SnapshotForge(facts(body, edited=edited))
    settings = replace(gate_of(tmp_path, forge, body).settings, snapshot=recorded)
    code = run.command(settings, Console(), formats=["text"])
    folder = tmp_path / "readiness-report"
    report = json.loads((folder / "report.json").read_text("utf-8"))
    return code, report, (folder / "comment.md").read_text("utf-8")


def test_the_merge_half_is_decided_at_once_and_says_what_became_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, report, comment = evaluated(
        tmp_path, f"/readiness attest privacy {LINK}\n/readiness recheck"
    )
    shown = " ".join(capsys.readouterr().out.split())
    privacy = next(one for one in report["items"] if one["id"] == "privacy")
    assert (code, privacy["outcome"]) == (0, "passed")
    assert report["answers"] == [
        {"text": "recheck: the run of the checks half was started again", "url": PAGE}
    ]
    assert f"comment: recheck: the run of the checks half was started again {PAGE}" in shown
    assert "`recheck: the run of the checks half was started again`" in comment
    assert f"[open the run]({PAGE})" in comment
    assert "signed off by @lead" in comment


def test_after_the_comment_was_edited_the_sign_off_is_gone(tmp_path: Path) -> None:
    _, report, comment = evaluated(tmp_path, f"/readiness attest privacy {LINK}", edited=True)
    assert report["conclusions"]["merge"] == "pending"
    assert "edited the comment afterwards" in json.dumps(report)
    assert "/readiness attest privacy URL" in comment
    # What the gate writes wakes it no second time.
    assert commands(comment) == ()


def test_a_comment_full_of_nonsense_is_answered_in_few_lines(tmp_path: Path) -> None:
    body = "/readiness please\n" * 3_000
    assert len(told(tmp_path, SnapshotForge(facts(body)), body)) == 20
