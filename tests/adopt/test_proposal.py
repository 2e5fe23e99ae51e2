"""What a proposal says beside its check: stage, confidence, what is missing."""

from pathlib import Path

import pytest

from readiness_gate.adopt.proposal import Proposer
from readiness_gate.adopt.rules import known_rules
from readiness_gate.adopt.target import target_of
from readiness_gate.checks import CHECKS
from readiness_gate.model.outcome import Stage
from tests.adopt.builders import CLINIC, SHOP, drafted, facts_of, proposed, reading_of


@pytest.mark.parametrize(
    ("section", "line", "stage"),
    [
        ("Security", "CORS is restricted", Stage.PRE_MERGE),
        ("Immediate Checks (first 5 minutes)", "All containers healthy", Stage.PRE_MERGE),
        ("Short-term Monitoring (first hour)", "Memory usage stable", Stage.PRE_MERGE),
        ("Compliance", "GDPR audit", Stage.PRE_DEPLOY),
        ("For every pull request", "GDPR question answered", Stage.PRE_MERGE),
        ("Post-Deployment", "Stakeholders notified", Stage.POST_DEPLOY),
        ("Monitoring", "99.9% uptime", Stage.POST_DEPLOY),
        ("Weekly", "Test backup/restore", Stage.SCHEDULED),
        ("Monthly", "Full security audit", Stage.SCHEDULED),
        ("Release", "Staging deployment successful", Stage.PRE_DEPLOY),
        ("Release", "Production deployment successful", Stage.POST_DEPLOY),
        ("Network", "Domain name configured", Stage.POST_DEPLOY),
    ],
)
def test_the_stage_is_the_first_at_which_the_facts_exist(
    section: str, line: str, stage: Stage
) -> None:
    assert proposed(line, facts_of(SHOP), section).stage is stage


def test_tls_that_the_stack_itself_speaks_is_looked_at_before_the_merge(tmp_path: Path) -> None:
    files = {
        "compose.yml": "services:\n  edge: {image: 'nginx:1'}\n  api: {build: ., expose: [80]}\n"
    }
    one = proposed("TLS 1.3 enforced", facts_of(tmp_path, files))
    assert one.stage is Stage.PRE_MERGE
    assert one.options == {"url": "https://edge/", "minimum": "1.3"}


def test_what_the_repository_holds_makes_it_surer(tmp_path: Path) -> None:
    bare = proposed("Health endpoint responds", facts_of(tmp_path))
    known = proposed("Health endpoint responds", facts_of(CLINIC))
    assert bare.confidence < known.confidence <= 0.99
    assert known.todo == ""


def test_a_database_that_is_not_there_is_to_be_configured(tmp_path: Path) -> None:
    one = proposed("No orphaned rows", facts_of(tmp_path))
    assert (one.check, one.todo) == ("orphaned-rows", "configure its database (docs/databases.md)")


def test_a_condition_is_somebodys_to_decide() -> None:
    one = proposed("Rate limiting 5/minute (if applicable)", facts_of(SHOP))
    assert "decide whether it applies (if applicable)" in one.todo


def test_a_check_that_this_version_lacks_leaves_the_line_to_people() -> None:
    facts = facts_of(SHOP)
    catalogue = {"attestation": CHECKS["attestation"]}
    proposer = Proposer(known_rules(), catalogue, facts, target_of(facts))
    (one,) = proposer.proposals(reading_of("- [ ] CORS restricted\n").items)
    assert (one.check, one.todo) == ("attestation", "bind it to cors once this version has it")


def test_lines_of_the_same_words_are_bound_alike() -> None:
    text = "# A\n\n- [ ] No orphaned rows\n\n## B\n\n- [x] No orphaned rows\n"
    first, second = drafted(text, facts_of(CLINIC)).proposals
    assert (first.check, first.options) == (second.check, second.options)
    assert first.item.id != second.item.id
    assert second.item.same_as == first.item.id
