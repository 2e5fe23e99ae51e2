from pathlib import Path

import pytest
from pydantic import ValidationError

from readiness_gate.checks.repository.file_exists import CHECK, FileExistsOptions
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.fakes.context import context


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("README.md", "docs/guide.md", "docs/deep/more.md", "app/[slug]/page.tsx"):
        path = tmp_path / "checkout" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / "outside.txt").write_text("secret")
    (tmp_path / "checkout/leaving").symlink_to(tmp_path / "outside.txt")
    (tmp_path / "checkout/inside").symlink_to("README.md")
    (tmp_path / "checkout/dangling").symlink_to("nowhere")
    return tmp_path / "checkout"


def run(tree: Path, options: str) -> CheckResult:
    return CHECK.run(context(workspace=tree), FileExistsOptions.model_validate_json(options))


@pytest.mark.parametrize(
    "options",
    [
        '{"path": "README.md"}',
        '{"paths": ["README.md", "docs/guide.md"]}',
        '{"path": "./docs/guide.md"}',
        '{"path": "docs"}',
        '{"path": "docs/"}',
        '{"path": "docs/**/*.md"}',
        '{"path": "d*"}',
        '{"path": "d*/", "filetype": "directory"}',
        '{"path": "docs", "filetype": "directory"}',
        '{"path": "README.*", "filetype": "file"}',
        '{"path": "app/[slug]/page.tsx"}',
        '{"path": "inside"}',
        '{"path": "LICENSE", "absent": true}',
        '{"paths": ["*.pem", "**/*.key"], "absent": true}',
        '{"path": "docs", "filetype": "file", "absent": true}',
    ],
)
def test_what_is_there_or_rightly_absent_passes(tree: Path, options: str) -> None:
    assert run(tree, options).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("options", "summary"),
    [
        ('{"path": "LICENSE"}', "LICENSE is missing"),
        ('{"paths": ["README.md", "A", "B"]}', "A is missing and 1 more"),
        ('{"path": "docs/*.txt"}', "docs/*.txt is missing"),
        ('{"path": "docs", "filetype": "file"}', "docs is missing"),
        ('{"path": "README.md", "filetype": "directory"}', "README.md is missing"),
        ('{"path": "dangling"}', "dangling is missing"),
        ('{"path": "dangling", "absent": true}', "dangling is there"),
        ('{"path": "README.md", "absent": true}', "README.md is there"),
        ('{"path": "**/*.md", "absent": true}', "README.md is there and 2 more"),
    ],
)
def test_what_is_missing_or_wrongly_there_fails(tree: Path, options: str, summary: str) -> None:
    result = run(tree, options)
    assert (result.outcome, result.summary) == (Outcome.FAILED, summary)


def test_what_is_wrongly_there_is_located(tree: Path) -> None:
    [place] = run(tree, '{"path": "README.md", "absent": true}').evidence
    assert place.kind == "location"
    assert place.path == "README.md"


@pytest.mark.parametrize("absent", ["true", "false"])
@pytest.mark.parametrize("path", ["../outside.txt", "/etc/passwd", "leaving", "a/../../x*", "/*"])
def test_paths_that_leave_the_checkout_cannot_be_told(tree: Path, path: str, absent: str) -> None:
    result = run(tree, f'{{"path": "{path}", "absent": {absent}}}')
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)


def test_a_path_that_cannot_be_read_cannot_be_told(tree: Path) -> None:
    result = run(tree, f'{{"path": "{"a" * 300}"}}')
    assert result.outcome is not Outcome.PASSED


@pytest.mark.parametrize("options", ["{}", '{"path": []}', '{"path": ""}', '{"paht": "a"}'])
def test_options_that_assert_nothing_are_refused(options: str) -> None:
    with pytest.raises(ValidationError):
        FileExistsOptions.model_validate_json(options)


@pytest.mark.parametrize("pattern", ["dang*", "insi*", "leav*", "*"])
def test_a_link_is_there_for_a_pattern_that_nothing_may_match(tree: Path, pattern: str) -> None:
    (tree / "README.md").rename(tree / "docs" / "README.md")
    result = run(tree, f'{{"path": "{pattern}", "filetype": "file", "absent": true}}')
    assert result.outcome is Outcome.FAILED


def test_a_link_within_the_checkout_is_found_by_a_pattern(tree: Path) -> None:
    assert run(tree, '{"path": "insi*"}').outcome is Outcome.PASSED
    assert run(tree, '{"path": "insi*", "filetype": "directory"}').outcome is Outcome.FAILED
    assert run(tree, '{"path": "dang*"}').outcome is Outcome.FAILED
    assert run(tree, '{"path": "leav*"}').outcome is Outcome.ERROR
