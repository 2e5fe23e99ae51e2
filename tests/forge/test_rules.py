from typing import Any

import pytest

from readiness_gate.errors import ForgeError
from readiness_gate.forge.github import GitHubForge
from readiness_gate.model.branch_rules import BranchRules, RequiredCheck
from tests.forge.conftest import MakeForge
from tests.github_double import GitHubDouble, Repository
from tests.github_double.rules import Protection, merge_queue, pull_request, required_checks

CONTEXTS = {"readiness / merge": 15368, "lint": None}


def test_a_branch_without_rules_asks_for_nothing(shop: Repository, live: GitHubForge) -> None:
    assert shop.full_name == live.repository
    assert live.branch_rules("main") == BranchRules()


def test_rulesets_are_told_to_everybody_who_reads(shop: Repository, make_forge: MakeForge) -> None:
    shop.rules.add(required_checks(CONTEXTS, strict=True), merge_queue())
    shop.rules.add(pull_request(2, code_owners=True, stale=True), {"type": "deletion"})
    shop.rules.add(required_checks({"other": None}), branches=["release"])
    shop.rules.add(required_checks({"tried": None}), enforcement="evaluate")
    found = make_forge("ghs_readonly").branch_rules("main")
    assert found == BranchRules(
        required_checks=(
            RequiredCheck(context="readiness / merge", app_id=15368),
            RequiredCheck(context="lint"),
        ),
        strict=True,
        merge_queue=True,
        pull_request=True,
        approvals=2,
        code_owners=True,
        dismiss_stale=True,
        hidden=("bypass",),
    )


def test_who_may_bypass_is_told_to_administrators(shop: Repository, make_forge: MakeForge) -> None:
    actors: list[dict[str, Any]] = [
        {"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"},
        {"actor_id": None, "actor_type": "DeployKey", "bypass_mode": "always"},
        {"actor_id": 77, "actor_type": "Team", "bypass_mode": "pull_request"},
    ]
    shop.rules.add(required_checks(CONTEXTS), bypass=actors)
    found = make_forge("ghp_maintainer").branch_rules("main")
    assert found.bypass == ("role 5", "deploy keys", "team 77")
    assert found.hidden == ()


def test_classic_protection_is_read_by_administrators(
    shop: Repository, make_forge: MakeForge
) -> None:
    shop.rules.protect(
        "main",
        Protection(CONTEXTS, strict=True, approvals=1, code_owners=True, enforce_admins=False),
    )
    found = make_forge("ghp_maintainer").branch_rules("main")
    assert found == BranchRules(
        required_checks=(
            RequiredCheck(context="readiness / merge", app_id=15368, source="protection"),
            RequiredCheck(context="lint", source="protection"),
        ),
        strict=True,
        pull_request=True,
        approvals=1,
        code_owners=True,
        bypass=("administrators",),
    )


def test_what_a_workflows_token_does_not_see_of_it_is_said(
    shop: Repository, live: GitHubForge
) -> None:
    shop.rules.protect("main", Protection(CONTEXTS, approvals=1))
    found = live.branch_rules("main")
    assert [one.context for one in found.required_checks] == ["readiness / merge", "lint"]
    assert found.hidden == ("strict", "reviews", "bypass")
    shop.rules.protect("main", Protection(CONTEXTS, shown=False))
    found = live.branch_rules("main")
    assert found.required_checks == ()
    assert "checks" in found.hidden


def test_rulesets_and_protection_hold_together(shop: Repository, make_forge: MakeForge) -> None:
    shop.rules.add(required_checks({"build": None}), pull_request(1))
    shop.rules.protect("main", Protection({"lint": 7}, approvals=3))
    found = make_forge("ghp_maintainer").branch_rules("main")
    assert [one.context for one in found.required_checks] == ["build", "lint"]
    assert found.approvals == 3


def test_a_branch_with_a_slash_is_asked_for_by_its_name(
    shop: Repository, live: GitHubForge
) -> None:
    shop.commit("release/1.0", {"a": "b"})
    shop.rules.add(required_checks({"build": None}), branches=["release/1.0"])
    assert len(live.branch_rules("release/1.0").required_checks) == 1


def test_no_answer_is_an_error_and_never_no_rules(
    double: GitHubDouble, shop: Repository, make_forge: MakeForge
) -> None:
    shop.rules.add(required_checks(CONTEXTS))
    double.faults.add("GET", ".*/rules/branches/main", "5xx-before", times=9)
    with pytest.raises(ForgeError):
        make_forge(total_wait=0).branch_rules("main")
    with pytest.raises(ForgeError):
        make_forge().branch_rules("gone")
