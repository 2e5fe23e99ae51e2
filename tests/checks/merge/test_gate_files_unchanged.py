from collections.abc import Mapping, Sequence

import pytest

from readiness_gate.checks.context import MergeFacts
from readiness_gate.checks.merge.gate_files_unchanged import CHECK
from readiness_gate.errors import ForgeError, PermissionMissing
from readiness_gate.model.change import FileChange
from readiness_gate.model.delivery import OwnersFile
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from readiness_gate.model.review import Review, Reviews
from tests.checks.merge.builders import facts
from tests.fakes.context import context
from tests.fakes.facts import FakeFacts, FakeInventory
from tests.fakes.options import options, refusal
from tests.merge.builders import group, pull

BASE = "b" * 40
OWNERS = """\
*                  @everybody
.github/workflows/ @lead @deputy
compose.yml        @acme/platform
/lonely/           @octocat
/nobody/
"""
PULL = facts(pull(30, author="octocat"), at=30)
WORKFLOW = ".github/workflows/readiness.yml"


def head(number: int = 30) -> str:
    return f"{number:040x}"


def approval(
    author: str = "lead",
    *,
    number: int = 30,
    state: str = "approved",
    commit: str = "",
    writer: bool = True,
    bot: bool = False,
) -> Review:
    return Review.model_validate(
        {
            "author": author,
            "state": state,
            "commit": commit or head(number),
            "writer": writer,
            "bot": bot,
        }
    )


def run(
    *paths: str | FileChange,
    by: Sequence[Review] = (),
    text: str = "{}",
    owners: str | None = OWNERS,
    errors: tuple[int, ...] = (),
    merge: MergeFacts | None = PULL,
    others: Mapping[int, Sequence[str]] | None = None,
    reviews: Mapping[int, Sequence[Review]] | None = None,
    teams: Mapping[str, Sequence[str] | ForgeError] | None = None,
    policy_files: tuple[str, ...] = (),
    base: str | None = BASE,
) -> CheckResult:
    listed = {30: paths, **(others or {})}
    file = OwnersFile(
        commit=BASE,
        path="" if owners is None else ".github/CODEOWNERS",
        text=owners or "",
        errors=errors,
    )
    github = FakeFacts(
        reviewed={
            number: Reviews(opinions=tuple(some))
            for number, some in {30: by, **(reviews or {})}.items()
        },
        teams=dict(teams or {}),
        inventory=FakeInventory(
            files={
                number: [FileChange(path=one) if isinstance(one, str) else one for one in some]
                for number, some in listed.items()
            },
            code_owners={BASE: file},
        ),
    )
    roles = {"platform": ["lead", "@acme/platform"]}
    given = context(
        merge=merge, github=github, base_sha=base, policy_files=policy_files, roles=roles
    )
    return CHECK.run(given, options(CHECK, text))


@pytest.mark.parametrize(
    "path",
    [
        WORKFLOW,
        ".github/workflows/nested/a.yaml",
        ".github/actions/setup/index.js",
        "action.yml",
        ".github/readiness.yml",
        ".github/readiness-waivers.yml",
        ".github/readiness-attestations.yml",
        "CODEOWNERS",
        ".github/CODEOWNERS",
        "docs/CODEOWNERS",
        ".secrets.baseline",
        "docker-compose.yml",
        "deploy/docker-compose.override.yaml",
        "compose.yaml",
        "compose.ci.yml",
        "Dockerfile",
        "api/Dockerfile.dev",
        "api/prod.Dockerfile",
        ".dockerignore",
        "backend/alembic.ini",
        "backend/migrations/env.py",
    ],
)
def test_a_changed_gate_file_waits_for_an_owner(path: str) -> None:
    result = run(path, "src/app.py", owners="* @lead\n")
    assert (result.outcome, result.waiting_for) == (Outcome.PENDING, "@lead")
    assert result.summary == f"{path} changed, and no owner of {path} approved 0000000"
    approved = run(path, "src/app.py", owners="* @lead\n", by=[approval()])
    assert (approved.outcome, approved.summary) == (
        Outcome.PASSED,
        "1 file that the gate rests on changed, approved by @lead",
    )


def test_other_files_need_nobody() -> None:
    result = run("src/app.py", "docs/a.md", "src/environment.py", "backend/versions/0001.py")
    assert (result.outcome, result.summary) == (
        Outcome.PASSED,
        "none of 4 changed files is one that the gate rests on",
    )


def test_deleting_or_renaming_a_gate_file_is_a_change() -> None:
    gone = FileChange(path=WORKFLOW, kind="removed")
    moved = FileChange(path="attic/a.yml", kind="renamed", previous=WORKFLOW)
    assert run(gone).outcome is Outcome.PENDING
    assert run(moved).outcome is Outcome.PENDING


def test_files_that_the_configuration_names_are_gate_files() -> None:
    assert run("ci/gate.yml").outcome is Outcome.PASSED
    assert run("ci/gate.yml", policy_files=("ci/gate.yml",)).outcome is Outcome.PENDING
    assert run("ci/gate.sh", text="{also: ['ci/**']}").outcome is Outcome.PENDING
    assert run(WORKFLOW, text="{exclude: ['**/readiness.yml']}").outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (approval(commit="d" * 40), "@lead: approved ddddddd, not the present head"),
        (approval(state="changes_requested"), "@lead: changes requested"),
        (approval(state="dismissed"), "@lead: dismissed"),
        (approval(writer=False), "@lead: may not write to this repository"),
        (approval("lead[bot]", bot=True), "@lead[bot]: is no person"),
        (approval("Octocat"), "@Octocat: is the author"),
    ],
)
def test_an_approval_that_does_not_count_is_named(given: Review, why: str) -> None:
    result = run(WORKFLOW, by=[given])
    assert (result.outcome, result.waiting_for) == (Outcome.PENDING, "@lead or @deputy")
    assert result.details == why


def test_an_approval_of_somebody_else_is_none() -> None:
    assert run(WORKFLOW, by=[approval("everybody")]).outcome is Outcome.PENDING
    assert run(WORKFLOW, by=[approval("Deputy")]).outcome is Outcome.PASSED


def test_every_file_needs_an_owner_of_its_own() -> None:
    half = run(WORKFLOW, "Dockerfile", by=[approval()])
    assert (half.outcome, half.waiting_for) == (Outcome.PENDING, "@everybody")
    assert half.summary.endswith("no owner of Dockerfile approved 0000000")
    both = run(WORKFLOW, "Dockerfile", by=[approval(), approval("everybody")])
    assert both.outcome is Outcome.PASSED


def test_a_team_is_asked_only_once_somebody_approved() -> None:
    waiting = run("compose.yml", teams={"acme/platform": ForgeError("must not be asked")})
    assert (waiting.outcome, waiting.waiting_for) == (Outcome.PENDING, "@acme/platform")
    teams = {"acme/platform": ["lead", "deputy"]}
    assert run("compose.yml", by=[approval("Lead")], teams=teams).outcome is Outcome.PASSED
    assert run("compose.yml", by=[approval("other")], teams=teams).outcome is Outcome.PENDING


def test_a_team_that_the_token_cannot_see_leaves_it_open() -> None:
    hidden = {"acme/platform": PermissionMissing("not visible", permission="members: read")}
    with pytest.raises(PermissionMissing):
        run("compose.yml", by=[approval("stranger")], teams=hidden)
    named = "compose.yml @acme/platform @lead\n"
    assert run("compose.yml", by=[approval()], owners=named, teams=hidden).outcome is Outcome.PASSED


def test_without_code_owners_the_named_people_count() -> None:
    text = "{by: platform}"
    waiting = run(WORKFLOW, owners=None, text=text)
    assert (waiting.outcome, waiting.waiting_for) == (Outcome.PENDING, "@lead or @acme/platform")
    assert run(WORKFLOW, owners=None, text=text, by=[approval()]).outcome is Outcome.PASSED
    assert run("nobody/Dockerfile", text="{by: '@lead'}", by=[approval()]).outcome is Outcome.PASSED
    # Where CODEOWNERS names somebody, it is that one.
    assert run(WORKFLOW, text="{by: '@other'}", by=[approval("other")]).outcome is Outcome.PENDING


def test_nobody_to_ask_is_an_error() -> None:
    for result in (run(WORKFLOW, owners=None), run("nobody/Dockerfile")):
        assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)
        assert result.summary.startswith("nobody is named who may approve a change of")


def test_a_line_that_github_does_not_use_gives_no_owner() -> None:
    assert run(WORKFLOW, errors=(2,)).waiting_for == "@everybody"


def test_an_author_who_is_the_only_owner_needs_another_one() -> None:
    result = run("lonely/Dockerfile")
    assert (result.outcome, result.waiting_for) == (
        Outcome.PENDING,
        "an owner other than the author",
    )
    assert "Name another owner" in str(result.remediation)


def test_an_address_is_nobody_that_can_approve() -> None:
    result = run(WORKFLOW, owners="* lead@example.test\n", by=[approval()])
    assert (result.outcome, result.waiting_for) == (Outcome.PENDING, "lead@example.test")


def test_every_member_of_a_merge_group_is_judged() -> None:
    queue = facts(pull(29), pull(30), merge_group=group(29, 30))
    waiting = run("src/a.py", merge=queue, others={29: [WORKFLOW]}, reviews={29: []})
    assert waiting.outcome is Outcome.PENDING
    assert waiting.summary.startswith("#29: ")
    given = {29: [approval(number=29)]}
    passed = run("src/a.py", merge=queue, others={29: [WORKFLOW]}, reviews=given)
    assert passed.outcome is Outcome.PASSED


def test_what_cannot_be_told_is_never_green() -> None:
    assert run().outcome is Outcome.ERROR
    assert run(WORKFLOW, merge=None).outcome is Outcome.ERROR
    assert run(WORKFLOW, base=None).outcome is Outcome.ERROR
    unknown = run(WORKFLOW, text="{by: lawyers}")
    assert (unknown.outcome, unknown.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)


def test_without_a_pull_request_it_does_not_apply() -> None:
    assert run(WORKFLOW, merge=facts()).outcome is Outcome.SKIPPED


@pytest.mark.parametrize("text", ["{by: 7}", "{files: [a]}", "{approvals: two}"])
def test_options_are_strict(text: str) -> None:
    assert refusal(CHECK, text)
