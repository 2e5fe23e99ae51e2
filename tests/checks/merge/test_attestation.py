from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from readiness_gate.checks.base import Attestation, MergeFacts
from readiness_gate.checks.merge.attestation import CHECK, AttestationOptions
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.checks.merge.builders import facts
from tests.fakes.context import context
from tests.merge.builders import group, pull


class Day:
    """A clock that stands on 2 March 2026, late in the evening."""

    def now(self) -> datetime:
        return datetime(2026, 3, 2, 23, 30, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        raise AssertionError(seconds)


ROLES = {"legal": ["legal-lead", "@acme/legal"], "nobody": []}


def signed(
    by: str = "@legal-lead",
    *,
    item: str = "privacy",
    date: str = "2026-03-01",
    expires: str | None = None,
    scope: str = "repository",
    evidence: str = "https://example.test/minutes",
) -> Attestation:
    return Attestation(item, by, evidence, date, expires, scope)


def run(
    *given: Attestation, merge: MergeFacts | None = None, options: str = '{"by": "legal"}'
) -> CheckResult:
    return CHECK.run(
        context(merge=merge, item_id="privacy", attestations=given, roles=ROLES, clock=Day()),
        AttestationOptions.model_validate_json(options),
    )


PULL = facts(pull(30, author="octocat"), at=30)


@pytest.mark.parametrize(
    "given",
    [
        signed(),
        signed("legal-lead"),
        signed("@Legal-Lead"),
        signed("@acme/legal"),
        signed(expires="2026-03-02"),
        signed(date="2026-03-02"),
        signed(scope="pull-request 30"),
        signed(scope=f"commit {30:040x}"),
    ],
)
def test_a_sign_off_that_counts_passes_with_its_evidence(given: Attestation) -> None:
    result = run(given, merge=PULL)
    assert result.outcome is Outcome.PASSED
    assert "https://example.test/minutes" in str(result.evidence)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (signed("@stranger"), "not among those who may sign"),
        (signed(expires="2026-03-01"), "expired on 2026-03-01"),
        (signed(date="2026-03-03"), "dated in the future"),
        (signed(date="yesterday"), "not understood"),
        (signed(expires="soon"), "not understood"),
        (signed(evidence="  "), "no evidence"),
        (signed(scope="pull-request 31"), "covers only pull request 31"),
        (signed(scope="commit " + "a" * 40), "covers only commit aaaaaaa"),
        (signed(scope="commit 0000"), "not understood"),
        (signed(scope="everything"), "not understood"),
    ],
)
def test_a_sign_off_that_does_not_count_is_pending_and_says_why(
    given: Attestation, reason: str
) -> None:
    result = run(given, merge=PULL)
    assert (result.outcome, result.waiting_for) == (Outcome.PENDING, "legal")
    assert reason in result.details


def test_nothing_signed_is_pending() -> None:
    result = run(signed(item="other"), merge=PULL)
    assert (result.outcome, result.summary) == (Outcome.PENDING, "not signed off")


def test_the_author_never_counts() -> None:
    own = facts(pull(30, author="Legal-Lead"), at=30)
    result = run(signed(), merge=own)
    assert result.outcome is Outcome.PENDING
    assert "is the author" in result.details
    assert run(signed(), signed("@acme/legal"), merge=own).outcome is Outcome.PASSED


def test_in_a_queue_the_author_is_that_of_the_last_member() -> None:
    opened = [pull(29, author="octocat"), pull(30, author="legal-lead")]
    assert run(signed(), merge=facts(*opened, merge_group=group(29, 30))).outcome is Outcome.PENDING
    assert run(signed(), merge=facts(*opened, merge_group=group(30, 29))).outcome is Outcome.PASSED
    unknown = facts(merge_group=group(77))
    assert run(signed(), merge=unknown).outcome is Outcome.PENDING


def test_anybody_but_the_author_may_sign_where_nobody_is_named() -> None:
    assert run(signed("@anyone"), merge=PULL, options="{}").outcome is Outcome.PASSED
    result = run(signed("@octocat"), merge=PULL, options="{}")
    assert (result.outcome, result.waiting_for) == (
        Outcome.PENDING,
        "a person other than the author",
    )


def test_an_empty_role_lets_nobody_sign() -> None:
    result = run(signed("@anyone"), merge=PULL, options='{"by": "nobody"}')
    assert result.outcome is Outcome.PENDING


def test_an_unknown_role_cannot_be_told() -> None:
    result = run(signed(), merge=PULL, options='{"by": ["legal", "lawyers"]}')
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)
    assert "lawyers" in result.summary


def test_a_sign_off_can_be_too_old_or_have_to_expire() -> None:
    old = signed(date="2025-11-01", expires="2027-01-01")
    assert run(old, options='{"max-age": "90d"}').outcome is Outcome.PENDING
    assert run(old, options='{"max-age": "365d"}').outcome is Outcome.PASSED
    assert run(signed(), options='{"expires": true}').outcome is Outcome.PENDING
    assert run(old, options='{"expires": true}').outcome is Outcome.PASSED


@pytest.mark.parametrize("given", ['{"max-age": 90}', '{"who": "a"}', '{"expires": "yes"}'])
def test_options_are_strict(given: str) -> None:
    with pytest.raises(ValidationError):
        AttestationOptions.model_validate_json(given)
