"""Decides which sign-offs count; of each that does not, why."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from itertools import islice

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.sign_offs import SignOff, misunderstood, of_file, of_remarks, of_tick
from readiness_gate.errors import ForgeError, PermissionMissing
from readiness_gate.model.pull_request import PullRequest

_ROLES = ("none", "read", "triage", "write", "maintain", "admin")
_SCOPES = ("repository", "pull-request", "commit")
_SHOWN = 10
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Terms:
    """What an item asks of a sign-off."""

    by: tuple[str, ...]
    """Roles, `@user` and `@organisation/team`; empty for anybody."""
    max_age: float | None
    """Seconds."""
    expires: bool
    accept: tuple[str, ...]
    """`file`, `comment`, `review`, `tick`."""
    approval: bool
    scope: str
    """The widest that will do: `repository`, `pull-request` or `commit`."""
    permission: str
    """The lowest role of who signs by comment or review."""


class SignOffJudge:
    """Decides over one sign-off after the other; asks GitHub only where the answer hangs on it."""

    def __init__(self, context: CheckContext, terms: Terms, subject: PullRequest | None) -> None:
        """Judge by `terms`; `subject` is the pull request, `None` outside of one."""
        self._context = context
        self._terms = terms
        self._allowed = _people(terms.by, context.roles)
        self.subject = subject
        self.hidden: PermissionMissing | None = None
        self.misunderstood: list[str] = []
        self.unread: list[str] = []

    def sign_offs(self) -> Iterator[SignOff]:
        """Yield those of the file first: where they do, nothing is asked of GitHub."""
        item, accepted, said = self._context.item_id, self._terms.accept, {"comment", "review"}
        if "file" in accepted:
            yield from of_file(self._context.attestations, item)
        if self.subject is not None and said & {*accepted}:
            yield from self._said(self.subject.reference.number, item)
        if "tick" in accepted:
            yield from self._ticked(item)

    def _said(self, number: int, item: str) -> Iterator[SignOff]:
        if self._context.github is None:
            return
        accepted = self._terms.accept
        remarks = [one for one in self._context.github.remarks(number) if one.kind in accepted]
        self.misunderstood = list(islice(misunderstood(remarks), _SHOWN))
        yield from of_remarks(remarks, item, number, approvals=self._terms.approval)

    def _ticked(self, item: str) -> Iterator[SignOff]:
        """Yield who approved the ticking of the item's line; without `by` a tick is nobody's."""
        github, base = self._context.github, self._context.base_sha
        place = self._context.ticks.get(item)
        if place is None or github is None or base is None or not self._terms.by:
            return
        path, line = place
        try:
            signed = [
                one
                for landed in github.inventory.lines(path, base).brought(line)
                for one in of_tick(landed, github.reviews(landed.number))
            ]
        except ForgeError as error:
            # Nobody has to sign by a tick: what is not known of it leaves the item waiting.
            self.unread.append(f"who approved the tick could not be read: {error.message}")
            return
        yield from signed

    def objection(self, one: SignOff) -> str | None:
        """Return why a sign-off does not count, `None` where it does."""
        return (
            one.spoilt
            or self._author(one)
            or (None if one.evidence.strip() else "gives no evidence")
            or self._scope(one)
            or self._time(one)
            or self._person(one)
        )

    def _author(self, one: SignOff) -> str | None:
        if "/" in one.by:
            return "is a team: a person signs"
        if self.subject is not None and _name(self.subject.author) == _name(one.by):
            return "is the author of the pull request"
        return None

    def _scope(self, one: SignOff) -> str | None:
        kind, _, what = one.scope.partition(" ")
        if kind not in _SCOPES or (kind == "repository") != (not what):
            return f"has a scope that is not understood: {one.scope}"
        if _SCOPES.index(kind) < _SCOPES.index(self._terms.scope):
            wider = "a comment covers the pull request, not a commit: write a review"
            return wider if one.source == "comment" else f"covers the {kind}, which is too much"
        if kind == "pull-request":
            own = str(self.subject.reference.number) if self.subject else None
            return None if own == what else f"covers only pull request {what}"
        if kind == "commit":
            if len(what) != 40 or not set(what) <= set("0123456789abcdef"):
                return f"has a scope that is not understood: {one.scope}"
            head = self.subject.head_sha if self.subject else None
            return None if head == what else f"covers only commit {what[:7]}"
        return None

    def _time(self, one: SignOff) -> str | None:
        today = self._context.clock.now().astimezone(UTC).date()
        if one.day is None or (one.expires and one.last_day is None):
            return "has a date that is not understood (write YYYY-MM-DD)"
        if one.day > today:
            return "is dated in the future"
        if one.last_day is None and self._terms.expires:
            return "carries no expiry date"
        # The last day counts to its end, in UTC.
        if one.last_day is not None and one.last_day < today:
            return f"expired on {one.last_day}"
        return self._age(one, today - one.day)

    def _age(self, one: SignOff, days: timedelta) -> str | None:
        if self._terms.max_age is None:
            return None
        allowed = timedelta(seconds=self._terms.max_age)
        if one.at is None and allowed < _DAY:
            return "carries a day alone, which says nothing about max-age"
        age = days if one.at is None else self._context.clock.now() - one.at
        return f"is older than {_words(allowed)}" if age > allowed else None

    def _person(self, one: SignOff) -> str | None:
        person = _name(one.by)
        named = not self._terms.by or person in self._allowed
        teams = [name for name in self._allowed if "/" in name and one.source != "file"]
        stranger = "is not among those who may sign (members of a team have to stand in `roles`)"
        if not (named or teams):
            return stranger
        # Before teams are asked for: what a stranger writes must not turn waiting into an error.
        refusal = self._permission(one)
        if refusal is not None:
            return refusal
        return None if named or self._in_a_team(person, teams) else stranger

    def _in_a_team(self, person: str, teams: Sequence[str]) -> bool:
        github = self._context.github
        if github is None:
            return False
        for team in teams:
            try:
                if person in {member.casefold() for member in github.team(team)}:
                    return True
            except PermissionMissing as refusal:
                self.hidden = self.hidden or refusal
        return False

    def _permission(self, one: SignOff) -> str | None:
        github = self._context.github
        if one.source == "file" or github is None:
            return None  # whoever merged it into the base could write
        found = github.inventory.permission(one.by)
        if found in _ROLES and _ROLES.index(found) >= _ROLES.index(self._terms.permission):
            return None
        return f"has the permission {found}, {self._terms.permission} is asked for"


def resolves(name: str, roles: Mapping[str, Sequence[str]]) -> bool:
    """Return whether a name of `by` is a role, or a person or team with `@`."""
    return name.startswith("@") or name in roles


def _people(names: Iterable[str], roles: Mapping[str, Sequence[str]]) -> frozenset[str]:
    people: set[str] = set()
    for name in names:
        people.update(_name(one) for one in roles.get(name, (name,)))
    return frozenset(people)


def _words(age: timedelta) -> str:
    for name, one in (
        ("day", _DAY),
        ("hour", timedelta(hours=1)),
        ("minute", timedelta(minutes=1)),
    ):
        if age >= one and not age % one:
            return f"{age // one} {name}{'' if age == one else 's'}"
    return f"{age.total_seconds():g} seconds"


def _name(person: str) -> str:
    return person.strip().removeprefix("@").casefold()
