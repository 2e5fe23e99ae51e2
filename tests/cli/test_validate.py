from pathlib import Path

import pytest

from readiness_gate.cli import validate
from readiness_gate.cli.console import Console
from readiness_gate.doors.settings import from_environment
from readiness_gate.errors import ConfigurationError

CHECKLIST = (
    "## High\n\n- [ ] The API answers <!-- id: api -->\n- [ ] Legal agrees <!-- id: legal -->\n"
)


def said(folder: Path, items: str, capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    (folder / ".github").mkdir()
    (folder / "LIST.md").write_text(CHECKLIST, "utf-8")
    config = f"version: 1\nchecklist: LIST.md\nitems: {items}\n"
    (folder / ".github/readiness.yml").write_text(config, "utf-8")
    settings = from_environment({"GITHUB_WORKSPACE": str(folder)})
    assert validate.command(settings, Console(color=False), output_format="text") == 0
    written = capsys.readouterr()
    return written.out, written.err


def test_a_misspelt_id_is_told_beside_the_line_that_it_leaves_unproven(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, err = said(tmp_path, "{apy: {check: file-exists, with: {path: LIST.md}}}", capsys)
    assert [line.split()[:2] for line in out.splitlines()] == [
        ["api", "attestation"], ["legal", "attestation"], ["apy", "file-exists"],
    ]  # fmt: skip
    assert "note: items.apy is no line of the checklist, did you mean 'api'?" in err
    assert "bound to no check, so waiting for somebody's signature before a deploy: api, leg" in err


def test_an_item_beside_the_checklist_is_no_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bound = "{check: file-exists, with: {path: LIST.md}}"
    _, err = said(tmp_path, f"{{api: {bound}, legal: attestation, smoke-tests: {bound}}}", capsys)
    assert err == ".github/readiness.yml: valid, 3 items\n"


WRONG = """\
version: 1
checklist: LIST.md
roles: {legal: [counsel]}
targets: {High: {mvp: 50}}
items:
  api: {check: attestation, with: {by: legl}}
  legal: {checks: [{check: attestation, with: {by: legal}}]}
"""
NO_ROLE = "items.api.with.by: 'legl' is no role, did you mean 'legal'?; write a role, or @user"
WAIVERS = "- {id: apy, reason: r, requested-by: a, approved-by: b, expires: 2026-13-01}\n"
SIGNED = "- {id: legl, by: me, evidence: e, date: 2026-03-01}\n"


def refused(folder: Path, config: str, **files: str) -> str:
    (folder / ".github").mkdir()
    (folder / "LIST.md").write_text(CHECKLIST, "utf-8")
    (folder / ".github/readiness.yml").write_text(config, "utf-8")
    for name, text in files.items():
        (folder / f".github/readiness-{name}.yml").write_text(text, "utf-8")
    settings = from_environment({"GITHUB_WORKSPACE": str(folder)})
    with pytest.raises(ConfigurationError) as caught:
        validate.command(settings, Console(color=False), output_format="text")
    return caught.value.message


def test_what_is_wrong_with_every_file_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    said = refused(tmp_path, WRONG, waivers=WAIVERS, attestations=SIGNED).splitlines()
    assert [line.partition(": ") for line in said] == [
        (f".github/readiness{file}", ": ", told)
        for file, told in (
            (
                "-waivers.yml:1:66",
                "entry 1.expires: there is no such day; write a date such as 2026-06-30",
            ),
            ("-attestations.yml:1:8", "no item is called 'legl', did you mean 'legal'?"),
            (".yml:4:23", "targets.High.mvp: there is no phase 'mvp'"),
            (
                ".yml:6:40",
                NO_ROLE,
            ),
        )
    ]


def test_a_broken_configuration_hides_nothing_of_the_other_files(tmp_path: Path) -> None:
    said = refused(tmp_path, "version: 2\n", waivers=WAIVERS, attestations="- {}\n").splitlines()
    assert [line.split(":")[0] for line in said][:2] == [
        ".github/readiness.yml", ".github/readiness-waivers.yml",
    ]  # fmt: skip
    assert said[-1].startswith(".github/readiness-attestations.yml:1:")


def test_options_that_do_not_bind_are_told_beside_the_other_files(tmp_path: Path) -> None:
    wrong = WRONG.replace("by: legl", "bye: legal")
    said = refused(tmp_path, wrong, waivers=WAIVERS)
    assert "readiness.yml:6" in said.splitlines()[0]
    assert "unknown key 'bye', did you mean 'by'" in said
    assert "readiness-waivers.yml:1:66" in said
