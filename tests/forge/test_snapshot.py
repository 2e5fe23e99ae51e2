import json
from pathlib import Path

import pytest

from readiness_gate.errors import ConfigurationError, ForgeError
from readiness_gate.forge.base import Forge
from readiness_gate.forge.recorded import (
    RecordedComment,
    RecordedStatus,
    dump_snapshot,
    load_snapshot,
)
from readiness_gate.forge.recording import record
from readiness_gate.forge.snapshot import SnapshotForge
from readiness_gate.model.outcome import Conclusion
from readiness_gate.model.pull_request import Issue, Missing, PullRequest, Reference, Unreachable
from tests.forge.builders import HOME, forge, group, issue, pull_request, sha, snapshot
from tests.forge.clock import FakeClock

MARKER = "<!-- readiness-gate:v1 -->"


def _everything() -> SnapshotForge:
    return SnapshotForge(
        snapshot(
            pull_request(14, merged=True, reverted_by="acme/shop#20"),
            pull_request(15, body="Depends on #14", labels=["api"], changed_files=["a.py"]),
            pull_request(3, repository="acme/shared-lib", draft=True),
            issue(7, closed=True, reason="not_planned"),
            at=15,
            files={".github/readiness.yml": "version: 1\n"},
            missing=[99],
            unreachable={"acme/secret#1": "not visible to the token"},
            statuses={sha("head 15"): [RecordedStatus(context="ci", state=Conclusion.FAILURE)]},
            comments={
                15: [
                    RecordedComment(id=1, body=f"{MARKER}\nforged", own=False),
                    RecordedComment(id=2, body=f"{MARKER}\r\nours"),
                ]
            },
            groups=[group(14, 15)],
        )
    )


def test_the_snapshot_forge_is_a_whole_forge() -> None:
    whole: Forge = _everything()
    assert whole.repository == HOME


def test_every_kind_of_fact_is_answered() -> None:
    asked = [
        Reference(HOME, 14),
        Reference(HOME, 7),
        Reference(HOME, 99),
        Reference(HOME, 1000),
        Reference("acme/secret", 1),
        Reference("ACME/Shared-Lib", 3),
    ]
    facts = _everything().resolve(asked)
    merged, closed, gone, unknown, secret, other = (facts[one] for one in asked)
    assert isinstance(merged, PullRequest)
    assert merged.reverted_by == Reference(HOME, 20)
    assert closed == Issue(asked[1], "Issue 7", "closed", "not_planned")
    assert gone == Missing(asked[2])
    assert unknown == Unreachable(asked[3], "not in the snapshot")
    assert secret == Unreachable(asked[4], "not visible to the token")
    assert isinstance(other, PullRequest)
    assert other.reference == asked[5]


def test_only_open_pull_requests_of_the_home_repository_are_listed_as_open() -> None:
    assert [pull.reference.number for pull in _everything().open_pull_requests()] == [15]


def test_what_was_not_recorded_is_an_error_and_never_an_absence() -> None:
    known = _everything()
    for ask in (
        lambda: known.pull_request(16),
        lambda: known.pull_request(7),
        lambda: known.changed_files(16),
        lambda: known.branch_tip("develop"),
        lambda: known.file("README.md", "f" * 40),
        lambda: known.merge_group(group(14).head_ref, sha("nowhere"), sha("main")),
    ):
        with pytest.raises(ForgeError, match="does not hold"):
            ask()


def test_a_file_is_absent_only_in_a_recorded_commit() -> None:
    known = _everything()
    tip = known.branch_tip("main")
    assert known.file(".github/readiness.yml", tip) == b"version: 1\n"
    assert known.file("README.md", tip) is None


def test_files_may_be_recorded_below_the_name_of_a_branch() -> None:
    data = json.loads(dump_snapshot(snapshot(files={"a": "1"})))
    data["files"] = {"main": data["files"][sha("main")]}
    named = SnapshotForge(load_snapshot(json.dumps(data), name="snapshot.json"))
    assert named.file("a", sha("main")) == b"1"


def test_a_tree_is_exported_and_stays_in_its_folder(tmp_path: Path) -> None:
    _everything().export(sha("main"), tmp_path)
    assert (tmp_path / ".github/readiness.yml").read_text() == "version: 1\n"
    with pytest.raises(ForgeError, match="leads out"):
        forge(files={"../escape": "x"}).export(sha("main"), tmp_path)
    assert not (tmp_path.parent / "escape").exists()


def test_a_merge_group_lists_its_members_from_the_base_up() -> None:
    queued = group(14, 15)
    found = _everything().merge_group(queued.head_ref, queued.head_sha, queued.base_sha)
    assert [member.number for member in found.members] == [14, 15]
    assert found.base_branch == "main"


def test_statuses_are_kept_in_order_and_the_newest_is_read() -> None:
    known = _everything()
    head = sha("head 15")
    known.set_status(head, "readiness / merge", Conclusion.PENDING, "running", "")
    known.set_status(head, "readiness / merge", Conclusion.SUCCESS, "ready", "")
    written = [one.status.state for one in known.written_statuses]
    assert written == [Conclusion.PENDING, Conclusion.SUCCESS]
    statuses = known.statuses(head)
    assert statuses["readiness / merge"].state is Conclusion.SUCCESS
    assert statuses["ci"].state is Conclusion.FAILURE


def test_githubs_limits_hold_in_memory_too() -> None:
    known = _everything()
    with pytest.raises(ForgeError, match="140"):
        known.set_status(sha("x"), "c", Conclusion.ERROR, "x" * 141, "")
    with pytest.raises(ForgeError, match="65536"):
        known.create_comment(15, "x" * 65_537)


def test_comments_of_others_are_not_own_ones_whatever_their_marker() -> None:
    assert [comment.id for comment in _everything().own_comments(15, MARKER)] == [2]


def test_comments_are_written_changed_and_deleted() -> None:
    known = _everything()
    made = known.create_comment(21, f"{MARKER}\none")
    known.update_comment(made, f"{MARKER}\ntwo")
    assert [one.body for one in known.comments[21]] == [f"{MARKER}\ntwo"]
    known.delete_comment(made)
    assert known.comments[21] == []
    with pytest.raises(ForgeError):
        known.update_comment(made, "again")


def test_others_can_change_things_in_between() -> None:
    calls: list[str] = []

    def move(method: str) -> None:
        calls.append(method)
        if method == "statuses":
            known.put(pull_request(15, head_sha=sha("moved")).fact(HOME))

    known = forge(pull_request(15), on_call=move)
    before = known.pull_request(15).head_sha
    known.statuses(before)
    assert known.pull_request(15).head_sha == sha("moved") != before
    assert calls == ["pull_request", "statuses", "pull_request"]


def test_a_snapshot_survives_its_file() -> None:
    recorded = snapshot(
        pull_request(14, merged=True), issue(3), at=14, missing=[4], groups=[group(14)]
    )
    assert load_snapshot(dump_snapshot(recorded), name="snapshot.json") == recorded
    assert json.loads(dump_snapshot(recorded))["schema-version"] == 1


def test_what_is_recorded_from_a_forge_answers_like_it() -> None:
    original = _everything()
    references = [Reference(HOME, n) for n in (14, 7, 99)]
    references += [Reference("acme/shared-lib", 3), Reference("acme/secret", 1)]
    copy = record(
        original,
        15,
        clock=FakeClock(),
        references=references,
        paths=[".github/readiness.yml", "absent.md"],
    )
    replayed = SnapshotForge(load_snapshot(dump_snapshot(copy), name="snapshot.json"))
    assert replayed.resolve(references) == original.resolve(references)
    assert replayed.pull_request(15) == original.pull_request(15)
    assert replayed.changed_files(15) == ("a.py",)
    assert replayed.statuses(sha("head 15")) == original.statuses(sha("head 15"))
    tip = replayed.branch_tip("main")
    assert replayed.file(".github/readiness.yml", tip) == b"version: 1\n"
    assert replayed.file("absent.md", tip) is None
    assert copy.pull_request == 15


def test_recording_stops_at_the_first_thing_that_cannot_be_read() -> None:
    def broken(method: str) -> None:
        if method == "open_pull_requests":
            raise ForgeError("GitHub did not answer")

    with pytest.raises(ForgeError, match="did not answer"):
        record(forge(pull_request(15), on_call=broken), 15, clock=FakeClock())


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"pull-requests": [{"number": 1, "colour": "red"}]}, "pull-requests.0.colour"),
        ({"pull-requests": [{"number": 0}]}, "pull-requests.0.number"),
        ({"repository": "not a repository"}, "repository"),
        ({"missing": ["#14"]}, "missing.0"),
        ({"schema-version": 2}, "schema-version"),
        ({"branches": {"main": "abc"}}, "branches.main"),
    ],
)
def test_a_wrong_file_is_refused_with_every_place_named(
    change: dict[str, object], named: str
) -> None:
    data = json.loads(dump_snapshot(snapshot())) | change
    with pytest.raises(ConfigurationError) as refused:
        load_snapshot(json.dumps(data), name="facts.json")
    assert f"facts.json: {named}" in refused.value.message


def test_a_file_that_is_no_json_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"facts\.json"):
        load_snapshot("{", name="facts.json")
