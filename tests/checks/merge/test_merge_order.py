from readiness_gate.checks.base import MergeFacts
from readiness_gate.checks.merge.merge_order import CHECK, MergeOrderOptions
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.pull_request import Missing, Unreachable
from readiness_gate.model.result import CheckResult
from tests.checks.merge.builders import facts
from tests.fakes.context import context
from tests.merge.builders import group, pull, ref, rules

ORDER = [14, 15, 17, 16, 21, 10]


def run(merge: MergeFacts | None) -> CheckResult:
    return CHECK.run(context(merge=merge), MergeOrderOptions())


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
