from dataclasses import replace

import pytest
from graphql import GraphQLSchema, parse, validate

from readiness_gate.errors import ForgeError, PermissionMissing
from readiness_gate.forge.github import GitHubForge
from readiness_gate.model.commit_checks import CommitChecks
from readiness_gate.model.job import Job
from tests.forge.conftest import MakeForge
from tests.github_double import GitHubDouble, Repository
from tests.github_double.conftest import published as published  # noqa: PLC0414
from tests.github_double.people import Access, actions_token


def _read(forge: GitHubForge, commit: str) -> CommitChecks:
    found = forge.checks([commit])[commit]
    assert isinstance(found, CommitChecks)
    return found


def test_check_runs_statuses_and_workflow_runs_are_read(
    shop: Repository, live: GitHubForge
) -> None:
    pull = shop.pull_request(number=14, head="change")
    run = shop.verdicts.workflow_run("change", name="CI", status="in_progress")
    shop.verdicts.check_run(pull.head_sha, "build", run=run)
    shop.verdicts.check_run(pull.head_sha, "test", status="in_progress", run=run)
    shop.verdicts.check_run(pull.head_sha, "scan", app="other-ci", conclusion="neutral")
    shop.verdicts.status(pull.head_sha, "ci/bot", "pending")
    shop.verdicts.status(pull.head_sha, "ci/person", "success", creator="rita")
    found = _read(live, pull.head_sha)
    seen = {one.name: (one.kind, one.state, one.app, one.creator) for one in found.checks}
    assert seen == {
        "build": ("check-run", "success", "github-actions", ""),
        "test": ("check-run", "in_progress", "github-actions", ""),
        "scan": ("check-run", "neutral", "other-ci", ""),
        "ci/bot": ("status", "pending", "github-actions", "github-actions[bot]"),
        "ci/person": ("status", "success", "", "rita"),
    }
    build = next(one for one in found.checks if one.name == "build")
    assert (build.app_id, build.workflow) == (15368, "CI")
    assert build.started_at is not None
    [flow] = found.runs
    assert (flow.workflow, flow.event, flow.state, flow.jobs) == (
        "CI", "pull_request", "in_progress", 2,
    )  # fmt: skip


def test_a_run_that_awaits_approval_has_no_jobs(shop: Repository, live: GitHubForge) -> None:
    pull = shop.pull_request(number=14, head="change")
    shop.verdicts.workflow_run("change", name="CI", conclusion="action_required")
    found = _read(live, pull.head_sha)
    assert found.checks == ()
    assert [(one.state, one.jobs) for one in found.runs] == [("action_required", 0)]


def test_a_commit_on_which_nothing_was_reported_is_empty(
    shop: Repository, live: GitHubForge
) -> None:
    assert _read(live, shop.tip("main").sha) == CommitChecks()


def test_more_than_a_page_of_checks_is_read(shop: Repository, live: GitHubForge) -> None:
    sha = shop.tip("main").sha
    for number in range(230):
        shop.verdicts.check_run(sha, f"test ({number})")
    assert len(_read(live, sha).checks) == 230


def test_many_commits_are_read_in_few_queries(
    double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    heads = [shop.pull_request(number=number).head_sha for number in range(1, 61)]
    for head in heads:
        shop.verdicts.check_run(head, "build")
    found = live.checks(heads)
    assert all(isinstance(one, CommitChecks) and one.checks for one in found.values())
    assert len(double.requests) == 3
    assert double.points == 3


def test_a_commit_that_is_gone_is_an_error_of_its_own(shop: Repository, live: GitHubForge) -> None:
    known, gone = shop.tip("main").sha, "f" * 40
    found = live.checks([known, gone])
    assert found[known] == CommitChecks()
    assert isinstance(found[gone], ForgeError)


@pytest.mark.parametrize(
    ("lacking", "permission"),
    [
        (("checks", "statuses"), "checks: read"),
        (("checks",), "checks: read, statuses: read"),
        (("statuses",), "checks: read, statuses: read"),
        (("actions",), "actions: read"),
    ],
)
def test_a_lacking_permission_is_named(
    double: GitHubDouble,
    shop: Repository,
    make_forge: MakeForge,
    lacking: tuple[str, ...],
    permission: str,
) -> None:
    nothing: dict[str, Access] = dict.fromkeys(lacking, "none")
    token = actions_token("ghs_blind")
    token = replace(token, permissions={**token.permissions, **nothing})
    double.world.tokens["ghs_blind"] = token
    sha = shop.tip("main").sha
    shop.verdicts.check_run(sha, "build", run=shop.verdicts.workflow_run("main"))
    shop.verdicts.status(sha, "ci", "success")
    lost = make_forge("ghs_blind").checks([sha])[sha]
    assert isinstance(lost, PermissionMissing)
    assert lost.permission == permission


def test_partial_answers_and_broken_ones_are_errors(
    double: GitHubDouble, shop: Repository, make_forge: MakeForge
) -> None:
    first, second = shop.tip("main").sha, shop.pull_request(number=14).head_sha
    double.faults.add("POST", "/graphql", "partial", data_path=("repository", "k0"))
    found = make_forge().checks([first, second])
    assert isinstance(found[first], ForgeError)
    assert isinstance(found[second], CommitChecks)
    double.faults.add("POST", "/graphql", "graphql-error", times=9)
    assert isinstance(make_forge(total_wait=0).checks([first])[first], ForgeError)


@pytest.mark.usefixtures("shop")
def test_no_text_of_ours_can_end_the_query(live: GitHubForge) -> None:
    odd = '") { id } evil: object(oid: "'
    assert isinstance(live.checks([odd])[odd], ForgeError)


def test_what_is_asked_is_valid_for_github(
    published: GraphQLSchema, double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    sha = shop.tip("main").sha
    for number in range(101):
        shop.verdicts.check_run(sha, f"test ({number})")
    shop.pull_request(number=14)
    live.checks([sha])
    live.reviews([14])
    live.deployments([sha])
    assert len(double.queries) == 4
    for text in double.queries:
        assert validate(published, parse(text)) == []


def test_the_jobs_of_a_run_tell_their_runners(
    shop: Repository, live: GitHubForge, make_forge: MakeForge, double: GitHubDouble
) -> None:
    sha = shop.tip("main").sha
    run = shop.verdicts.workflow_run("main", status="in_progress")
    shop.verdicts.check_run(sha, "The gate", status="in_progress", run=run, runner="Hosted 7")
    shop.verdicts.check_run(sha, "later", status="queued", run=run)
    shop.verdicts.check_run(sha, "elsewhere")
    assert live.jobs(run.id) == (
        Job(name="The gate", runner="Hosted 7", status="in_progress"),
        Job(name="later", runner="", status="queued"),
    )
    with pytest.raises(ForgeError):
        live.jobs(4711)
    double.token("ghs_blind", actions="none")
    with pytest.raises(PermissionMissing, match="actions: read"):
        make_forge("ghs_blind").jobs(run.id)
