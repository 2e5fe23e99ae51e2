"""What is installed is whole: templates come through the committed link, probes as they are."""

import os
import zipfile
from pathlib import Path

import pytest
from hatchling.build import build_wheel

from tests.contracts.sources import PACKAGE, ROOT


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """Names in the wheel that pip's own hook builds."""
    folder = tmp_path_factory.mktemp("wheel")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        with zipfile.ZipFile(folder / build_wheel(str(folder))) as wheel:
            return frozenset(wheel.namelist())


def below(folder: Path) -> set[str]:
    """Files of a folder of the package, links followed, as a wheel names them."""
    return {
        (Path(place) / name).relative_to(ROOT).as_posix()
        for place, _, names in os.walk(folder, followlinks=True)
        for name in names
        if not name.endswith(".pyc")
    }


@pytest.mark.parametrize("folder", ["templates", "probes"])
def test_data_is_installed_to_the_last_file(installed: frozenset[str], folder: str) -> None:
    expected = below(PACKAGE / folder)
    assert expected
    assert {name for name in installed if name.startswith(f"readiness_gate/{folder}/")} == expected


def test_the_templates_are_the_ones_at_the_root(installed: frozenset[str]) -> None:
    at_the_root = {f"readiness_gate/{name}" for name in below(ROOT / "templates")}
    assert "readiness_gate/templates/comment.md.j2" in at_the_root
    assert at_the_root <= installed


def test_nothing_but_the_package_is_installed(installed: frozenset[str]) -> None:
    assert "readiness_gate/py.typed" in installed
    assert {name.split("/")[0].split("-")[0] for name in installed} == {"readiness_gate"}
