"""The graph in the comment: drawn, folded above twelve, and gone before rows are."""

from readiness_gate.engine.assemble import _merge
from readiness_gate.engine.merge_facts import facts_of
from readiness_gate.merge.view import Graph
from readiness_gate.model.outcome import Conclusion, Half, Outcome, Verdict
from readiness_gate.model.report import Report
from readiness_gate.report.page import REGION_LIMIT
from readiness_gate.report.region import region
from readiness_gate.report.text import to_text
from tests.merge.builders import graph, issue, pull, ref
from tests.report.builders import PAGE, item, report


def seen_from(number: int, found: Graph) -> Report:
    facts = facts_of(found, found.opened[ref(number)], None)
    made = report(
        item("dependencies-merged", Outcome.PENDING, half=Half.MERGE, summary="waits"),
        verdict=Verdict.WAITING,
        merge=Conclusion.PENDING,
        checks=None,
        graph=_merge(facts),
    )
    return made.model_copy(update={"repository": "acme/shop", "pull_request": number})


def text_of(number: int, found: Graph) -> str:
    return region(seen_from(number, found), Half.MERGE, PAGE).text


def test_a_small_graph_is_drawn_with_both_ends_and_who_can_act() -> None:
    text = text_of(
        15,
        graph(
            pull(14, author="alice"), pull(18, draft=True, author="bob"),
            pull(15, body="Depends on #14, #18 and #7", head="feature"),
            pull(17, base="feature"), pull(19, body="Depends on #15"), facts=[issue(7)],
        ),
    )  # fmt: skip
    assert '```mermaid\nflowchart LR\n  n0["#7 open"]' in text
    assert 'n2[["#15 this one"]]' in text
    assert "<summary>The graph around it</summary>" not in text
    assert (
        "**Waiting for** somebody to complete `#7` · `alice` or a maintainer to merge `#14`"
        " · `bob` to finish the draft `#18`" in text
    )
    assert "**Blocks** `#17`, `#19`" in text
    assert "- ⚠️ When it merges: `deleting its branch" in text


def test_a_graph_of_more_than_twelve_is_folded() -> None:
    twelve = [pull(n, body=f"Depends on #{n - 1}" if n > 1 else "") for n in range(1, 13)]
    assert "The graph around it" not in text_of(6, graph(*twelve))
    folded = text_of(6, graph(*twelve, pull(13, body="Depends on #12")))
    assert "<details><summary>The graph around it</summary>\n\n```mermaid" in folded


def test_a_graph_that_is_not_drawn_whole_says_so() -> None:
    many = [pull(n, body="Depends on #1" if n > 1 else "") for n in range(1, 101)]
    text = text_of(1, graph(*many))
    assert "_40 more are not drawn._" in text
    assert "and 79 more" in text
    assert len(text) < REGION_LIMIT


def test_one_alone_is_not_drawn() -> None:
    text = text_of(1, graph(pull(1), pull(2)))
    assert "mermaid" not in text
    assert "Blocks" not in text


def test_the_picture_goes_before_rows_do() -> None:
    found = graph(*[pull(n, body=f"Depends on #{n - 1}" if n > 1 else "") for n in range(1, 60)])
    made = seen_from(30, found)
    assert "mermaid" not in region(made, Half.MERGE, PAGE, limit=900).text
    assert "dependencies-merged" in region(made, Half.MERGE, PAGE, limit=900).text


def test_the_terminal_says_both_ends_and_who_can_act() -> None:
    found = graph(
        pull(14, author="alice"), pull(15, body="Depends on #14 and #7", head="feature"),
        pull(17, base="feature"), facts=[issue(7)],
    )  # fmt: skip
    text = to_text(seen_from(15, found), width=200)
    assert "waiting for somebody to complete #7" in text
    assert "waiting for alice or a maintainer to merge #14" in text
    assert "blocks #17" in text
    assert "when it merges: deleting its branch" in text
