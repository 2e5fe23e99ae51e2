import pytest

from readiness_gate.model.outcome import Conclusion, Half, Outcome
from readiness_gate.publish.compose import States, compose, marker
from readiness_gate.publish.regions import Stamped, read
from readiness_gate.report.page import REGION_LIMIT
from tests.hostile.reading import read as parsed
from tests.publish.builders import HEAD, MARKER, NEW_HEAD, PREFIX, part

FAILURE, ERROR = Conclusion.FAILURE, Conclusion.ERROR
PENDING, SUCCESS = Conclusion.PENDING, Conclusion.SUCCESS


def composed(
    previous: str | None,
    *regions: Stamped,
    states: States | None = None,
    head: str = HEAD,
    preview: bool = False,
) -> str:
    return compose(
        previous,
        {one.half: one for one in regions},
        prefix=PREFIX,
        head_sha=head,
        states=states or {Half.MERGE: SUCCESS, Half.CHECKS: FAILURE},
        preview=preview,
    )


def headline(text: str) -> str:
    return next(line for line in text.split("\n") if line.startswith("## "))


def test_the_marker_is_the_first_line() -> None:
    assert composed(None, part(Half.MERGE)).split("\n")[0] == MARKER


@pytest.mark.parametrize("prefix", ["a --> b", "a--b", "--", "<!--", "my gate", "é", "-->", "a\tb"])
def test_a_prefix_cannot_end_the_marker(prefix: str) -> None:
    text = marker(prefix)
    assert text.startswith("<!-- readiness-gate:v1 status-prefix=")
    assert "--" not in text.removeprefix("<!--").removesuffix("-->")
    assert ">" not in text[:-3]


def test_prefixes_have_markers_of_their_own() -> None:
    names = ["a", "a b", "a-b", "a--b", "a-%2Db", "a%20b"]
    assert len({marker(name) for name in names}) == len(names)


def test_the_other_region_is_copied_verbatim() -> None:
    merge, checks = part(Half.MERGE), part(Half.CHECKS)
    before = composed(None, merge, checks)
    after = composed(before, part(Half.CHECKS, Outcome.PASSED, run=2))
    assert merge.markdown() in after
    assert read(after)[Half.CHECKS].run == 2


def test_composing_again_changes_nothing() -> None:
    parts = (part(Half.MERGE), part(Half.CHECKS))
    once = composed(None, *parts)
    assert composed(once, *parts) == once


def test_the_same_content_of_another_run_leaves_what_stands() -> None:
    once = composed(None, part(Half.MERGE, run=1), part(Half.CHECKS, run=1))
    assert composed(once, part(Half.MERGE, run=2), part(Half.CHECKS, run=3)) == once


@pytest.mark.parametrize(("run", "attempt"), [(4, 9), (5, 1)])
def test_an_older_run_of_the_same_commit_does_not_overwrite(run: int, attempt: int) -> None:
    newer = part(Half.CHECKS, Outcome.PASSED, run=5, attempt=2)
    before = composed(None, newer)
    after = composed(before, part(Half.CHECKS, run=run, attempt=attempt))
    assert read(after)[Half.CHECKS] == newer


def test_a_region_of_an_older_commit_is_replaced_whatever_its_run() -> None:
    before = composed(None, part(Half.CHECKS, run=99, head=HEAD))
    mine = part(Half.CHECKS, run=5, head=NEW_HEAD)
    assert read(composed(before, mine, head=NEW_HEAD))[Half.CHECKS] == mine


def test_a_region_of_another_commit_is_marked_outdated_once() -> None:
    before = composed(None, part(Half.MERGE), part(Half.CHECKS))
    new = part(Half.CHECKS, head=NEW_HEAD)
    after = composed(before, new, head=NEW_HEAD)
    assert after.count("is outdated") == 1
    assert after.index("Merge is outdated") < after.index(part(Half.MERGE).markdown())
    assert composed(after, new, head=NEW_HEAD) == after
    fresh = composed(after, part(Half.MERGE, head=NEW_HEAD), head=NEW_HEAD)
    assert "is outdated" not in fresh


@pytest.mark.parametrize(
    ("merge", "checks", "words"),
    [
        (SUCCESS, SUCCESS, "Ready to merge"),
        (SUCCESS, None, "Ready to merge"),
        (FAILURE, SUCCESS, "Not ready to merge"),
        (PENDING, FAILURE, "Not ready to merge"),
        (ERROR, FAILURE, "Not ready to merge"),
        (ERROR, PENDING, "Could not be decided"),
        (PENDING, SUCCESS, "Waiting"),
        (None, PENDING, "Waiting"),
        (None, None, "Could not be decided"),
    ],
)
def test_the_headline_is_the_worse_of_both(
    merge: Conclusion | None, checks: Conclusion | None, words: str
) -> None:
    text = composed(None, part(Half.MERGE), states={Half.MERGE: merge, Half.CHECKS: checks})
    assert headline(text).endswith(words)


@pytest.mark.parametrize(("known", "untold"), [(Half.MERGE, "Checks"), (Half.CHECKS, "Merge")])
def test_one_green_half_alone_is_not_ready(known: Half, untold: str) -> None:
    text = composed(None, part(known, Outcome.PASSED), states={known: SUCCESS})
    assert "Ready" not in headline(text)
    assert headline(text).endswith(f"{untold} to come")


def test_a_preview_decides_nothing() -> None:
    states = {Half.MERGE: SUCCESS, Half.CHECKS: SUCCESS}
    text = composed(None, part(Half.MERGE), states=states, preview=True)
    assert "Preview" in headline(text)
    assert "Ready" not in headline(text)


def test_what_is_not_ready_stands_first() -> None:
    text = composed(None, part(Half.MERGE, Outcome.PASSED), part(Half.CHECKS))
    assert text.index("half=checks") < text.index("half=merge")
    flipped = composed(
        None,
        part(Half.MERGE),
        part(Half.CHECKS, Outcome.PASSED),
        states={Half.MERGE: FAILURE, Half.CHECKS: SUCCESS},
    )
    assert flipped.index("half=merge") < flipped.index("half=checks")


@pytest.mark.parametrize(
    "previous",
    ["", "nothing of ours", MARKER, f"{MARKER}\n## ✅ Ready", "<!-- readiness-gate:region half="],
)
def test_a_broken_comment_is_built_anew(previous: str) -> None:
    parts = (part(Half.MERGE), part(Half.CHECKS))
    assert composed(previous, *parts) == composed(None, *parts)


def test_an_edit_by_hand_inside_a_region_does_not_survive() -> None:
    before = composed(None, part(Half.MERGE), part(Half.CHECKS))
    forged = before.replace("Not ready to merge", "Ready to merge").replace("❌", "✅")
    after = composed(forged, part(Half.CHECKS))
    assert headline(after).endswith("Not ready to merge")
    assert Half.MERGE not in read(after)
    assert read(after)[Half.CHECKS] == part(Half.CHECKS)


def test_two_full_regions_fit_a_comment() -> None:
    assert 2 * REGION_LIMIT + 3_000 < 65_536


def test_the_frame_is_sound_markdown() -> None:
    reading = parsed(composed(None, part(Half.MERGE), part(Half.CHECKS, head=NEW_HEAD)))
    assert not reading.unclosed
    assert not reading.images
