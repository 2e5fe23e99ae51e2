from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from readiness_gate.checks.repository.env_contract import CHECK, EnvContractOptions
from readiness_gate.doors.changes import ChangedFile
from readiness_gate.doors.git import GitUnavailable
from readiness_gate.model.outcome import ErrorClass, Need, Outcome
from readiness_gate.model.result import CheckResult
from tests.fakes.context import context

ENV = """\
# JWT_SECRET=commented
export JWT_SECRET="ci-8d1f0c7b52e94a6fa3be17c95d2064ef"
POSTGRES_PASSWORD = 'only for $this'   # quoted
CORS_ORIGINS=https://shop.example # where it runs
EMPTY=
NOTHING= # only a comment
SHORT=abc
SAME=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
TAKEN=${FROM_ELSEWHERE}
TWICE=first
TWICE=second-and-longer
"""


class Tracked:
    """Git, as far as this check asks it."""

    def __init__(self, *names: str, broken: bool = False) -> None:
        self.names, self.broken = names, broken

    def head(self) -> str | None:
        return None

    def file(self, commit: str, path: str) -> bytes | None:
        return None

    def tracked(self) -> tuple[str, ...]:
        if self.broken:
            raise GitUnavailable("not a git repository")
        return self.names

    def parents(self, commit: str) -> tuple[str, ...]:
        return ()

    def merge_base(self, one: str, other: str) -> str:
        raise NotImplementedError

    def changed_lines(self, base: str, head: str) -> tuple[ChangedFile, ...]:
        raise NotImplementedError

    def last_change(self, path: str) -> datetime | None:
        raise NotImplementedError

    def export(self, commit: str, directory: Path, paths: Sequence[str] | None = None) -> None:
        raise NotImplementedError


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / ".env.ci").write_text(ENV)
    (checkout / "full.example").write_text(ENV)
    (checkout / "less.example").write_text("JWT_SECRET=\nOTHER=\n")
    (checkout / "no-variables").write_text("# nothing\n")
    (tmp_path / "outside").write_text(ENV)
    (checkout / "leaving").symlink_to(tmp_path / "outside")
    return checkout


def run(tree: Path, options: str, git: Tracked | None = None) -> CheckResult:
    return CHECK.run(
        context(workspace=tree, git=git), EnvContractOptions.model_validate_json(options)
    )


@pytest.mark.parametrize(
    "required",
    [
        '["JWT_SECRET", "CORS_ORIGINS", "TAKEN"]',
        '"JWT_SECRET"',
        '{"JWT_SECRET": {"min-length": 32, "entropy": 3}}',
        '{"POSTGRES_PASSWORD": {"min-length": 14, "not": ["changeme"]}}',
        '{"CORS_ORIGINS": null, "EMPTY": {"empty": true}}',
        '{"TWICE": {"min-length": 10}}',
    ],
)
def test_a_file_that_sets_what_is_required_passes(tree: Path, required: str) -> None:
    result = run(tree, f'{{"file": ".env.ci", "required": {required}}}')
    assert result.outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("required", "summary", "line"),
    [
        ('["MISSING"]', ".env.ci: MISSING is not set", None),
        ('["EMPTY"]', ".env.ci: EMPTY is empty", 5),
        ('["NOTHING"]', ".env.ci: NOTHING is empty", 6),
        (
            '{"SHORT": {"min-length": 32}}',
            ".env.ci: SHORT has 3 characters, at least 32 are required",
            7,
        ),
        ('{"SAME": {"entropy": 3}}', ".env.ci: SAME has 0.0 bits a character, 3 are required", 8),
        ('{"SHORT": {"not": ["ABC"]}}', ".env.ci: SHORT is a placeholder", 7),
    ],
)
def test_what_is_not_kept_fails_with_its_line(
    tree: Path, required: str, summary: str, line: int | None
) -> None:
    result = run(tree, f'{{"file": ".env.ci", "required": {required}}}')
    assert (result.outcome, result.summary) == (Outcome.FAILED, summary)
    assert result.evidence[0].kind == "location"
    assert result.evidence[0].line == line


def test_no_value_is_ever_shown(tree: Path) -> None:
    required = '{"JWT_SECRET": {"min-length": 99, "entropy": 8}, "SHORT": {"not": "abc"}}'
    result = run(tree, f'{{"file": ".env.ci", "required": {required}}}')
    assert result.outcome is Outcome.FAILED
    assert "8d1f0c7b" not in repr(result)
    assert "abc" not in repr(result)


def test_a_value_from_elsewhere_cannot_be_measured(tree: Path) -> None:
    result = run(tree, '{"file": ".env.ci", "required": {"TAKEN": {"min-length": 3}}}')
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


def test_the_example_names_the_same(tree: Path) -> None:
    same = '{"file": ".env.ci", "example": "full.example"}'
    assert run(tree, same).outcome is Outcome.PASSED
    result = run(tree, '{"file": ".env.ci", "example": "less.example"}')
    assert result.outcome is Outcome.FAILED
    assert "less.example: CORS_ORIGINS of .env.ci is not named" in result.details
    assert ".env.ci: OTHER of less.example is not set" in result.details
    result = run(tree, '{"file": "no-variables", "example": "no-variables"}')
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


def test_a_missing_file_fails(tree: Path) -> None:
    result = run(tree, '{"file": ".env", "required": ["A"]}')
    assert (result.outcome, result.summary) == (Outcome.FAILED, "no file at .env")


@pytest.mark.parametrize("path", ["../outside", "/etc/environment", "leaving"])
def test_paths_that_leave_the_checkout_cannot_be_told(tree: Path, path: str) -> None:
    result = run(tree, f'{{"file": "{path}", "required": ["JWT_SECRET"]}}')
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)


def test_a_folder_cannot_be_told(tree: Path) -> None:
    (tree / "folder").mkdir()
    assert run(tree, '{"file": "folder", "required": ["A"]}').outcome is Outcome.ERROR


def test_untracked_asks_git(tree: Path) -> None:
    options = '{"untracked": [".env", "secrets/**"]}'
    clean = run(tree, options, Tracked("README.md", ".env.example", "docs/.env.md"))
    assert (clean.outcome, clean.summary) == (Outcome.PASSED, ".env, secrets/** not tracked")
    dirty = run(tree, options, Tracked("README.md", ".env", "secrets/a/key"))
    assert dirty.outcome is Outcome.FAILED
    assert dirty.summary == ".env: is tracked by git; and 1 more"


@pytest.mark.parametrize("git", [None, Tracked(broken=True), Tracked()])
def test_without_an_answer_of_git_it_cannot_be_told(tree: Path, git: Tracked | None) -> None:
    assert run(tree, '{"untracked": ".env"}', git).outcome is Outcome.ERROR


def test_git_is_needed_only_for_untracked() -> None:
    assert CHECK.refine_needs is not None
    asks = EnvContractOptions.model_validate_json('{"untracked": ".env"}')
    reads = EnvContractOptions.model_validate_json('{"file": "a", "required": "A"}')
    assert Need.GIT in CHECK.refine_needs(asks)
    assert Need.GIT not in CHECK.refine_needs(reads)


@pytest.mark.parametrize(
    "options",
    [
        "{}",
        '{"file": ".env.ci"}',
        '{"required": ["A"]}',
        '{"example": "a"}',
        '{"file": ".env.ci", "untracked": ".env"}',
        '{"file": ".env.ci", "required": []}',
        '{"file": ".env.ci", "required": ["A B"]}',
        '{"file": ".env.ci", "required": {"A": {"min-lenght": 3}}}',
        '{"file": ".env.ci", "required": {"A": {"min-length": 0}}}',
        '{"file": ".env.ci", "required": {"A": {"entropy": 9}}}',
    ],
)
def test_options_that_assert_nothing_or_are_wrong_are_refused(options: str) -> None:
    with pytest.raises(ValidationError):
        EnvContractOptions.model_validate_json(options)


STRONG = "k3J9-pLq2_vX7nR4tB8"


def test_the_gates_own_environment_can_be_the_source(tree: Path) -> None:
    text = (
        '{"source": "environment", "example": "less.example", "no-placeholders": true,'
        ' "required": {"JWT_SECRET": {"secret": true}}}'
    )
    asked = EnvContractOptions.model_validate_json(text)
    good = {"JWT_SECRET": STRONG, "OTHER": "1", "PATH": "changeme"}
    assert CHECK.run(context(workspace=tree, variables=good), asked).outcome is Outcome.PASSED
    result = CHECK.run(context(workspace=tree, variables={"JWT_SECRET": "changeme"}), asked)
    assert result.outcome is Outcome.FAILED
    assert result.details.splitlines() == [
        "JWT_SECRET has 8 characters, at least 16 are required",
        "JWT_SECRET has 2.8 bits a character, 3 are required",
        "JWT_SECRET is a placeholder",
        "OTHER of less.example is not set",
        "JWT_SECRET is a placeholder",
    ]
    assert "changeme" not in repr(result)
    assert CHECK.run(context(workspace=tree), asked).outcome is Outcome.FAILED


def test_a_secret_is_not_the_value_of_the_example(tree: Path) -> None:
    (tree / "own").write_text(f"JWT_SECRET={STRONG}\n")
    (tree / "given").write_text(f"JWT_SECRET={STRONG}\n")
    text = '{"file": "own", "example": "given", "required": {"JWT_SECRET": {"secret": true}}}'
    assert run(tree, text).summary == "own: JWT_SECRET has the value of the example"
    (tree / "given").write_text("JWT_SECRET=\n")
    assert run(tree, text).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    "value",
    ["changeme", "CHANGE-ME-please", "<secret>", "xxxx", "your-secret-here", "password", "TODO",
     "replace_this", "{{ value }}", "123456789"],
)  # fmt: skip
def test_placeholders_are_refused_where_it_is_asked_for(tree: Path, value: str) -> None:
    (tree / "own").write_text(f'A="{value}"\n')
    result = run(tree, '{"file": "own", "no-placeholders": true}')
    assert (result.outcome, result.summary) == (Outcome.FAILED, "own: A is a placeholder")


@pytest.mark.parametrize("value", ["production", "https://shop.example", "30", STRONG, "true", ""])
def test_other_values_are_no_placeholders(tree: Path, value: str) -> None:
    (tree / "own").write_text(f'A="{value}"\n')
    assert run(tree, '{"file": "own", "no-placeholders": true}').outcome is Outcome.PASSED


def test_every_variable_is_documented(tree: Path) -> None:
    (tree / "docs").mkdir()
    (tree / "docs/a.md").write_text("`JWT_SECRET` and OTHER_ONE")
    text = '{"file": "less.example", "documentation": ["docs/*.md"]}'
    assert run(tree, text).summary == "less.example: OTHER is not named in docs/a.md"
    (tree / "docs/a.md").write_text("`JWT_SECRET`, OTHER: x")
    assert run(tree, text).outcome is Outcome.PASSED
    missing = run(tree, text.replace("docs/", "none/"))
    assert (missing.outcome, missing.summary) == (Outcome.FAILED, "no file at none/*.md")


CODE = """\
import os
from pydantic_settings import BaseSettings, SettingsConfigDict
a = os.environ["JWT_SECRET"]
b = os.getenv("OTHER", "x")
os.environ["WRITTEN"] = "1"
c = os.environ.get("MISSING") or os.environ["PATH"]
class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SHOP_")
    log_level: str = "info"
"""


def test_what_code_reads_is_set(tree: Path) -> None:
    (tree / "app.py").write_text(CODE)
    (tree / "web.ts").write_text("x\nconst url = process.env.API_URL ?? import.meta.env['OTHER'];")
    text = '{"file": "less.example", "code": ["*.py", "*.ts"]}'
    result = run(tree, text)
    assert result.outcome is Outcome.FAILED
    assert [(one.path, one.line) for one in result.evidence if one.kind == "location"] == [
        ("app.py", 6),
        ("app.py", 9),
        ("web.ts", 2),
    ]
    assert "reads SHOP_LOG_LEVEL, which less.example does not set" in result.details
    (tree / "less.example").write_text("JWT_SECRET=\nOTHER=\nMISSING=\nSHOP_LOG_LEVEL=\nAPI_URL=")
    assert run(tree, text).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("name", "content"), [("a.py", "def ("), ("a.py", "x = 1"), ("a.rb", "ENV['A']")]
)
def test_code_that_cannot_be_read_cannot_be_told(tree: Path, name: str, content: str) -> None:
    (tree / name).write_text(content)
    result = run(tree, f'{{"file": "less.example", "code": "{name}"}}')
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


@pytest.mark.parametrize(
    "options",
    [
        '{"source": "environment"}',
        '{"source": "environment", "file": "a", "required": ["A"]}',
        '{"source": "environment", "untracked": ".env"}',
        '{"code": "a.py"}',
        '{"documentation": "a.md"}',
        '{"no-placeholders": true}',
    ],
)
def test_sources_and_what_is_asked_of_them_fit(options: str) -> None:
    with pytest.raises(ValidationError):
        EnvContractOptions.model_validate_json(options)
