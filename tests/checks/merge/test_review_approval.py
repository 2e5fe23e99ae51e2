from collections.abc import Mapping
from typing import Any, Literal

import pytest
from pydantic import ValidationError

from readiness_gate.checks.merge.review_approval import CHECK, ReviewApprovalOptions
from readiness_gate.errors import ConfigurationError, ForgeError, PermissionMissing
from readiness_gate.model.branch_rules import BranchRules
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.pull_request import MergeGroup
from readiness_gate.model.result import CheckResult
from readiness_gate.model.review import Review, Reviews
from tests.checks.merge.builders import facts
from tests.fakes.context import context
from tests.fakes.facts import FakeFacts
from tests.merge.builders import group, pull

Decision = Literal["approved", "changes_requested", "review_required"]
AUTHOR = pull(17).author
OWNED = BranchRules(code_owners=True)


def review(
    author: str,
    state: Literal["approved", "changes_requested", "dismissed"] = "approved",
    *,
    of: int | str = 17,
    writer: bool = True,
    bot: bool = False,
) -> Review:
    commit = pull(of).head_sha if isinstance(of, int) else of
    return Review(author=author, state=state, commit=commit, writer=writer, bot=bot)


def run(
    *opinions: Review,
    decision: Decision | None = None,
    rules: BranchRules | None = None,
    teams: dict[str, Any] | None = None,
    **options: Any,
) -> CheckResult:
    known = FakeFacts(
        reviewed={17: Reviews(decision=decision, opinions=opinions)},
        branches={"main": rules} if rules else {},
        teams=teams or {},
    )
    return CHECK.run(
        context(merge=facts(pull(17), at=17), github=known, roles={"legal": ["lea", "@acme/law"]}),
        ReviewApprovalOptions.model_validate(options),
    )


def test_an_approval_of_the_head_by_a_writer_passes() -> None:
    result = run(review("rita"))
    assert (result.outcome, result.summary) == (Outcome.PASSED, "#17 is approved by rita")
    [table] = result.evidence
    assert table.kind == "table"
    assert table.rows[0][1:3] == ("rita", "approved")


def test_without_a_review_it_waits_for_somebody_with_write_access() -> None:
    result = run()
    assert (result.outcome, result.summary) == (Outcome.PENDING, "#17 has 0 of 1 approvals")
    assert result.waiting_for == "1 more approval of #17 by a person with write access"


@pytest.mark.parametrize(
    ("opinion", "reason"),
    [
        (review("rita", of="b" * 40), "rita approved bbbbbbb, not the current head"),
        (review("rita", of=""), "rita approved a commit that is gone, not the current head"),
        (review("rita", "dismissed"), "rita was dismissed"),
        (review(AUTHOR), f"{AUTHOR} is the author"),
        (review(AUTHOR.upper()), f"{AUTHOR.upper()} is the author"),
        (review("robot[bot]", bot=True), "robot[bot] is a bot"),
        (review("visitor", writer=False), "visitor has no write access"),
    ],
)
def test_what_does_not_count_is_said_with_its_reason(opinion: Review, reason: str) -> None:
    result = run(opinion)
    assert (result.outcome, result.summary) == (
        Outcome.PENDING,
        f"#17 has 0 of 1 approvals; {reason}",
    )


def test_stale_and_bots_approvals_count_where_that_is_asked_for() -> None:
    assert run(review("rita", of="b" * 40), stale=True).outcome is Outcome.PASSED
    assert run(review("robot[bot]", bot=True), bots=True).outcome is Outcome.PASSED
    assert run(review(AUTHOR), stale=True, bots=True).outcome is Outcome.PENDING


def test_the_number_of_people_counts() -> None:
    assert run(review("rita"), approvals=2).waiting_for == (
        "1 more approval of #17 by a person with write access"
    )
    assert run(review("rita"), review("otto"), approvals=2).outcome is Outcome.PASSED


def test_requested_changes_of_a_writer_fail_whatever_others_say() -> None:
    asked = review("otto", "changes_requested")
    result = run(review("rita"), asked)
    assert (result.outcome, result.summary) == (Outcome.FAILED, "#17: otto asks for changes")
    visitor = review("visitor", "changes_requested", writer=False)
    assert run(review("rita"), visitor).outcome is Outcome.PASSED


def test_only_named_people_and_roles_count() -> None:
    result = run(review("rita"), by=("@lea",))
    assert result.summary == (
        "#17 has 0 of 1 approvals; rita is not among those whose approval counts"
    )
    assert result.waiting_for == "1 more approval of #17 by @lea"
    assert run(review("Lea"), by=("@lea",)).outcome is Outcome.PASSED
    law = {"acme/law": ["paula"]}
    assert run(review("paula"), by=("legal",), teams=law).outcome is Outcome.PASSED
    assert run(review("lea"), by=("legal",), teams=law).outcome is Outcome.PASSED


def test_a_team_that_the_token_cannot_see_is_an_error() -> None:
    hidden = PermissionMissing("not visible", permission="members: read", advice="App")
    with pytest.raises(PermissionMissing):
        run(review("paula"), by=("@acme/law",), teams={"acme/law": hidden})
    with pytest.raises(ConfigurationError, match="neither a role"):
        run(review("rita"), by=("nobody",))


def test_code_owners_are_githubs_own_decision() -> None:
    def owned(decision: Decision | None, *opinions: Review) -> CheckResult:
        return run(*opinions, decision=decision, rules=OWNED, code_owners=True)

    assert owned("approved", review("rita")).outcome is Outcome.PASSED
    waiting = owned("review_required", review("rita"))
    assert (waiting.outcome, waiting.waiting_for) == (
        Outcome.PENDING,
        "a code owner to approve #17",
    )
    assert owned("changes_requested", review("rita")).outcome is Outcome.FAILED
    nothing = owned(None, review("rita"))
    assert (nothing.outcome, nothing.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)


def test_a_decision_that_asks_no_code_owner_is_no_proof() -> None:
    for rules, words in (
        (BranchRules(), "main does not require a review from code owners"),
        (BranchRules(hidden=("reviews",)), "unknown whether main asks code owners"),
    ):
        result = run(review("rita"), decision="approved", rules=rules, code_owners=True)
        assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)
        assert result.summary.startswith(words)


def _queued(merge_group: MergeGroup, reviewed: Mapping[int, Reviews | ForgeError]) -> CheckResult:
    merge = facts(pull(14), pull(17), merge_group=merge_group)
    known = FakeFacts(reviewed=reviewed)
    return CHECK.run(context(merge=merge, github=known), ReviewApprovalOptions())


def test_every_member_of_a_merge_group_needs_its_approvals() -> None:
    fine = Reviews(opinions=(review("rita", of=14),))
    result = _queued(group(14, 17), {14: fine, 17: Reviews()})
    assert (result.outcome, result.summary) == (Outcome.PENDING, "#17 has 0 of 1 approvals")
    both = {14: fine, 17: Reviews(opinions=(review("otto"),))}
    assert _queued(group(14, 17), both).summary == (
        "#14 is approved by rita; #17 is approved by otto"
    )


def test_what_cannot_be_read_is_raised_and_nothing_to_judge_is_skipped() -> None:
    with pytest.raises(ForgeError):
        _queued(group(14), {14: ForgeError("HTTP 502")})
    assert CHECK.run(context(merge=facts()), ReviewApprovalOptions()).outcome is Outcome.SKIPPED
    assert CHECK.run(context(), ReviewApprovalOptions()).outcome is Outcome.ERROR
    alone = context(merge=facts(pull(17), at=17))
    assert CHECK.run(alone, ReviewApprovalOptions()).outcome is Outcome.ERROR


def test_no_approval_at_all_is_nothing_to_ask_for() -> None:
    with pytest.raises(ValidationError):
        ReviewApprovalOptions.model_validate({"approvals": 0})
