from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from readiness_gate.model.report import Report
from readiness_gate.publish.compose import standalone
from readiness_gate.publish.regions import read as read_regions
from readiness_gate.report.markdown import to_markdown
from readiness_gate.report.summary import summary
from tests.hostile.corpus import ATTACKS, CANARY
from tests.hostile.reading import OUR_TAGS, Reading, invisible, read
from tests.hostile.reports import full_of
from tests.report.builders import PAGE

CHANNELS: dict[str, Callable[[Report], str]] = {
    "comment": lambda report: standalone(report, PAGE, run="1", attempt="1"),
    "summary": lambda report: summary(report, PAGE, note=report.notes[0]),
    "markdown": to_markdown,
}
OURS = "https://github.com/acme/shop/"


def rendered(channel: str, report: Report) -> str:
    return CHANNELS[channel](report)


@cache
def attacked(channel: str, name: str) -> str:
    return rendered(channel, full_of(ATTACKS[name]))


def assert_harmless(markdown: str) -> Reading:
    reading = read(markdown)
    assert CANARY not in "\n".join([*reading.text, *reading.images, *reading.tags])
    assert CANARY not in "\n".join(reading.comments)
    assert not reading.images
    assert set(reading.tags) <= OUR_TAGS
    assert not reading.unclosed
    assert all(link.startswith(OURS) for link in reading.links)
    assert all("readiness-gate:" in comment for comment in reading.comments)
    assert "@" not in reading.outside
    assert not invisible(markdown)
    return reading


@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.parametrize("channel", CHANNELS)
def test_an_attack_stays_inside_of_code(channel: str, name: str) -> None:
    assert_harmless(attacked(channel, name))


@pytest.mark.parametrize(
    "name", [name for name in ATTACKS if name not in {"megabyte", "many-lines", "long-word"}]
)
def test_an_attack_changes_no_structure(name: str) -> None:
    # Where a text is too long the region is cut; everywhere else the tokens are the same ones.
    if not ATTACKS[name].strip():
        return
    hostile = read(attacked("summary", name))
    links = {"link_open", "link_close"}
    assert [one for one in hostile.shape if one not in links] == [
        one for one in harmless_shape() if one not in links
    ]


@cache
def harmless_shape() -> list[str]:
    return read(rendered("summary", full_of("words"))).shape


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_forges_no_region(name: str) -> None:
    comment = attacked("comment", name)
    own = [line for line in comment.split("\n") if line.startswith("<!-- readiness-gate:")]
    assert len(own) == 5
    assert len(read_regions(comment)) == 2


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.text(alphabet=st.sampled_from("`|\\<>!-@#[]()*_~&;:/ \n\r\t\x00\u2028\u202eaé"), max_size=80)
)
def test_any_text_of_dangerous_signs_stays_inside_of_code(text: str) -> None:
    assert_harmless(rendered("comment", full_of(f"{text}{CANARY}{text}")))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=200))
def test_any_text_stays_inside_of_code(text: str) -> None:
    assert_harmless(rendered("comment", full_of(f"{text}{CANARY}")))
