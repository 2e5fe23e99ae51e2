import re
import time

import pytest

from readiness_gate.model.evidence import RequestEvidence, TextEvidence
from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import Conclusion, ErrorClass, Half, Outcome, Verdict
from readiness_gate.model.report import DRAFT, Origin, Report
from readiness_gate.report.page import REGION_LIMIT, SUMMARY_LIMIT, Page
from readiness_gate.report.region import region
from readiness_gate.report.summary import summary
from tests.hostile.reading import read
from tests.report.builders import BLOCKED, PAGE, READY, behind, item, report


def text_of(report_: Report, half: Half = Half.CHECKS, **more: int) -> str:
    return region(report_, half, PAGE, **more).text


def origin(*, fork: bool, repository: str = "visitor/shop") -> Origin:
    return Origin(
        run=7, attempt=1, workflow="w.yml", event="pull_request", repository=repository, fork=fork
    )


def test_s07_a_published_report_is_marked_as_the_runs_own_claim() -> None:
    text = text_of(report(item("a"), origin=origin(fork=True)))
    assert "Reported by the run of a fork, `visitor/shop`: that it ran, and what it found" in text
    text = text_of(report(item("a"), origin=origin(fork=False)))
    assert "Reported by the pull request's own run: that it ran" in text
    text = text_of(report(item("a"), origin=origin(fork=True, repository="")))
    assert "a fork, `which is gone`:" in text
    assert "own claim" not in text_of(report(item("a")))
    merge = report(item("m", half=Half.MERGE), merge=Conclusion.SUCCESS, origin=origin(fork=True))
    assert "own claim" not in text_of(merge, Half.MERGE)


def rows(markdown: str, id_: str) -> int:
    return markdown.count(f"<br>`{id_}-")


def many(outcome: Outcome, count: int, **more: object) -> list[ItemResult]:
    return [
        item(f"{outcome.value}-{number}", outcome, remediation="Do this and that. " * 4, **more)
        for number in range(count)
    ]


def blocked(*items: ItemResult) -> Report:
    return report(*items, verdict=Verdict.BLOCKED, checks=Conclusion.FAILURE)


def test_each_group_says_whose_move_it_is() -> None:
    text = text_of(BLOCKED)
    assert text.index("Author fixes") < text.index("could not check")
    assert "Waiting for" in text_of(BLOCKED, Half.MERGE)


def test_consequences_are_folded_under_their_cause() -> None:
    row = next(line for line in text_of(BLOCKED).split("\n") if "`stack-health`" in line)
    assert "<details><summary>2 more could not run because of it</summary>" in row
    assert "`smoke`" in row


def test_a_ready_half_is_one_heading_and_folds() -> None:
    text = text_of(READY)
    assert text.startswith("### ✅ Checks: ready\n")
    assert "####" not in text


def test_nothing_blocks_is_said_aloud() -> None:
    text = text_of(report(item("a", blocking=False)))
    assert text.startswith("### ✅ Checks: nothing blocks\n")


def test_an_unproven_half_is_not_called_ready() -> None:
    text = text_of(report(item("a", Outcome.SKIPPED), checks=Conclusion.ERROR))
    assert text.startswith("### ⚠️ Checks: nothing was proven\n")


@pytest.mark.parametrize("error_class", list(ErrorClass))
def test_every_class_of_error_says_how_to_check_again(error_class: ErrorClass) -> None:
    one = item("a", Outcome.ERROR, error_class=error_class)
    row = next(line for line in text_of(blocked(one)).split("\n") if "`a`" in line)
    assert f"| {error_class.value}: " in row
    assert not row.endswith("\N{EN DASH} |")


def test_what_merges_first_is_named_with_the_whole_order() -> None:
    line = next(
        one for one in text_of(BLOCKED, Half.MERGE).split("\n") if one.startswith("**Merge")
    )
    order = "`#14` ✅ → `#15` ✅ → **`#17`** ⏳ → `#16` → `#21` → `#10` (this one)"
    assert line == f"**Merge `#17` first**: {order}"


def test_the_same_report_gives_the_same_bytes() -> None:
    assert region(BLOCKED, Half.CHECKS, PAGE) == region(BLOCKED, Half.CHECKS, PAGE)


def test_durations_and_run_addresses_do_not_make_a_difference() -> None:
    def with_times(duration: int) -> Report:
        request = RequestEvidence(method="GET", url="http://a/", status=500, duration_ms=duration)
        return blocked(item("a", Outcome.FAILED, duration_ms=duration, evidence=(request,)))

    one = region(with_times(10), Half.CHECKS, PAGE)
    other = region(
        with_times(99_000), Half.CHECKS, Page(run_url="https://github.com/acme/shop/actions/runs/2")
    )
    assert one.text != other.text
    assert (one.content, one.outcomes) == (other.content, other.outcomes)


def test_another_summary_is_another_content_with_the_same_outcomes() -> None:
    one = region(blocked(item("a", Outcome.FAILED, summary="3 rows")), Half.CHECKS, PAGE)
    other = region(blocked(item("a", Outcome.FAILED, summary="4 rows")), Half.CHECKS, PAGE)
    assert one.content != other.content
    assert one.outcomes == other.outcomes


@pytest.mark.parametrize("change", [{"outcome": Outcome.PASSED}, {"blocking": False}])
def test_another_outcome_is_another_digest(change: dict[str, object]) -> None:
    before = item("a", Outcome.FAILED)
    after = before.model_copy(update=change)
    one = region(blocked(before), Half.CHECKS, PAGE)
    assert one.outcomes != region(blocked(after), Half.CHECKS, PAGE).outcomes


def test_passed_items_are_the_first_to_go_and_rows_of_failures_stay() -> None:
    case = blocked(
        *many(Outcome.PASSED, 80),
        *many(Outcome.SKIPPED, 10),
        *many(Outcome.WAIVED, 10),
        *many(Outcome.FAILED, 3, evidence=(TextEvidence(title="log", text="seen\n" * 200),)),
    )
    whole = text_of(case, limit=10**9)
    without_passed = text_of(case, limit=len(whole) - 1)
    assert "✅ 80 passed: see the [job summary]" in without_passed
    assert "10 waived</summary>" in without_passed
    assert "seen\nseen" in without_passed
    least = text_of(case, limit=len(without_passed) // 3)
    assert "🟡 10 waived: see the" in least
    assert "10 not in this run: see the" in least
    assert rows(least, "failed") == 3


def test_evidence_is_cut_before_rows_are() -> None:
    items = many(Outcome.FAILED, 20, evidence=(TextEvidence(title="log", text="seen\n" * 400),))
    text = text_of(blocked(*items), limit=20_000)
    assert "more, see the" not in text
    assert rows(text, "failed") == 20


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.PENDING, Outcome.ERROR])
def test_rows_are_cut_between_rows_with_a_count_of_the_rest(outcome: Outcome) -> None:
    text = text_of(blocked(*many(outcome, 1_000)))
    assert len(text) <= REGION_LIMIT
    assert len(text) > REGION_LIMIT - 1_000
    shown = rows(text, outcome.value)
    left = re.search(r"_\+(\d+) more, see the \[job summary\]", text)
    assert left is not None
    assert shown + int(left[1]) == 1_000
    lines = [line for line in text.split("\n") if f"<br>`{outcome.value}-" in line]
    assert len({line.count(" | ") for line in lines}) == 1
    assert not read(text).unclosed


def test_five_thousand_items_are_rendered_in_good_time() -> None:
    items = [one for outcome in Outcome for one in many(outcome, 850)]
    began = time.process_time()
    text = text_of(blocked(*items))
    assert time.process_time() - began < 10
    assert len(text) <= REGION_LIMIT
    assert not read(text).unclosed


def test_one_row_of_a_megabyte_does_not_push_the_others_out() -> None:
    huge = item("huge", Outcome.FAILED, summary="z" * 1_000_000, details="y" * 1_000_000)
    text = text_of(blocked(huge, item("other", Outcome.FAILED)))
    assert "`huge`" in text
    assert "`other`" in text
    assert len(text) <= REGION_LIMIT


def test_the_summary_is_measured_in_bytes() -> None:
    items = [
        item(f"failed-{number}", Outcome.FAILED, title="Проверка " * 12, summary="Ошибка " * 60)
        for number in range(2_500)
    ]
    text = summary(blocked(*items), PAGE)
    size = len(text.encode())
    assert SUMMARY_LIMIT - 5_000 < size <= SUMMARY_LIMIT
    assert "more, see the `report.json`" in text


def test_a_long_chain_of_consequences_stays_in_one_row() -> None:
    items = [item("boot", Outcome.FAILED), *(behind(f"item-{at}", "boot") for at in range(300))]
    text = text_of(blocked(*items))
    assert "300 more could not run because of it" in text
    assert "and 280 more" in text


def test_a_place_is_linked_at_the_tested_commit_only_if_it_is_a_path() -> None:
    assert PAGE.place("a b/é.py", 3) == (
        f"[`a b/é.py:3`](https://github.com/acme/shop/blob/{PAGE.sha}/a%20b/%C3%A9.py#L3)"
    )
    assert PAGE.place("../../x", None) == "`../../x`"
    assert Page().place("a.py", 1) == "`a.py:1`"


def test_a_draft_is_not_said_to_have_proven_nothing() -> None:
    order = item("order", half=Half.MERGE)
    waits = report(order, verdict=Verdict.WAITING, merge=Conclusion.PENDING)
    assert "Merge: nothing was proven" in text_of(waits, Half.MERGE)
    draft = waits.model_copy(update={"notes": (DRAFT,)})
    assert "Merge: draft\n" in text_of(draft, Half.MERGE)
