from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from readiness_gate.checks.context import MergeFacts
from readiness_gate.checks.merge.attestation import CHECK, AttestationOptions
from readiness_gate.errors import ForgeError, PermissionMissing
from readiness_gate.model.attestation import Attestation
from readiness_gate.model.delivery import LandedPull, LineHistory, LineRange
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.remark import Remark
from readiness_gate.model.result import CheckResult
from readiness_gate.model.review import Review, Reviews
from tests.checks.merge.builders import facts
from tests.fakes.context import context
from tests.fakes.facts import FakeFacts, FakeInventory
from tests.merge.builders import group, pull


class Day:
    """A clock that stands on 2 March 2026, late in the evening."""

    def now(self) -> datetime:
        return datetime(2026, 3, 2, 23, 30, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        raise AssertionError(seconds)


ROLES = {"legal": ["legal-lead", "@counsel", "@acme/legal"], "nobody": []}


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
        (signed("@acme/legal"), "is a team: a person signs"),
        (signed("acme/legal "), "is a team: a person signs"),
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
    assert run(signed(), signed("@counsel"), merge=own).outcome is Outcome.PASSED


def test_in_a_queue_every_member_needs_a_sign_off_of_somebody_else() -> None:
    opened = [pull(29, author="octocat"), pull(30, author="legal-lead")]
    for order in ((29, 30), (30, 29)):
        result = run(signed(), merge=facts(*opened, merge_group=group(*order)))
        assert (result.outcome, result.summary) == (
            Outcome.PENDING,
            "#30: no sign-off that counts",
        )
    both = run(signed(), signed("@counsel"), merge=facts(*opened, merge_group=group(29, 30)))
    assert (both.outcome, both.summary) == (
        Outcome.PASSED,
        "#29: signed off by legal-lead on 2026-03-01; #30: signed off by counsel on 2026-03-01",
    )
    alone = [signed(scope="pull-request 29")]
    assert run(*alone, merge=facts(*opened, merge_group=group(29, 30))).outcome is Outcome.PENDING
    landed = facts(known=[pull(31, merged=True)], merge_group=group(31))
    assert run(signed(), merge=landed).outcome is Outcome.ERROR
    unknown = facts(merge_group=group(77))
    assert run(signed(), merge=unknown).outcome is Outcome.ERROR


def test_anybody_but_the_author_may_sign_where_nobody_is_named() -> None:
    assert run(signed("@anyone"), merge=PULL, options="{}").outcome is Outcome.PASSED
    result = run(signed("@octocat"), merge=PULL, options="{}")
    assert (result.outcome, result.waiting_for) == (
        Outcome.PENDING,
        "a person other than the author",
    )


@pytest.mark.parametrize(
    "by",
    [
        "@@@octocat",
        "@ octocat",
        "octo\N{ZERO WIDTH SPACE}cat",
        "\N{FULLWIDTH LATIN SMALL LETTER O}ctocat",
        " @OctoCat\t",
        "octocat\N{HANGUL FILLER}",
        "octocat\N{HANGUL CHOSEONG FILLER}",
        "octo\N{COMBINING GRAPHEME JOINER}cat",
        "octocat\N{VARIATION SELECTOR-16}",
        "octocat\N{BRAILLE PATTERN BLANK}",
        "octo\N{KHMER VOWEL INHERENT AQ}cat",
    ],
)
def test_the_author_is_known_however_the_name_is_written(by: str) -> None:
    result = run(signed(by), merge=PULL, options="{}")
    assert result.outcome is Outcome.PENDING
    assert "is the author" in result.details


@pytest.mark.parametrize("by", [" ", "@", "\N{ZERO WIDTH SPACE}", "@ @", "\N{HANGUL FILLER}"])
def test_a_name_of_nothing_is_nobody(by: str) -> None:
    result = run(signed(by), merge=PULL, options="{}")
    assert result.outcome is Outcome.PENDING
    assert "names nobody" in result.details


def test_one_person_written_in_two_ways_is_one() -> None:
    twice = (signed("counsel"), signed("@@Counsel"), signed("coun\N{SOFT HYPHEN}sel"))
    result = run(*twice, merge=PULL, options='{"people": 2}')
    assert (result.outcome, result.summary) == (Outcome.PENDING, "1 of 2 sign-offs")


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


LINK = "https://example.test/minutes"
LINE = f"/readiness attest privacy {LINK}"
HEAD = f"{30:040x}"


def remark(
    author: str = "legal-lead", body: str = LINE, *, review: bool = False, **more: object
) -> Remark:
    given: dict[str, object] = {
        "id": 1,
        "kind": "review" if review else "comment",
        "author": author,
        "body": body,
        "url": "https://github.com/acme/shop/pull/30#x",
        "created_at": datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
        "commit": HEAD if review else None,
        "state": "commented" if review else "",
    }
    return Remark.model_validate(given | more)


def ask(
    *remarks: Remark,
    options: str = '{"by": "legal"}',
    permissions: Mapping[str, str] | None = None,
    teams: Mapping[str, Sequence[str] | ForgeError] | None = None,
    merge: MergeFacts = PULL,
    given: Sequence[Attestation] = (),
    said: Mapping[int, Sequence[Remark] | ForgeError] | None = None,
) -> CheckResult:
    github = FakeFacts(
        said=said or {30: remarks},
        teams=teams or {"acme/legal": []},
        inventory=FakeInventory(
            permissions=permissions or {"legal-lead": "write", "stranger": "read"}
        ),
    )
    return CHECK.run(
        context(
            merge=merge,
            item_id="privacy",
            attestations=given,
            roles=ROLES,
            clock=Day(),
            github=github,
        ),
        AttestationOptions.model_validate_json(options),
    )


def test_a_comment_of_a_permitted_person_signs_for_the_pull_request() -> None:
    result = ask(remark())
    assert (result.outcome, result.summary) == (
        Outcome.PASSED,
        "signed off by @legal-lead on 2026-03-01",
    )
    assert LINK in str(result.evidence)
    assert "comment" in str(result.evidence)


def test_a_review_signs_for_the_commit_that_was_looked_at() -> None:
    assert ask(remark(review=True)).outcome is Outcome.PASSED
    older = ask(remark(review=True, commit="d" * 40))
    assert older.outcome is Outcome.PENDING
    assert "covers only commit ddddddd" in older.details
    unknown = ask(remark(review=True, commit=None))
    assert unknown.outcome is Outcome.PENDING


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (remark(edited=True), "edited the comment afterwards"),
        (remark(hidden=True), "hidden"),
        (remark("legal-lead[bot]"), "is no person"),
        (remark("stranger"), "has the permission read, write is asked for"),
        (remark(review=True, state="dismissed"), "is dismissed"),
        (remark(created_at=datetime(2026, 3, 3, tzinfo=UTC)), "dated in the future"),
    ],
)
def test_a_remark_that_does_not_count_is_pending_and_says_why(given: Remark, why: str) -> None:
    result = ask(given)
    assert (result.outcome, result.waiting_for) == (Outcome.PENDING, "legal")
    assert why in result.details


def test_a_deleted_comment_no_longer_counts() -> None:
    result = ask()
    assert (result.outcome, result.summary) == (Outcome.PENDING, "not signed off")
    assert "/readiness attest privacy URL" in str(result.remediation)


@pytest.mark.parametrize(
    ("role", "wanted", "outcome"),
    [
        ("none", "write", Outcome.PENDING),
        ("read", "write", Outcome.PENDING),
        ("triage", "write", Outcome.PENDING),
        ("write", "write", Outcome.PASSED),
        ("maintain", "write", Outcome.PASSED),
        ("admin", "write", Outcome.PASSED),
        ("write", "maintain", Outcome.PENDING),
        ("read", "read", Outcome.PASSED),
        ("owner", "read", Outcome.PENDING),
    ],
)
def test_the_permission_that_github_knows_decides(role: str, wanted: str, outcome: Outcome) -> None:
    options = f'{{"by": "legal", "permission": "{wanted}"}}'
    result = ask(remark(), options=options, permissions={"legal-lead": role})
    assert result.outcome is outcome
    if outcome is Outcome.PENDING:
        assert f"has the permission {role}, {wanted} is asked for" in result.details


def test_a_permission_that_cannot_be_read_is_no_answer() -> None:
    with pytest.raises(ForgeError):
        ask(remark(), permissions={"other": "admin"})


def test_comments_that_cannot_be_read_are_no_answer() -> None:
    with pytest.raises(ForgeError):
        ask(said={30: ForgeError("partial")})
    entry = signed()
    # The file is enough: nothing is asked of GitHub.
    assert ask(said={30: ForgeError("partial")}, given=[entry]).outcome is Outcome.PASSED


def test_the_author_signs_neither_by_comment_nor_by_review() -> None:
    own = facts(pull(30, author="Legal-Lead"), at=30)
    for given in (remark(), remark(review=True)):
        result = ask(given, merge=own)
        assert result.outcome is Outcome.PENDING
        assert "is the author" in result.details


def test_members_of_a_team_sign_where_the_token_sees_it() -> None:
    permissions = {"lawyer": "write"}
    teams = {"acme/legal": ["Lawyer"]}
    assert ask(remark("lawyer"), teams=teams, permissions=permissions).outcome is Outcome.PASSED
    assert ask(remark("lawyer"), permissions=permissions).outcome is Outcome.PENDING
    hidden = {"acme/legal": PermissionMissing("not visible", permission="members: read")}
    with pytest.raises(PermissionMissing):
        ask(remark("lawyer"), teams=hidden, permissions=permissions)
    assert ask(remark(), teams=hidden).outcome is Outcome.PASSED
    # A stranger cannot turn waiting into an error.
    outside = ask(remark("lawyer"), teams=hidden, permissions={"lawyer": "read"})
    assert outside.outcome is Outcome.PENDING


def test_an_approval_is_a_sign_off_only_where_that_is_asked_for() -> None:
    approval = remark(body="", review=True, state="approved")
    assert ask(approval).outcome is Outcome.PENDING
    options = '{"by": "legal", "approval": true}'
    result = ask(approval, options=options)
    assert result.outcome is Outcome.PASSED
    assert "pull/30#x" in str(result.evidence)
    older = remark(body="", review=True, state="approved", commit="d" * 40)
    assert ask(older, options=options).outcome is Outcome.PENDING


def test_a_sign_off_can_be_held_to_the_present_commit() -> None:
    options = '{"by": "legal", "scope": "commit"}'
    comment = ask(remark(), options=options)
    assert comment.outcome is Outcome.PENDING
    assert "write a review" in comment.details
    assert "Write a review" in str(comment.remediation)
    assert ask(remark(review=True), options=options).outcome is Outcome.PASSED
    assert ask(given=[signed()], options=options).outcome is Outcome.PENDING
    exact = signed(scope=f"commit {HEAD}")
    assert ask(given=[exact], options=options).outcome is Outcome.PASSED
    narrow = '{"by": "legal", "scope": "pull-request"}'
    assert ask(given=[signed()], options=narrow).outcome is Outcome.PENDING
    assert ask(remark(), options=narrow).outcome is Outcome.PASSED


def test_several_people_can_be_asked_for() -> None:
    options = '{"people": 2}'
    permissions = {"legal-lead": "write", "ops-lead": "admin"}
    one = ask(remark(), remark(), options=options, permissions=permissions)
    assert (one.outcome, one.summary) == (Outcome.PENDING, "1 of 2 sign-offs")
    both = ask(remark(), remark("ops-lead"), options=options, permissions=permissions)
    assert (both.outcome, both.summary) == (
        Outcome.PASSED,
        "signed off by @legal-lead and @ops-lead on 2026-03-01",
    )
    same = ask(remark("Legal-Lead"), options=options, given=[signed()])
    assert same.outcome is Outcome.PENDING


def test_only_what_is_accepted_counts() -> None:
    assert ask(remark(), options='{"accept": "file"}').outcome is Outcome.PENDING
    assert ask(remark(), options='{"accept": ["review"]}').outcome is Outcome.PENDING
    assert ask(given=[signed()], options='{"accept": ["comment"]}').outcome is Outcome.PENDING
    assert ask(remark(), options='{"accept": ["comment"]}').outcome is Outcome.PASSED


def test_a_comment_has_no_expiry_of_its_own_but_an_age() -> None:
    assert ask(remark(), options='{"expires": true}').outcome is Outcome.PENDING
    old = remark(created_at=datetime(2025, 11, 1, tzinfo=UTC))
    assert ask(old, options='{"max-age": "90d"}').outcome is Outcome.PENDING
    assert ask(old, options='{"max-age": "365d"}').outcome is Outcome.PASSED


NOW = Day().now()
HOUR = '{"by": "legal", "max-age": "1h"}'


@pytest.mark.parametrize(
    ("age", "outcome"),
    [
        (timedelta(minutes=60), Outcome.PASSED),
        (timedelta(minutes=61), Outcome.PENDING),
        (timedelta(hours=20), Outcome.PENDING),
    ],
)
@pytest.mark.parametrize("review", [False, True])
def test_the_age_of_a_comment_or_review_is_to_the_minute(
    age: timedelta, outcome: Outcome, review: bool
) -> None:
    result = ask(remark(created_at=NOW - age, review=review), options=HOUR)
    assert result.outcome is outcome
    assert ("is older than 1 hour" in result.details) == (outcome is Outcome.PENDING)


def test_an_age_of_days_is_not_rounded_to_whole_ones() -> None:
    given = '{"by": "legal", "max-age": "1d"}'
    young, old = (remark(created_at=NOW - timedelta(hours=one)) for one in (24, 25))
    assert ask(young, options=given).outcome is Outcome.PASSED
    assert ask(old, options=given).outcome is Outcome.PENDING


def test_the_age_of_a_tick_is_to_the_minute() -> None:
    def at(age: timedelta) -> Outcome:
        return by_tick(approval(submitted_at=NOW - age), options=HOUR).outcome

    assert at(timedelta(minutes=59)) is Outcome.PASSED
    assert at(timedelta(minutes=61)) is Outcome.PENDING


def test_a_day_alone_says_nothing_about_hours() -> None:
    result = run(signed(date="2026-03-02"), options=HOUR)
    assert result.outcome is Outcome.PENDING
    assert "carries a day alone, which says nothing about max-age" in result.details
    whole = '{"by": "legal", "max-age": "24h"}'
    assert run(signed(date="2026-03-02"), options=whole).outcome is Outcome.PASSED


def test_nobody_signs_for_a_team_where_nobody_is_named() -> None:
    result = run(signed("acme/ops"), options="{}")
    assert result.outcome is Outcome.PENDING
    assert "is a team: a person signs" in result.details


def test_a_line_that_was_not_understood_is_named() -> None:
    result = ask(remark(body="/readiness attest privacy minutes.pdf"))
    assert result.outcome is Outcome.PENDING
    assert result.details == "comment of @legal-lead, line 1: no command"


def test_in_a_queue_every_member_has_remarks_of_its_own() -> None:
    opened = [pull(29, author="octocat"), pull(30, author="octocat")]
    queue = facts(*opened, merge_group=group(29, 30))
    half = ask(said={29: [remark()], 30: list[Remark]()}, merge=queue)
    assert (half.outcome, half.summary) == (Outcome.PENDING, "#30: not signed off")
    assert ask(said={29: [remark()], 30: [remark()]}, merge=queue).outcome is Outcome.PASSED


MERGED = "f" * 40
TICKED = LandedPull(number=20, head_sha=MERGED, author="octocat")


def approval(author: str = "legal-lead", **more: object) -> Review:
    given: dict[str, object] = {
        "author": author,
        "state": "approved",
        "commit": MERGED,
        "submitted_at": datetime(2026, 2, 20, 23, 0, tzinfo=UTC),
    }
    return Review.model_validate(given | more)


def by_tick(
    *opinions: Review,
    options: str = '{"by": "legal"}',
    landed: Sequence[LandedPull] = (TICKED,),
    line: int = 7,
    blame: ForgeError | None = None,
    merge: MergeFacts | None = PULL,
) -> CheckResult:
    base = "b" * 40
    changed = LineRange(first=5, last=8, commit="c" * 40, pull_requests=tuple(landed))
    known = LineHistory(path="LIST.md", commit=base, ranges=(changed,))
    github = FakeFacts(
        said={30: []},
        teams={"acme/legal": []},
        reviewed={20: Reviews(opinions=opinions)},
        inventory=FakeInventory(
            permissions={"legal-lead": "write", "octocat": "admin", "stranger": "write"},
            blamed={("LIST.md", base): blame or known},
        ),
    )
    given = context(
        merge=merge, item_id="privacy", roles=ROLES, clock=Day(), github=github,
        base_sha=base,
    )  # fmt: skip
    given = replace(given, ticks={"privacy": ("LIST.md", line)})
    return CHECK.run(given, AttestationOptions.model_validate_json(options))


def test_a_tick_at_the_base_counts_when_who_may_sign_approved_it() -> None:
    result = by_tick(approval())
    assert (result.outcome, result.summary) == (
        Outcome.PASSED,
        "signed off by @legal-lead on 2026-02-20",
    )
    assert "approved #20, which ticked it" in str(result.evidence)
    assert by_tick(approval(), merge=None).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (approval("stranger"), "not among those who may sign"),
        (approval("octocat"), "is the author of #20, which ticked it"),
        (approval(commit="d" * 40), "approved another head of #20"),
        (approval(bot=True), "is no person"),
        (approval(state="changes_requested"), ""),
        (approval(state="dismissed"), ""),
        (approval(submitted_at=None), ""),
    ],
)
def test_an_approval_of_a_tick_that_does_not_count_says_why(given: Review, why: str) -> None:
    result = by_tick(given)
    assert (result.outcome, result.waiting_for) == (Outcome.PENDING, "legal")
    assert why in result.details


def test_who_ticked_a_line_does_not_sign_for_it_by_approving() -> None:
    own = TICKED.model_copy(update={"author": "Legal-Lead"})
    result = by_tick(approval(), landed=[own])
    assert result.outcome is Outcome.PENDING
    assert "is the author of #20, which ticked it" in result.details


def test_a_tick_by_itself_signs_nothing() -> None:
    assert by_tick().outcome is Outcome.PENDING
    assert by_tick(approval(), landed=()).outcome is Outcome.PENDING
    assert by_tick(approval(), line=9).outcome is Outcome.PENDING
    # Where nobody is named, nobody's approval of a tick is a sign-off.
    assert by_tick(approval(), options="{}").outcome is Outcome.PENDING
    only = '{"by": "legal", "accept": ["file", "comment", "review"]}'
    assert by_tick(approval(), options=only).outcome is Outcome.PENDING


def test_an_old_tick_is_too_old_like_every_other_sign_off() -> None:
    assert by_tick(approval(), options='{"by": "legal", "max-age": "5d"}').outcome is (
        Outcome.PENDING
    )


def test_a_tick_that_cannot_be_looked_up_leaves_the_item_waiting() -> None:
    result = by_tick(approval(), blame=ForgeError("partial"))
    assert result.outcome is Outcome.PENDING
    assert result.details == "who approved the tick could not be read: partial"


@pytest.mark.parametrize(
    "given",
    [
        '{"max-age": 90}',
        '{"max-age": "1h", "accept": "file"}',
        '{"who": "a"}',
        '{"expires": "yes"}',
        '{"accept": []}',
        '{"accept": "mail"}',
        '{"people": 0}',
        '{"permission": "none"}',
        '{"scope": "all"}',
    ],
)
def test_options_are_strict(given: str) -> None:
    with pytest.raises(ValidationError):
        AttestationOptions.model_validate_json(given)
