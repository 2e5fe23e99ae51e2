"""What a docstring or a comment cites stands in `docs/design.md` or `docs/field-notes.md`."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from readiness_gate.checks import CHECKS
from tests.contracts.sources import PACKAGE, ROOT

DESIGN = (ROOT / "docs/design.md").read_text("utf-8")
NOTES = (ROOT / "docs/field-notes.md").read_text("utf-8")
SUBJECTS = ("stacks", "databases", "pull requests", "reporting", "security")

_SECTION = r"\d+(?:\.\d+)?"
_NOTE = rf"(?:S-\d+|F\d+|{_SECTION})"
DESIGN_CITED = re.compile(rf"DESIGN ({_SECTION}(?:(?:, | and )(?:rules? )?{_SECTION})*)")
NOTES_CITED = re.compile(
    rf"[Nn]otes on ({'|'.join(SUBJECTS)}) ({_NOTE}(?:(?:, | and | to ){_NOTE})*)"
)
THREAT_CITED = re.compile(r"\bS-\d\d\b")
MENTIONED = re.compile(r"\bDESIGN\b|[Nn]otes on\b")


def sources() -> Iterator[tuple[str, str]]:
    """Every file that may cite, as one line of text, so that a citation can wrap."""
    own = Path(__file__).resolve()
    for folder in (PACKAGE, ROOT / "tests"):
        for path in sorted(folder.rglob("*.py")):
            if "node_modules" in path.parts or path.resolve() == own:
                continue
            lines = [line.strip().lstrip("# ") for line in path.read_text("utf-8").splitlines()]
            yield path.relative_to(ROOT).as_posix(), " ".join(lines)


def sections() -> set[str]:
    """What "DESIGN …" can mean: numbers of headings, and `rule n` of section 2."""
    numbers = set(re.findall(rf"^##+ ({_SECTION})\.? ", DESIGN, re.MULTILINE))
    rules = DESIGN.partition("Rules of the house:")[2].partition("\n### ")[0]
    return numbers | {f"rule {one}" for one in re.findall(r"^(\d)\. ", rules, re.MULTILINE)}


def notes() -> set[str]:
    """What "notes on …" can mean: `stacks 2.5`, `security F6`."""
    return set(re.findall(rf"^### ((?:{'|'.join(SUBJECTS)}) {_NOTE})$", NOTES, re.MULTILINE))


def of_design(text: str) -> Iterator[str]:
    for cited in DESIGN_CITED.findall(text):
        before, rule, after = cited.partition(" rule")
        yield from re.findall(_SECTION, before)
        yield from (f"rule {one}" for one in re.findall(_SECTION, rule and after))


def of_notes(text: str) -> Iterator[str]:
    for subject, cited in NOTES_CITED.findall(text):
        for one in re.findall(_NOTE, cited):
            # Threats and facts are numbered through; only security has them.
            yield f"security {one}" if one[0] in "SF" else f"{subject} {one}"
    yield from (f"security {one}" for one in THREAT_CITED.findall(text))


def test_every_section_of_the_design_that_is_cited_exists() -> None:
    known = sections()
    missing = {(name, one) for name, text in sources() for one in of_design(text)}
    assert sorted((name, one) for name, one in missing if one not in known) == []


def test_every_note_that_is_cited_is_written_down() -> None:
    known = notes()
    missing = {(name, one) for name, text in sources() for one in of_notes(text)}
    assert sorted((name, one) for name, one in missing if one not in known) == []


def test_every_note_that_is_written_down_is_cited() -> None:
    cited = {one for _, text in sources() for one in of_notes(text)}
    assert sorted(notes() - cited) == []


def test_a_citation_is_written_so_that_it_can_be_found() -> None:
    unread = [
        (name, text[found.start() : found.start() + 40])
        for name, text in sources()
        for found in MENTIONED.finditer(text)
        if name != "tests/generated_docs.py"
        and not DESIGN_CITED.match(text, found.start())
        and not NOTES_CITED.match(text, found.start())
    ]
    assert unread == []


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("(DESIGN 1.2)", ["1.2"]),
        ("of DESIGN 1.1 and 1.2.", ["1.1", "1.2"]),
        ("(DESIGN 2, rules 1, 4)", ["2", "rule 1", "rule 4"]),
        ("(DESIGN 1.5, drivers)", ["1.5"]),
        ("(notes on databases 2.1 to 2.3)", ["databases 2.1", "databases 2.3"]),
        ("(notes on stacks 2.2, F19)", ["stacks 2.2", "security F19"]),
        ("nowhere else (S-22)", ["security S-22"]),
    ],
)
def test_forms_of_citations(text: str, cited: list[str]) -> None:
    assert [*of_design(text), *of_notes(text)] == cited


def test_every_check_is_a_word_of_the_design() -> None:
    catalogue = DESIGN.partition("## 3. ")[2].partition("## 4. ")[0]
    assert sorted(set(CHECKS) - set(re.findall(r"`([a-z-]+)`", catalogue))) == []


def test_links_between_the_pages_lead_somewhere() -> None:
    headings = {
        re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-")
        for one in re.findall(r"^#+ (.+)$", NOTES, re.MULTILINE)
    }
    assert set(re.findall(r"field-notes\.md#([\w-]+)", DESIGN)) <= headings
    links = re.findall(r"\]\(([^)#]+)(?:#[\w-]+)?\)", DESIGN + NOTES)
    assert [one for one in links if not (ROOT / "docs" / one).exists()] == []
