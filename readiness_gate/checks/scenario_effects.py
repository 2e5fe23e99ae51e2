"""What a scenario left behind: rows of a database, lines of a log, requests that were sent out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.http_asserts import cause_of_mismatch, judged
from readiness_gate.checks.scenario_steps import (
    LogAsk,
    LogStep,
    SinkAsk,
    SinkStep,
    SqlAsk,
    SqlStep,
)
from readiness_gate.checks.scenario_values import Values
from readiness_gate.checks.services import chosen, stack_of
from readiness_gate.database.choice import choose
from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.sink import Received, Sink
from readiness_gate.doors.web import Answer
from readiness_gate.errors import ConfigurationError
from readiness_gate.expressions import compiled
from readiness_gate.matchers import compile_matcher
from readiness_gate.model.evidence import Evidence, TableEvidence, TextEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.stack.base import NotSupported

_ROWS = 1_000
_MOST_LINES = 500_000
_MOST_LOST = 100_000
_SHOWN = 10
_CLOCKS = 1.0
"""Seconds that the engine's clock may be behind ours."""


@dataclass(frozen=True)
class Looked:
    """What was seen, and what does not hold."""

    said: str
    problems: tuple[str, ...] = ()
    error_class: ErrorClass | None = None
    evidence: tuple[Evidence, ...] = ()
    first: Answer | None = None
    """The first request that arrived as it has to, in the form of an answer."""


@dataclass
class Effects:
    """Looks at the effects since it was made."""

    context: CheckContext
    sinks: Mapping[str, Sink]
    begun: float = 0.0
    """Unix time."""
    before: dict[str, int] = field(default_factory=dict)
    """Lines of logs without times that were there before, by service."""

    def begin(self, steps: tuple[object, ...]) -> None:
        """Remember what is there now."""
        self.begun = self.context.clock.now().timestamp() - _CLOCKS
        for step in steps:
            if isinstance(step, LogStep):
                chosen(self.context, [step.log.service])
                self._mark(step.log.service)

    def look(
        self, step: SqlStep | LogStep | SinkStep, values: Values, deadline: Deadline
    ) -> Looked:
        """Return what there is to see now."""
        if isinstance(step, SqlStep):
            return self._sql(step.sql, values, deadline)
        if isinstance(step, LogStep):
            return self._log(step.log, values)
        return self._sink(step.sink, values)

    def _sql(self, ask: SqlAsk, values: Values, deadline: Deadline) -> Looked:
        from readiness_gate.database.connection import reading  # noqa: PLC0415 - loads slowly
        from readiness_gate.database.search_path import use_the_project_s  # noqa: PLC0415
        from readiness_gate.database.session import StatementFailed  # noqa: PLC0415

        access = choose(self.context.databases, ask.database)
        backslash = access.dialect in {"mysql", "mariadb"}
        query = values.expression(ask.query, lambda text: _literal(text, backslash=backslash))
        shown = (TextEvidence(title="Statement", text=query.strip()),)
        try:
            with reading(access.url, seconds=max(1.0, deadline.remaining())) as session:
                use_the_project_s(session)
                records = session.records(query, at_most=_ROWS)
        except StatementFailed as error:
            cause = " ".join(f"{error.sqlstate} {error.message}".split())
            return Looked(
                "the statement failed",
                (f"the statement failed: {cause[:300]}",),
                ErrorClass.INCONCLUSIVE,
                shown,
            )
        if ask.rows is not None:
            return self._compared(ask.rows, records, f"{len(records)} rows", values, shown)
        if len(records) != 1 or len(records[0]) != 1:
            cause = f"`value` needs one row of one column, and {len(records)} rows came back"
            return Looked(cause, (cause,), ErrorClass.INCONCLUSIVE, shown)
        (value,) = records[0].values()
        return self._compared(ask.value, value, "the value", values, shown)

    def _compared(
        self,
        wanted: JsonValue,
        actual: object,
        what: str,
        values: Values,
        shown: tuple[Evidence, ...],
    ) -> Looked:
        cause = cause_of_mismatch(wanted, actual, values)
        return Looked(f"{what}: {cause or 'as expected'}", (cause,) if cause else (), None, shown)

    def _mark(self, service: str) -> None:
        stack = stack_of(self.context)
        try:
            next(iter(stack.log_lines(service, since=self.begun)), None)
        except NotSupported:
            self.before[service] = sum(1 for _ in stack.log_lines(service))

    def _log(self, ask: LogAsk, values: Values) -> Looked:
        stack = stack_of(self.context)
        if ask.contains is not None:
            wanted, shown = values(ask.contains), ask.contains
            expression = None
        else:
            shown = ask.matches or ""
            wanted, expression = "", compiled(values.expression(shown, _escaped))
        skipped = self.before.get(ask.service)
        if skipped is None:
            lines = stack.log_lines(ask.service, since=self.begun)
        else:
            lines = stack.log_lines(ask.service)
        found: list[str] = []
        read = 0
        for number, line in enumerate(lines):
            if skipped is not None and number < skipped:
                continue
            read += 1
            if read > _MOST_LINES:
                cause = f"the log of {ask.service} has more than {_MOST_LINES} new lines"
                return Looked(cause, (cause,), ErrorClass.INCONCLUSIVE)
            if expression.search(line.text) if expression else wanted in line.text:
                found.append(line.text[:300])
        cause = compile_matcher(ask.count).explain(len(found)) or ""
        said = f"{len(found)} of {read} new lines of {ask.service} have {shown!r}"
        evidence = TextEvidence(
            title=f"Log of {ask.service}",
            text="\n".join(found[:_SHOWN]) or stack.logs(ask.service, 20)[-2000:],
        )
        return Looked(said, (f"{said}: {cause}",) if cause else (), None, (evidence,))

    def _sink(self, ask: SinkAsk, values: Values) -> Looked:
        received = self.sinks[ask.name].received()
        now = self.context.clock.now()
        lost = self.sinks[ask.name].forgotten()
        as_wanted: list[Answer] = []
        unread = 0
        first_cause = ""
        for one in received:
            answer = _as_answer(one)
            problems = []
            if ask.method is not None and one.method != ask.method.upper():
                problems.append(f"method: expected {ask.method.upper()}, got {one.method}")
            if ask.path is not None:
                cause = cause_of_mismatch(ask.path, one.path, values)
                problems += [f"path: {cause}"] if cause else []
            found = judged(ask.asserts, answer, values, now)
            problems += found.problems
            if not problems and found.unreadable:
                unread += 1
            elif not problems:
                as_wanted.append(answer)
            first_cause = first_cause or (problems[0] if problems else "")
        cause = compile_matcher(ask.count).explain(len(as_wanted)) or ""
        said = f"{len(as_wanted)} of {len(received)} requests at {ask.name} are as expected"
        if not _settled(ask.count, len(as_wanted), unread + lost):
            more = [f"{unread} more could not be read to their end"] if unread else []
            more += [f"{lost} more were not kept"] if lost else []
            doubt = f"{said}, and {' and '.join(more)}: nobody can tell how many there are"
            table = _table(ask.name, received)
            return Looked(said, (doubt,), ErrorClass.INCONCLUSIVE, table)
        because = f"; the first that is not: {first_cause}" if cause and first_cause else ""
        return Looked(
            said,
            (f"{said}: {cause}{because}",) if cause else (),
            None,
            _table(ask.name, received),
            as_wanted[0] if as_wanted else None,
        )


def _as_answer(one: Received) -> Answer:
    unread = one.truncated or one.packed
    return Answer(one.method, one.path, 0, one.headers, one.body, 0.0, unread)


def _settled(wanted: JsonValue, least: int, more: int) -> bool:
    """Return whether a number between `least` and `more` above is judged alike, whichever it is."""
    if more > _MOST_LOST:
        return False
    matcher = compile_matcher(wanted)
    return len({matcher.holds(number) for number in range(least, least + more + 1)}) == 1


def _table(name: str, received: tuple[Received, ...]) -> tuple[Evidence, ...]:
    rows = tuple(
        (one.method, one.path[:200], one.body[:500].decode("utf-8", "replace"))
        for one in received[:_SHOWN]
    )
    return (
        TableEvidence(
            title=f"Requests at {name}",
            columns=("method", "path", "body"),
            rows=rows,
            omitted=max(0, len(received) - _SHOWN),
        ),
    )


def _literal(text: str, *, backslash: bool) -> str:
    if "\0" in text:
        raise ConfigurationError("a value with NUL fits into no statement")
    doubled = text.replace("'", "''")
    return f"'{doubled.replace(chr(92), chr(92) * 2) if backslash else doubled}'"


def _escaped(text: str) -> str:
    import re2  # noqa: PLC0415 - most scenarios need no expression

    return str(re2.escape(text))
