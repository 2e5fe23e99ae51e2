from pathlib import Path

import pytest

from readiness_gate.checks.database.migrations_heads import CHECK, MigrationsHeadsOptions
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.evidence import LocationEvidence
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.checks.database.build import context
from tests.migrations.builders import files


def run(root: Path, **parents: object) -> CheckResult:
    (root / "db/versions").mkdir(parents=True, exist_ok=True)
    (root / "alembic.ini").write_text("[alembic]\nscript_location = %(here)s/db\n")
    for path, content in files(**parents).items():
        (root / "db" / path).write_bytes(content)
    at = context(root=root, migrations={"main": "alembic.ini"})
    return CHECK.run(at, MigrationsHeadsOptions())


def test_one_head_passes(tmp_path: Path) -> None:
    result = run(tmp_path, a=None, b="a")
    assert result.outcome is Outcome.PASSED
    assert result.summary == "one head, b, of 2 revisions"


def test_two_heads_fail_with_their_files_and_the_command_that_joins_them(tmp_path: Path) -> None:
    result = run(tmp_path, a=None, b="a", c="a")
    assert result.outcome is Outcome.FAILED
    assert result.summary == "2 heads: b, c"
    assert "alembic merge -m 'merge heads' b c" in (result.remediation or "")
    paths = [each.path for each in result.evidence if isinstance(each, LocationEvidence)]
    assert paths == ["db/versions/b_.py", "db/versions/c_.py"]


def test_a_broken_history_fails_with_its_place(tmp_path: Path) -> None:
    result = run(tmp_path, a=None, b="gone", c="lost")
    assert result.outcome is Outcome.FAILED
    assert result.summary == (
        "the history is broken: revision b names gone as its down_revision, which is not there "
        "(and 1 more)"
    )


def test_no_revision_is_not_a_pass(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


def test_a_checkout_without_the_configuration_is_an_error(tmp_path: Path) -> None:
    at = context(root=tmp_path, migrations={"main": "alembic.ini"})
    with pytest.raises(ConfigurationError, match=r"no file named alembic\.ini"):
        CHECK.run(at, MigrationsHeadsOptions())


def test_a_database_without_migrations_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="configured: none"):
        CHECK.run(context(root=tmp_path), MigrationsHeadsOptions())
    at = context(root=tmp_path, migrations={"main": "alembic.ini"})
    with pytest.raises(ConfigurationError, match="there is no database with migrations log"):
        CHECK.run(at, MigrationsHeadsOptions(database="log"))


def test_several_version_locations_are_one_history(tmp_path: Path) -> None:
    (tmp_path / "alembic.ini").write_text(
        "[alembic]\nscript_location = one\npath_separator = os\n"
        "version_locations = %(here)s/one:%(here)s/two\n"
    )
    for folder, (path, content) in zip(("one", "two"), files(a=None, b="a").items(), strict=True):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / Path(path).name).write_bytes(content)
    at = context(root=tmp_path, migrations={"main": "alembic.ini"})
    assert CHECK.run(at, MigrationsHeadsOptions()).outcome is Outcome.PASSED


def test_a_history_for_each_dialect_has_a_head_for_each(tmp_path: Path) -> None:
    (tmp_path / "alembic.ini").write_text("[alembic]\nscript_location = %(here)s/db\n")
    for dialect, parents in (("postgresql", {"a": None, "b": "a"}), ("sqlite", {"c": None})):
        for path, content in files(**parents).items():
            file = tmp_path / "db" / "versions" / dialect / Path(path).name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    at = context(root=tmp_path, migrations={"main": "alembic.ini"})
    result = CHECK.run(at, MigrationsHeadsOptions())
    assert result.summary == (
        "postgresql: one head, b, of 2 revisions; sqlite: one head, c, of 1 revision"
    )
    (tmp_path / "db/versions/sqlite/d_.py").write_bytes(files(d=None)["versions/d_.py"])
    assert CHECK.run(at, MigrationsHeadsOptions()).outcome is Outcome.FAILED
