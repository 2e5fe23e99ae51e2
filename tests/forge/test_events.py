from collections.abc import Mapping

import pytest

from readiness_gate.errors import ConfigurationError
from readiness_gate.forge.events import Event, QueuedGroup, Subject, parse, requested
from readiness_gate.model.outcome import Half, Stage

HEAD = "a" * 40
SHA = "b" * 40
BOTH = {Half.MERGE, Half.CHECKS}
MERGE = {Half.MERGE}
CHECKS = {Half.CHECKS}
NONE: set[Half] = set()


def pull(action: str, **more: object) -> dict[str, object]:
    return {"action": action, "pull_request": {"number": 17, "head": {"sha": HEAD}}, **more}


GROUP = {
    "action": "checks_requested",
    "merge_group": {
        "head_ref": f"refs/heads/gh-readonly-queue/main/pr-17-{SHA}",
        "head_sha": HEAD,
        "base_sha": SHA,
        "base_ref": "refs/heads/main",
    },
}
BASE_CHANGED = pull("edited", changes={"base": {"ref": {"from": "old"}}})
TEXT_CHANGED = pull("edited", changes={"body": {"from": "old"}})

# name, payload, halves in run, in checks, in merge
PULL_REQUEST_ROWS = [
    ("pull_request", pull("opened"), BOTH, CHECKS, MERGE),
    ("pull_request", pull("synchronize"), BOTH, CHECKS, MERGE),
    ("pull_request", pull("reopened"), BOTH, CHECKS, MERGE),
    ("pull_request", pull("ready_for_review"), BOTH, CHECKS, MERGE),
    ("pull_request", BASE_CHANGED, BOTH, CHECKS, MERGE),
    ("pull_request", TEXT_CHANGED, MERGE, NONE, MERGE),
    ("pull_request", pull("labeled"), MERGE, NONE, MERGE),
    ("pull_request", pull("unlabeled"), MERGE, NONE, MERGE),
    ("pull_request", pull("converted_to_draft"), MERGE, NONE, MERGE),
    ("pull_request_review", pull("submitted"), MERGE, NONE, MERGE),
    ("pull_request_review", pull("dismissed"), MERGE, NONE, MERGE),
    ("workflow_dispatch", {"inputs": {"pull-request": "17"}}, BOTH, CHECKS, MERGE),
    ("workflow_dispatch", {"inputs": {"pull_request": "#17"}}, BOTH, CHECKS, MERGE),
]


@pytest.mark.parametrize(("name", "payload", "run", "checks", "merge"), PULL_REQUEST_ROWS)
def test_a_pull_request_event_names_the_halves_of_each_mode(
    name: str,
    payload: Mapping[str, object],
    run: set[Half],
    checks: set[Half],
    merge: set[Half],
) -> None:
    for mode, halves in (("run", run), ("checks", checks), ("merge", merge)):
        event = parse(name, payload, mode=mode)
        assert (event.subject, event.pull_request) == (Subject.PULL_REQUEST, 17)
        assert event.halves == halves, mode
        assert event.dependants is (mode != "checks")


@pytest.mark.parametrize(
    ("payload", "joined_by"),
    [
        (pull("labeled"), {"labels"}),
        (pull("unlabeled"), {"labels"}),
        (pull("converted_to_draft"), {"draft"}),
        (TEXT_CHANGED, set()),
        (pull("opened"), set()),
    ],
)
def test_a_label_or_draft_can_bring_the_checks_half_back(
    payload: Mapping[str, object], joined_by: set[str]
) -> None:
    assert parse("pull_request", payload, mode="run").joined_by == joined_by
    assert parse("pull_request", payload, mode="checks").joined_by == joined_by
    assert parse("pull_request", payload, mode="merge").joined_by == set()


@pytest.mark.parametrize("mode", ["run", "checks", "merge"])
def test_a_closed_pull_request_concerns_its_dependants_only(mode: str) -> None:
    event = parse("pull_request", pull("closed"), mode=mode)
    assert event.subject is Subject.CLOSED_PULL_REQUEST
    assert event.halves == set()
    assert event.dependants is (mode != "checks")


@pytest.mark.parametrize(("mode", "halves"), [("run", BOTH), ("checks", CHECKS), ("merge", MERGE)])
def test_a_merge_group_is_decided_on_its_own_commit(mode: str, halves: set[Half]) -> None:
    event = parse("merge_group", GROUP, mode=mode)
    assert event.subject is Subject.MERGE_GROUP
    assert event.halves == halves
    assert event.head_sha == HEAD
    assert event.merge_group == QueuedGroup(
        f"refs/heads/gh-readonly-queue/main/pr-17-{SHA}", HEAD, SHA, "main"
    )


STAGE_ROWS = [
    ("push", {"after": HEAD, "ref": "refs/heads/main"}, HEAD, None),
    ("schedule", {"schedule": "0 4 * * *"}, SHA, None),
    ("workflow_dispatch", {"inputs": None}, SHA, None),
    ("workflow_dispatch", {"inputs": {"pull-request": ""}}, SHA, None),
    (
        "deployment_status",
        {"deployment": {"sha": HEAD, "environment": "production"}},
        HEAD,
        "production",
    ),
]


@pytest.mark.parametrize(("mode", "halves"), [("run", BOTH), ("checks", CHECKS), ("merge", MERGE)])
@pytest.mark.parametrize(("name", "payload", "sha", "environment"), STAGE_ROWS)
def test_a_stage_after_the_merge_runs_on_the_deployed_commit(
    name: str,
    payload: Mapping[str, object],
    sha: str,
    environment: str | None,
    mode: str,
    halves: set[Half],
) -> None:
    event = parse(name, payload, mode=mode, stage=Stage.POST_DEPLOY, sha=SHA)
    assert event.subject is Subject.STAGE
    assert event.halves == halves
    assert (event.stage, event.sha, event.environment) == (Stage.POST_DEPLOY, sha, environment)
    assert event.pull_request is None


SWEEPS = [
    ("push", {"after": HEAD, "ref": "refs/heads/main"}),
    ("workflow_run", {"action": "completed", "workflow_run": {"pull_requests": []}}),
    ("deployment_status", {"deployment": {"sha": HEAD}}),
    ("schedule", {}),
    ("workflow_dispatch", {"inputs": {}}),
    ("repository_dispatch", {"action": "dependency-merged"}),
]


@pytest.mark.parametrize(("name", "payload"), SWEEPS)
def test_merge_sweeps_every_open_pull_request(name: str, payload: Mapping[str, object]) -> None:
    event = parse(name, payload, mode="merge")
    assert event.subject is Subject.OPEN_PULL_REQUESTS
    assert event.halves == MERGE


@pytest.mark.parametrize(("name", "payload"), SWEEPS)
def test_merge_narrows_a_sweep_to_the_number_of_the_input(
    name: str, payload: Mapping[str, object]
) -> None:
    event = parse(name, payload, mode="merge", pull_request=21)
    assert (event.subject, event.pull_request) == (Subject.PULL_REQUEST, 21)


@pytest.mark.parametrize("mode", ["run", "checks"])
@pytest.mark.parametrize(
    ("name", "payload"),
    [
        *SWEEPS,
        ("pull_request_target", pull("opened")),
        ("pull_request_target", pull("closed")),
        ("issue_comment", {"issue": {"number": 17, "pull_request": {"url": "x"}}}),
        ("pull_request", pull("assigned")),
        ("pull_request", pull("enqueued")),
        ("pull_request", {"pull_request": {"number": 17, "head": {"sha": HEAD}}}),
        ("merge_group", {**GROUP, "action": "destroyed"}),
        ("issues", {"action": "opened"}),
        ("release", {}),
        ("", {}),
    ],
)
def test_run_and_checks_refuse_every_other_event_and_list_the_supported(
    name: str, payload: Mapping[str, object], mode: str
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse(name, payload, mode=mode)
    assert mode in refused.value.message
    assert "merge_group" in refused.value.advice
    assert refused.value.exit_code == 2


@pytest.mark.parametrize(
    ("name", "payload"),
    [("issues", {}), ("release", {}), ("merge_group", {**GROUP, "action": "destroyed"}), ("", {})],
)
def test_merge_refuses_an_unknown_event(name: str, payload: Mapping[str, object]) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse(name, payload, mode="merge")
    assert "pull_request_target" in refused.value.advice


@pytest.mark.parametrize("action", ["opened", "synchronize", "edited", "labeled", "enqueued"])
def test_merge_accepts_the_target_event_for_every_action(action: str) -> None:
    event = parse("pull_request_target", pull(action), mode="merge")
    assert event.subject is Subject.PULL_REQUEST
    assert event.halves == MERGE


def test_merge_takes_a_comment_on_a_pull_request_for_that_one() -> None:
    payload = {"action": "created", "issue": {"number": 17, "pull_request": {"url": "x"}}}
    event = parse("issue_comment", payload, mode="merge")
    assert (event.subject, event.pull_request) == (Subject.PULL_REQUEST, 17)


def test_a_comment_on_an_issue_changes_nothing() -> None:
    event = parse("issue_comment", {"action": "created", "issue": {"number": 3}}, mode="merge")
    assert event.subject is Subject.NOTHING
    assert event.halves == NONE


@pytest.mark.parametrize("name", ["pull_request", "merge_group", "pull_request_review"])
def test_a_pull_request_event_cannot_carry_a_later_stage(name: str) -> None:
    payload = {**GROUP, **pull("opened")}
    with pytest.raises(ConfigurationError, match="cannot carry the stage post-deploy"):
        parse(name, payload, stage=Stage.POST_DEPLOY, sha=SHA)


def test_a_push_that_deletes_a_branch_names_no_deployed_commit() -> None:
    with pytest.raises(ConfigurationError, match="names no deployed commit"):
        parse("push", {"after": "0" * 40}, stage=Stage.POST_DEPLOY)


def test_the_input_cannot_name_another_pull_request_than_the_event() -> None:
    with pytest.raises(ConfigurationError, match="says 18, the event 17"):
        parse("pull_request", pull("opened"), pull_request=18)
    assert parse("pull_request", pull("opened"), pull_request=17).pull_request == 17


def test_a_mode_without_an_event_of_its_own_is_named() -> None:
    with pytest.raises(ConfigurationError, match="'publish'"):
        parse("workflow_run", {}, mode="publish")


@pytest.mark.parametrize(
    ("name", "payload", "missing"),
    [
        ("pull_request", {"action": "opened"}, "pull_request.number"),
        ("pull_request", {"action": "opened", "pull_request": []}, "pull_request.number"),
        ("pull_request", {"action": "opened", "pull_request": {"number": "x"}}, "number"),
        ("pull_request", {"action": "opened", "pull_request": {"number": True}}, "number"),
        ("pull_request", {"action": "opened", "pull_request": {"number": 1}}, "head.sha"),
        ("pull_request", {**pull("opened"), "action": 5}, "action"),
        ("merge_group", {"action": "checks_requested"}, "merge_group.head_ref"),
        ("workflow_dispatch", {"inputs": {"pull-request": "seventeen"}}, "inputs.pull-request"),
        ("workflow_dispatch", {"inputs": {"pull-request": "-4"}}, "inputs.pull-request"),
    ],
)
def test_a_malformed_payload_is_named_by_its_path(
    name: str, payload: Mapping[str, object], missing: str
) -> None:
    with pytest.raises(ConfigurationError, match=missing):
        parse(name, payload)


def test_the_command_line_asks_without_an_event() -> None:
    assert requested(pull_request=17).halves == BOTH
    assert requested(pull_request=17).subject is Subject.PULL_REQUEST
    assert requested().pull_request is None
    assert requested(mode="merge").subject is Subject.OPEN_PULL_REQUESTS
    assert requested(mode="merge", pull_request=17).subject is Subject.PULL_REQUEST
    later: Event = requested(stage=Stage.SCHEDULED, sha=SHA, environment="production")
    assert (later.subject, later.sha) == (Subject.STAGE, SHA)
    assert (later.stage, later.environment) == (Stage.SCHEDULED, "production")
