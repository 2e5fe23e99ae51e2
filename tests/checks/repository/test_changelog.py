from pathlib import Path

import pytest

from readiness_gate.checks.repository.changelog import CHECK
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.outcome import Need, Outcome
from readiness_gate.model.result import CheckResult
from tests.fakes.checkout import Checkout
from tests.fakes.context import context
from tests.fakes.options import options, refusal

LOG = """\
# Changelog

## [Unreleased]

### Added
- Orders can be cancelled

## [1.10.0] - 2024-02-01

### Fixed
- A rounding error

```
## not a section
```

## [1.9.0] - 2024-01-15 [YANKED]

## 1.8.0 (2023-12-01)
* First

[Unreleased]: https://example.org/compare
"""


def run(root: Path, text: str = "{}", *, log: str | None = LOG) -> CheckResult:
    if log is not None:
        (root / "CHANGELOG.md").write_text(log)
    return CHECK.run(context(workspace=root), options(CHECK, text))


def test_a_kept_changelog_passes(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert (result.outcome, result.summary) == (
        Outcome.PASSED,
        "CHANGELOG.md: 4 sections, 3 entries, last released 1.10.0",
    )
    assert run(tmp_path, "{version: v1.10.0, unreleased: true}").outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("old", "new", "line", "text"),
    [
        ("- 2024-02-01", "", 8, "1.10.0 has no date such as 2024-01-31"),
        ("2024-02-01", "2024-02-31", 8, "1.10.0 has a date that there is not"),
        ("2024-02-01", "2999-02-01", 8, "1.10.0 has a date in the future"),
        ("[1.10.0]", "[1.8.5]", 17, "1.9.0 stands below 1.8.5"),
        ("[1.10.0]", "[soon]", 8, "'soon' is no version"),
        ("[1.10.0]", "[1.8.0]", 17, "1.9.0 stands below 1.8.0"),
        ("### Fixed", "### Repaired", 10, "'Repaired' is none of Added, Changed"),
        ("- A rounding error", "", 8, "1.10.0 has no entry"),
        ("## [1.9.0] - 2024-01-15 [YANKED]", "## [Unreleased]", 17, "Unreleased is here twice"),
    ],
)
def test_a_wrong_form_fails_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, text: str
) -> None:
    result = run(tmp_path, log=LOG.replace(old, new, 1))
    assert result.outcome is Outcome.FAILED
    assert result.summary.startswith(f"CHANGELOG.md:{line}: {text}")
    assert result.evidence[0].kind == "location"


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ("version: 2.0.0", "CHANGELOG.md:1: there is no section for 2.0.0"),
        ("unreleased: false", "CHANGELOG.md:3: 1 entries are still under Unreleased"),
        ("path: HISTORY.md", "HISTORY.md is missing"),
    ],
)
def test_what_is_asked_for_and_not_there_fails(tmp_path: Path, text: str, summary: str) -> None:
    result = run(tmp_path, text)
    assert (result.outcome, result.summary) == (Outcome.FAILED, summary)


def test_an_empty_unreleased_section_fails_where_entries_are_asked_for(tmp_path: Path) -> None:
    log = LOG.replace("- Orders can be cancelled", "")
    assert run(tmp_path, "unreleased: true", log=log).outcome is Outcome.FAILED
    assert run(tmp_path, "unreleased: false", log=log).outcome is Outcome.PASSED


@pytest.mark.parametrize("log", ["", "# Changelog\n", "\x00" * 100, "#" * 100_000])
def test_a_file_without_sections_fails(tmp_path: Path, log: str) -> None:
    assert run(tmp_path, log=log).outcome is Outcome.FAILED


@pytest.mark.parametrize("path", ["../CHANGELOG.md", "/etc/hosts", "folder"])
def test_a_path_that_is_no_file_of_the_checkout_cannot_be_told(tmp_path: Path, path: str) -> None:
    (tmp_path / "folder").mkdir()
    assert run(tmp_path, f"path: {path}").outcome is Outcome.ERROR


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    made = Checkout(tmp_path / "checkout")
    made.commit({"CHANGELOG.md": LOG, "app.py": "1\n"})
    return made


def change(checkout: Checkout, text: str, **files: str) -> CheckResult:
    base = checkout.run("rev-parse", "HEAD")
    checkout.commit({name.replace("__", "/").replace("_", "."): one for name, one in files.items()})
    known = context(workspace=checkout.root, git=checkout.git, base_sha=base)
    return CHECK.run(known, options(CHECK, text))


def test_a_change_without_an_entry_fails(checkout: Checkout) -> None:
    result = change(checkout, "entry: true", app_py="2\n")
    assert (result.outcome, result.summary) == (
        Outcome.FAILED,
        "CHANGELOG.md:3: app.py changed, but no entry was added",
    )


def test_an_entry_counts_only_where_it_is_about_to_be_released(checkout: Checkout) -> None:
    old = LOG.replace("* First", "* First\n* Late")
    assert change(checkout, "entry: true", app_py="2\n", CHANGELOG_md=old).outcome is Outcome.FAILED
    new = old.replace("- Orders", "- Orders can be printed\n- Orders")
    assert change(checkout, "entry: true", app_py="3\n", CHANGELOG_md=new).outcome is Outcome.PASSED
    released = new.replace("[Unreleased]\n", "[Unreleased]\n\n## [1.11.0] - 2024-03-01\n", 1)
    released = released.replace("- Orders can be printed", "- Printing")
    assert change(checkout, "entry: true", app_py="4\n", CHANGELOG_md=released).outcome is (
        Outcome.PASSED
    )


def test_only_certain_files_ask_for_an_entry(checkout: Checkout) -> None:
    text = "{entry: true, changed: ['**/*.py'], exclude: ['tests/**']}"
    assert change(checkout, text, tests__a_py="1", README_md="x").outcome is Outcome.PASSED
    assert change(checkout, text, b_py="1").outcome is Outcome.FAILED


def test_without_a_pull_request_only_the_form_is_judged(checkout: Checkout) -> None:
    known = context(workspace=checkout.root, git=checkout.git)
    assert CHECK.run(known, options(CHECK, "entry: true")).outcome is Outcome.PASSED


def test_a_base_that_is_not_here_cannot_be_told(checkout: Checkout) -> None:
    known = context(workspace=checkout.root, git=checkout.git, base_sha="b" * 40)
    with pytest.raises(ConfigurationError, match="fetch-depth"):
        CHECK.run(known, options(CHECK, "entry: true"))


def test_git_is_needed_only_for_entries() -> None:
    assert CHECK.refine_needs is not None
    assert Need.GIT in CHECK.refine_needs(options(CHECK, "entry: true"))
    assert Need.GIT not in CHECK.refine_needs(options(CHECK, "{}"))


@pytest.mark.parametrize("text", ["path: ''", "entry: 1", "{entry: true, changed: []}"])
def test_wrong_options_are_refused(text: str) -> None:
    assert refusal(CHECK, text)
