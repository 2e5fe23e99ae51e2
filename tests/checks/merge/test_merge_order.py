from datetime import UTC, datetime

from readiness_gate.checks.context import MergeFacts
from readiness_gate.checks.merge.merge_order import CHECK, MergeOrderOptions
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.pull_request import Missing, PullRequest, Unreachable
from readiness_gate.model.result import CheckResult
from tests.checks.merge.builders import facts
from tests.fakes.context import context
from tests.merge.builders import group, pull, ref, rules

ORDER = [14, 15, 17, 16, 21, 10]


def run(merge: MergeFacts | None, *, complete: bool = False) -> CheckResult:
    return CHECK.run(context(merge=merge), MergeOrderOptions(complete=complete))


def at(number: int, hour: int) -> PullRequest:
    return pull(number, merged=True, merged_at=datetime(2026, 5, 1, hour, tzinfo=UTC))


def test_everything_before_is_merged() -> None:
    known = [pull(14, merged=True), pull(15, merged=True)]
    result = run(facts(pull(17), at=17, by=rules(order=ORDER), known=known))
    assert (result.outcome, result.summary) == (Outcome.PASSED, "#15 is merged")


def test_an_earlier_open_one_is_waited_for_by_name() -> None:
    result = run(
        facts(pull(14), pull(15, draft=True), pull(16), at=16, by=rules(order=[14, 15, 16]))
    )
    assert result.outcome is Outcome.PENDING
    assert result.summary == "#14 is open; #15 is a draft"
    assert result.waiting_for == "#14 to be merged, #15 to be merged"
    assert "stated by order" in result.details
    assert result.evidence[0].kind == "table"


def test_an_earlier_one_that_was_closed_fails() -> None:
    merge = facts(pull(15), at=15, by=rules(order=ORDER), known=[pull(14, closed=True)])
    result = run(merge)
    assert result.outcome is Outcome.FAILED
    assert result.summary == "#14 was closed without being merged"
    assert result.remediation == "Reopen and merge #14, or remove the dependency."


def test_an_earlier_one_that_does_not_exist_fails() -> None:
    result = run(facts(pull(15), at=15, by=rules(order=ORDER), known=[Missing(ref(14))]))
    assert (result.outcome, result.summary) == (Outcome.FAILED, "#14 does not exist")


def test_an_earlier_one_that_cannot_be_read_cannot_be_told() -> None:
    known = [Unreachable(ref(14), "502 Bad Gateway")]
    result = run(facts(pull(15), at=15, by=rules(order=ORDER), known=known))
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INFRASTRUCTURE)
    assert "502 Bad Gateway" in result.summary


def test_an_earlier_one_without_a_fact_cannot_be_told() -> None:
    result = run(facts(pull(15), at=15, by=rules(order=ORDER)))
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


def test_outside_the_order_it_passes_and_says_so() -> None:
    result = run(facts(pull(99), at=99, by=rules(order=ORDER)))
    assert (result.outcome, result.summary) == (Outcome.PASSED, "not in the sequence")
    result = run(facts(pull(14), at=14, by=rules(order=ORDER)))
    assert (result.outcome, result.summary) == (Outcome.PASSED, "first in the declared order")
    result = run(facts(pull(14), at=14))
    assert result.summary == "not in the sequence: no order is declared"


def test_edges_of_other_sources_are_not_judged_here() -> None:
    merge = facts(pull(14), pull(99, body="Depends on #14"), at=99, by=rules(order=ORDER))
    assert run(merge).outcome is Outcome.PASSED


def test_a_cycle_fails_on_every_member_with_its_path() -> None:
    opened = [pull(1, body="Depends on #2"), pull(2, body="Depends on #1")]
    for number in (1, 2):
        result = run(facts(*opened, at=number))
        assert result.outcome is Outcome.FAILED
        assert result.summary.startswith("#1 → #2 → #1")


def test_a_contradiction_fails_on_both() -> None:
    opened = [pull(14, body="Depends on #15"), pull(15)]
    for number in (14, 15):
        result = run(facts(*opened, at=number, by=rules(order=[14, 15])))
        assert result.outcome is Outcome.FAILED
        assert result.summary.startswith("the declared order puts #14 before #15")


def test_in_a_queue_ahead_passes_and_behind_is_pending() -> None:
    opened = [pull(14), pull(15)]
    by = rules(order=[14, 15])
    assert run(facts(*opened, by=by, merge_group=group(14, 15))).outcome is Outcome.PASSED
    assert run(facts(*opened, by=by, merge_group=group(15))).outcome is Outcome.PENDING
    assert run(facts(*opened, by=by, merge_group=group(15, 14))).outcome is Outcome.PENDING


def test_a_group_without_known_members_cannot_be_told() -> None:
    result = run(facts(pull(14), merge_group=group()))
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


def test_without_facts_it_cannot_be_told_and_without_a_pull_request_it_does_not_apply() -> None:
    assert run(None).outcome is Outcome.ERROR
    assert run(facts()).outcome is Outcome.SKIPPED


def test_a_sequence_that_was_kept_passes_afterwards_with_the_moments() -> None:
    known = [at(14, 8), at(15, 10), at(16, 9), at(17, 11)]
    result = run(facts(by=rules(order=[14, [15, 16], 17]), known=known), complete=True)
    assert (result.outcome, result.summary) == (Outcome.PASSED, "4 merged in the declared order")
    assert result.evidence[0].kind == "table"
    assert result.evidence[0].rows[0] == ("#14", "2026-05-01 08:00:00")


def test_a_sequence_that_was_not_kept_fails_afterwards_and_names_both() -> None:
    known = [at(14, 8), at(15, 12), at(16, 9)]
    result = run(facts(by=rules(order=[14, 15, 16]), known=known), complete=True)
    assert result.outcome is Outcome.FAILED
    assert result.summary == (
        "#16 merged at 2026-05-01 09:00:00, before #15 (2026-05-01 12:00:00), which comes first"
    )


def test_the_latest_of_a_group_counts_against_those_behind_it() -> None:
    known = [at(14, 12), at(15, 8), at(16, 9)]
    result = run(facts(by=rules(order=[[14, 15], 16]), known=known), complete=True)
    assert result.outcome is Outcome.FAILED
    assert "before #14" in result.summary


def test_complete_waits_for_the_rest_and_fails_for_what_will_not_merge() -> None:
    order = rules(order=[14, 15])
    waiting = run(facts(pull(15), by=order, known=[at(14, 8)]), complete=True)
    assert (waiting.outcome, waiting.summary) == (Outcome.PENDING, "#15 is open")
    assert waiting.details == ""
    closed = run(facts(by=order, known=[at(14, 8), pull(15, closed=True)]), complete=True)
    assert closed.outcome is Outcome.FAILED
    unread = run(facts(by=order, known=[at(14, 8), Unreachable(ref(15), "502")]), complete=True)
    assert (unread.outcome, unread.error_class) == (Outcome.ERROR, ErrorClass.INFRASTRUCTURE)


def test_complete_on_a_member_judges_what_comes_before_it() -> None:
    order = rules(order=[14, 15, 16, 17])
    kept = facts(pull(16), pull(17), at=16, by=order, known=[at(14, 8), at(15, 9)])
    assert run(kept, complete=True).summary == "2 merged in the declared order"
    broken = facts(pull(16), pull(17), at=16, by=order, known=[at(14, 9), at(15, 8)])
    assert run(broken, complete=True).outcome is Outcome.FAILED
    first = facts(pull(14), pull(15), pull(16), pull(17), at=14, by=order)
    assert run(first, complete=True).summary == "first in the declared order"


def test_complete_cannot_be_told_without_an_order_or_a_moment() -> None:
    without = run(facts(pull(14), at=14), complete=True)
    assert (without.outcome, without.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)
    untimed = facts(by=rules(order=[14, 15]), known=[at(14, 8), pull(15, merged=True)])
    found = run(untimed, complete=True)
    assert (found.outcome, found.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
