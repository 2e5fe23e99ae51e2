from datetime import UTC, datetime
from pathlib import Path

import pytest

from readiness_gate.checks.repository.doc_freshness import CHECK
from readiness_gate.doors.clock import SystemClock
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.outcome import ErrorClass, Need, Outcome, Stage
from readiness_gate.model.result import CheckResult
from tests.engine.builders import items
from tests.fakes.checkout import Checkout
from tests.fakes.context import context
from tests.fakes.options import options, refusal

FOLLOWS = "{code: ['app/**/*.py'], docs: docs/*.md}"


class At(SystemClock):
    """A clock that stands."""

    def __init__(self, day: str) -> None:
        self._now = datetime.fromisoformat(day).replace(tzinfo=UTC)

    def now(self) -> datetime:
        return self._now


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    checkout = Checkout(tmp_path / "checkout")
    checkout.commit({"app/a.py": "a\n", "docs/api.md": "# API\n", "other.txt": "x\n"})
    return checkout


def changed(checkout: Checkout, files: dict[str, str | None], text: str = FOLLOWS) -> CheckResult:
    base = checkout.git.head()
    head = checkout.commit(files)
    given = context(workspace=checkout.root, git=checkout.git, base_sha=base, head_sha=head)
    return CHECK.run(given, options(CHECK, text))


@pytest.mark.parametrize(
    ("files", "summary"),
    [
        ({"other.txt": "y\n"}, "none of 1 changed file is such code"),
        ({"app/a.py": "b\n", "docs/api.md": "# API\nb\n"}, "docs/api.md changes with app/a.py"),
        ({"app/b.py": "b\n", "docs/new.md": "# B\n"}, "docs/new.md changes with app/b.py"),
    ],
)
def test_documents_that_follow_pass(
    checkout: Checkout, files: dict[str, str | None], summary: str
) -> None:
    result = changed(checkout, files)
    assert (result.outcome, result.summary) == (Outcome.PASSED, summary)


@pytest.mark.parametrize(
    "files",
    [
        {"app/a.py": "b\n"},
        {"app/a.py": None},
        {"app/a.py": "b\n", "docs/api.md": "# API\n\n\n"},
        {"app/a.py": "b\n", "README.md": "x\n"},
    ],
)
def test_code_that_changes_alone_fails(checkout: Checkout, files: dict[str, str | None]) -> None:
    result = changed(checkout, files)
    assert (result.outcome, result.summary) == (
        Outcome.FAILED,
        "app/a.py changes, docs/*.md does not",
    )
    [place] = result.evidence
    assert place.kind == "location"
    assert place.path == "app/a.py"


def test_a_document_that_is_taken_away_does_not_follow(checkout: Checkout) -> None:
    checkout.commit({"docs/second.md": "# B\n"})
    files: dict[str, str | None] = {"app/a.py": "b\n", "docs/second.md": None}
    assert changed(checkout, files).outcome is Outcome.FAILED


def test_a_pattern_that_no_file_has_cannot_be_told(checkout: Checkout) -> None:
    result = changed(checkout, {"app/a.py": "b\n"}, "{code: src/**, docs: docs/api.md}")
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)


def test_without_a_change_there_is_nothing_to_judge(checkout: Checkout) -> None:
    given = context(workspace=checkout.root, git=checkout.git)
    assert CHECK.run(given, options(CHECK, FOLLOWS)).outcome is Outcome.SKIPPED


def test_a_base_that_is_not_here_cannot_be_told(checkout: Checkout) -> None:
    given = context(workspace=checkout.root, git=checkout.git, base_sha="0" * 40)
    with pytest.raises(ConfigurationError, match="nothing to compare with"):
        CHECK.run(given, options(CHECK, FOLLOWS))


def aged(tree: Path, day: str, text: str, checkout: Checkout | None = None) -> CheckResult:
    git = checkout.git if checkout else None
    given = context(workspace=tree, git=git, clock=At(day))
    return CHECK.run(given, options(CHECK, text))


@pytest.mark.parametrize(
    "line",
    [
        "Last reviewed: 2026-01-31",
        "**Last Updated**: January 31, 2026",
        "_Updated on 31 Jan 2026_",
        "| Date | 2026-01-31 |",
        "Reviewed: 2020-01-01, updated: 2026-01-31",
    ],
)
def test_the_newest_date_that_a_document_states_counts(tmp_path: Path, line: str) -> None:
    (tmp_path / "run.md").write_text(f"# Runbook\n\n{line}\n")
    text = "{docs: run.md, max-age: 90d, stated: true}"
    result = aged(tmp_path, "2026-04-30", text)
    assert (result.outcome, result.summary) == (
        Outcome.PASSED,
        "1 document not older than 90 days",
    )
    old = aged(tmp_path, "2026-06-30", text)
    assert old.summary == "run.md:3: is from 2026-01-31: 150 days, at most 90 allowed"
    early = aged(tmp_path, "2026-01-01", text)
    assert early.summary == "run.md:3: says 2026-01-31, which is to come"


@pytest.mark.parametrize(
    "line", ["", "2026-01-31", "Updated: soon", "Updated: 2026-13-01", "Updated: 31 Foo 2026"]
)
def test_a_document_without_a_date_fails(tmp_path: Path, line: str) -> None:
    (tmp_path / "run.md").write_text(line)
    result = aged(tmp_path, "2026-04-30", "{docs: run.md, max-age: 90d, stated: true}")
    assert (result.outcome, result.summary) == (Outcome.FAILED, "run.md: states no date")


def test_age_by_commit(checkout: Checkout) -> None:
    text = "{docs: docs/api.md, max-age: 3d}"
    today = datetime.now(UTC).date().isoformat()
    assert aged(checkout.root, today, text, checkout).outcome is Outcome.PASSED
    assert aged(checkout.root, "2100-01-01", text, checkout).outcome is Outcome.FAILED
    (checkout.root / "new.md").write_text("x")
    new = aged(checkout.root, today, "{docs: new.md, max-age: 3d}", checkout)
    assert new.summary == "new.md: is in no commit"


def test_a_shallow_clone_and_no_repository_cannot_be_told(checkout: Checkout) -> None:
    text = "{docs: docs/api.md, max-age: 3d}"
    result = aged(checkout.root, "2026-01-01", text)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    (checkout.root / ".git/shallow").write_text(checkout.run("rev-parse", "HEAD") + "\n")
    result = aged(checkout.root, "2026-01-01", text, checkout)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)
    assert "fetch-depth: 0" in result.summary


def test_missing_documents_fail_and_paths_out_cannot_be_told(tmp_path: Path) -> None:
    text = "{docs: gone.md, max-age: 3d, stated: true}"
    assert aged(tmp_path, "2026-01-01", text).summary == "no file at gone.md"
    out = aged(tmp_path, "2026-01-01", text.replace("gone", "../gone"))
    assert out.error_class is ErrorClass.CONFIGURATION


def test_both_hold_together(checkout: Checkout) -> None:
    text = "{code: ['app/*.py'], docs: docs/api.md, max-age: 9d}"
    today = datetime.now(UTC).date().isoformat()
    result = aged(checkout.root, today, text, checkout)
    assert result.summary == "1 document not older than 9 days; no change to compare"


def test_git_is_needed_where_it_is_asked() -> None:
    def needs(text: str) -> frozenset[Need]:
        assert CHECK.refine_needs is not None
        return CHECK.refine_needs(options(CHECK, text))

    assert Need.GIT in needs("{docs: a, max-age: 1d}")
    assert Need.GIT not in needs("{docs: a, max-age: 1d, stated: true}")


@pytest.mark.parametrize(
    "text",
    [
        "docs: a",
        "code: a",
        "{docs: a, max-age: 5}",
        "{docs: a, max-age: 0d}",
        "{docs: a, code: b, stated: true}",
    ],
)
def test_options_that_assert_nothing_are_refused(text: str) -> None:
    assert refusal(CHECK, text)


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("{docs: a.md, max-age: 90d}", Stage.SCHEDULED),
        ("{docs: a.md, code: '*.py'}", Stage.PRE_MERGE),
        ("{docs: a.md, code: '*.py', max-age: 90d}", Stage.PRE_MERGE),
    ],
)
def test_an_age_is_asked_for_on_a_schedule(text: str, stage: Stage) -> None:
    item = f"{{check: doc-freshness, with: {text}}}"
    (planned,) = items(f"items: {{a: {item}}}", checks=[CHECK])
    assert planned.stage is stage
    (planned,) = items(f"items: {{a: {{stage: post-deploy, {item[1:]}}}", checks=[CHECK])
    assert planned.stage is Stage.POST_DEPLOY
