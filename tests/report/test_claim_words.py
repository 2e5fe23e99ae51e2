"""Claims sorted for a reader: what is not so, what nobody ticked, what agrees."""

from readiness_gate.model.outcome import Half, Outcome
from readiness_gate.model.report import Claim, TargetShare
from readiness_gate.report.claim_words import claim_rows
from readiness_gate.report.page import WHOLE, Page
from readiness_gate.report.region import region, render
from readiness_gate.report.text import to_text
from tests.report.builders import item, report


def claim(text: str, computed: str = "failed", *, agrees: bool = False, **more: object) -> Claim:
    given = {"declared": "ticked", "computed": computed, "agrees": agrees} | more
    return Claim.model_validate({"text": text} | given)


WRONG = claim("a", item="a")
WAITS = claim("order", "pending", item="order")
UNTICKED = claim("b", "passed", declared="not ticked", item="b")
TRUE = claim("c", "passed", agrees=True, item="c")
FIGURE = claim("88 tables", "88", agrees=True, kind="statistic", declared="88")
ALL = report(
    item("a", Outcome.FAILED),
    item("order", Outcome.PENDING, half=Half.MERGE),
    item("b"),
    item("c"),
    claims=(WRONG, WAITS, UNTICKED, TRUE, FIGURE),
)


def test_every_claim_stands_in_one_place_of_the_half_of_its_item() -> None:
    checks, merge = claim_rows(ALL, Half.CHECKS), claim_rows(ALL, Half.MERGE)
    assert (checks.wrong, checks.unticked, checks.beside) == ((WRONG,), (UNTICKED,), (FIGURE,))
    assert (checks.ticks, checks.agreeing) == (1, 2)
    assert (merge.wrong, merge.agreeing) == ((WAITS,), 0)
    assert claim_rows(ALL).wrong == (WRONG, WAITS)
    assert claim_rows(ALL).any
    assert not claim_rows(report(item("a"))).any


def test_what_passes_and_is_not_ticked_is_named_once_with_what_ticks_it() -> None:
    shown = render(ALL, Half.CHECKS, Page(), WHOLE)
    assert "1 of the checklist's claims is not so" in shown
    assert "Passes, and is not ticked (`readiness-gate run --write-back` ticks it):" in shown
    assert "passes, and is not ticked (--write-back ticks it): b\n" in to_text(ALL)


def test_claims_never_take_the_room_of_what_is_not_ready() -> None:
    failing = [item(f"f{at}", Outcome.FAILED, summary="x" * 60) for at in range(40)]
    many = tuple(claim(f"{at} {'words ' * 30}", item=f"f{at % 40}") for at in range(400))
    shown = region(report(*failing, claims=many), Half.CHECKS, Page()).text
    assert len(shown) <= 30_000
    assert all(f"`f{at}`" in shown for at in range(40))
    assert "400 of the checklist's claims are not so" in shown
    assert "more, see the" in shown


def test_where_nothing_is_wrong_the_fold_says_so() -> None:
    agreeing = report(item("c"), claims=(TRUE, FIGURE))
    shown = render(agreeing, Half.CHECKS, Page(), WHOLE)
    assert "The checklist claims nothing that is not so" in shown
    assert "Ticked, and true: 1." in shown


def test_words_of_a_checklist_act_on_nobody() -> None:
    hostile = claim("@team <b>x</b> | [x](http://evil)", path="L|`.md", line=3, declared="`|`")
    shown = render(report(item("a"), claims=(hostile,)), Half.CHECKS, Page(), WHOLE)
    # All of it stands inside of one code span.
    assert "| `@team <b>x</b> \\| [x](http://evil)` |" in shown


def test_a_target_says_whether_it_is_met_missed_or_open() -> None:
    def share(met: bool | None, open_: int = 0) -> TargetShare:
        return TargetShare(
            category="Security", phase="mvp", target=60, passed=1, applicable=2, open=open_, met=met
        )

    text = to_text(report(item("a"), targets=(share(True), share(False), share(None, 3))))
    assert "target: Security, mvp: 1 of 2 passed; 60 % is met" in text
    assert "60 % is missed" in text
    assert "1 of 2 passed, 3 not asked for; 60 % is open" in text
