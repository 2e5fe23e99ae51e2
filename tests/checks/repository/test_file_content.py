from pathlib import Path

import pytest
from pydantic import ValidationError

from readiness_gate.checks.repository.file_content import CHECK, FileContentOptions
from readiness_gate.doors.workspace import FILE_CAP
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.fakes.context import context

FILES = {
    "app/main.py": "import limiter\n\n# TODO: later\nlimiter.attach(app)\nlimiter.start()\n",
    "app/db.py": "engine = create()\n",
    "docs/guide.md": "\ufeffPr\u00fcfung\nok\n",
    "empty.txt": "",
    ".dockerignore": ".git\n.env\n",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / "checkout" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "outside.txt").write_text("limiter")
    (tmp_path / "checkout/leaving").symlink_to(tmp_path / "outside.txt")
    return tmp_path / "checkout"


def run(tree: Path, options: str) -> CheckResult:
    return CHECK.run(context(workspace=tree), FileContentOptions.model_validate_json(options))


@pytest.mark.parametrize(
    "options",
    [
        '{"path": "app/main.py", "matches": "limiter\\\\.attach"}',
        '{"path": "app/main.py", "match-regexp": "^import limiter$"}',
        '{"path": "app/main.py", "contains": ["attach(app)", "start"]}',
        '{"path": "app/main.py", "contain-substring": "(app)"}',
        '{"path": "app/*.py", "contains": "limiter"}',
        '{"path": ["app/main.py", "app/db.py"], "matches": "="}',
        '{"path": ["docs/*.md", ".dockerignore"], "matches": "^(ok|\\\\.env)$"}',
        '{"path": "**/*.py", "absent": ["FIXME", "\\\\bpdb\\\\b"]}',
        '{"path": "app/*.py", "matches": "limiter", "min-count": 3, "max-count": 3}',
        '{"path": "app/*.py", "max-size": "1kB", "min-size": "5B"}',
        '{"path": "docs/guide.md", "matches": "^Pr\u00fcfung$"}',
    ],
)
def test_assertions_that_hold_pass(tree: Path, options: str) -> None:
    options = options.replace('"matches": "="', '"matches": "(?:=|import)"')
    assert run(tree, options).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("options", "summary"),
    [
        ('{"path": "app/db.py", "matches": "limiter"}', "app/db.py does not have 'limiter'"),
        ('{"path": "app/*.py", "contains": "nothing"}', "app/*.py does not have 'nothing'"),
        (
            '{"path": "app/*.py", "contains": "limiter", "every": true}',
            "app/db.py does not have 'limiter'",
        ),
        ('{"path": "app/*.py", "absent": "TODO"}', "app/main.py:3 has 'TODO'"),
        ('{"path": "app/*.py", "absent": ["TODO", "="]}', "app/db.py:1 has '='; and 1 more"),
        ('{"path": "gone.py", "matches": "a"}', "no file at gone.py"),
        ('{"path": "gone/*.py", "contains": "a"}', "no file at gone/*.py"),
        ('{"path": ["app/main.py", "gone"], "contains": "limiter"}', "no file at gone"),
        (
            '{"path": "empty.txt", "min-size": "1B"}',
            "empty.txt has 0 bytes, at least 1 are required",
        ),
        (
            '{"path": "app/db.py", "max-size": "5B"}',
            "app/db.py has 18 bytes, at most 5 are allowed",
        ),
        (
            '{"path": "app/*.py", "contains": "limiter", "min-count": 4}',
            "'limiter' is there 3 times, at least 4 required",
        ),
        (
            '{"path": "app/*.py", "contains": "limiter", "max-count": 2}',
            "'limiter' is there 3 times, at most 2 allowed",
        ),
    ],
)
def test_assertions_that_do_not_hold_fail(tree: Path, options: str, summary: str) -> None:
    result = run(tree, options)
    assert (result.outcome, result.summary) == (Outcome.FAILED, summary)


def test_what_must_be_absent_is_located_by_line(tree: Path) -> None:
    [place] = run(tree, '{"path": "app/main.py", "absent": "TODO"}').evidence
    assert place.kind == "location"
    assert (place.path, place.line, place.text) == ("app/main.py", 3, "# TODO: later")


@pytest.mark.parametrize("path", ["gone.py", "gone/**"])
def test_an_absence_in_no_file_cannot_be_told(tree: Path, path: str) -> None:
    result = run(tree, f'{{"path": "{path}", "absent": "TODO"}}')
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)
    assert "nothing to look at" in result.summary


@pytest.mark.parametrize("path", ["../outside.txt", "/etc/passwd", "leaving", "../*"])
def test_paths_that_leave_the_checkout_cannot_be_told(tree: Path, path: str) -> None:
    result = run(tree, f'{{"path": "{path}", "contains": "limiter"}}')
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)


def test_a_link_out_of_the_checkout_is_not_read_by_a_pattern(tree: Path) -> None:
    result = run(tree, '{"path": "leav*", "contains": "limiter"}')
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)
    assert "leaving" in result.summary


def test_a_folder_and_a_huge_file_cannot_be_told(tree: Path) -> None:
    assert run(tree, '{"path": "app", "contains": "a"}').outcome is Outcome.ERROR
    (tree / "huge").write_bytes(b"a" * (FILE_CAP + 1))
    assert run(tree, '{"path": "huge", "contains": "a"}').outcome is Outcome.ERROR


def test_bytes_that_are_not_text_are_searched_all_the_same(tree: Path) -> None:
    (tree / "binary").write_bytes(b"\xff\xfeTODO\x00")
    assert run(tree, '{"path": "binary", "absent": "TODO"}').outcome is Outcome.FAILED


def test_a_hostile_text_is_searched_in_linear_time(tree: Path) -> None:
    (tree / "long").write_text("a" * 1_000_000)
    options = '{"path": "long", "absent": "(a+)+b"}'
    assert run(tree, options).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    "options",
    [
        "{}",
        '{"path": "a"}',
        '{"path": [], "contains": "a"}',
        '{"path": "a", "every": true}',
        '{"path": "a", "min-count": 1}',
        '{"path": "a", "contains": ""}',
        '{"path": "a", "matches": "a*"}',
        '{"path": "a", "absent": "^$"}',
        '{"path": "a", "matches": "(?=a)"}',
        '{"path": "a", "matches": "("}',
        '{"path": "a", "contains": "a", "min-count": 3, "max-count": 2}',
        '{"path": "a", "contains": "a", "max-count": 0}',
        '{"path": "a", "max-size": 5}',
        '{"path": "a", "contain": "b"}',
    ],
)
def test_options_that_assert_nothing_or_are_wrong_are_refused(options: str) -> None:
    with pytest.raises(ValidationError):
        FileContentOptions.model_validate_json(options)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_what_must_be_absent_is_found_in_every_unicode_encoding(tree: Path, encoding: str) -> None:
    (tree / "app/wide.txt").write_bytes("password = \u00fc\nTODO\n".encode(encoding))
    result = run(tree, '{"path": "app/**", "absent": "^TODO$"}')
    assert result.outcome is Outcome.FAILED
    assert result.summary.startswith("app/wide.txt:2 ")
