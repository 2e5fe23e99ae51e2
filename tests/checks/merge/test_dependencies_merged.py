from readiness_gate.checks.context import MergeFacts
from readiness_gate.checks.merge import merge_order
from readiness_gate.checks.merge.dependencies_merged import CHECK, DependenciesMergedOptions
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.pull_request import Fact, Unreachable
from readiness_gate.model.result import CheckResult
from tests.checks.merge.builders import facts
from tests.fakes.context import context
from tests.merge.builders import group, issue, pull, ref, rules


def run(merge: MergeFacts | None) -> CheckResult:
    return CHECK.run(context(merge=merge), DependenciesMergedOptions())


def test_what_the_body_names_is_merged() -> None:
    merge = facts(pull(17, body="Depends on #14"), at=17, known=[pull(14, merged=True)])
    result = run(merge)
    assert (result.outcome, result.summary) == (Outcome.PASSED, "#14 is merged")
    assert "read from the body: #14 (line 1)" in result.details


def test_an_open_dependency_is_waited_for() -> None:
    result = run(facts(pull(14), pull(17, body="Depends on #14, #9"), at=17, known=[issue(9)]))
    assert result.outcome is Outcome.PENDING
    assert result.waiting_for == "#9 to be completed, #14 to be merged"


def test_the_worst_state_decides_and_all_are_shown() -> None:
    known: list[Fact] = [
        pull(14, closed=True),
        pull(15, merged=True),
        Unreachable(ref(16), "502"),
    ]
    body = "Depends on #14, #15, #16, #18"
    result = run(facts(pull(18), pull(17, body=body), at=17, known=known))
    assert result.outcome is Outcome.FAILED
    assert result.summary == "#14 was closed without being merged"
    assert all(name in result.details for name in ("#14", "#15", "#16", "#18"))
    result = run(facts(pull(18), pull(17, body="After #16, #18"), at=17, known=known))
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INFRASTRUCTURE)


def test_a_repository_that_is_not_listed_is_a_configuration_error() -> None:
    result = run(facts(pull(17, body="Depends on acme/lib#3"), at=17))
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)
    assert "add acme/lib to merge.repositories" in (result.remediation or "").lower()


def test_a_body_that_names_nothing_passes() -> None:
    result = run(facts(pull(17, body="Text."), at=17))
    assert (result.outcome, result.summary) == (Outcome.PASSED, "names no dependency")


def test_near_misses_are_warnings_with_their_line() -> None:
    result = run(facts(pull(17, body="Text.\n\nDepends on PR 14"), at=17))
    assert result.outcome is Outcome.PASSED
    assert result.summary == "names no dependency; 1 line looks like one (see details)"
    assert "line 3 looks like a dependency" in result.details


def test_naming_oneself_fails() -> None:
    result = run(facts(pull(17, body="Depends on #17"), at=17))
    assert (result.outcome, result.summary) == (
        Outcome.FAILED,
        "#17 waits for itself, says its body",
    )


def test_no_edge_is_judged_by_both_checks() -> None:
    merge = facts(
        pull(14), pull(15), pull(17, body="Depends on #14, #20"), pull(20),
        at=17, by=rules(order=[14, 15, 17]),
    )  # fmt: skip
    ordered = merge_order.CHECK.run(context(merge=merge), merge_order.MergeOrderOptions())
    others = run(merge)
    assert ordered.summary == "#14 is open; #15 is open"
    assert others.summary == "#20 is open"


def test_base_branches_and_the_configuration_are_dependencies() -> None:
    opened = [pull(14, head="layer"), pull(17, base="layer"), pull(18)]
    assert run(facts(*opened, at=17)).summary == "#14 is open"
    assert run(facts(*opened, at=18, by=rules(depends_on={18: [17]}))).summary == "#17 is open"


def test_in_a_queue_a_dependency_counts_only_ahead() -> None:
    opened = [pull(14), pull(17, body="Depends on #14")]
    assert run(facts(*opened, merge_group=group(14, 17))).outcome is Outcome.PASSED
    assert run(facts(*opened, merge_group=group(17))).outcome is Outcome.PENDING
    assert run(facts(*opened, merge_group=group())).outcome is Outcome.ERROR


def test_many_dependencies_are_judged_and_cut() -> None:
    body = "Depends on " + ", ".join(f"#{number}" for number in range(100, 300))
    known = [pull(number, merged=True) for number in range(100, 300)]
    result = run(facts(pull(17, body=body), at=17, known=known))
    assert result.outcome is Outcome.PASSED
    assert result.summary.endswith("and 195 more")
    [table] = result.evidence
    assert table.kind == "table"
    assert (len(table.rows), table.omitted) == (50, 150)


def test_a_thousand_references_in_one_body_are_refused_in_words() -> None:
    body = "Depends on " + ", ".join(f"#{number}" for number in range(100, 1100))
    result = run(facts(pull(17, body=body), at=17))
    assert result.outcome is Outcome.FAILED
    assert result.summary.startswith("the body of #17 names 1000 references, and 200 are looked up")


def test_without_facts_it_cannot_be_told_and_without_a_pull_request_it_does_not_apply() -> None:
    assert run(None).outcome is Outcome.ERROR
    assert run(facts()).outcome is Outcome.SKIPPED


def test_in_a_queue_a_member_that_is_not_known_is_not_taken_for_one_without_dependencies() -> None:
    for known in ([], [pull(77, closed=True)], [issue(77)]):
        result = run(facts(pull(14), known=known, merge_group=group(14, 77)))
        assert result.outcome is Outcome.ERROR
        assert "#77" in result.summary
    merged = facts(pull(77), known=[pull(14, merged=True)], merge_group=group(14, 77))
    assert run(merged).outcome is Outcome.PASSED


def test_a_circle_of_bodies_fails_where_no_order_is_declared() -> None:
    opened = [pull(14, body="Depends on #15"), pull(15, body="Depends on #14")]
    result = run(facts(*opened, at=14))
    assert result.outcome is Outcome.FAILED
    assert "#14 → #15 → #14" in result.summary
    ordered = facts(*opened, at=14, by=rules(order=[[3], [4]]))
    assert run(ordered).outcome is Outcome.PENDING
    judge = merge_order.CHECK
    assert judge.run(context(merge=ordered), judge.options()).outcome is Outcome.FAILED
