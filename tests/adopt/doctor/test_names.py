from pathlib import Path

import githubkit_schemas.latest.models as github
import pytest

from readiness_gate.adopt.doctor import names
from readiness_gate.adopt.doctor.ruleset import ruleset
from readiness_gate.model.branch_rules import BranchRules, RequiredCheck
from tests.adopt.doctor.builders import gates, hardened, read, said, shop

BOTH = tuple(RequiredCheck(context=one, app_id=15368) for one in names.contexts("readiness"))


def live(tmp_path: Path, rules: BranchRules) -> list[tuple[str, str]]:
    files = gates(tmp_path, hardened())
    found = names.live(files, rules, "readiness", "main")
    return [(one.rule, one.severity) for one in found]


def test_rules_that_require_both_from_one_source_are_as_they_should_be(tmp_path: Path) -> None:
    assert live(tmp_path, BranchRules(required_checks=BOTH)) == []


def test_what_is_not_required_holds_nothing_back(tmp_path: Path) -> None:
    assert live(tmp_path, BranchRules(required_checks=BOTH[:1])) == [("not-required", "error")]
    found = list(names.live((), BranchRules(), "readiness", "main"))
    assert [one.message for one in found] == [
        "main does not require readiness / merge: nothing holds a merge back",
        "main does not require readiness / checks: nothing holds a merge back",
    ]


@pytest.mark.parametrize("near", ["readiness/merge", "Readiness / Merge", "readiness /merge"])
def test_a_name_that_is_nearly_right_is_shown(near: str, tmp_path: Path) -> None:
    rules = BranchRules(required_checks=(RequiredCheck(context=near, app_id=1), BOTH[1]))
    assert live(tmp_path, rules) == [("context-name", "error")]


def test_statuses_from_anybody_are_a_warning(tmp_path: Path) -> None:
    anybody = tuple(one.model_copy(update={"app_id": None}) for one in BOTH)
    rules = BranchRules(required_checks=anybody)
    assert live(tmp_path, rules) == [("any-source", "warning")] * 2


def test_the_job_in_place_of_the_status_is_an_error(tmp_path: Path) -> None:
    job = RequiredCheck(context="Merge half", app_id=15368)
    assert live(tmp_path, BranchRules(required_checks=(*BOTH, job))) == [("job-required", "error")]


def test_what_the_token_cannot_see_is_not_said_to_be_missing(tmp_path: Path) -> None:
    assert live(tmp_path, BranchRules(hidden=("checks",))) == [("rules-hidden", "warning")]


def test_a_job_with_the_name_of_a_status_is_an_error(tmp_path: Path) -> None:
    files = gates(tmp_path, shop(("name: Production readiness", "name: readiness / checks")))
    assert said(names.same_names(files, "readiness")) == ["status-and-check readiness.yml:36"]


def test_a_job_that_calls_another_workflow_has_both_names(tmp_path: Path) -> None:
    called = "on: workflow_call\njobs:\n  merge:\n    runs-on: x\n    steps: [{run: x}]\n"
    caller = "on: push\njobs:\n  readiness:\n    uses: ./.github/workflows/called.yml\n"
    files, _ = read(tmp_path, {"called.yml": called, "caller.yml": caller})
    assert said(names.same_names(files, "readiness")) == ["status-and-check caller.yml:3"]


@pytest.mark.parametrize("app", [None, 15368])
def test_the_ruleset_is_one_of_githubs(app: int | None) -> None:
    made = ruleset("readiness", app=app)
    body = github.ReposOwnerRepoRulesetsPostBody.model_validate(made)
    assert body.name == "Production readiness"
    (rule,) = made["rules"]
    required = rule["parameters"]["required_status_checks"]
    assert [one["context"] for one in required] == ["readiness / merge", "readiness / checks"]
    assert {one.get("integration_id") for one in required} == {app}
