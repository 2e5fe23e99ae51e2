"""Which runs may be published: GitHub's own word about them (S-06, S-07, S-18, S-19, S-20)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from readiness_gate.errors import ConfigurationError
from readiness_gate.forge.base import CommitStatus
from readiness_gate.model.outcome import Conclusion, Outcome
from readiness_gate.model.workflow_run import Artifact, WorkflowRun
from readiness_gate.publish import runs
from readiness_gate.publish.runs import Unusable

BEGAN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
PATH = ".github/workflows/readiness-checks.yml"
RUN = WorkflowRun(
    id=700,
    attempt=2,
    repository="acme/shop",
    path=PATH,
    event="pull_request",
    status="completed",
    conclusion="success",
    head_branch="change",
    head_sha="a" * 40,
    head_repository="contributor/shop",
    started_at=BEGAN,
)
GATE = "readiness-gate/readiness-gate@" + "0" * 40
CHECKS = f"""\
on: pull_request
jobs:
  checks:
    runs-on: ubuntu-24.04
    steps:
      - uses: ./.github/actions/set-up
      - uses: {GATE}
        with: {{mode: checks}}
"""


def artifact(number: int = 1, *, after: int = 60, **more: object) -> Artifact:
    made = Artifact(number, "readiness-report", 700, 10, False, BEGAN + timedelta(seconds=after))
    return replace(made, **more)  # type: ignore[arg-type]


def status(creator: str, url: str = "") -> CommitStatus:
    return CommitStatus("readiness / checks", Conclusion.SUCCESS, "ready", url, creator)


def test_s06_a_run_of_this_repository_and_a_commit_of_a_pull_request_may_be_published() -> None:
    runs.require_origin(RUN, "Acme/Shop")
    runs.require_origin(replace(RUN, event="merge_group"), "acme/shop")
    assert RUN.from_fork
    assert not replace(RUN, head_repository="Acme/Shop").from_fork
    assert replace(RUN, head_repository="").from_fork


@pytest.mark.parametrize("event", ["push", "pull_request_target", "workflow_dispatch", "schedule"])
def test_s06_a_run_of_another_event_is_refused(event: str) -> None:
    with pytest.raises(ConfigurationError, match=event):
        runs.require_origin(replace(RUN, event=event), "acme/shop")


def test_s06_a_run_of_another_repository_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="evil/shop"):
        runs.require_origin(replace(RUN, repository="evil/shop"), "acme/shop")


WORKFLOWS: dict[str, tuple[bytes | None, str]] = {
    "not there": (None, "is not on main"),
    "another mode": (CHECKS.replace("checks}", "merge}").encode(), "mode checks"),
    "no gate": (CHECKS.replace(GATE, "actions/checkout@v5").encode(), "mode checks"),
    "a name that only looks like it": (
        CHECKS.replace(GATE, "evil/not-readiness-gate@v1").encode(), "mode checks",
    ),
    "an expression": (CHECKS.replace("mode: checks", "mode: '${{ x }}'").encode(), "mode checks"),
    "no YAML": (b"on: [", "not YAML"),
}  # fmt: skip


@pytest.mark.parametrize("name", WORKFLOWS)
def test_s06_a_run_of_another_workflow_is_refused(name: str) -> None:
    runs.require_workflow(RUN, CHECKS.encode(), "main")
    text, words = WORKFLOWS[name]
    with pytest.raises(ConfigurationError, match=words):
        runs.require_workflow(RUN, text, "main")


def test_s06_a_required_workflow_of_the_organisation_is_known_by_its_path() -> None:
    assert runs.workflow_file(replace(RUN, path=f"{PATH}@refs/heads/main")) == PATH


def test_s07_what_decides_over_the_run_itself_is_found() -> None:
    text = CHECKS.encode()
    assert runs.changed_workflow(RUN, text, ["README.md", PATH]) == PATH
    local = ".github/actions/set-up/action.yml"
    assert runs.changed_workflow(RUN, text, [local]) == local
    assert runs.changed_workflow(RUN, text, ["tools/x", ".github/workflows/ci.yml"]) == ""
    assert runs.changed_workflow(RUN, None, []) == ""


@pytest.mark.parametrize("inner", [".github/actions/inner/action.yml", "tools/inner/action.yaml"])
def test_s07_what_a_local_action_uses_in_its_turn_may_be_any_other(inner: str) -> None:
    assert runs.changed_workflow(RUN, CHECKS.encode(), [inner]) == inner
    alone = CHECKS.replace("./.github/", "acme/").encode()
    assert runs.changed_workflow(RUN, alone, [inner]) == ""
    flow = b"steps: [{uses: ./tools/gate}, {uses: './tools/other'}]\n"
    assert runs.changed_workflow(RUN, flow, ["tools/gate/run.sh"]) == "tools/gate/run.sh"
    called = b"jobs: {a: {uses: ./.github/workflows/called.yml}}\n"
    other = ".github/workflows/other.yml"
    assert runs.changed_workflow(RUN, called, [other]) == other


def test_s19_only_a_run_that_came_to_its_end_can_have_reported() -> None:
    assert runs.unusable(RUN) is None
    assert runs.unusable(replace(RUN, conclusion="failure")) is None
    for conclusion in ("cancelled", "timed_out", "skipped", "stale", "something new", None):
        found = runs.unusable(replace(RUN, conclusion=conclusion))
        assert found is not None
        assert found.outcome is Outcome.ERROR
    waiting = runs.unusable(replace(RUN, conclusion="action_required"))
    assert waiting is not None
    assert (waiting.outcome, waiting.waiting_for) == (
        Outcome.PENDING, "a maintainer to approve the workflow run",
    )  # fmt: skip


def test_s19_a_skipped_run_is_only_left_alone_beside_one_that_was_not() -> None:
    skipped = replace(RUN, id=701, conclusion="skipped")
    assert runs.left_alone(skipped, [skipped, RUN])
    assert runs.left_alone(skipped, [replace(RUN, status="queued", conclusion=None)])
    assert not runs.left_alone(skipped, [skipped, replace(RUN, path="other.yml")])
    assert not runs.left_alone(skipped, [replace(RUN, head_sha="b" * 40)])
    assert not runs.left_alone(RUN, [RUN])


def test_s18_the_newest_artifact_of_the_newest_attempt_counts() -> None:
    found = [artifact(1), artifact(3, after=90), artifact(2)]
    assert runs.chosen(RUN, found, "readiness-report") == found[1]


@pytest.mark.parametrize(
    "others",
    [
        [],
        [artifact(after=-1)],
        [artifact(name="other")],
        [artifact(run=701)],
        [artifact(created_at=None)],
        [artifact(expired=True)],
    ],
    ids=["none", "an earlier attempt", "another name", "another run", "no time", "expired"],
)
def test_s19_what_is_no_artifact_of_it_is_an_error(others: list[Artifact]) -> None:
    found = runs.chosen(RUN, others, "readiness-report")
    assert isinstance(found, Unusable)
    assert found.outcome is Outcome.ERROR


def test_s18_a_status_tells_the_run_that_it_is_of() -> None:
    page = runs.run_page("https://github.com", "acme/shop", RUN)
    assert runs.published_run(status("bot", page), "bot") == (700, 2)
    assert runs.published_run(status("bot", page.partition("/attempts")[0]), "bot") == (700, 0)
    assert runs.published_run(status("bot", "https://example.test/"), "bot") is None
    assert runs.published_run(status("somebody", page), "bot") is None
    assert runs.published_run(None, "bot") is None


def test_s20_a_status_of_another_hand_is_named() -> None:
    assert runs.foreign(status("author"), "github-actions[bot]") == "author"
    assert runs.foreign(status("github-actions"), "github-actions[bot]") == "github-actions"
    assert runs.foreign(status("github-actions[bot]"), "github-actions[bot]") == ""
    assert runs.foreign(None, "github-actions[bot]") == ""
