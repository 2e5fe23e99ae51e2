import json
from pathlib import Path

import pytest

from readiness_gate.checks.repository.dependency_declared import CHECK
from readiness_gate.formats.versions import inside, npm_range, python_range
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.fakes.context import context
from tests.fakes.options import options, refusal

PYPROJECT = """\
[project]
dependencies = [
  "SQLAlchemy[asyncio]>=2.0.30,<3",
  "sentry_sdk~=2.5",
  "own @ https://example.org/own.whl",
  "structlog",
]
[project.optional-dependencies]
dev = ["pytest==8.2.1"]
[tool.poetry.dependencies]
httpx = "^0.27"
"""
REQUIREMENTS = """\
-r base.txt
--no-binary :all:
alembic==1.13.1 \\
    --hash=sha256:0000000000000000000000000000000000000000000000000000000000000000
psycopg[binary]==3.2.1 ; python_version >= "3.11"  # driver
-e git+https://example.org/x.git#egg=x
"""
PACKAGE = {
    "dependencies": {"react": "^18.2.0", "@acme/ui": "1.x", "own": "file:../own"},
    "devDependencies": {"vite": "~5.2.1 || >=6 <7"},
}
LOCK = {
    "packages": {
        "": {},
        "node_modules/react": {"version": "18.3.1"},
        "node_modules/@acme/ui": {"version": "1.4.0"},
        "node_modules/vite": {"version": "5.2.9"},
        "node_modules/own": {"link": True},
    }
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "requirements.txt").write_text(REQUIREMENTS)
    (tmp_path / "web").mkdir()
    (tmp_path / "web/package.json").write_text(json.dumps(PACKAGE, indent=2))
    (tmp_path / "web/package-lock.json").write_text(json.dumps(LOCK))
    return tmp_path


def run(tree: Path, text: str) -> CheckResult:
    return CHECK.run(context(workspace=tree), options(CHECK, text))


@pytest.mark.parametrize(
    "text",
    [
        "required: [sqlalchemy, Sentry-SDK, structlog, pytest, httpx, alembic, psycopg, own]",
        "required: structlog",
        "required: {sqlalchemy: '>=2,<3', sentry-sdk: '>=2.5,<3', pytest: '<9', structlog: null}",
        "required: {httpx: '>=0.27', alembic: '>=1.13,!=1.13.2'}",
        "{absent: [pycrypto], required: {alembic: '~=1.13.0'}}",
        "{path: requirements.txt, required: {psycopg: '3.x'}}",
        "{path: web/package.json, required: {react: '>=18', '@acme/ui': ^1.0.0, vite: '>=5 <7'}}",
        "{path: [web/package.json, web/package-lock.json], locked: true}",
        "{path: web/package*.json, locked: true, required: {react: '>=18.3'}}",
    ],
)
def test_what_is_declared_passes(tree: Path, text: str) -> None:
    result = run(tree, text)
    assert result.outcome is Outcome.PASSED, result


@pytest.mark.parametrize(
    ("text", "summary", "line"),
    [
        ("required: [django]", "django is not declared in pyproject.toml", None),
        (
            "required: {sqlalchemy: '>=2.0.40'}",
            "pyproject.toml: sqlalchemy <3,>=2.0.30 is not inside sqlalchemy >=2.0.40",
            3,
        ),
        (
            "required: {structlog: '>=24'}",
            "pyproject.toml: structlog (any version) is not inside structlog >=24",
            6,
        ),
        ("absent: [HTTPX]", "pyproject.toml declares HTTPX", 11),
        (
            "{path: requirements.txt, pinned: true, absent: [alembic]}",
            "requirements.txt declares alembic",
            3,
        ),
        (
            "{path: pyproject.toml, pinned: true}",
            "pyproject.toml: sqlalchemy <3,>=2.0.30 is not pinned to one version; and 4 more",
            3,
        ),
        ("locked: true", "there is no lock file beside pyproject.toml", None),
        (
            "{path: web/package.json, required: {react: ^19}}",
            "web/package.json: react ^18.2.0 is not inside react ^19",
            3,
        ),
    ],
)
def test_what_is_not_declared_so_fails_with_its_line(
    tree: Path, text: str, summary: str, line: int | None
) -> None:
    result = run(tree, text)
    assert (result.outcome, result.summary) == (Outcome.FAILED, summary)
    assert result.evidence[0].kind == "location"
    assert result.evidence[0].line == line


def test_a_declared_name_that_is_not_locked_fails(tree: Path) -> None:
    (tree / "uv.lock").write_text('[[package]]\nname = "sqlalchemy"\nversion = "2.0.31"\n')
    result = run(tree, "{path: [pyproject.toml, uv.lock], locked: true}")
    assert result.summary == ("pyproject.toml: sentry-sdk is in no lock file; and 4 more")


def test_a_file_that_is_named_and_missing_fails(tree: Path) -> None:
    result = run(tree, "{path: poetry.lock, required: [a]}")
    assert (result.outcome, result.summary) == (Outcome.FAILED, "no file at poetry.lock")


def test_a_tree_without_manifests_cannot_be_told(tmp_path: Path) -> None:
    result = run(tmp_path, "required: [a]")
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)
    (tmp_path / "requirements.txt").write_text("# none\n")
    result = run(tmp_path, "pinned: true")
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", "[project"),
        ("pyproject.toml", '[project]\ndependencies = ["a >> 1"]'),
        ("pyproject.toml", "[project]\ndependencies = 3"),
        ("requirements.txt", "django=4"),
        ("package.json", "["),
        ("package.json", "[" * 100_000),
        ("package-lock.json", '{"packages": {"node_modules/a": '),
        ("uv.lock", "[[package]]\nversion = '1'"),
        ("go.mod", "module x"),
    ],
)
def test_files_that_cannot_be_read_cannot_be_told(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    result = run(tmp_path, f"{{path: {name}, required: [a]}}")
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert name in result.summary


def test_paths_that_leave_the_checkout_cannot_be_told(tree: Path) -> None:
    result = run(tree, "{path: ../requirements.txt, required: [a]}")
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "path: a",
        "required: []",
        "required: {a: newest}",
        "{required: [a], absent: ['']}",
        "required: [[a]]",
        "required: {a: 3}",
    ],
)
def test_options_that_assert_nothing_or_are_wrong_are_refused(text: str) -> None:
    assert refusal(CHECK, text)


@pytest.mark.parametrize(
    ("inner", "outer", "is_inside"),
    [
        (">=1.2,<2", ">=1", True),
        (">=1.2", ">=1,<2", False),
        ("~=1.4.2", ">=1.4,<1.5", True),
        ("~=1.4", "<1.5", False),
        ("==1.*", "<2", True),
        ("==1.*", "<1.9", False),
        ("!=1.5", ">=0", True),
        (">=0", "!=1.5", False),
        ("", ">=1", False),
        (">1", ">=1", True),
        (">=1", ">1", False),
    ],
)
def test_a_range_inside_another(inner: str, outer: str, is_inside: bool) -> None:
    assert inside(python_range(inner), python_range(outer)) is is_inside


@pytest.mark.parametrize(
    ("npm", "python"),
    [
        ("^1.2.3", ">=1.2.3,<2"),
        ("^0.2.3", ">=0.2.3,<0.3"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("~1.2.3", ">=1.2.3,<1.3"),
        ("~1", ">=1,<2"),
        ("1.x", ">=1,<2"),
        ("1.2.3 - 2.3", ">=1.2.3,<2.4"),
        ("*", ""),
        ("v1.2.3", "==1.2.3"),
        (">=1.2.0 <3", ">=1.2,<3"),
    ],
)
def test_ranges_of_npm_mean_what_npm_means(npm: str, python: str) -> None:
    assert inside(npm_range(npm), python_range(python))
    assert inside(python_range(python), npm_range(npm))


@pytest.mark.parametrize("text", ["git+ssh://x", "file:../a", "next", "1.2.3.4.5 beta x"])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no version"):
        npm_range(text)
