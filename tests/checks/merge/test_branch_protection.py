from typing import Any

import pytest

from readiness_gate.checks.context import OwnRun
from readiness_gate.checks.merge.branch_protection import CHECK, BranchProtectionOptions
from readiness_gate.errors import ForgeError
from readiness_gate.model.branch_rules import BranchRules, Hidden, RequiredCheck
from readiness_gate.model.outcome import ErrorClass, Half, Outcome
from readiness_gate.model.result import CheckResult
from tests.checks.merge.builders import facts
from tests.fakes.context import context
from tests.fakes.facts import FakeFacts
from tests.merge.builders import group, pull

BOTH = ("readiness / merge", "readiness / checks")


def rules(
    *names: str, app: int | None = 15368, hidden: tuple[Hidden, ...] = (), **further: Any
) -> BranchRules:
    checks = tuple(RequiredCheck(context=name, app_id=app) for name in names)
    return BranchRules(required_checks=checks, hidden=hidden, **further)


def run(
    known: BranchRules | ForgeError,
    *,
    halves: tuple[Half, ...] = tuple(Half),
    at: int | None = 17,
    **options: Any,
) -> CheckResult:
    own = OwnRun("readiness", halves=frozenset(halves))
    return CHECK.run(
        context(merge=facts(pull(17), at=at), github=FakeFacts(branches={"main": known}), own=own),
        BranchProtectionOptions.model_validate(options),
    )


def test_both_contexts_required_from_an_app_pass() -> None:
    result = run(rules(*BOTH))
    assert (result.outcome, result.summary) == (
        Outcome.PASSED,
        "main requires readiness / merge, readiness / checks",
    )


def test_a_context_that_is_not_required_fails_and_says_what_to_set() -> None:
    result = run(rules("readiness / merge"))
    assert (result.outcome, result.summary) == (
        Outcome.FAILED,
        "main does not require readiness / checks",
    )
    assert (result.remediation or "").startswith(
        "Require readiness / checks in Settings, Rules, Rulesets"
    )


def test_only_the_contexts_of_planned_halves_are_asked_for() -> None:
    assert run(rules("readiness / merge"), halves=(Half.MERGE,)).outcome is Outcome.PASSED
    assert run(rules(), halves=()).outcome is Outcome.ERROR


def test_the_expected_source_is_asked_for() -> None:
    anybody = rules(*BOTH, app=None)
    result = run(anybody)
    assert (result.outcome, result.summary) == (
        Outcome.FAILED,
        "readiness / merge may come from any source; readiness / checks may come from any source",
    )
    assert run(anybody, expected_source=False).outcome is Outcome.PASSED
    other = run(rules(*BOTH, app=7), app_id=15368)
    assert other.summary.startswith("readiness / merge is expected from app 7, not from app 15368")
    assert run(rules(*BOTH, app=7), app_id=7).outcome is Outcome.PASSED


def test_what_the_token_does_not_see_is_an_error_and_what_it_sees_counts() -> None:
    hidden: tuple[Hidden, ...] = ("checks", "strict", "reviews", "bypass")
    result = run(rules("readiness / merge", hidden=hidden))
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)
    assert result.summary == "main: unknown what it requires: needs administration: read"
    assert run(rules(*BOTH, hidden=hidden)).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("option", "met", "says", "hidden"),
    [
        ({"strict": True}, {"strict": True}, "main merges branches that are not", "strict"),
        ({"merge_queue": True}, {"merge_queue": True}, "main has no merge queue", "strict"),
        ({"approvals": 2}, {"approvals": 2}, "main requires 0 approvals, not 2", "reviews"),
    ],
)
def test_further_rules_are_asked_for_by_option(
    option: dict[str, Any], met: dict[str, Any], says: str, hidden: Hidden
) -> None:
    assert run(rules(*BOTH, **met), **option).outcome is Outcome.PASSED
    lacking = run(rules(*BOTH), **option)
    assert lacking.outcome is Outcome.FAILED
    assert lacking.summary.startswith(says)
    assert lacking.remediation
    assert run(rules(*BOTH, hidden=(hidden,)), **option).outcome is Outcome.ERROR
    assert run(rules(*BOTH)).outcome is Outcome.PASSED


def test_who_may_bypass_the_rules_is_named() -> None:
    result = run(rules(*BOTH, bypass=("administrators", "team 4")), no_bypass=True)
    assert (result.outcome, result.summary) == (
        Outcome.FAILED,
        "administrators, team 4 may merge into main past the rules",
    )
    assert run(rules(*BOTH), no_bypass=True).outcome is Outcome.PASSED
    assert run(rules(*BOTH, hidden=("bypass",)), no_bypass=True).outcome is Outcome.ERROR


def test_further_contexts_have_to_be_required_from_anybody() -> None:
    known = rules(*BOTH, "build", app=15368)
    assert run(known, contexts=("build",)).outcome is Outcome.PASSED
    assert run(known, contexts=("lint",)).summary == "main does not require lint"


def test_a_merge_group_is_judged_by_its_base_and_a_branch_can_be_named() -> None:
    own = OwnRun("readiness", halves=frozenset(Half))
    merge = facts(pull(17), merge_group=group(17))
    known = FakeFacts(branches={"main": rules(*BOTH)})
    options = BranchProtectionOptions()
    assert CHECK.run(context(merge=merge, github=known, own=own), options).outcome is Outcome.PASSED
    assert run(rules(*BOTH), at=None).outcome is Outcome.ERROR
    assert run(rules(*BOTH), at=None, branch="main").outcome is Outcome.PASSED


def test_what_cannot_be_read_is_raised() -> None:
    with pytest.raises(ForgeError):
        run(ForgeError("HTTP 502"))
    assert CHECK.run(context(), BranchProtectionOptions()).outcome is Outcome.ERROR
