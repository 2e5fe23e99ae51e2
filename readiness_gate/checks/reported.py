"""Which of the reported checks count: the newest, by the expected source, not the gate's own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from readiness_gate.checks.check_states import UNDER_WAY
from readiness_gate.checks.context import OwnRun
from readiness_gate.forge.base import Facts
from readiness_gate.model.commit_checks import ReportedCheck
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import Half, Stage

ACTIONS = 15368
"""Id of GitHub Actions' own app, the source of what a workflow reports."""
_SHOWN = 100


@dataclass(frozen=True)
class Wanted:
    """One name that has to be green, and who has to report it; `None` is anybody."""

    name: str
    app: str | None = None
    app_id: int | None = None

    @property
    def source(self) -> str:
        """Who has to report it, in words."""
        return f"app {self.app_id}" if self.app_id is not None else self.app or "anybody"

    def fits(self, name: str) -> bool:
        """Return whether a reported name is this one."""
        return fits(name, self.name)

    def comes_from_source(self, check: ReportedCheck) -> bool | None:
        """Return whether the expected source reported it, `None` where that cannot be told."""
        if self.app is not None:
            return check.app == self.app
        if self.app_id is None:
            return True
        if check.app_id is not None:
            return check.app_id == self.app_id
        if not check.app:
            return False  # a person wrote it, and an app is expected
        if ACTIONS in (self.app_id, _known(check.app)):
            return self.app_id == _known(check.app)
        return None


def newest(checks: Iterable[ReportedCheck]) -> tuple[ReportedCheck, ...]:
    """Return the newest of each name and app; what has no time was just made."""
    found: dict[tuple[str, str, str], ReportedCheck] = {}
    for one in checks:
        key = (one.kind, one.name, "" if one.kind == "status" else one.app)
        known = found.get(key)
        if known is None or _later(one, known):
            found[key] = one
    return tuple(found.values())


def own_checks(checks: Sequence[ReportedCheck], own: OwnRun, github: Facts) -> set[ReportedCheck]:
    """Return what the gate itself reported: its statuses, and the job that it runs in.

    A check run is named as its job is, and only GitHub knows that name; it is asked where a job
    of the own workflow would be waited for.
    """
    # A job of one of our contexts' names is as little a proof as the status itself.
    mine = {one for one in checks if own_context(one.name, own)}
    if not own.workflow:
        return mine
    jobs = [one for one in checks if one.kind == "check-run" and one.workflow == own.workflow]
    named = {one for one in jobs if own.job in {one.name, one.name.partition(" (")[0]}}
    unknown = any(one.state in UNDER_WAY for one in jobs if one not in named)
    if not unknown or own.run is None or not own.runner:
        return mine | named
    # An earlier job may have had the same runner; what runs on it now is the gate.
    running = [one for one in github.jobs(own.run) if one.status == "in_progress"]
    here = {one.name for one in running if one.runner == own.runner}
    return mine | named | {one for one in jobs if one.name in here}


def own_context(name: str, own: OwnRun) -> bool:
    """Return whether a context is one of the gate's own."""
    return name in {f"{own.status_prefix} / {part.value}" for part in (*Half, *Stage)}


def fits(name: str, pattern: str) -> bool:
    """Return whether a name is the pattern's; only `*` means something in it."""
    # Names of matrix jobs hold brackets and question marks.
    escaped = pattern.replace("[", "[[]").replace("?", "[?]")
    return name == pattern or fnmatchcase(name, escaped)


def table(checks: Sequence[ReportedCheck]) -> TableEvidence:
    """Return the checks as evidence."""
    return TableEvidence(
        title="Checks on the commit",
        columns=("name", "state", "kind", "reported by", "started", "page"),
        rows=tuple(
            (
                one.name,
                one.state,
                one.kind,
                one.app or one.creator,
                one.started_at.isoformat(timespec="seconds") if one.started_at else "",
                one.url,
            )
            for one in checks[:_SHOWN]
        ),
        omitted=max(0, len(checks) - _SHOWN),
    )


def _known(slug: str) -> int | None:
    return ACTIONS if slug == "github-actions" else None


def _later(one: ReportedCheck, known: ReportedCheck) -> bool:
    if one.started_at is None or known.started_at is None:
        return one.started_at is None
    return one.started_at >= known.started_at
