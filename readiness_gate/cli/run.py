"""`readiness-gate run`, and the action's modes: a visible list of steps."""

from collections.abc import Callable
from dataclasses import replace

from readiness_gate.cli.checkout import ASKED_FOR, require_checkout
from readiness_gate.cli.console import Console
from readiness_gate.cli.dependants import re_evaluate
from readiness_gate.cli.doors import open_doors, open_forge
from readiness_gate.cli.evaluation import Gate, evaluate_case, open_gate, plan_case
from readiness_gate.cli.interruption import interruptible, uninterrupted
from readiness_gate.cli.publication import Publication, or_error, publication_of
from readiness_gate.cli.subject import Case, case_of, read_event
from readiness_gate.cli.sweep import evaluate_all
from readiness_gate.cli.written import check_formats, write_boxes, write_formats, write_outputs
from readiness_gate.doors.settings import Settings
from readiness_gate.engine.conclude import exit_code, step_exit_code
from readiness_gate.engine.plan import PlannedItem
from readiness_gate.engine.policy_changes import FILES, policy_changes
from readiness_gate.errors import ConfigurationError, ForgeError, Interrupted
from readiness_gate.forge.base import Forge
from readiness_gate.forge.events import Event, Mode
from readiness_gate.forge.events import Subject as EventSubject
from readiness_gate.model.outcome import Half
from readiness_gate.model.report import Report

Also = Callable[[Gate, Report], None]
"""Something more to do with the report, once it is published."""


def command(
    settings: Settings, console: Console, *, formats: list[str], also: Also | None = None
) -> int:
    """Evaluate what the event, or the command line, asks for; return the exit code.

    Raises:
        GateError: it could not even begin.
        Interrupted: somebody asked to stop; what was booted is removed.
    """
    check_formats(formats)
    doors = open_doors(settings)
    forge = open_forge(settings, doors.clock)
    settings = _at_hand(settings, forge)
    event = read_event(settings)
    gate = open_gate(settings, doors, forge, console)
    if event.subject is EventSubject.NOTHING:
        console.note("nothing to evaluate: the event cannot have changed anything")
        return 0
    if event.subject is EventSubject.OPEN_PULL_REQUESTS and gate.graphs is not None:
        return evaluate_all(gate, gate.graphs.listed().standing).exit_code
    if event.subject is EventSubject.CLOSED_PULL_REQUEST:
        # The mode checks never reads the merge half, and nothing else is left to do.
        return re_evaluate(gate, event).exit_code_beside if event.dependants else 0
    return _evaluated(gate, event, formats, also)


def _at_hand(settings: Settings, forge: Forge | None) -> Settings:
    recorded = getattr(forge, "pull_request_at_hand", None)
    if settings.pull_request is None and not settings.event_name and recorded is not None:
        return replace(settings, pull_request=recorded)
    return settings


def _evaluated(gate: Gate, event: Event, formats: list[str], also: Also | None) -> int:
    case = or_error(gate, event, lambda: case_of(event, gate.settings, gate.doors, gate.forge))
    if _closed(case, gate):
        return 0
    items, halves = or_error(gate, event, lambda: _planned(gate, event, case))
    if not halves:
        gate.console.note("nothing to evaluate: the half stands, the event cannot have changed it")
        return 0
    looks = any(item.half is Half.CHECKS and item.skipped is None for item in items)
    if looks and Half.CHECKS in halves and event.name in ASKED_FOR:
        # Who checked out something else has learnt nothing about the pull request.
        require_checkout(case, gate.settings, gate.doors)
    elif looks and Half.CHECKS in halves:
        or_error(gate, event, lambda: require_checkout(case, gate.settings, gate.doors))
    publication = publication_of(gate, case, event, halves, items)
    with interruptible():
        try:
            publication.begin()
            if event.sent_elsewhere is not None:
                publication.sent_elsewhere(event.sent_elsewhere)
            report = evaluate_case(gate, case, items, halves)
            report = _answered(gate, event, case, items, report)
            report = _with_policy_changes(gate, case, halves, report)
            return _told(gate, event, publication, report, formats, also)
        except KeyboardInterrupt as stop:
            with uninterrupted():
                gate.doors.end_programs()
                publication.interrupted()
            raise Interrupted("interrupted", advice="Run it again.") from stop
        finally:
            with uninterrupted():
                gate.close()


def _answered(
    gate: Gate, event: Event, case: Case, items: tuple[PlannedItem, ...], report: Report
) -> Report:
    if event.comment is None:
        return report
    from readiness_gate.cli.comment_commands import answers  # noqa: PLC0415 - only for comments

    return report.model_copy(update={"answers": answers(gate, case, items, event.comment)})


def _with_policy_changes(gate: Gate, case: Case, halves: frozenset[Half], report: Report) -> Report:
    """Add what the pull request does to waivers and sign-offs, where GitHub tells it."""
    subject, forge, base = case.subject.pull_request, gate.forge, case.subject.base_sha
    trusted = gate.settings.in_actions or gate.settings.publish
    if subject is None or forge is None or base is None or Half.MERGE not in halves or not trusted:
        return report
    try:
        touched = set(forge.changed_files(subject.reference.number)) & {*FILES}
        notes = [
            line
            for path in FILES
            if path in touched
            for line in policy_changes(
                path, forge.file(path, base), forge.file(path, subject.head_sha)
            )
        ]
    except ForgeError as error:
        notes = [f"what it changes of waivers and sign-offs could not be read: {error.message}"]
    return report.model_copy(update={"notes": (*report.notes, *notes)})


def _planned(
    gate: Gate, event: Event, case: Case
) -> tuple[tuple[PlannedItem, ...], frozenset[Half]]:
    items = plan_case(gate, case)
    return items, _halves(gate.settings, event, case, items)


def _closed(case: Case, gate: Gate) -> bool:
    subject = case.subject.pull_request
    if subject is None or subject.state == "open":
        return False
    number = subject.reference.number
    if not gate.settings.in_actions:
        # Somebody asks for a verdict: silence would be taken for one.
        raise ConfigurationError(f"#{number} is no open pull request", advice="Give an open one.")
    gate.console.note(f"#{number} is closed: nothing to evaluate")
    return True


def _halves(
    settings: Settings, event: Event, case: Case, items: tuple[PlannedItem, ...]
) -> frozenset[Half]:
    halves = event.halves
    if event.joined_by & _named(case, items):
        halves = frozenset(Half)
    if settings.half is not None:
        halves &= {Half(settings.half)}
    return halves


def _named(case: Case, items: tuple[PlannedItem, ...]) -> frozenset[str]:
    """Return which of `labels` and `draft` the `when` of a checks item names."""
    named: set[str] = set()
    for item in items:
        given = case.policy.loaded.config.items.get(item.id)
        if item.half is not Half.CHECKS or given is None or given.when is None:
            continue
        if given.when.labels:
            named.add("labels")
        if given.when.draft is not None:
            named.add("draft")
    return frozenset(named)


def _told(
    gate: Gate,
    event: Event,
    publication: Publication,
    report: Report,
    formats: list[str],
    also: Also | None,
) -> int:
    published = publication.publish(report)
    published = replace(published, handed_over=event.mode is Mode.CHECKS)
    write_outputs(gate, published)
    write_formats(gate, published.report, formats)
    if gate.settings.write_back:
        write_boxes(gate, publication.case.policy.loaded.config.checklist, published.report)
    if also is not None:
        also(gate, published.report)
    dependants = re_evaluate(gate, event) if event.dependants else None
    code = _code(gate, publication, published.report, pending_written=published.pending_written)
    return code or (dependants.exit_code_beside if dependants is not None else 0)


def _code(gate: Gate, publication: Publication, report: Report, *, pending_written: bool) -> int:
    config = publication.case.policy.loaded.config
    if report.preview or config.enforce == "none":
        return 0
    if gate.settings.in_actions:
        return step_exit_code(
            report.verdict, gate.settings.fail_on, pending_written=pending_written
        )
    return exit_code(report.verdict)
