"""A checklist's claims beside what was found, and its boxes written back, driven from outside."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.outside import CONFIG, Called, Command, Site, site, write
from tests.github_double import events

LIST = """\
# Ready\r
\r
## Security ✅ MVP 60% → Phase 1 100%\r
\r
- [x] The read-me is there <!-- id: readme -->\r
* [ ] A licence is there <!-- id: licence -->\r
- [X] Nobody left a note <!-- id: notes -->\r
1. [ ] Keys rotate <!-- id: keys -->\r
\r
```bash\r
[x] The change log is there   # pinned by its words\r
```\r
\r
On call: [Contact info]\r
"""
ITEMS = """\
version: 1
checklist: docs/READY.md
items:
  readme: {check: file-exists, with: {path: README.md}}
  licence: {check: file-exists, with: {path: LICENSE}}
  notes: {check: file-content, with: {path: README.md, absent: [FIXME]}}
  keys: {check: attestation, with: {by: ["@somebody"]}, stage: pre-merge}
"""
DOCUMENT = "docs/READY.md"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "workspace"
    write(made, {"README.md": "# Shop\nFIXME\n", "LICENSE": "free\n", CONFIG: ITEMS})
    (made / "docs").mkdir()
    (made / DOCUMENT).write_bytes(LIST.encode())
    return made


def claims(done: Called, kind: str) -> list[tuple[Any, ...]]:
    return [
        (one["text"], one["declared"], one["computed"], one["agrees"], one["line"])
        for one in done.report["claims"]
        if one["kind"] == kind
    ]


def test_ticks_percentages_and_placeholders_are_in_the_report(
    command: Command, folder: Path
) -> None:
    done = command(folder, "run", "--half", "checks")
    assert done.exit_code == 1, done.said
    assert claims(done, "tick") == [
        ("The read-me is there", "ticked", "passed", True, 5),
        ("A licence is there", "not ticked", "passed", False, 6),
        ("Nobody left a note", "ticked", "failed", False, 7),
    ]
    assert claims(done, "placeholder") == [
        ("[Contact info]", "a placeholder", "still to be filled in: line 14", False, 14)
    ]
    assert [one[1] for one in claims(done, "contradiction")] == []
    assert "claim: Nobody left a note (docs/READY.md:7): declared ticked, computed failed" in (
        done.stdout
    )
    assert "passes, and is not ticked (--write-back ticks it): licence" in done.stdout
    comment = (folder / "readiness-report/comment.md").read_text("utf-8")
    assert "`Nobody left a note`" in comment
    assert (folder / DOCUMENT).read_bytes() == LIST.encode()


def test_boxes_are_written_back_and_nothing_else(command: Command, folder: Path) -> None:
    done = command(folder, "run", "--half", "checks", "--write-back")
    assert done.exit_code == 1, done.said
    assert "docs/READY.md: 1 ticked, 1 unticked" in done.stderr
    written = (folder / DOCUMENT).read_bytes().decode()
    expected = LIST.replace("* [ ] A licence", "* [x] A licence").replace("- [X] Nob", "- [ ] Nob")
    assert written == expected
    again = command(folder, "run", "--half", "checks", "--write-back")
    assert "write-back: every box stands as it was found" in again.stderr
    assert (folder / DOCUMENT).read_bytes().decode() == expected
    assert [one[3] for one in claims(again, "tick")] == [True, True]
    assert [one["id"] for one in again.report["items"]] == [
        one["id"] for one in done.report["items"]
    ]


def test_import_run_write_back_import_gives_the_same_ids(command: Command, folder: Path) -> None:
    first = command(folder, "import", DOCUMENT, "--format", "json")
    assert first.exit_code == 0, first.said
    assert command(folder, "run", "--half", "checks", "--write-back").exit_code == 1
    second = command(folder, "import", DOCUMENT, "--format", "json")
    ids = [(one["id"], one["line"], one["text"]) for one in first.json["items"]]
    assert [(one["id"], one["line"], one["text"]) for one in second.json["items"]] == ids
    ticks = {one["id"]: one["ticked"] for one in second.json["items"]}
    assert (ticks["readme"], ticks["licence"], ticks["notes"]) == (True, True, False)


def test_without_a_checklist_there_is_nothing_to_write(command: Command, folder: Path) -> None:
    write(folder, {CONFIG: ITEMS.replace("checklist: docs/READY.md\n", "").partition("  keys")[0]})
    done = command(folder, "run", "--half", "checks", "--write-back")
    assert done.exit_code == 2, done.said
    assert "write-back: there is no checklist" in done.stderr


def test_a_waiver_that_is_over_blocks_and_one_that_nobody_needs_is_named(
    command: Command, folder: Path
) -> None:
    waiver = "- {{id: {}, reason: later, requested-by: a, approved-by: b, expires: {}}}\n"
    path = ".github/readiness-waivers.yml"
    write(
        folder, {path: waiver.format("notes", "2020-01-31") + waiver.format("readme", "2999-01-01")}
    )
    done = command(folder, "run", "--half", "checks")
    notes = done.item("notes")
    assert notes["outcome"] == "failed"
    assert notes["summary"].endswith("its waiver by b expired on 2020-01-31")
    assert "the waiver for readme is no longer needed" in done.report["notes"]
    write(folder, {path: waiver.format("notes", "2999-01-01")})
    assert command(folder, "run", "--half", "checks").exit_code == 0


SIGNED = """\
version: 1
checklist: LIST.md
roles: {legal: [lawyer]}
items:
  privacy: {check: attestation, with: {by: legal}, stage: pre-merge}
"""
OPEN = "# Ready\n\n- [ ] Privacy\n"


@pytest.fixture
def shop(command: Command, tmp_path: Path) -> Iterator[Site]:
    with site(command, tmp_path / "workspace", SIGNED, files={"LIST.md": OPEN}) as made:
        made.home.collaborators |= {"lawyer": "write"}
        yield made


def tick(shop: Site, *reviewers: str, author: str = "author") -> None:
    """Merge a pull request that ticks the line, approved by these people."""
    ticked = {"LIST.md": OPEN.replace("[ ]", "[x]")}
    pull = shop.home.pull_request(number=20, head="tick", files=ticked, author=author)
    for name in reviewers:
        pull.review("APPROVED", author=name)
    pull.merge("squash")


def merge_half(shop: Site, comment: str = "never", **files: str | None) -> Called:
    changed: dict[str, str | None] = {"a": "1\n"}
    changed |= {f".github/readiness-{name}.yml": text for name, text in files.items()}
    pull = shop.home.pull_request(number=14, head="change", files=changed)
    event = events.pull_request(shop.double, pull, "opened")
    return shop.on(event, "run", "--half=merge", comment=comment)


def test_a_tick_that_the_role_approved_signs_off(shop: Site) -> None:
    tick(shop, "lawyer")
    done = merge_half(shop)
    assert done.item("privacy")["outcome"] == "passed", done.said
    assert done.item("privacy")["summary"].startswith("signed off by @lawyer on ")
    assert [one for one in shop.double.requests if "blame" in str(one.body)]


@pytest.mark.parametrize("reviewers", [(), ("colleague",)])
def test_a_tick_that_nobody_of_the_role_approved_waits(
    shop: Site, reviewers: tuple[str, ...]
) -> None:
    tick(shop, *reviewers)
    done = merge_half(shop)
    assert done.item("privacy")["outcome"] == "pending", done.said
    assert done.exit_code == 0, done.said
    tick_claim = claims(done, "tick")
    assert tick_claim == [("Privacy", "ticked", "pending", False, 3)]


def test_an_untouched_line_asks_github_for_nothing_more(shop: Site) -> None:
    done = merge_half(shop)
    assert done.item("privacy")["outcome"] == "pending"
    asked = [str(one.body) for one in shop.double.requests]
    assert not [one for one in asked if "blame" in one]


def test_what_a_pull_request_changes_of_waivers_and_sign_offs_is_in_its_comment(
    shop: Site,
) -> None:
    waiver = "- {id: privacy, reason: r, requested-by: a, approved-by: b, expires: 2999-01-01}\n"
    entry = "- {id: privacy, by: lawyer, evidence: e, date: 2026-01-01}\n"
    done = merge_half(shop, comment="always", waivers=waiver, attestations=entry)
    assert done.item("privacy")["outcome"] == "pending", done.said
    (said,) = shop.comments(14)
    assert "this pull request adds 1 waiver: privacy; nothing of it counts before it" in said
    assert "this pull request adds 1 sign-off: privacy; nothing of it counts before" in said
