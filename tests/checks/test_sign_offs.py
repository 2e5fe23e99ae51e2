from datetime import UTC, datetime, timedelta, timezone

import pytest

from readiness_gate.checks.sign_offs import SignOff, misunderstood, of_file, of_remarks
from readiness_gate.model.attestation import Attestation
from readiness_gate.model.remark import Remark

LINK = "https://example.test/minutes"
LINE = f"/readiness attest privacy {LINK}"
HEAD = "a" * 40


def remark(
    body: str = LINE, *, author: str = "lead", review: bool = False, **more: object
) -> Remark:
    given: dict[str, object] = {
        "id": 1,
        "kind": "review" if review else "comment",
        "author": author,
        "body": body,
        "created_at": datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
        "commit": HEAD if review else None,
        "state": "commented" if review else "",
    }
    return Remark.model_validate(given | more)


def of(*remarks: Remark, approvals: bool = False) -> list[SignOff]:
    return list(of_remarks(remarks, "privacy", 30, approvals=approvals))


def test_a_comment_is_about_the_pull_request_and_a_review_about_its_commit() -> None:
    at = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    assert of(remark()) == [
        SignOff("comment", "lead", LINK, "2026-03-01", scope="pull-request 30", at=at)
    ]
    assert of(remark(review=True)) == [
        SignOff("review", "lead", LINK, "2026-03-01", scope=f"commit {HEAD}", at=at)
    ]
    assert of(remark(review=True, commit=None))[0].scope == "commit that is not known"


def test_another_item_and_another_text_sign_nothing() -> None:
    other = remark("/readiness attest privacy2 https://example.test/a")
    assert of(other, remark("I attest privacy"), remark(f"> {LINE}"), remark(f"`{LINE}`")) == []


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (remark(edited=True), "edited the comment afterwards"),
        (remark(hidden=True), "wrote a comment that is hidden now"),
        (remark(author="helper[bot]"), "is no person"),
        (remark(author="ghost"), "has no account any more"),
        (remark(review=True, edited=True), "edited the review afterwards"),
        (remark(review=True, state="dismissed"), "wrote a review that is dismissed"),
    ],
)
def test_what_spoils_a_sign_off_is_named(given: Remark, why: str) -> None:
    assert [one.spoilt for one in of(given)] == [why]


def test_an_approval_signs_without_a_word_where_that_is_asked_for() -> None:
    given = remark("", review=True, state="approved", url="https://github.com/acme/shop/r/1")
    assert of(given) == []
    assert [one.evidence for one in of(given, approvals=True)] == [
        "https://github.com/acme/shop/r/1"
    ]
    assert of(remark("", review=True, state="changes_requested"), approvals=True) == []


def test_the_day_is_that_of_utc() -> None:
    late = datetime(2026, 3, 1, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert of(remark(created_at=late))[0].date == "2026-03-02"


def test_entries_of_the_file_are_by_item() -> None:
    entries = [
        Attestation("privacy", "@lead", LINK, "2026-03-01", None, "repository"),
        Attestation("other", "@lead", LINK, "2026-03-01", None, "repository"),
    ]
    assert list(of_file(entries, "privacy")) == [SignOff("file", "lead", LINK, "2026-03-01")]


def test_a_line_that_is_no_command_is_told_to_who_wrote_it() -> None:
    found = misunderstood([remark("Hi\n\n/readiness attest privacy"), remark()])
    assert list(found) == ["comment of @lead, line 3: no command"]
