import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.merge.commands import Attest, Command, Recheck, Unknown, commands

LINK = "https://example.test/minutes_of_*march*?a=1&b=(2)#x"
SIGN = Attest("PRIV-1.a", LINK)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("/readiness recheck", (Recheck(),)),
        ("/readiness recheck\r\n", (Recheck(),)),
        ("Please look again.\n\n/readiness recheck\n\nThanks!", (Recheck(),)),
        ("Please look again.\n/readiness recheck\nThanks!", (Recheck(),)),
        (f"/readiness attest PRIV-1.a {LINK}", (SIGN,)),
        (f"/readiness  attest\tPRIV-1.a  {LINK}  ", (SIGN,)),
        (f"/readiness attest PRIV-1.a {LINK}\n/readiness recheck", (SIGN, Recheck())),
        ("/readiness recheck\n\n/readiness recheck", (Recheck(),)),
    ],
)
def test_a_line_that_is_exactly_a_command_is_one(body: str, found: tuple[Command, ...]) -> None:
    assert commands(body) == found


@pytest.mark.parametrize(
    "body",
    [
        "",
        "looks good",
        "please /readiness recheck",
        "> /readiness recheck",
        "> quoted\n/readiness recheck",
        "- /readiness recheck",
        "1. /readiness recheck",
        "# /readiness recheck",
        "`/readiness recheck`",
        "`\n/readiness recheck\n`",
        "```\n/readiness recheck\n```",
        "~~~\n/readiness recheck",
        "    /readiness recheck",
        "<!--\n/readiness recheck\n-->",
        "text <!--\n/readiness recheck\n-->",
        "<pre>\n/readiness recheck\n</pre>",
        "<details>\n/readiness recheck\n</details>",
        "<blockquote>\n\n/readiness recheck\n\n</blockquote>",
        "~~gone\n/readiness recheck\ngone~~",
        "![\n/readiness recheck\n](https://example.test/a.png)",
        "| a |\n|---|\n| /readiness recheck |",
        "> [!NOTE]\n> /readiness recheck",
        "\\/readiness recheck",
        "/readiness-gate recheck",
        "/readinesss recheck",
        "/readiness/recheck",
        "https://example.test/readiness recheck",
        "&#47;readiness recheck",
    ],
)
def test_what_is_shown_quoted_or_hidden_is_no_command(body: str) -> None:
    assert commands(body) == ()


@pytest.mark.parametrize(
    "line",
    [
        "/readiness",
        "/readiness check",
        "/readiness Recheck",
        "/readiness recheck please",
        "/readiness recheck.",
        "/readiness override everything",
        "/readiness waive PRIV-1",
        "/readiness attest PRIV-1",
        "/readiness attest PRIV-1 see the minutes",
        "/readiness attest PRIV-1 javascript:alert(1)",
        "/readiness attest PRIV-1 ftp://example.test/x",
        "/readiness attest PRIV-1 https://",
        "/readiness attest PRIV-1 https://example.test/a b",
        "/readiness attest PRIV-1 <https://example.test/a>",
        "/readiness attest PRIV-1 [x](https://example.test/a)",
        "/readiness attest PRIV-1 https://example.test/`a`",
        "/readiness attest ../x https://example.test/a",
        "/readiness attest " + "a" * 81 + " https://example.test/a",
        "/readiness attest a https://example.test/" + "a" * 2000,
        "/readiness attest a https://example.test/" + "a" * 9000,
    ],
)
def test_what_only_begins_like_a_command_is_told_apart(line: str) -> None:
    assert commands(f"Hello\n\n{line}") == (Unknown(3),)


@pytest.mark.parametrize(
    "body",
    [
        "/readiness attest a https://" + "a" * 65_000,
        "/readiness " * 6_000,
        "/readiness attest " * 3_600,
        "/readiness recheck\n" * 3_400,
        "`/readiness recheck\n" * 3_200,
        "> " * 30_000 + "/readiness recheck",
        "[" * 60_000 + "/readiness recheck",
        "*" * 30_000 + "\n/readiness recheck\n" + "*" * 30_000,
        "<!-- /readiness\n" * 4_000,
        "- " * 30_000 + "/readiness recheck",
        "~~a\n/readiness recheck\n" * 2_600,
    ],
)
def test_a_hostile_comment_is_read_at_once(body: str) -> None:
    assert all(isinstance(one, Recheck | Unknown) for one in commands(body[:65_536]))


@given(st.lists(st.sampled_from([*"`~>*_-<!\n |[]\\#/", "/readiness recheck\n", "<!--", "-->"])))
def test_any_mixture_is_read(parts: list[str]) -> None:
    for one in commands("".join(parts)):
        assert isinstance(one, Recheck | Unknown)
