"""What a run says on GitHub: statuses first, then the comment; either may be refused."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from readiness_gate.cli.evaluation import Gate
from readiness_gate.cli.shared_head import Shared, over_shared_head
from readiness_gate.cli.subject import Case
from readiness_gate.engine.conclude import verdict
from readiness_gate.engine.plan import PlannedItem
from readiness_gate.errors import ForgeError, GateError, NoConfiguration
from readiness_gate.forge.base import Forge
from readiness_gate.forge.events import Event
from readiness_gate.forge.events import Subject as EventSubject
from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import Conclusion, Half, Outcome, SkippedBy, Stage, Verdict
from readiness_gate.model.report import Report
from readiness_gate.publish import comment, statuses
from readiness_gate.publish.regions import stamp
from readiness_gate.publish.statuses import StatusWrite, Target, context_of
from readiness_gate.report.page import Page
from readiness_gate.report.redact import redacted, redaction
from readiness_gate.report.region import region

Step = TypeVar("Step")
_INTERRUPTED = "interrupted: run it again"
_ANOTHER_BASE = "another base: waiting for the checks to run again"
_SHARED = {
    Half.MERGE: "the worse of them counts",
    Half.CHECKS: "a status cannot tell them apart",
}


@dataclass(frozen=True)
class Published:
    """What was said, and the report as it may be shown."""

    report: Report
    statuses: tuple[StatusWrite, ...]
    comment: comment.CommentWrite | None
    page: Page
    logs: Mapping[str, str]
    """Logs of the services by name, for the report folder; redacted."""
    handed_over: bool = False
    """Whether another job publishes the report: that this token may not is as it should be."""

    @property
    def pending_written(self) -> bool:
        """Whether a `pending` status really stands and holds the merge back."""
        return any(one.stands and one.state is Conclusion.PENDING for one in self.statuses)

    @property
    def refused(self) -> bool:
        """Whether nothing but the token's permissions kept a status from being written."""
        return only_refused(self.statuses)

    @property
    def notes(self) -> tuple[str, ...]:
        """One line for everything that could not be written, by what stood in its way."""
        if self.handed_over and self.refused:
            return ("this token only reads: a job in the mode publish says this on GitHub",)
        return not_written(self.statuses, self.comment)


def only_refused(written: Iterable[StatusWrite]) -> bool:
    """Return whether nothing but the token's permissions kept a status from being written."""
    unwritten = [one.became for one in written if one.reason and not one.stands]
    return bool(unwritten) and set(unwritten) == {"refused"}


def not_written(
    written: Iterable[StatusWrite], said: comment.CommentWrite | None
) -> tuple[str, ...]:
    """Return one line for everything that could not be written, by what stood in its way."""
    reasons: dict[str, list[str]] = {}
    for one in written:
        if one.became in {"refused", "failed", "moved", "stale"}:
            reasons.setdefault(one.reason, []).append(one.context)
    if said is not None and said.reason:
        reasons.setdefault(said.reason, []).append("comment")
    return tuple(f"{', '.join(names)}: {reason}" for reason, names in reasons.items())


@dataclass(frozen=True)
class Said:
    """One status as it is to stand; `write` is whether it may be written at all."""

    context: str
    conclusion: Conclusion | None
    description: str
    write: bool


@dataclass(frozen=True)
class Told:
    """What there is to say: the redacted report, and a status for each part of it."""

    report: Report
    said: tuple[Said, ...]


@dataclass(frozen=True)
class Publication:
    """Publishes one case; every method is safe where nothing may be written."""

    gate: Gate
    case: Case
    parts: tuple[Half | Stage, ...]
    target: Target | None
    write: bool
    computed: tuple[Half | Stage, ...]
    """Those of `parts` in which something is planned: the others never had to run."""

    def begin(self) -> None:
        """Say that the halves are being computed; what is refused is noted with the result."""
        if self.gate.forge is not None and self.target is not None:
            for part in self.computed:
                statuses.pending(
                    self.gate.forge, self.target, self._context(part), write=self.write
                )

    def sent_elsewhere(self, at: str) -> None:
        """Take back what the checks said of another base, until their own job speaks again.

        `at` is when the base became another one, as GitHub writes times; what was said since stays.
        """
        forge, target = self.gate.forge, self.target
        if Half.CHECKS in self.parts or forge is None or target is None or not self.write:
            return
        context = self._context(Half.CHECKS)
        try:
            before = forge.statuses(target.sha).get(context)
        except ForgeError as error:
            self.gate.console.problem(f"{context}: {error.message}", error.advice)
            return
        since = before.created_at if before is not None else None
        if before is None or (since is not None and f"{since:%Y-%m-%dT%H:%M:%SZ}" > at > ""):
            return
        became = statuses.result(forge, target, context, Conclusion.PENDING, _ANOTHER_BASE)
        if became.reason:
            self.gate.console.problem(f"{context}: {became.reason}", "Run the checks again.")

    def interrupted(self) -> None:
        """Say that a stopped run decided nothing; `running` must not stand for ever."""
        if self.gate.forge is not None and self.target is not None and self.write:
            for part in self.computed:
                statuses.result(
                    self.gate.forge,
                    self.target,
                    self._context(part),
                    Conclusion.ERROR,
                    _INTERRUPTED,
                )

    def publish(self, report: Report) -> Published:
        """Write the statuses and the comment; return what became of them."""
        halves = [part for part in self.parts if isinstance(part, Half)]
        shared = Shared(report)
        if self.write:
            shared = over_shared_head(self.gate, self.case, report, halves)
        told = self.verdict(shared)
        return self.write_comment(told, self.write_statuses(told))

    def verdict(self, shared: Shared) -> "Told":
        """Return what there is to say of a report over all that share its head."""
        told = redacted(shared.report, self.gate.secrets)
        return Told(told, tuple(self._said(part, told, shared.names) for part in self.parts))

    def write_statuses(self, told: "Told") -> tuple[StatusWrite, ...]:
        """Write the statuses; return what became of each."""
        return tuple(self._status(said) for said in told.said)

    def write_comment(
        self, told: "Told", written: tuple[StatusWrite, ...], *, rounds: int = comment.ROUNDS
    ) -> Published:
        """Write the comment under statuses that were written before; return what became of all."""
        report = told.report
        page = self._page(report)
        said = self._comment(report, written, page, rounds)
        hide = redaction(self.gate.secrets)
        logs = {name: hide(text) for name, text in self.gate.logs.items()}
        return Published(report, written, said, page, logs)

    def _said(self, part: Half | Stage, report: Report, sharing: str) -> "Said":
        conclusion, items = _decided(part, report)
        description = statuses.describe(items, conclusion)
        if isinstance(part, Half) and sharing and conclusion is not None:
            description = f"{sharing} share one head: {_SHARED[part]}"
        # Nothing planned for one of them says nothing about the others.
        write = self.write and not (conclusion is None and sharing)
        return Said(self._context(part), conclusion, statuses.fitting(description), write)

    def _status(self, said: "Said") -> StatusWrite:
        if self.gate.forge is None or self.target is None:
            return StatusWrite(
                said.context, said.conclusion, said.description, "off", "there is no GitHub"
            )
        return statuses.result(
            self.gate.forge,
            self.target,
            said.context,
            said.conclusion,
            said.description,
            write=said.write,
        )

    def _comment(
        self, report: Report, written: Iterable[StatusWrite], page: Page, rounds: int
    ) -> comment.CommentWrite | None:
        pull_request = self.case.subject.pull_request
        if self.gate.forge is None or pull_request is None:
            return None
        settings = self.gate.settings
        halves = [part for part in self.parts if isinstance(part, Half)]
        regions = {
            half: stamp(
                region(report, half, page),
                pull_request.head_sha,
                run=settings.run_id,
                attempt=settings.run_attempt,
            )
            for half in halves
            if _decided(half, report)[0] is not None
        }
        return comment.publish(
            self.gate.forge,
            pull_request.reference.number,
            regions,
            prefix=settings.status_prefix,
            head_sha=pull_request.head_sha,
            states=_states(written, halves),
            mode=settings.comment,
            preview=report.preview,
            write=settings.may_write,
            sleep=self.gate.doors.clock.sleep,
            rounds=rounds,
        )

    def _page(self, report: Report) -> Page:
        settings = self.gate.settings
        return Page(
            server_url=settings.server_url,
            run_url=settings.run_url,
            repository=report.repository,
            sha=report.tested_sha or report.head_sha,
        )

    def _context(self, part: Half | Stage) -> str:
        return context_of(self.gate.settings.status_prefix, part)


def publication_of(
    gate: Gate,
    case: Case,
    event: Event,
    halves: frozenset[Half],
    items: Iterable[PlannedItem] | None = None,
    *,
    since: datetime | None = None,
) -> Publication:
    """Return what publishes a case; previews and `enforce: none` write no status.

    `items` tell the halves in which anything is planned; without them every half counts. `since`
    is when the facts were read, by default now: they are read after this.
    """
    config = case.policy.loaded.config
    write = gate.settings.may_write and not case.policy.preview and config.enforce != "none"
    subject = case.subject
    target = None
    if subject.head_sha is not None:
        number = subject.pull_request.reference.number if subject.pull_request else None
        target = Target(
            subject.head_sha,
            pull_request=number,
            url=gate.settings.run_url,
            merge_group=subject.merge_group is not None,
            base_branch=case.base_branch,
            since=since or gate.doors.clock.now(),
        )
    parts: tuple[Half | Stage, ...] = tuple(half for half in Half if half in halves)
    if event.subject is EventSubject.STAGE:
        parts = (event.stage,)
    computed = parts
    if items is not None:
        planned = {item.half for item in items if item.planned}
        computed = tuple(part for part in parts if isinstance(part, Stage) or part in planned)
    return Publication(gate, case, parts, target, write, computed)


def could_not_begin(gate: Gate, event: Event, error: GateError) -> None:
    """Replace an older verdict on the head, which must not stand where none can be made now."""
    if gate.forge is None or not gate.settings.may_write:
        return
    head = event.head_sha or _head(gate.forge, event.pull_request)
    if head is None:
        return
    target = Target(
        head,
        pull_request=event.pull_request,
        url=gate.settings.run_url,
        merge_group=event.merge_group is not None,
    )
    for half in Half:
        if half in event.halves:
            context = context_of(gate.settings.status_prefix, half)
            statuses.result(gate.forge, target, context, Conclusion.ERROR, error.message)


def or_error(gate: Gate, event: Event, step: Callable[[], Step]) -> Step:
    """Return what a step returns; one that fails leaves no older verdict standing.

    Raises:
        GateError: what the step raised.
    """
    try:
        return step()
    except NoConfiguration:
        raise
    except GateError as error:
        could_not_begin(gate, event, error)
        raise


def _head(forge: Forge, number: int | None) -> str | None:
    try:
        return forge.pull_request(number).head_sha if number is not None else None
    except ForgeError:
        return None


def _states(
    written: Iterable[StatusWrite], halves: Iterable[Half]
) -> dict[Half, Conclusion | None]:
    by_name = {one.context.rpartition(" / ")[2]: one.state for one in written}
    return {half: by_name.get(half.value) for half in halves}


def _decided(part: Half | Stage, report: Report) -> tuple[Conclusion | None, list[ItemResult]]:
    if isinstance(part, Half):
        of_half = report.conclusions.merge if part is Half.MERGE else report.conclusions.checks
        return of_half, [item for item in report.items if item.half is part]
    overall = {
        Verdict.READY: Conclusion.SUCCESS,
        Verdict.BLOCKED: Conclusion.FAILURE,
        Verdict.WAITING: Conclusion.PENDING,
        Verdict.ERROR: Conclusion.ERROR,
    }[verdict(report.conclusions.merge, report.conclusions.checks)]
    return overall, [item for item in report.items if item.skipped_by is not SkippedBy.STAGE]


def counted(report: Report) -> dict[str, int]:
    """Return how many items have each outcome, under the names of the action's outputs."""
    names = {
        Outcome.PASSED: "passed",
        Outcome.FAILED: "failed",
        Outcome.ERROR: "errors",
        Outcome.PENDING: "pending",
        Outcome.WAIVED: "waived",
        Outcome.SKIPPED: "skipped",
    }
    counts = dict.fromkeys(names.values(), 0)
    for item in report.items:
        counts[names[item.outcome]] += 1
    return counts
