import re

import pytest

from readiness_gate.model.outcome import Conclusion, Half, Outcome, SkippedBy, Verdict
from readiness_gate.model.report import DRAFT
from readiness_gate.report.text import next_step, to_text
from tests.report.builders import BLOCKED, BUILD, PREVIEW, READY, WAITING, behind, item, report


@pytest.mark.parametrize("width", [40, 60, 100, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert all(len(line) <= width for line in to_text(BLOCKED, width=width).split("\n"))


def test_plain_text_has_no_terminal_codes() -> None:
    assert "\x1b" not in to_text(BLOCKED)
    assert "\x1b[" in to_text(BLOCKED, color=True)


def test_colour_changes_no_word() -> None:
    coloured = re.sub(r"\x1b\[[0-9;]*m", "", to_text(BLOCKED, color=True))
    assert coloured == to_text(BLOCKED)


def test_passed_items_are_named_only_when_asked_for() -> None:
    assert "env-documented]" not in to_text(BLOCKED)
    assert "env-documented]" in to_text(BLOCKED, verbose=True)


@pytest.mark.parametrize(
    ("verdict", "case"),
    [("blocked", BLOCKED), ("waiting", WAITING), ("ready", READY), ("error", PREVIEW)],
)
def test_the_verdict_stands_before_the_next_step_at_the_end(verdict: str, case: object) -> None:
    lines = to_text(case).rstrip("\n").split("\n")  # type: ignore[arg-type]
    at = next(at for at, line in enumerate(lines) if line.startswith("verdict: "))
    assert lines[at].startswith(f"verdict: {verdict}")
    assert lines[at + 1].startswith("next step: ")


def test_the_next_step_is_the_worst_fix_first() -> None:
    assert next_step(BLOCKED).startswith("no-orphans: Delete")
    assert next_step(WAITING) == "merge #17 first"
    assert next_step(READY) == "merge"
    first, *others = READY.items
    left_out = first.model_copy(
        update={"outcome": Outcome.SKIPPED, "skipped_by": SkippedBy.ONLY, "error_class": None}
    )
    narrowed = READY.model_copy(update={"items": (left_out, *others)})
    assert "without --only" in next_step(narrowed)


def test_a_gate_that_could_not_check_says_how_to_go_on() -> None:
    case = report(BUILD, verdict=Verdict.ERROR, checks=Conclusion.ERROR)
    assert next_step(case) == (
        "image-build: infrastructure: Run the job again; it is not the pull request's fault."
    )


def test_an_unproven_gate_does_not_say_merge() -> None:
    case = report(item("a", Outcome.SKIPPED), verdict=Verdict.ERROR, checks=Conclusion.ERROR)
    assert "merge" not in next_step(case)


def test_a_draft_has_a_next_step_of_its_own() -> None:
    draft = report(
        item("order", half=Half.MERGE),
        verdict=Verdict.WAITING,
        merge=Conclusion.PENDING,
        notes=(DRAFT,),
    )
    assert next_step(draft) == "mark it as ready for review"
    assert next_step(draft.model_copy(update={"notes": ()})).startswith("plan at least one item")


def test_what_waits_without_blocking_says_what_to_do() -> None:
    one = item("a", Outcome.PENDING, blocking=False, remediation="name the document")
    assert "do: name the document" in to_text(report(one))


def test_the_next_step_is_at_the_cause_though_only_what_it_keeps_from_running_blocks() -> None:
    for outcome, says in (
        (Outcome.ERROR, "stack-health: infrastructure: Free the port."),
        (Outcome.FAILED, "stack-health: Free the port."),
    ):
        cause = item("stack-health", outcome, blocking=False, remediation="Free the port.")
        case = report(cause, behind("api", "stack-health"), verdict=Verdict.ERROR)
        assert next_step(case) == says
