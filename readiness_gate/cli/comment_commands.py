"""What the commands of a comment ask for beside the evaluation, which happens anyway.

`/readiness attest` signs by standing there: the check reads it from GitHub each time. Here its
writer is told of an id that does not exist. `/readiness recheck` has the run of the checks half
started again, for people who may write; else it is linked. Nothing overrides an item: waivers are
reviewed files.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from readiness_gate.checks.merge.attestation import AttestationOptions
from readiness_gate.cli.evaluation import Gate
from readiness_gate.cli.subject import Case
from readiness_gate.doors.records import did_you_mean
from readiness_gate.engine.plan import PlannedItem
from readiness_gate.errors import ForgeError, PermissionMissing
from readiness_gate.forge.base import CommitStatus, Forge
from readiness_gate.forge.events import Commented
from readiness_gate.forge.once import FactsOnce
from readiness_gate.merge.commands import HOW, Attest, Recheck
from readiness_gate.model.outcome import Half, SkippedBy
from readiness_gate.model.report import CommandAnswer
from readiness_gate.publish.statuses import context_of

_RUN = re.compile(r"/actions/runs/([1-9][0-9]{0,18})(?:/|$)")
_ANSWERS = 20
_WRITERS = frozenset({"write", "maintain", "admin"})


def answers(
    gate: Gate, case: Case, items: Sequence[PlannedItem], comment: Commented | None
) -> tuple[CommandAnswer, ...]:
    """Return what became of each command; what cannot be done is said, never raised."""
    if comment is None:
        return ()
    return tuple(islice(_each(gate, case, items, comment), _ANSWERS))


def _each(
    gate: Gate, case: Case, items: Sequence[PlannedItem], comment: Commented
) -> Iterator[CommandAnswer]:
    for command in comment.commands:
        if isinstance(command, Attest):
            problem = _no_sign_off(command.id, items)
            if problem:
                yield CommandAnswer(text=problem)
        elif isinstance(command, Recheck):
            yield from _recheck(gate, case, items, comment)
        else:
            yield CommandAnswer(
                text=f"line {command.line} of the comment is no command: write {HOW}"
            )


def _no_sign_off(id_: str, items: Sequence[PlannedItem]) -> str:
    item = next((one for one in items if one.id == id_), None)
    if item is None:
        return f"attest: no item is called {id_!r}{did_you_mean(id_, [one.id for one in items])}"
    asked = [one.options for one in item.checks if isinstance(one.options, AttestationOptions)]
    if not asked:
        return f"attest: {id_} is not signed by people, {item.check_id} answers it"
    if not any("comment" in one.accept and one.scope != "commit" for one in asked):
        return f"attest: {id_} takes no comment, look at what its item says"
    if item.skipped is not None and item.skipped[0] is SkippedBy.STAGE:
        return f"attest: {id_} {item.skipped[1]}; a comment signs before the merge"
    return ""


def _recheck(
    gate: Gate, case: Case, items: Sequence[PlannedItem], comment: Commented
) -> Iterator[CommandAnswer]:
    forge, facts, subject = gate.forge, gate.facts, case.subject.pull_request
    if not any(item.half is Half.CHECKS and item.planned for item in items):
        return
    if forge is None or facts is None or subject is None:
        return
    number, head = subject.reference.number, subject.head_sha
    try:
        run, page = _run_of(_checks_status(gate, forge, head), gate, forge)
        if run is None:
            text = f"recheck: no run of the checks half is known for {head[:7]}"
            yield CommandAnswer(text=f"{text}; push, or run its workflow again")
            return
        refusal = _refusal(facts, number, comment)
        if refusal:
            yield CommandAnswer(
                text=f"recheck: the checks half was left alone: {refusal}", url=page
            )
        elif gate.settings.may_write:
            yield _started(forge, run, head, page)
    except ForgeError as error:
        yield CommandAnswer(text=f"recheck: the checks half was left alone: {error.message}")


def _started(forge: Forge, run: int, head: str, page: str) -> CommandAnswer:
    try:
        started = forge.rerun(run, head)
    except PermissionMissing:
        text = "recheck: run the checks half again by hand, the token lacks actions: write"
        return CommandAnswer(text=text, url=page)
    what = "was started again" if started else "is still going"
    return CommandAnswer(text=f"recheck: the run of the checks half {what}", url=page)


def _checks_status(gate: Gate, forge: Forge, head: str) -> CommitStatus | None:
    return forge.statuses(head).get(context_of(gate.settings.status_prefix, Half.CHECKS))


def _run_of(status: CommitStatus | None, gate: Gate, forge: Forge) -> tuple[int | None, str]:
    """Return the run that wrote the status of the checks half, and its page."""
    home = f"{gate.settings.server_url}/{forge.repository}/actions/runs/"
    if status is None or not status.target_url.startswith(home):
        return None, ""
    found = _RUN.search(status.target_url)
    return (int(found[1]), f"{home}{found[1]}") if found else (None, "")


def _refusal(facts: FactsOnce, number: int, comment: Commented) -> str:
    """Return why the writer may not start a run, empty where they may."""
    standing = next((one for one in facts.remarks(number) if one.id == comment.id), None)
    if standing is None:
        return "the comment is gone"
    if standing.edited or standing.hidden:
        return "the comment was edited or hidden"
    if standing.author.casefold() != comment.author.casefold() or standing.bot:
        return "the comment is of no person"
    found = facts.inventory.permission(standing.author)
    return "" if found in _WRITERS else f"who may {found} cannot start a run, who may write can"
