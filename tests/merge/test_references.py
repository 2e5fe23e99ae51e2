import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.merge.references import LONGEST, MOST_KEYWORDS, Parsed, parse
from readiness_gate.model.pull_request import Reference
from tests.merge.builders import HOME, ref


def read(body: str, **options: object) -> list[str]:
    parsed = parse(body, home=HOME, **options)  # type: ignore[arg-type]
    return [reference.short(HOME) for reference in parsed.references]


def near(body: str) -> list[int]:
    return [miss.line for miss in parse(body, home=HOME).near_misses]


KEYWORDS = [
    "Depends on", "depends on:", "DEPENDS ON", "Depends-On:", "depends-on", "Depend on",
    "Depends upon", "Blocked by", "Blocked-by:", "Requires", "require", "After", "after:",
    "Stacked on", "Stacked on top of", "Merge after", "Merged after:", "Dependencies:",
    "- Depends on", "* [ ] Depends on", "- [x] Blocked by", "1. Requires", "**Depends on:**",
    "__Depends on__", "This PR depends on", "This pull request is blocked by",
    "It still depends on", "Should be merged after", "Please merge after",
    "Must only be merged after", "Note: depends on", "## Depends on", "🔗 Depends on",
    "Adds the API. Depends on", "(depends on",
]  # fmt: skip
FORMS = {
    "#14": "#14",
    "GH-14": "#14",
    "gh-14": "#14",
    "acme/shop#14": "#14",
    "ACME/Shop#14": "#14",
    "acme/lib#3": "acme/lib#3",
    "https://github.com/acme/shop/pull/14": "#14",
    "https://github.com/acme/shop/pull/14/files": "#14",
    "https://github.com/acme/shop/pull/14#issuecomment-1": "#14",
    "http://www.github.com/acme/lib/issues/3": "acme/lib#3",
    "<https://github.com/acme/shop/pull/14>": "#14",
    "[#14](https://github.com/acme/shop/pull/14)": "#14",
    "[the base](https://github.com/acme/lib/pull/3)": "acme/lib#3",
    "[#3](https://github.com/acme/lib/pull/3)": "acme/lib#3",
    "[#14]": "#14",
    "**#14**": "#14",
    "PR #14": "#14",
    "pull request #14": "#14",
    "issue #14": "#14",
    "#14.": "#14",
    "#14 (the base)": "#14",
    "&#35;14": "#14",
}


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_every_written_form_is_read(keyword: str) -> None:
    found = {form: read(f"Some text.\n\n{keyword} {form}\n\nMore.") for form in FORMS}
    assert found == {form: [reference] for form, reference in FORMS.items()}


@pytest.mark.parametrize(
    "body",
    [
        "Depends on #14, #15 and #16",
        "Depends on #14, #15, and #16.",
        "Depends on #14 #15 #16",
        "Depends on #14 & #15 + #16",
        "Depends on PR #14, PR #15 and pull request #16",
        "Depends on #14 (base), #15 (tests), #16",
        "Depends on #14\nDepends on #15\nDepends on #16",
        "Depends on #14<br>Blocked by #15<br/>Requires #16",
        "Depends on #14; requires #15. Blocked by: #16",
        "Depends on:\n- #14\n- #15\n- #16",
        "Depends on:\n\n* [ ] #14\n* [x] #15 - the tests\n* #16: more",
        "Depends on:\n#14\n#15\n#16",
        "**Depends on**\n\n1. #14\n2. #15\n3. #16",
        "- Depends on:\n  - #14\n  - #15\n  - #16",
        "## Dependencies\n\n- #14\n- PR #15\n- acme/shop#16",
        "## Dependencies:\n\n#14, #15\n\n### Later\n\n#16\n\n## Other\n\n- #9",
        "Dependencies\n============\n\n- [ ] #14\n\n- [ ] #15\n\n- [ ] #16",
        "## 🔗 Blocked by\n- #14\n- #15 and #16",
        "| Depends on | #14, #15, #16 |\n|---|---|\n| Reviewer | nobody |",
        "| | |\n|---|---|\n| Depends on | #14, #15 and #16 |",
        "| Depends on |\n|---|\n| #14 |\n| #15 |\n| #16 |",
        "## Dependencies\n\n| Number | Why |\n|---|---|\n| #14 | base |\n| #15, #16 | tests |",
        "| Text |\n|---|\n| Depends on #14, #15 |\n| Blocked by #16 |",
    ],
)
def test_lists_sections_and_tables_are_read(body: str) -> None:
    assert read(body) == ["#14", "#15", "#16"]


def test_windows_line_ends_are_line_ends() -> None:
    parsed = parse("a\r\nDepends on #14\r\n\r\nBlocked by #15\r\n", home=HOME)
    assert [(one.reference.number, one.line) for one in parsed.mentions] == [(14, 2), (15, 4)]


def test_each_reference_is_reported_once_with_its_first_line() -> None:
    parsed = parse("a\n\nDepends on #14\nBlocked by acme/SHOP#14\nAfter #15", home=HOME)
    assert [(one.reference, one.line) for one in parsed.mentions] == [(ref(14), 3), (ref(15), 5)]


def test_lines_are_counted_through_code_and_comments_that_span_lines() -> None:
    body = "text `a\nb` <!-- c\nd --> e\nDepends on #2\n\n```\nx\n```\nDepends on #3"
    assert [one.line for one in parse(body, home=HOME).mentions] == [4, 9]


UNREAD = [
    "`Depends on #5`",
    "``Depends on ` #5``",
    "```\nDepends on #5\n```",
    "~~~text\nDepends on #5\n~~~",
    "```\nDepends on #5",
    "    Depends on #5",
    "- a\n\n      Depends on #5",
    "<!-- Depends on #5 -->",
    "<!--\n\nDepends on #5\n\n-->",
    "text <!-- Depends on #5 --> text",
    "<!-- never closed\n\nDepends on #5",
    "> Depends on #5",
    "> > Depends on #5",
    "> a\nDepends on #5",
    "> ## Dependencies\n> - #5",
    "<blockquote>\n\nDepends on #5\n\n</blockquote>",
    "<pre>\nDepends on #5\n</pre>",
    "a <code>Depends on #5</code>",
    "~~Depends on #5~~",
    "<del>Depends on #5</del>",
    "- ~~Depends on #5~~",
    "![Depends on #5](x.png)",
    "## Dependencies\n\n- ~~#5~~\n- `#5`\n- <!-- #5 -->",
]


@pytest.mark.parametrize("body", UNREAD)
def test_code_comments_quotes_and_struck_text_are_not_read(body: str) -> None:
    assert parse(body, home=HOME) == Parsed()


@pytest.mark.parametrize(
    "body",
    [
        "This PR no longer depends on #5",
        "does not depend on #5",
        "It doesn't depend on #5",
        "It doesn\u2019t depend on #5",
        "Not blocked by #5",
        "not blocked by #5 anymore",
        "Never merge after #5",
        "Was blocked by #5",
        "This used to depend on #5",
        "Previously depended on #5",
        "Blocked by #5 no longer",
        "Depends on: none",
        "Depends on: N/A",
        "Depends on nothing",
        "Depends on: no other pull request (see #5)",
        "Depends on neither #5 nor #6",
        "Dependencies: none",
        "## Dependencies\n\nNone",
        "## Dependencies\n\n- not #5 any more",
    ],
)
def test_negations_state_nothing(body: str) -> None:
    assert parse(body, home=HOME) == Parsed()


@pytest.mark.parametrize(
    "body",
    [
        "Depends on #",
        "Depends on # (issue)",
        "Depends on #NNN",
        "Depends on #XXX",
        "Depends on #000",
        "Depends on #<number>",
        "Depends on #{number}",
        "Depends on #issue",
        "Depends on #TBD",
        "Depends on #___",
        "Depends on #PR_NUMBER",
        "Depends on <!-- #5 -->",
        "## Dependencies\n\n- #\n- #XXX\n",
        "- [ ] Depends on #...",
    ],
)
def test_placeholders_of_templates_state_nothing(body: str) -> None:
    assert parse(body, home=HOME) == Parsed()


@pytest.mark.parametrize(
    "body",
    [
        "The parser depends on the weather",
        "Requires Python 3.11",
        "Requires 2 approvals",
        "After 5 minutes it works",
        "Fixes #14, closes #15",
        "See #14",
        "A bare #14 and acme/lib#3",
        "The code after #14 is better",
        "## Before\n- #1\n## After\n- #14",
        "",
        "\x00",
    ],
)
def test_prose_states_nothing_and_warns_of_nothing(body: str) -> None:
    assert parse(body, home=HOME) == Parsed()


@pytest.mark.parametrize(
    "line",
    [
        "Depends on PR 14",
        "Depends on 14",
        "Depends on: 14",
        "After: 14",
        "Depends on !14",
        "Depends on # 14",
        "Depends on #14a",
        "Depends on shop#14",
        "Depends on acme/shop 14",
        "Depends on `#14`",
        "Depends on \\#14",
        "Depends on https://gitlab.example/acme/shop/pull/14",
        "Depends on https://github.com.evil.example/acme/shop/pull/14",
        "Depends on the change in #14",
        "The parser depends on #14",
        "Dependson #14",
        "Depend #14",
        "Waits for #14",
        "Waiting on #14",
        "Needs #14",
        "Prerequisite: #14",
        "<p>Depends on #14</p>",
        "> [!IMPORTANT]\n> Depends on #14",
        '"Depends on #14"',
    ],
)
def test_what_looks_like_a_dependency_is_a_near_miss_with_its_line(line: str) -> None:
    parsed = parse(f"Text.\n\n{line}\n", home=HOME)
    assert parsed.references == ()
    [miss] = parsed.near_misses
    assert miss.line == 3 + line.count("\n")
    assert miss.text == line.rsplit("\n", maxsplit=1)[-1]


def test_a_partly_read_line_is_read_and_warned_of() -> None:
    parsed = parse("Depends on #14 and the other one in #20", home=HOME)
    assert parsed.references == (ref(14),)
    assert [miss.line for miss in parsed.near_misses] == [1]


def test_an_entry_of_the_section_that_was_not_read_is_a_near_miss() -> None:
    assert near("## Dependencies\n\n- the API of #9\n- #10") == [3]


def test_a_long_near_miss_is_cut() -> None:
    [miss] = parse("Depends on PR 14 " + "x" * 5000, home=HOME).near_misses
    assert len(miss.text) == 200


def test_addresses_of_the_enterprise_server_are_read() -> None:
    body = "Depends on https://ghe.example:8443/acme/lib/pull/3"
    assert read(body, server_url="https://ghe.example:8443") == ["acme/lib#3"]
    assert read(body) == []
    assert read("Depends on https://github.com/acme/lib/pull/3", server_url="https://g.example")


def test_configured_words_are_read_with_spaces_and_hyphens() -> None:
    for line in ("Needs first #14", "needs-first: #14", "- Rides behind #14"):
        assert read(line, keywords=("needs-first:", "rides behind", " ")) == ["#14"]
    assert read("Needs first #14") == []
    assert read("a.c #14", keywords=("a.c",)) == ["#14"]
    assert read("abc #14", keywords=("a.c",)) == []


def test_naming_itself_is_kept_and_told() -> None:
    parsed = parse("a\nDepends on #17, #14", home=HOME, own=ref(17))
    assert parsed.references == (ref(17), ref(14))
    assert parsed.itself == (2,)


def test_a_table_of_other_pull_requests_counts_only_in_its_own_row() -> None:
    body = "| PR | Depends on |\n|---|---|\n| #17 | #14 |\n| #18 | #15 |"
    assert read(body, own=ref(17)) == ["#14"]
    assert parse(body, home=HOME, own=ref(99)) == Parsed()
    assert near(body) == [3, 4]


def test_a_list_ends_with_its_context() -> None:
    assert read("Depends on:\n- #14\n\nUnrelated.\n\n- #99") == ["#14"]
    assert read("- Depends on:\n  - #14\n- other\n- #99") == ["#14"]
    assert read("Depends on:\n\n## Heading\n\n- #99") == []


def test_a_thousand_references_are_read() -> None:
    body = "Depends on " + ", ".join(f"#{number}" for number in range(1, 1001))
    assert len(read(body)) == 1000


def test_deeply_nested_lists_are_read() -> None:
    body = "\n".join("  " * depth + "- a" for depth in range(20)) + "\n" + "  " * 20 + "- After #14"
    assert read(body) == ["#14"]


WORDS = st.sampled_from(
    [
        "Depends on", "Blocked by", "#14", "acme/lib#3", "GH-2", "\n", "\n\n", "- ", "> ", "`",
        "```\n", "<!--", "-->", "~~", "|", "|-|\n", "## Dependencies\n", "[", "](", ")", "<pre>",
        "</pre>", "<br>", "\\", "&#35;", " ", "    ", "not", "and", ",", ":", "\t", "\x00",
        "https://github.com/acme/shop/pull/14", "*", "_", "é", "\u2028", "\ud800",
    ]
)  # fmt: skip


@given(st.lists(WORDS, max_size=40).map("".join) | st.text())
def test_no_body_crashes_and_lines_stay_in_the_body(body: str) -> None:
    parsed = parse(body, home=HOME, own=ref(14))
    lines = len(body.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    found = [one.line for one in parsed.mentions] + [one.line for one in parsed.near_misses]
    assert all(1 <= line <= lines for line in found)
    assert len(set(parsed.references)) == len(parsed.references)


def _comment(text: str) -> str:
    return f"<!-- {text.replace('-->', '')} -->"


CONCEALMENTS: list[Callable[[str], str]] = [
    lambda text: "`" * 12 + f" {text.strip() or 'a'} " + "`" * 12,
    lambda text: f"{'~' * 12}\n{text}\n{'~' * 12}",
    lambda text: "\n".join(f"    {line}" for line in text.split("\n")),
    _comment,
    lambda text: "\n".join(f"> {line}" for line in text.split("\n")),
]
SAFE = st.lists(
    st.sampled_from(
        ["Depends on #5", "Blocked by #6", "- #7", "text", "", "## Dependencies", "#8"]
    ),
    min_size=1,
    max_size=6,
)


@given(SAFE, st.sampled_from(CONCEALMENTS[1:]), st.sampled_from(["Intro.\n\n", ""]))
def test_what_is_concealed_is_never_read(
    lines: list[str], conceal: Callable[[str], str], before: str
) -> None:
    body = before + conceal("\n".join(lines)) + "\n\nEnd.\n\nDepends on #14"
    assert read(body) == ["#14"]


@given(SAFE)
def test_a_code_span_is_never_read(lines: list[str]) -> None:
    span = CONCEALMENTS[0](" ".join(lines))
    assert read(f"See {span} here.\n\nDepends on #14") == ["#14"]


@given(
    st.sampled_from(KEYWORDS),
    st.lists(st.sampled_from(sorted(FORMS)), min_size=1, max_size=4),
    st.sampled_from([", ", " and ", " & ", ", and ", "; "]),
)
def test_every_list_of_every_form_is_read(keyword: str, forms: list[str], join: str) -> None:
    plain = [form.rstrip(".") for form in forms]
    expected = list(dict.fromkeys(FORMS[form] for form in forms))
    assert read(f"{keyword} {join.join(plain)}") == expected


@given(
    st.sampled_from(["not", "no longer", "never"]),
    st.sampled_from(["depend on", "depends on", "blocked by", "requires", "stacked on"]),
    st.sampled_from(sorted(FORMS)),
)
def test_a_negation_before_the_keyword_is_never_read(word: str, keyword: str, form: str) -> None:
    assert read(f"This is {word} {keyword} {form}") == []


HOSTILE = [
    "Depends on #1, ", "Depends on #1\n", "Depends on PR 1 ", "depends on ", "- Depends on #1\n",
    "[", "![", "[a](", "`", "``a`", "<!--a", "x <!-- a", "<a ", "*a", "~~a", "&amp;", "\\#", "> ",
    "- ", "1. ", "|a", "a|b\n-|-\n", "[a]: b\n", "\n", " ", "(", "#1 ", "#", "and ", "; ", ". ",
    "depends on x. ", "## Dependencies\n#1\n", "<blockquote>", "<br>", "https://github.com/a/",
    "after ", "[x] ", "not ",
]  # fmt: skip


def _work(body: str) -> int:
    """Count the calls, of Python and of C, that reading a body takes."""
    count = 0

    def seen(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(seen)
    try:
        parse(body, home=HOME)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("seed", HOSTILE)
def test_work_grows_with_the_length_of_a_hostile_body_alone(seed: str) -> None:
    for context in ("Depends on\n\n", "## Dependencies\n\n", "x depends on "):
        short, long = (_work(context + seed * (size // len(seed))) for size in (1000, 4000))
        assert long <= 5 * short + 1300, context


def test_a_body_as_long_as_github_holds_is_read_to_its_end() -> None:
    filler = "words that say nothing of it, whatever they are; " * 40
    body = f"{filler}\n\n" * (LONGEST // len(filler) - 1) + "Depends on #14"
    assert parse(body, home=HOME).references == (Reference(HOME, 14),)
    assert parse(body, home=HOME).near_misses == ()


def test_a_hostile_megabyte_is_read_to_a_point_and_says_where() -> None:
    body = "Depends on #14\n" + "words and depends on more\n" * 40_000
    parsed = parse(body, home=HOME)
    assert parsed.references == (Reference(HOME, 14),)
    (cut,) = [miss for miss in parsed.near_misses if miss.line > 1]
    assert cut.line == MOST_KEYWORDS + 1


def test_a_megabyte_costs_no_more_than_what_github_holds() -> None:
    for seed in ("- a\n", "Depends on #1\n\n", "depends on "):
        held, megabyte = (_work("After #2\n\n" + seed * (n // len(seed))) for n in (LONGEST, 2**20))
        assert megabyte <= held * 1.1 + 1000
