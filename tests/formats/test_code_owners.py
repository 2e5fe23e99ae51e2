import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.formats.code_owners import OwnersRule, code_owners, owned

FILE = """\
# Everything
*                @acme/everybody
*.js             @js-owner # inline
/build/logs/     @doctocat

docs/*           docs@example.test
apps/            @octocat
/apps/github
/with\\ space/    @a @b
!*.md            @nobody
*.[ch]           @nobody
/broken          not-an-owner
\\#odd            @nobody
"""


# Pattern, path, whether it is covered: the examples of GitHub's own page, and their edges.
@pytest.mark.parametrize(
    ("pattern", "path", "covered"),
    [
        ("*", "README.md", True),
        ("*", "a/b/c.txt", True),
        ("*.js", "app.js", True),
        ("*.js", "src/deep/app.js", True),
        ("*.js", "app.jsx", False),
        ("/build/logs/", "build/logs/a/b.txt", True),
        ("/build/logs/", "build/logs", False),
        ("/build/logs/", "x/build/logs/a.txt", False),
        ("docs/*", "docs/getting-started.md", True),
        ("docs/*", "docs/build-app/troubleshooting.md", False),
        ("docs/*", "x/docs/getting-started.md", False),
        ("apps/", "apps/a.txt", True),
        ("apps/", "x/y/apps/z/a.txt", True),
        ("apps/", "x/apps", False),
        ("/docs/", "docs/a/b.md", True),
        ("/docs/", "x/docs/a.md", False),
        ("**/logs", "logs/a.txt", True),
        ("**/logs", "deeply/nested/logs/a.txt", True),
        ("**/logs", "deeply/logs-of/a.txt", False),
        ("/docs/**", "docs/a/b", True),
        ("/docs/**", "docs", False),
        ("/docs/**/", "docs/a", True),
        ("/docs/**/", "docs", False),
        ("/apps/github", "apps/github/x", True),
        ("/apps/github", "apps/github", True),
        ("/apps/github", "apps/githubs", False),
        ("apps/github", "x/apps/github", False),
        ("a/**/z", "a/z", True),
        ("a/**/z", "a/b/c/z", True),
        ("a/**/z", "a/b/c/zz", False),
        ("**", "any/thing", True),
        ("/*", "a", True),
        ("/*", "a/b", False),
        ("/", "a", False),
        ("Dockerfile", "Dockerfile", True),
        ("Dockerfile", "dockerfile", False),
        ("?.txt", "a.txt", True),
        ("?.txt", "ab.txt", False),
        (".github/", ".github/workflows/a.yml", True),
        (".github/workflows/", ".github/workflows/a.yml", True),
        (".github/workflows/", "x/.github/workflows/a.yml", False),
    ],
)
def test_a_pattern_covers_what_githubs_page_says(pattern: str, path: str, covered: bool) -> None:
    assert owned(path, pattern) is covered


def test_the_last_pattern_that_matches_decides() -> None:
    owners = code_owners(FILE)
    assert owners.rule_for("src/app.py") == OwnersRule(2, "*", ("@acme/everybody",))
    assert owners.rule_for("src/app.js") == OwnersRule(3, "*.js", ("@js-owner",))
    assert owners.rule_for("docs/a.md") == OwnersRule(6, "docs/*", ("docs@example.test",))
    assert owners.rule_for("apps/a.js") == OwnersRule(7, "apps/", ("@octocat",))
    assert owners.rule_for("with space/a") == OwnersRule(9, "/with space/", ("@a", "@b"))


def test_a_pattern_without_owners_leaves_its_files_to_nobody() -> None:
    rule = code_owners(FILE).rule_for("apps/github/a")
    assert rule is not None
    assert rule.owners == ()


def test_lines_that_github_does_not_understand_are_skipped() -> None:
    owners = code_owners(FILE)
    assert owners.skipped == (10, 11, 12, 13)
    broken = owners.rule_for("broken")
    assert broken is not None
    assert broken.pattern == "*"


def test_an_empty_file_has_no_rule() -> None:
    assert code_owners("").rule_for("a") is None
    assert code_owners("\r\n# only\r\n").rules == ()


def test_windows_line_ends_are_no_part_of_an_owner() -> None:
    assert code_owners("* @a\r\n").rules == (OwnersRule(1, "*", ("@a",)),)


def test_a_row_of_stars_is_read_in_linear_steps() -> None:
    path = "/".join(["a"] * 200)
    assert owned(path, "/".join(["**"] * 100 + ["a"]))
    assert not owned(path, "/".join(["**"] * 100 + ["b"]))


@given(st.text(max_size=80), st.text("ab/*?.", min_size=1, max_size=20))
def test_any_text_is_read(text: str, path: str) -> None:
    for rule in code_owners(text).rules:
        owned(path, rule.pattern)
