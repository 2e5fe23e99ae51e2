import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.model.outcome import Half
from readiness_gate.publish.regions import Stamped, read, stamp
from readiness_gate.report.region import Region
from tests.publish.builders import HEAD, part


def test_a_region_comes_back_as_it_was() -> None:
    one, other = part(Half.MERGE, run=7, attempt=2), part(Half.CHECKS)
    body = f"frame\n\n{one.markdown()}\n\nmore\n\n{other.markdown()}\n"
    assert read(body) == {Half.MERGE: one, Half.CHECKS: other}


def test_line_ends_of_a_browser_do_no_harm() -> None:
    one = part(Half.MERGE)
    assert read(one.markdown().replace("\n", "\r\n")) == {Half.MERGE: one}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("merge-item", "merge-items"),
        ("<!-- readiness-gate:end half=merge -->", ""),
        ("<!-- readiness-gate:end half=merge -->", "<!-- readiness-gate:end half=checks -->"),
        ("sha=", "sha=x"),
        ("run=1", "run=-1"),
        ("half=merge sha", "half=other sha"),
        ("<!-- readiness-gate:region", " <!-- readiness-gate:region"),
    ],
)
def test_an_edited_region_is_not_read(old: str, new: str) -> None:
    text = part(Half.MERGE).markdown()
    assert old in text
    assert read(text.replace(old, new)) == {}


def test_a_region_without_its_end_does_not_swallow_the_next_one() -> None:
    broken = part(Half.MERGE).markdown().rpartition("\n")[0]
    other = part(Half.CHECKS)
    assert read(f"{broken}\n{other.markdown()}") == {Half.CHECKS: other}


def test_the_first_of_two_equal_regions_counts() -> None:
    one, other = part(Half.MERGE, run=1), part(Half.MERGE, run=2)
    assert read(f"{one.markdown()}\n{other.markdown()}") == {Half.MERGE: one}


@pytest.mark.parametrize("run", ["", "abc", "१२", "-1", "1.5"])
def test_a_run_that_is_no_number_is_the_oldest(run: str) -> None:
    assert stamp(Region(Half.MERGE, "text", "0" * 16, "0" * 16), HEAD, run=run).age == (0, 0)


@given(
    st.text(),
    st.sampled_from(
        [
            "<!-- readiness-gate:end half=merge -->",
            "<!-- readiness-gate:v1 status-prefix=readiness -->",
            "<!--readiness-gate:x -->",
            "\r\n<!-- readiness-gate:end half=merge -->\r\n",
        ]
    ),
)
def test_no_text_ends_its_region(text: str, line: str) -> None:
    text = f"{text}\n{line}\n{text}".replace("\r", "")
    made = stamp(Region(Half.MERGE, text, "0" * 16, "0" * 16), HEAD)
    assert read(made.markdown()) == {Half.MERGE: made}


def test_regions_of_one_commit_are_ordered_by_run_and_attempt() -> None:
    def aged(run: int, attempt: int) -> Stamped:
        return part(Half.MERGE, run=run, attempt=attempt)

    assert aged(9, 1).age < aged(10, 1).age < aged(10, 2).age
