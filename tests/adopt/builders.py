"""Items and checkouts for the tests of import."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from readiness_gate.adopt.configuration import Draft
from readiness_gate.adopt.merge_section import merge_section
from readiness_gate.adopt.proposal import Proposal, Proposer
from readiness_gate.adopt.reading import Reading, read
from readiness_gate.adopt.repository_facts import RepositoryFacts
from readiness_gate.adopt.rules import known_rules
from readiness_gate.adopt.target import target_of
from readiness_gate.checks import CHECKS
from readiness_gate.cli.validate import items_of
from readiness_gate.doors.workspace import Workspace
from readiness_gate.engine.plan import PlannedItem
from readiness_gate.engine.policy import read_policy

ROOT = Path(__file__).resolve().parents[2]
SHOP = ROOT / "examples/shop"
CLINIC = ROOT / "examples/clinic"
LIST = "docs/LIST.md"
CONFIG = ".github/readiness.yml"
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


def facts_of(root: Path, files: Mapping[str, str] | None = None) -> RepositoryFacts:
    """Return the facts of a folder, into which `files` are written first."""
    if root in {SHOP, CLINIC}:
        return _example(root)
    for path, text in (files or {}).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    return RepositoryFacts(Workspace(root))


@cache
def _example(root: Path) -> RepositoryFacts:
    return RepositoryFacts(Workspace(root))


def reading_of(text: str) -> Reading:
    """Return what one checklist says."""
    return read([(LIST, text.encode())])


def drafted(text: str, facts: RepositoryFacts, own: int | None = None) -> Draft:
    """Return what is proposed for one checklist."""
    reading = reading_of(text)
    target = target_of(facts)
    proposals = Proposer(known_rules(), CHECKS, facts, target).proposals(reading.items)
    section, _ = merge_section(reading, own)
    return Draft(reading, proposals, target, section)


def proposed(line: str, facts: RepositoryFacts, section: str = "Checks") -> Proposal:
    """Return the proposal for one line below a heading."""
    (only,) = drafted(f"# List\n\n## {section}\n\n- [ ] {line}\n", facts).proposals
    return only


def planned(config: str, checklist: str) -> dict[str, PlannedItem]:
    """Return the items that a configuration makes, by id.

    Raises:
        ConfigurationError: it is wrong; what `validate` would say.
    """
    files = {CONFIG: config.encode(), LIST: checklist.encode()}
    policy = read_policy(files.get, CONFIG, check_ids=CHECKS, now=NOW)
    assert policy is not None
    return {item.id: item for item in items_of(policy)}
