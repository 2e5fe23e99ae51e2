"""Gates made out of a clinic's own documents: imported, red, waiting and green, written back.

What a maintainer adds by hand is here: the open bindings are finished, people sign. The documents
are the lines of two real checklists (`tests/adopt/lines`).
"""

import json
import shutil
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from examples import demo
from tests.e2e.command_line import Called, call

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_500)]

DOCUMENT = "docs/PRODUCTION_READINESS.md"
CONFIG = ".github/readiness.yml"
SIGNED = ".github/readiness-attestations.yml"
LINES = Path(__file__).parents[1] / "adopt" / "lines"
SECONDS = 400


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
    """A copy of the clinic, with its data, before anybody wrote a configuration for it."""
    folder = tmp_path / "clinic"
    shutil.copytree(demo.HERE / "clinic", folder, ignore=demo._LEFT_OUT)
    (folder / ".venv").symlink_to(sys.prefix)
    demo.created(folder)
    for name in (CONFIG, SIGNED, ".github/readiness-waivers.yml"):
        (folder / name).unlink(missing_ok=True)
    return folder


def adopt(clinic: Path, lines: str) -> list[str]:
    """Import a document; return the ids of its items."""
    shutil.copy(LINES / lines, clinic / DOCUMENT)
    done = call(clinic, "import", DOCUMENT, "--output", CONFIG)
    assert done.exit_code == 0, done.said
    assert call(clinic, "validate").exit_code == 0
    return ids(clinic)


def ids(clinic: Path) -> list[str]:
    done = call(clinic, "import", DOCUMENT, "--format", "json")
    return [one["id"] for one in done.json["items"]]


def finish(clinic: Path, items: Mapping[str, Mapping[str, Any]], **more: Any) -> None:
    """Replace bindings, as somebody does who looks through an imported configuration."""
    config = yaml.safe_load((clinic / CONFIG).read_text("utf-8"))
    unknown = set(items) - set(config["items"])
    assert not unknown, f"the import names no {unknown}: {list(config['items'])}"
    config["items"] |= items
    port = free_port()
    text = json.dumps({**config, **more}, indent=1, ensure_ascii=False)  # YAML without aliases
    text = text.replace('"8000"', f'"{port}"').replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    (clinic / CONFIG).write_text(text, "utf-8")


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def gate(clinic: Path, *more: str) -> Called:
    return call(clinic, "run", "--snapshot", "snapshot.json", *more, seconds=SECONDS)


def repair(clinic: Path) -> None:
    shutil.copytree(
        demo.HERE / "clinic" / "repaired",
        clinic,
        dirs_exist_ok=True,
        ignore=shutil.ignore_patterns(".github"),
    )


def outcomes(done: Called) -> dict[str, str]:
    return {one["id"]: one["outcome"] for one in done.report["items"]}


def require_three_answers(done: Called) -> None:
    """A reviewer reads in the comment alone whose move it is, why, and what to do next."""
    comment = (done.folder / "readiness-report" / "comment.md").read_text("utf-8")
    headings = {
        "failed": "#### ❌ Author fixes",
        "pending": "#### ⏳ Waiting for",
        "error": "#### ⚠️ The gate could not check",
    }
    for one in done.report["items"]:
        if not one["blocking"] or one["outcome"] not in headings:
            continue
        assert headings[one["outcome"]] in comment
        assert f"`{one['id']}`" in comment
        why = one["waiting-for"] if one["outcome"] == "pending" else one["summary"]
        assert shown(why) in comment, (one["id"], why)
        assert one["remediation"], one["id"]
        assert shown(one["remediation"].partition("`")[0]) in comment, one["id"]


def shown(text: str) -> str:
    """The first words, which no escape changes and no cell cuts."""
    return " ".join(text.split())[:40].partition("`")[0].partition("|")[0].strip()


PEOPLE = {"check": "attestation", "with": {"by": "records"}, "stage": "pre-merge"}
FOREIGN_KEYS: dict[str, dict[str, Any]] = {
    "cascade-dlya-autentifikatsii-profilej-2fa-dannyh": {
        "check": "foreign-key-policy",
        "with": {"rules": [{"tables": ["user_sessions", "two_*"], "on-delete": ["CASCADE"]}]},
    },
    "set-null-dlya-meditsinskih-zapisej-fajlov-b1443d": {
        "check": "foreign-key-policy",
        "with": {"rules": [{"tables": ["emr_records", "files"], "on-delete": ["SET NULL"]}]},
    },
    # The document counts another database: its figures stay claims.
    "shema-tselostna-88-tablits-99-fk-constraints": {"check": "schema"},
    "patsienty-sozdanie-obnovlenie-poisk": {
        "check": "http-scenario",
        "with": {
            "steps": [
                {
                    "name": "somebody new",
                    "url": "/patients",
                    "method": "POST",
                    "json": {"name": "Ann Example", "phone": "555 0101", "born_on": "1990-01-02"},
                    "status": 201,
                },
                {"name": "looked up", "url": "/patients?phone=555%200101", "status": 200},
            ]
        },
    },
    "platezhi-sozdanie-obrabotka-webhooks-9d787d": PEOPLE,
    "ocheredi-sozdanie-ocheredi-zapis-v-ochered-318610": PEOPLE,
    "emr-sozdanie-obnovlenie-svyaz-s-vizitami": PEOPLE,
    "fajly-zagruzka-versionirovanie-dostup": PEOPLE,
    "2fa-vklyuchenie-verifikatsiya-vosstanovlenie": PEOPLE,
    "roli-naznachenie-rolej-proverka-razreshenij": PEOPLE,
}


def test_the_document_about_foreign_keys_is_red_then_waits_and_is_green(clinic: Path) -> None:
    before = adopt(clinic, "foreign-keys.md")
    assert len(before) == 28
    finish(clinic, FOREIGN_KEYS, roles={"records": ["records-officer"]})
    original = (clinic / DOCUMENT).read_bytes()

    red = gate(clinic, "--write-back")
    assert (red.exit_code, red.report["verdict"]) == (1, "blocked"), red.said
    found = outcomes(red)
    assert found["net-orphaned-zapisej"] == found["fk-enforcement-vklyuchen"] == "failed"
    require_three_answers(red)
    claims = {(one["text"], one["computed"]) for one in red.report["claims"] if not one["agrees"]}
    assert ("Нет orphaned записей", "failed") in claims
    assert ("99 FK constraints", "19") in claims
    assert ("88 таблиц", "17") in claims
    assert "140+ FKs" in "".join(one["computed"] for one in red.report["claims"])
    unticked = (clinic / DOCUMENT).read_bytes()
    assert original.count(b"[x]") - unticked.count(b"[x]") == list(found.values()).count("failed")
    assert ids(clinic) == before

    repair(clinic)
    waits = gate(clinic)
    assert (waits.exit_code, waits.report["verdict"]) == (1, "waiting"), waits.said
    require_three_answers(waits)
    assert {one["waiting-for"] for one in waits.report["items"] if one["outcome"] == "pending"} == {
        "records"
    }

    people = [id_ for id_, one in FOREIGN_KEYS.items() if one is PEOPLE]
    entry = "- {{id: {}, by: records-officer, evidence: docs/CLEAN_UP_REPORT.md, date: 2025-12-01}}"
    (clinic / SIGNED).write_text("\n".join(map(entry.format, people)), "utf-8")
    green = gate(clinic, "--write-back")
    assert (green.exit_code, green.report["verdict"]) == (0, "ready"), green.said
    assert set(outcomes(green).values()) <= {"passed", "skipped"}
    # What was unticked is ticked again, and nothing else has changed.
    assert (clinic / DOCUMENT).read_bytes() == original
    assert ids(clinic) == before


def test_the_road_to_completion_is_red_and_green_where_ticked_lines_block(clinic: Path) -> None:
    before = adopt(clinic, "road-to-completion.md")
    assert len(before) == 25
    finish(clinic, {})
    assert '"enforce": "ticked"' in (clinic / CONFIG).read_text("utf-8")

    red = gate(clinic)
    assert (red.exit_code, red.report["verdict"]) == (1, "blocked"), red.said
    blocking = {one["id"] for one in red.report["items"] if one["blocking"]}
    assert blocking >= {"foreign-key-enforcement", "environment-variables-configuration"}
    assert "orphaned-records-cleanup" not in blocking
    assert outcomes(red)["orphaned-records-cleanup"] == "failed"
    require_three_answers(red)

    repair(clinic)
    green = gate(clinic, "--write-back")
    assert (green.exit_code, green.report["verdict"]) == (0, "ready"), green.said
    (note,) = [one for one in green.report["notes"] if one.startswith("passes: tick it")]
    assert "orphaned-records-cleanup" in note
    ticked = (clinic / DOCUMENT).read_text("utf-8")
    assert "- [x] Orphaned Records Cleanup" in ticked
    assert "- [ ] Error Tracking Setup" in ticked
    assert ids(clinic) == before

    # What is ticked now blocks from now on.
    done = call(clinic, "validate", "--format", "json")
    stricter = {one["id"] for one in done.json if one["blocking"]}
    assert stricter > blocking
    assert "orphaned-records-cleanup" in stricter
