"""Sign-offs out of the attestations file, comments, reviews and ticks, as one kind of data."""

import datetime
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from readiness_gate.merge.commands import Attest, Unknown, commands
from readiness_gate.model.attestation import Attestation
from readiness_gate.model.delivery import LandedPull
from readiness_gate.model.remark import Remark
from readiness_gate.model.review import Reviews

NOBODY = "ghost"
"""GitHub's stand-in for the author where the account was deleted."""
_BLANK = re.compile(
    r"[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
"""Letters, marks and signs that show nothing (Unicode: Default_Ignorable_Code_Point)."""
Source = Literal["file", "comment", "review", "tick"]


@dataclass(frozen=True)
class SignOff:
    """Somebody says that an item is true; whether that counts is not decided yet."""

    source: Source
    by: str
    """A login, or what the file says; never with `@`."""
    evidence: str
    date: str
    expires: str | None = None
    scope: str = "repository"
    """`repository`, `pull-request N` or `commit SHA`."""
    spoilt: str | None = None
    """Why it counts for nobody: edited, hidden, dismissed, written by a program."""
    at: datetime.datetime | None = None
    """When it was signed; `None` where the day alone is known, as in the file."""

    @property
    def day(self) -> datetime.date | None:
        """The day of it in UTC, `None` where it is not understood."""
        return _day(self.date)

    @property
    def last_day(self) -> datetime.date | None:
        """The last day on which it holds, `None` without one or where it is not understood."""
        return _day(self.expires or "")


def of_file(attestations: Iterable[Attestation], item: str) -> Iterator[SignOff]:
    """Yield the entries of the attestations file about an item."""
    for one in attestations:
        if one.id == item:
            by = _written_name(one.by)
            nobody = None if by else "names nobody"
            yield SignOff("file", by, one.evidence, one.date, one.expires, one.scope, spoilt=nobody)


def _written_name(text: str) -> str:
    """Return a name without `@`; what a reader does not see makes nobody somebody else."""
    drawn = _BLANK.sub("", unicodedata.normalize("NFKC", text))
    seen = (one for one in drawn if one.isprintable())
    return "".join(seen).strip("@ ")


def of_remarks(
    remarks: Iterable[Remark], item: str, number: int, *, approvals: bool
) -> Iterator[SignOff]:
    """Yield the sign-offs of an item in comments and reviews of the pull request `number`.

    A comment is about the pull request, a review about the commit that was looked at. With
    `approvals` an approving review is a sign-off without a word.
    """
    for one in remarks:
        signed = [
            command.evidence
            for command in commands(one.body)
            if isinstance(command, Attest) and command.id == item
        ]
        if approvals and not signed and one.state == "approved":
            signed = [one.url]
        scope = f"pull-request {number}"
        if one.kind == "review":
            scope = f"commit {one.commit or 'that is not known'}"
        for evidence in signed[:1]:
            day = one.created_at.astimezone(datetime.UTC).date().isoformat()
            spoilt, at = _spoilt(one), one.created_at
            yield SignOff(one.kind, one.author, evidence, day, None, scope, spoilt, at)


def of_tick(landed: LandedPull, reviews: Reviews) -> Iterator[SignOff]:
    """Yield the approvals of a merged pull request that ticked an item's line.

    Who approved an earlier head has not seen the tick.
    """
    for one in reviews.opinions:
        if one.state != "approved" or one.submitted_at is None:
            continue
        spoilt = None
        if one.bot:
            spoilt = "is no person"
        elif one.author.casefold() == landed.author.casefold():
            spoilt = f"is the author of #{landed.number}, which ticked it"
        elif one.commit != landed.head_sha:
            spoilt = f"approved another head of #{landed.number} than the one that was merged"
        day = one.submitted_at.astimezone(datetime.UTC).date().isoformat()
        evidence = f"approved #{landed.number}, which ticked it"
        yield SignOff("tick", one.author, evidence, day, spoilt=spoilt, at=one.submitted_at)


def misunderstood(remarks: Iterable[Remark]) -> Iterator[str]:
    """Yield a line for each that begins like a command and is none."""
    for one in remarks:
        for command in commands(one.body):
            if isinstance(command, Unknown):
                yield f"{one.kind} of @{one.author}, line {command.line}: no command"


def _spoilt(remark: Remark) -> str | None:
    if remark.bot:
        return "is no person"
    if remark.author == NOBODY:
        return "has no account any more"
    if remark.edited:
        return f"edited the {remark.kind} afterwards"
    if remark.hidden:
        return f"wrote a {remark.kind} that is hidden now"
    if remark.state == "dismissed":
        return "wrote a review that is dismissed"
    return None


def _day(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None
