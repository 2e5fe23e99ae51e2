"""What `review-approval` does when it runs; what it promises stands beside its options."""

from collections.abc import Sequence

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.judged import base_branch, judged, members
from readiness_gate.checks.merge.review_approval import ReviewApprovalOptions
from readiness_gate.checks.people import people
from readiness_gate.checks.standing import Standing, summed
from readiness_gate.forge.base import Facts
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.pull_request import PullRequest
from readiness_gate.model.result import CheckResult, cannot_tell, not_applicable
from readiness_gate.model.review import Review, Reviews


def run(context: CheckContext, options: ReviewApprovalOptions) -> CheckResult:
    """Judge the approvals of the pull request, or of every member of the merge group."""
    facts = judged(context.merge)
    if isinstance(facts, CheckResult):
        return facts
    pulls = members(facts)
    if not pulls:
        return not_applicable("no pull request is judged here")
    if context.github is None:
        return cannot_tell(ErrorClass.INCONCLUSIVE, "there is no GitHub to ask for reviews")
    permitted = people(options.by, context.roles, context.github) if options.by else None
    standings: list[Standing] = []
    rows: list[tuple[str, ...]] = []
    if options.code_owners and (doubt := _doubt(context.github, base_branch(facts))):
        standings.append(doubt)
    for pull in pulls:
        reviews = context.github.reviews(pull.reference.number)
        name = pull.reference.short(facts.home)
        standings += _standings(name, pull, reviews, options, permitted)
        rows += [
            _row(name, one, _objection(one, pull, options, permitted)) for one in reviews.opinions
        ]
    return summed(standings, green=_green(standings), evidence=(_table(rows),))


def _standings(
    name: str,
    pull: PullRequest,
    reviews: Reviews,
    options: ReviewApprovalOptions,
    permitted: frozenset[str] | None,
) -> list[Standing]:
    found = [
        Standing(
            Outcome.FAILED,
            f"{name}: {one.author} asks for changes",
            f"answer {one.author}'s review, then ask for another one",
        )
        for one in reviews.opinions
        if one.state == "changes_requested" and one.writer and not _same(one.author, pull.author)
    ]
    found.append(_enough(name, pull, reviews, options, permitted))
    if options.code_owners:
        found.append(_decision(name, reviews))
    return found


def _enough(
    name: str,
    pull: PullRequest,
    reviews: Reviews,
    options: ReviewApprovalOptions,
    permitted: frozenset[str] | None,
) -> Standing:
    approvals = [one for one in reviews.opinions if one.state != "changes_requested"]
    objections = [(one.author, _objection(one, pull, options, permitted)) for one in approvals]
    by = {author.lower(): author for author, why in objections if why is None}
    if len(by) >= options.approvals:
        return Standing(Outcome.PASSED, f"{name} is approved by {', '.join(by.values())}")
    missing = options.approvals - len(by)
    more = f"{missing} more approval{'s' if missing > 1 else ''}"
    whom = ", ".join(options.by) or "somebody with write access other than the author"
    why = "".join(f"; {author} {reason}" for author, reason in objections if reason)
    return Standing(
        Outcome.PENDING,
        f"{name} has {len(by)} of {options.approvals} approvals{why}",
        f"ask {whom} for a review of the current head",
        f"{more} of {name} by {' or '.join(options.by) or 'a person with write access'}",
    )


def _objection(
    review: Review,
    pull: PullRequest,
    options: ReviewApprovalOptions,
    permitted: frozenset[str] | None,
) -> str | None:
    """Return why an opinion is no approval that counts, in words that follow a name."""
    late = review.commit != pull.head_sha and not options.stale
    reasons = {
        "was dismissed": review.state == "dismissed",
        "asks for changes": review.state == "changes_requested",
        "is the author": _same(review.author, pull.author),
        "is a bot": review.bot and not options.bots,
        "has no write access": not review.writer,
        "is not among those whose approval counts": permitted is not None
        and review.author.lower() not in permitted,
        f"approved {review.commit[:7] or 'a commit that is gone'}, not the current head": late,
    }
    return next((words for words, holds in reasons.items() if holds), None)


def _decision(name: str, reviews: Reviews) -> Standing:
    if reviews.decision == "approved":
        return Standing(Outcome.PASSED, f"{name} is approved by GitHub's own decision")
    if reviews.decision == "changes_requested":
        says = f"{name}: changes are requested, by GitHub's own decision"
        return Standing(Outcome.FAILED, says, "answer the review, then ask for another one")
    if reviews.decision == "review_required":
        return Standing(
            Outcome.PENDING,
            f"{name} lacks a review that its branch requires",
            "ask a code owner of the changed files for a review",
            f"a code owner to approve {name}",
        )
    return Standing(
        Outcome.ERROR,
        f"{name}: GitHub decides nothing, as its branch requires no review",
        "require a review from code owners in a ruleset of the base branch",
        error_class=ErrorClass.CONFIGURATION,
    )


def _doubt(github: Facts, branch: str) -> Standing | None:
    """Return why GitHub's decision says nothing about code owners; `None` where it does."""
    rules = github.branch_rules(branch)
    if rules.code_owners:
        return None
    if "reviews" in rules.hidden:
        return Standing(
            Outcome.ERROR,
            f"unknown whether {branch} asks code owners: needs administration: read",
            "require it in a ruleset, which everybody sees, or give an App's token",
            error_class=ErrorClass.CONFIGURATION,
        )
    return Standing(
        Outcome.ERROR,
        f"{branch} does not require a review from code owners, so GitHub asks none",
        "require a review from code owners in a ruleset of the base branch",
        error_class=ErrorClass.CONFIGURATION,
    )


def _same(author: str, other: str) -> bool:
    return author.lower() == other.lower()


def _green(standings: Sequence[Standing]) -> str:
    says = [one.says for one in standings if " is approved by " in one.says]
    return "; ".join(says[:3]) + (f"; and {len(says) - 3} more" if len(says) > 3 else "")


def _row(name: str, review: Review, objection: str | None) -> tuple[str, ...]:
    counts = "counts" if objection is None else objection
    return (name, review.author, review.state, review.commit[:7], counts)


def _table(rows: Sequence[tuple[str, ...]]) -> TableEvidence:
    return TableEvidence(
        title="Reviews",
        columns=("pull request", "by", "opinion", "of", "as an approval"),
        rows=tuple(rows[:100]),
        omitted=max(0, len(rows) - 100),
    )
