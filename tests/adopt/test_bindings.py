"""The lines of five real checklists against a table that was made by reading them."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from readiness_gate.adopt.configuration import Draft, configuration
from readiness_gate.adopt.proposal import Proposal
from readiness_gate.checks import CHECKS
from tests import checklist_table
from tests.adopt.builders import CLINIC, SHOP, drafted, facts_of, planned

FOLDER = Path(__file__).parent / "lines"
NAMES = (
    "foreign-keys", "road-to-completion", "phase-by-phase", "mobile-apps", "release-by-release",
)  # fmt: skip
READ: dict[str, Any] = checklist_table.source()
TABLE = dict(zip(NAMES, READ["lists"], strict=True))
COUNTS = dict(zip(NAMES, (28, 25, 190, 286, 80), strict=True))
ENOUGH = 0.9
each_list = pytest.mark.parametrize("name", NAMES)
each_repository = pytest.mark.parametrize("repository", ["shop", "clinic", "empty"])


def text_of(name: str) -> str:
    return (FOLDER / f"{name}.md").read_text("utf-8")


Drafts = Callable[[str, str], Draft]


@pytest.fixture(scope="module")
def drafts(tmp_path_factory: pytest.TempPathFactory) -> Drafts:
    """Return what is proposed for a list in a repository, worked out once."""
    empty = tmp_path_factory.mktemp("empty")
    roots = {"shop": SHOP, "clinic": CLINIC, "empty": empty}

    @cache
    def draft(name: str, repository: str) -> Draft:
        return drafted(text_of(name), facts_of(roots[repository]))

    return draft


def wished(name: str, proposal: Proposal) -> str:
    """Return the check that a reader chose for a line; one not built yet is left to people."""
    binding = TABLE[name]["items"].get(proposal.item.id)
    check: str = READ["bindings"][binding]["check"] if binding else "attestation"
    return check if check in CHECKS else "attestation"


@each_list
def test_no_item_is_lost_or_invented(name: str, drafts: Drafts) -> None:
    proposals = drafts(name, "empty").proposals
    ids = [one.item.id for one in proposals]
    assert len(ids) == len(set(ids)) == COUNTS[name] == TABLE[name]["lines"]
    assert set(TABLE[name]["items"]) <= set(ids)


@each_list
@each_repository
def test_what_a_machine_can_check_is_bound_to_the_check_that_a_reader_chose(
    name: str, repository: str, drafts: Drafts
) -> None:
    proposals = drafts(name, repository).proposals
    bound = [one for one in proposals if one.item.id in TABLE[name]["items"]]
    other = [
        f"{one.item.text}: {one.check}, not {wished(name, one)}"
        for one in bound
        if one.check != wished(name, one)
    ]
    assert len(other) <= (1 - ENOUGH) * len(bound), other
    assert len(other) <= 2, other


@each_list
def test_every_other_line_is_left_to_people(name: str, drafts: Drafts) -> None:
    proposals = drafts(name, "empty").proposals
    others = {
        one.item.id: one.check for one in proposals if one.item.id not in TABLE[name]["items"]
    }
    assert set(others.values()) <= {"attestation", "rollup"}, others


@each_list
@each_repository
def test_every_proposed_configuration_is_valid(name: str, repository: str, drafts: Drafts) -> None:
    text = text_of(name)
    draft = drafts(name, repository)
    items = planned(configuration(draft), text)
    assert [one.item.id for one in draft.proposals] == list(items)[: COUNTS[name]]
    for one in draft.proposals:
        planned_item = items[one.item.id]
        assert planned_item.check_id == one.check
        assert planned_item.stage is one.stage
        assert (planned_item.todo or "") == one.todo


@each_list
def test_a_line_of_which_nothing_is_known_waits_for_somebody(name: str, drafts: Drafts) -> None:
    """In an empty repository nothing that needs a stack or a file may look complete."""
    proposals = drafts(name, "empty").proposals
    for one in proposals:
        check = CHECKS[one.check]
        if check.family in {"stack", "network", "database"} and not one.todo:
            assert not check.needs - {"workspace", "git"}, one
