from pathlib import Path

import pytest

from readiness_gate.doors.workspace import Workspace
from readiness_gate.errors import ConfigurationError
from readiness_gate.migrations.location import (
    find_versions,
    revision_files,
    separate,
    version_folders,
)


def write(root: Path, name: str, text: str = "") -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[alembic]\nscript_location = alembic\n", ("backend/alembic/versions",)),
        ("[alembic]\nscript_location = %(here)s/alembic\n", ("backend/alembic/versions",)),
        ("[alembic]\nscript_location = app:migrations\n", ("backend/app/migrations/versions",)),
        (
            (
                "[alembic]\nscript_location = alembic\npath_separator = os\n"
                "version_locations = %(here)s/alembic/versions:%(here)s/more\n"
            ),
            ("backend/alembic/versions", "backend/more"),
        ),
        (
            "[alembic]\nscript_location = alembic\nversion_locations = alembic/versions, more\n",
            ("backend/alembic/versions", "backend/more"),
        ),
    ],
)
def test_alembic_s_own_words_name_the_folders(
    tmp_path: Path, text: str, expected: tuple[str, ...]
) -> None:
    write(tmp_path, "backend/alembic.ini", text)
    for folder in ("alembic/versions", "app/migrations/versions", "more"):
        (tmp_path / "backend" / folder).mkdir(parents=True)
    assert version_folders(Workspace(tmp_path), "backend/alembic.ini") == expected
    assert find_versions(Workspace(tmp_path)) == expected


def test_a_pyproject_names_the_folder(tmp_path: Path) -> None:
    write(tmp_path, "pyproject.toml", '[tool.alembic]\nscript_location = "%(here)s/migrations"\n')
    (tmp_path / "migrations/versions").mkdir(parents=True)
    assert version_folders(Workspace(tmp_path), "pyproject.toml") == ("migrations/versions",)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[alembic]\n",
        "[alembic]\nscript_location = gone\n",
        "[alembic]\nscript_location = ../../etc\n",
        "no section",
    ],
)
def test_a_configuration_that_names_no_folder_is_refused(tmp_path: Path, text: str) -> None:
    write(tmp_path, "alembic.ini", text)
    with pytest.raises(ConfigurationError, match=r"alembic\.ini"):
        version_folders(Workspace(tmp_path), "alembic.ini")


def test_two_configurations_are_not_chosen_between(tmp_path: Path) -> None:
    write(tmp_path, "a/alembic.ini")
    write(tmp_path, "b/alembic.ini")
    with pytest.raises(ConfigurationError, match="2 files"):
        find_versions(Workspace(tmp_path))


def test_files_are_those_that_alembic_loads(tmp_path: Path) -> None:
    for name in ("a_.py", "__init__.py", ".#a_.py", "a_.pyc", "notes.txt", "sub/b_.py"):
        write(tmp_path, f"migrations/versions/{name}", "x = 1")
    workspace = Workspace(tmp_path)
    assert list(revision_files(workspace, "migrations")) == ["migrations/versions/a_.py"]
    assert revision_files(workspace, "migrations/versions") == {
        "migrations/versions/a_.py": b"x = 1"
    }


def test_the_folder_of_the_configuration_is_understood(tmp_path: Path) -> None:
    write(tmp_path, "alembic.ini", "[alembic]\nscript_location = db\n")
    write(tmp_path, "db/versions/a_.py", "x = 1")
    assert list(revision_files(Workspace(tmp_path), ".")) == ["db/versions/a_.py"]


@pytest.mark.parametrize("folder", ["gone", "../outside"])
def test_a_folder_that_is_not_there_is_refused(tmp_path: Path, folder: str) -> None:
    with pytest.raises(ConfigurationError):
        revision_files(Workspace(tmp_path), folder)


def test_a_package_with_folders_inside_is_a_path(tmp_path: Path) -> None:
    write(tmp_path, "app/alembic.ini", "[alembic]\nscript_location = app:db:migrations\n")
    write(tmp_path, "app/db/migrations/versions/a_.py")
    assert version_folders(Workspace(tmp_path), "app/alembic.ini") == (
        "app/db/migrations/versions",
    )


def test_a_script_directory_is_its_own_place_where_none_is_named(tmp_path: Path) -> None:
    write(tmp_path, "migrations/alembic.ini", "[alembic]\n")
    write(tmp_path, "migrations/env.py")
    write(tmp_path, "migrations/versions/a_.py")
    workspace = Workspace(tmp_path)
    assert version_folders(workspace, "migrations/alembic.ini") == ("migrations/versions",)


def test_folders_below_count_where_alembic_or_the_environment_reads_them(tmp_path: Path) -> None:
    write(tmp_path, "alembic.ini", "[alembic]\nscript_location = db\n")
    write(tmp_path, "db/versions/sqlite/a_.py")
    write(tmp_path, "db/versions/postgresql/b_.py")
    workspace = Workspace(tmp_path)
    both = ("db/versions/postgresql", "db/versions/sqlite")
    assert version_folders(workspace, "alembic.ini") == both
    assert separate(both)
    write(tmp_path, "db/versions/c_.py")
    assert version_folders(workspace, "alembic.ini") == ("db/versions",)
    write(
        tmp_path,
        "alembic.ini",
        "[alembic]\nscript_location = db\nrecursive_version_locations = true\n",
    )
    assert version_folders(workspace, "alembic.ini") == ("db/versions", *both)
    assert not separate(("db/versions", *both))
