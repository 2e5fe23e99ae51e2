import json
from pathlib import Path
from typing import Any

import pytest

from readiness_gate.cli import import_, init, validate
from readiness_gate.cli.console import Console
from readiness_gate.doors.settings import from_environment
from readiness_gate.errors import ConfigurationError

LIST = """# Release

## Security ✅ MVP 60% → Phase 1 100%

- [x] CORS is restricted (Phase 1)
- [ ] Rate limiting: 20/day

## Weekly

- [ ] Test backup/restore

## In order

```bash
gh pr merge 14
gh pr merge <THIS_PR_NUMBER>
gh pr merge 10
```

Support: [Contact info]
"""
KEYS = [
    "id", "line", "ticked", "text", "section", "category", "severity", "phase", "stage", "check",
    "with", "todo", "confidence", "reason",
]  # fmt: skip


def imported(
    folder: Path, *files: str, output: str = "", update: bool = False, pin: bool = False,
    form: str = "text", own: str = "",
) -> None:  # fmt: skip
    settings = from_environment(
        {"GITHUB_WORKSPACE": str(folder)}, {"pull-request": own} if own else {}
    )
    code = import_.command(
        settings, Console(color=False), files=files or ("LIST.md",), output=output, merge=update,
        pin=pin, output_format=form,
    )  # fmt: skip
    assert code == 0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "LIST.md").write_text(LIST, "utf-8")
    return tmp_path


def data_of(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(capsys.readouterr().out)
    return read


def test_the_machines_form_has_every_key_of_the_contract(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imported(folder, form="json")
    data = data_of(capsys)
    assert list(data) == ["items", "claims", "warnings"]
    assert [list(one) for one in data["items"]] == [KEYS] * 3
    cors, limit, backup = data["items"]
    assert (cors["id"], cors["line"], cors["ticked"]) == ("cors-is-restricted", 5, True)
    assert (cors["section"], cors["phase"], cors["check"]) == (
        "Release > Security", "phase-1", "cors",
    )  # fmt: skip
    assert limit["with"]["limit"] == "20/day"
    assert (backup["check"], backup["stage"]) == ("backup-restore", "scheduled")


def test_a_placeholder_for_the_own_number_is_asked_for(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imported(folder, form="json")
    asked = [one for one in data_of(capsys)["warnings"] if "--pull-request" in one]
    assert len(asked) == 1
    assert asked[0].startswith("LIST.md:16: ")


def test_the_own_number_takes_its_place_in_the_order(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imported(folder, own="21")
    assert "  order: [14, 21, 10]\n" in capsys.readouterr().out


def test_placeholders_are_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    imported(folder)
    assert "Contact info" in capsys.readouterr().err


def test_nothing_is_written_without_being_asked_for(folder: Path) -> None:
    before = sorted(folder.rglob("*"))
    imported(folder)
    imported(folder, form="json")
    assert sorted(folder.rglob("*")) == before


def test_what_is_written_is_valid_and_updating_it_changes_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imported(folder, update=True)
    config = folder / ".github/readiness.yml"
    written = config.read_bytes()
    imported(folder, update=True)
    assert config.read_bytes() == written
    assert "nothing to add" in capsys.readouterr().err
    settings = from_environment({"GITHUB_WORKSPACE": str(folder)})
    assert validate.command(settings, Console(color=False), output_format="text") == 0


def test_a_file_that_is_there_is_not_overwritten(folder: Path) -> None:
    imported(folder, output="gate.yml")
    with pytest.raises(ConfigurationError, match=r"gate\.yml is there already"):
        imported(folder, output="gate.yml")


@pytest.mark.parametrize("output", ["../gate.yml", "/tmp/gate.yml", "docs"])
def test_nothing_is_written_outside_of_the_checkout_or_over_a_folder(
    output: str, folder: Path
) -> None:
    (folder / "docs").mkdir()
    with pytest.raises(ConfigurationError, match=r"workspace|folder"):
        imported(folder, output=output)


def test_a_byte_order_mark_of_the_configuration_stays(folder: Path) -> None:
    config = folder / ".github/readiness.yml"
    config.parent.mkdir()
    config.write_bytes(b"\xef\xbb\xbfversion: 1\nitems: {}\n")
    imported(folder, update=True)
    assert config.read_bytes().startswith(b"\xef\xbb\xbfversion: 1\n")


def test_a_configuration_that_is_no_text_is_refused(folder: Path) -> None:
    config = folder / ".github/readiness.yml"
    config.parent.mkdir()
    config.write_bytes(b"version: \xff\n")
    with pytest.raises(ConfigurationError, match="is not UTF-8"):
        imported(folder, update=True)
    assert config.read_bytes() == b"version: \xff\n"


def test_pinned_ids_outlive_other_words(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    imported(folder, pin=True, form="json")
    ids = [one["id"] for one in data_of(capsys)["items"]]
    path = folder / "LIST.md"
    path.write_text(
        path.read_text("utf-8").replace("CORS is restricted", "Only ours read"), "utf-8"
    )
    imported(folder, form="json")
    assert [one["id"] for one in data_of(capsys)["items"]] == ids


def test_several_checklists_make_one_configuration(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "docs").mkdir()
    (folder / "docs/MORE.md").write_text("- [ ] CORS is restricted\n", "utf-8")
    imported(folder, "LIST.md", "docs/MORE.md", "./LIST.md")
    out = capsys.readouterr().out
    assert "checklist: [LIST.md, docs/MORE.md]\n" in out
    assert "  cors-is-restricted-2:" in out


def test_a_file_outside_of_the_checkout_is_read(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path_factory.mktemp("other") / "OTHER.md"
    other.write_text("- [ ] CORS\n", "utf-8")
    imported(folder, str(other), form="json")
    assert [one["id"] for one in data_of(capsys)["items"]] == ["cors"]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("MISSING.md", None, "there is no file MISSING.md"),
        ("LIST.md/x", None, "there is no file LIST.md/x"),
        (".", None, "cannot be read"),
        ("EMPTY.md", b"", "no line can be ticked"),
        ("PROSE.md", b"# Only\n\nwords\n", "no line can be ticked"),
        ("BINARY.md", b"\x00\x01\x02", "BINARY.md"),
        ("TWICE.md", b"- [ ] a <!-- id: x -->\n- [ ] b <!-- id: x -->\n", "already at"),
    ],
)
def test_what_cannot_be_imported_is_refused_with_its_reason(
    name: str, data: bytes | None, message: str, folder: Path
) -> None:
    if data is not None:
        (folder / name).write_bytes(data)
    with pytest.raises(ConfigurationError, match=message):
        imported(folder, name)


def test_init_writes_once_and_what_it_writes_is_valid(folder: Path) -> None:
    settings = from_environment({"GITHUB_WORKSPACE": str(folder)})
    assert init.command(settings, Console(color=False)) == 0
    assert validate.command(settings, Console(color=False), output_format="text") == 0
    with pytest.raises(ConfigurationError, match="is there already"):
        init.command(settings, Console(color=False))
