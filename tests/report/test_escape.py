import pytest
from jinja2 import TemplateNotFound, UndefinedError
from jinja2.exceptions import SecurityError

from readiness_gate.model.outcome import Outcome
from readiness_gate.report.escape import (
    NotEscaped,
    Safe,
    cell,
    duration,
    environment,
    fence,
    link,
    short_sha,
    tidied,
)


@pytest.mark.parametrize(
    "source",
    [
        "{{ value }}",
        "{{ value | upper }}",
        "{{ (value | cell) ~ value }}",
        "{{ value | cell | upper }}",
        "{{ 7 }}",
        "{{ 'constant' }}",
        "{{ value | length }}",
        "{{ [value] | join }}",
        "{% set words = value %}{{ words }}",
        "{% macro f() %}{{ value | cell }}{% endmacro %}{{ f() }}",
        "{{ value | word }}",
        "{{ value | count }}",
    ],
)
def test_a_value_without_a_filter_cannot_be_rendered(source: str) -> None:
    with pytest.raises(NotEscaped):
        environment().from_string(source).render(value="text")


@pytest.mark.parametrize(
    "source",
    [
        "{{ value.__class__ | cell }}",
        "{{ ''.__class__.__mro__ | cell }}",
        "{{ lipsum.__globals__ | cell }}",
        "{{ value.append('x') }}",
    ],
)
def test_the_sandbox_holds(source: str) -> None:
    with pytest.raises((SecurityError, UndefinedError)):
        environment().from_string(source).render(value=["text"])


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        environment().from_string("{{ absent | cell }}").render()


def test_templates_come_out_of_the_package_only() -> None:
    with pytest.raises(TemplateNotFound):
        environment().get_template("../README.md")


def test_filtered_values_are_rendered() -> None:
    text = "{{ value | cell }} {{ outcome | word }} {{ 7 | count }}"
    rendered = environment().from_string(text).render(value="a", outcome=Outcome.FAILED)
    assert rendered == "`a` failed 7"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "`plain`"),
        ("", "`(empty)`"),
        ("\u202e\x00", "`(empty)`"),
        ("a`b", "``a`b``"),
        ("`a", "`` `a ``"),
        ("a|b", "`a\\|b`"),
        ("a\\|b", "`a\\ \\|b`"),
        ("a\\", "` a\\ `"),
        ("one\n\ntwo\tthree", "`one two three`"),
        ("\x1b[31mred\x1b[0m", "`red`"),
    ],
)
def test_a_cell_is_one_code_span(text: str, expected: str) -> None:
    assert cell(text) == expected


def test_a_long_cell_ends_in_an_ellipsis() -> None:
    assert cell("word " * 100, 20) == "`word word word word…`"


def test_a_fence_is_longer_than_any_inside() -> None:
    assert fence("a\n````\nb") == "`````text\na\n````\nb\n`````"


def test_a_fence_keeps_the_end_of_a_long_text_in_whole_lines() -> None:
    text = "".join(f"line {number}\n" for number in range(1000))
    shown = fence(text, 30)
    assert shown == "```text\n…\nline 997\nline 998\nline 999\n```"


@pytest.mark.parametrize(
    ("milliseconds", "expected"),
    [
        (0, "0.0 s"),
        (8, "8 ms"),
        (412, "0.4 s"),
        (9_949, "9.9 s"),
        (9_950, "10 s"),
        (59_400, "59 s"),
        (59_600, "1 m 00 s"),
        (312_000, "5 m 12 s"),
        (3_599_700, "1 h 00 m"),
        (7_320_000, "2 h 02 m"),
        (-5, "0.0 s"),
    ],
)
def test_a_duration_reads_as_people_say_it(milliseconds: int, expected: str) -> None:
    assert duration(milliseconds) == expected


@pytest.mark.parametrize(
    "address",
    [
        "",
        "javascript:alert(1)",
        "https://evil.example/acme/shop",
        "https://github.com.evil.example/",
        "https://github.com@evil.example/",
        "https://github.com/a)b",
        "https://github.com/a b",
        "https://github.com/a\nb",
    ],
)
def test_only_plain_addresses_of_the_server_become_links(address: str) -> None:
    assert link(Safe("run"), address, "https://github.com") == "run"


def test_a_page_of_the_server_is_linked() -> None:
    address = "https://github.example/acme/shop/actions/runs/1"
    assert link(Safe("run"), address, "https://github.example") == f"[run]({address})"


def test_the_label_of_a_link_has_to_be_filtered() -> None:
    with pytest.raises(NotEscaped):
        link("run", "", "https://github.com")  # type: ignore[arg-type]


def test_what_is_no_commit_is_shown_as_a_text() -> None:
    assert short_sha("a1b2c3d" + "0" * 33) == "`a1b2c3d`"
    assert short_sha("`main`") == "`` `main` ``"


def test_empty_lines_inside_of_a_fence_stay() -> None:
    block = fence("a\n\n\n\nb")
    assert tidied(f"x\n\n\n\n{block}\n\n\n\ny") == f"x\n\n{block}\n\ny"
