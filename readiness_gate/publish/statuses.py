"""The commit statuses: `PREFIX / merge`, `PREFIX / checks`, `PREFIX / STAGE` (DESIGN 1.2).

Written only where something changed, only on a head that is still the head of a pull request
that still goes where it went, and never taken for written where GitHub refused.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from readiness_gate.errors import ForgeError, PermissionMissing
from readiness_gate.forge.base import DESCRIPTION_LIMIT, CommitStatus, Forge
from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import Conclusion, Half, Stage
from readiness_gate.report.escape import one_line
from readiness_gate.report.groups import counts, grouped

RUNNING = "running"
NOTHING_PLANNED = "nothing planned"
NOTHING_PROVEN = "nothing was proven"
_DRAFT = "draft: waiting to be marked as ready for review"
_RUN = re.compile(r"/actions/runs/([0-9]{1,20})(?:[/?#]|$)")


@dataclass(frozen=True)
class Target:
    """The commit that gets the statuses.

    `pull_request` is the number whose head it has to be still; `None` for a merge group or a
    deployed commit, which do not move. `base_branch` is the one that it was judged against.
    `url` is the page behind the status; it names the run. `since` is when the facts were read.
    `of_run`: the page tells whose verdict it is, so a status with another page is not the same.
    """

    sha: str
    pull_request: int | None = None
    url: str = ""
    merge_group: bool = False
    base_branch: str | None = None
    since: datetime | None = None
    of_run: bool = False


Became = Literal["written", "unchanged", "moved", "stale", "refused", "failed", "off"]


@dataclass(frozen=True)
class StatusWrite:
    """What became of one status.

    `written` and `unchanged`: it stands as `state` and `description`. `moved`: the head or the
    base is another one by now. `stale`: a newer run has written since. `refused`: the
    token may not. `failed`: GitHub gave no usable answer. `off`: writing was not asked for, or
    there is nothing to say. `reason` is one line.
    """

    context: str
    state: Conclusion | None
    description: str
    became: Became
    reason: str = ""

    @property
    def stands(self) -> bool:
        """Whether GitHub holds exactly this status now."""
        return self.became in {"written", "unchanged"}


def context_of(prefix: str, part: Half | Stage) -> str:
    """Return the context of a half or of a later stage, for example `readiness / merge`."""
    return f"{prefix} / {part.value}"


def pending(forge: Forge, target: Target, context: str, *, write: bool = True) -> StatusWrite:
    """Say that a half is being computed; not in a merge group, where it would stand as failure."""
    if target.merge_group:
        return StatusWrite(context, Conclusion.PENDING, RUNNING, "off", "merge group")
    return _write(forge, target, context, Conclusion.PENDING, RUNNING, write=write)


def result(
    forge: Forge,
    target: Target,
    context: str,
    conclusion: Conclusion | None,
    description: str,
    *,
    write: bool = True,
) -> StatusWrite:
    """Write the conclusion of a half or a stage.

    `None` (nothing planned) writes nothing, or `success` where an older status would be left to
    stand. Waiting inside a merge queue cannot resolve: there `pending` is written as `failure`.
    """
    if conclusion is None:
        return _nothing_planned(forge, target, context, write=write)
    if target.merge_group and conclusion is Conclusion.PENDING:
        conclusion = Conclusion.FAILURE
    return _write(forge, target, context, conclusion, description, write=write)


def describe(items: Sequence[ItemResult], conclusion: Conclusion | None) -> str:
    """Return the one line of a status, at most 140 characters, for the items of one half.

    What could not run because of another item is counted under that one.
    """
    if conclusion is None:
        return NOTHING_PLANNED
    if conclusion is Conclusion.SUCCESS:
        return _ready([item for item in items if item.blocking])
    groups = grouped(items)
    if groups.waiting and not (groups.fixes or groups.unknown):
        # A sum waits for what its items wait for, and several items for the same.
        rows = [row for row in groups.waiting if row.item.check != "rollup"] or groups.waiting
        each = (part for row in rows for part in (row.item.waiting_for or row.item.id).split(", "))
        return fitting(f"waiting for {', '.join(dict.fromkeys(each))}")
    told = (
        (groups.fixes, "failed"),
        (groups.unknown, "could not check"),
        (groups.waiting, "waiting"),
    )
    if groups.ready and conclusion is Conclusion.PENDING:
        # No item waits: only a draft holds a half back by itself.
        return _DRAFT
    parts = [f"{sum(len(row.items) for row in rows)} {words}" for rows, words in told if rows]
    ids = [one.id for row in (*groups.fixes, *groups.unknown) for one in row.items]
    return fitting(f"{', '.join(parts)} · {', '.join(ids)}") if parts else NOTHING_PROVEN


def _ready(blocking: Sequence[ItemResult]) -> str:
    found = counts(blocking)
    if not blocking:
        return "ready: nothing blocks"
    if not (found.passed or found.waived):
        return "ready: nothing applies"
    waived = f", {found.waived} waived" if found.waived else ""
    return f"ready: {found.passed} passed{waived}"


def fitting(text: str) -> str:
    """Return the text as a status description can hold it."""
    return one_line(text, DESCRIPTION_LIMIT)


def _nothing_planned(forge: Forge, target: Target, context: str, *, write: bool) -> StatusWrite:
    nothing = StatusWrite(context, None, NOTHING_PLANNED, "off", NOTHING_PLANNED)
    if not write:
        return nothing
    try:
        before = forge.statuses(target.sha).get(context)
    except PermissionMissing as error:
        return StatusWrite(context, None, NOTHING_PLANNED, "refused", error.message)
    except ForgeError as error:
        return StatusWrite(context, None, NOTHING_PLANNED, "failed", error.message)
    if before is None:
        return nothing
    return _write(forge, target, context, Conclusion.SUCCESS, NOTHING_PLANNED, write=True)


def _write(
    forge: Forge,
    target: Target,
    context: str,
    state: Conclusion,
    description: str,
    *,
    write: bool,
) -> StatusWrite:
    description = fitting(description)

    def became(
        what: Became,
        reason: str = "",
    ) -> StatusWrite:
        return StatusWrite(context, state, description, what, reason)

    if not write:
        return became("off", "nothing is written in this run")
    try:
        before = forge.statuses(target.sha).get(context)
        if before and _same(before, forge, target, state, description):
            return became("unchanged")
        in_the_way = _in_the_way(forge, target, before)
        if in_the_way is not None:
            return became(*in_the_way)
        forge.set_status(target.sha, context, state, description, target.url)
    except PermissionMissing as error:
        return became("refused", error.message)
    except ForgeError as error:
        return became("failed", error.message)
    return became("written")


def _same(
    before: CommitStatus, forge: Forge, target: Target, state: Conclusion, description: str
) -> bool:
    page = before.target_url if target.of_run else target.url
    words = (before.state, before.description, page) == (state, description, target.url)
    # Whoever may write can write our contexts too (notes on security S-20).
    return words and before.creator == forge.identity()


def _in_the_way(
    forge: Forge, target: Target, before: CommitStatus | None
) -> tuple[Became, str] | None:
    if before is not None and overtaken(before, target) and before.creator == forge.identity():
        return "stale", "a newer run has written since, and its verdict stands"
    moved = _moved(forge, target)
    return ("moved", moved) if moved else None


def overtaken(standing: CommitStatus, target: Target) -> bool:
    """Return whether a newer run wrote this status after ours had read its facts.

    GitHub's run ids only grow. A status from before our reading is older knowledge, whoever
    wrote it: a run that was queued for long still reads what holds now (notes on pull requests
    36).
    """
    theirs, ours = _RUN.search(standing.target_url), _RUN.search(target.url)
    if theirs is None or ours is None or int(theirs[1]) <= int(ours[1]):
        return False
    if standing.created_at is None or target.since is None:
        return True
    # GitHub writes whole seconds.
    return standing.created_at >= target.since.replace(microsecond=0)


def _moved(forge: Forge, target: Target) -> str:
    if target.pull_request is None:
        return ""
    now = forge.pull_request(target.pull_request)
    if now.head_sha != target.sha:
        return f"the head is {now.head_sha[:7]} by now, not {target.sha[:7]}"
    return "" if target.base_branch in {None, now.base_branch} else "its base is another one by now"
