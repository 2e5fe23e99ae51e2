from datetime import UTC, datetime
from pathlib import Path

from readiness_gate.stack.project import (
    PROJECT_NAME,
    Owner,
    labels,
    local_project_name,
    project_name,
)

JOB = {
    "repository": "acme/shop",
    "workflow": "Readiness",
    "job": "gate",
    "action": "__run",
    "runner": "runner-1",
    "run_id": "16341",
    "run_attempt": "2",
}


def test_the_post_step_derives_the_same_name_from_the_same_variables() -> None:
    assert project_name(**JOB) == project_name(**JOB)
    assert project_name(**JOB).startswith("rg-16341-2-")


def test_jobs_and_runners_of_one_run_have_names_of_their_own() -> None:
    others = [
        {**JOB, key: "other"} for key in ("repository", "workflow", "job", "action", "runner")
    ]
    assert len({project_name(**one) for one in [JOB, *others]}) == 6


def test_what_looks_alike_when_joined_is_kept_apart() -> None:
    assert project_name(**{**JOB, "workflow": "ab", "job": "c"}) != project_name(
        **{**JOB, "workflow": "a", "job": "bc"}
    )


def test_every_name_is_one_that_compose_and_the_teardown_accept() -> None:
    for run in ("16341", "", "A B/../c", "x" * 300, "ünïcode"):
        assert PROJECT_NAME.fullmatch(project_name(**{**JOB, "run_id": run}))


def test_on_a_laptop_the_name_holds_the_process() -> None:
    name = local_project_name(pid=4711, workspace=Path("/home/dev/shop"))
    assert name.startswith("rg-local-4711-")
    assert PROJECT_NAME.fullmatch(name)


def test_labels_name_project_owner_and_deadline() -> None:
    found = labels("rg-1-1-aa", Owner("container", "f00"), datetime(2026, 1, 5, tzinfo=UTC))
    assert found["readiness-gate.project"] == "rg-1-1-aa"
    assert Owner.parse(found["readiness-gate.owner"]) == Owner("container", "f00")
    assert datetime.fromisoformat(found["readiness-gate.deadline"]).tzinfo is not None


def test_a_label_that_is_not_ours_names_no_owner() -> None:
    assert Owner.parse("somebody") is None
    assert Owner.parse("process:") is None
