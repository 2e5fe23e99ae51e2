"""What `doc-freshness` does when it runs; what it promises stands beside its options."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time

from readiness_gate.checks.compared import compared
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.project_files import Problem, Unclear, chosen, counted, judged, text_of
from readiness_gate.checks.repository.doc_freshness import DocFreshnessOptions
from readiness_gate.doors.changes import ChangedFile
from readiness_gate.doors.git import GitUnavailable
from readiness_gate.doors.workspace import matches
from readiness_gate.model.evidence import LocationEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, not_applicable, passed

_SHOWN = 20
_DAY = 86_400.0

_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]

_STATED = re.compile(
    r"(?i)\b(?:last[ -]?)?(?:updated|reviewed|modified|revised|date)\b[^\w\n]{0,20}"
    r"(?:on[ :]{1,3})?([0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}\.? [a-z]{3,9},? [0-9]{4}"
    r"|[a-z]{3,9} [0-9]{1,2},? [0-9]{4})"
)


def run(context: CheckContext, options: DocFreshnessOptions) -> CheckResult:
    """Compare the change with the documents, then look at their age."""
    said: list[str] = []
    try:
        names = chosen(context.workspace, options.docs)
        if options.max_age is not None:
            problems = list(_old(context, options, names, options.max_age))
            if problems:
                return judged(problems, "")
            days = options.max_age / _DAY
            said.append(f"{counted(len(names), 'document')} not older than {days:g} days")
    except Unclear as unclear:
        return unclear.result
    if options.code:
        followed = _followed(context, options)
        if isinstance(followed, CheckResult):
            return followed
        said.append(followed)
    return passed("; ".join(said))


def _followed(context: CheckContext, options: DocFreshnessOptions) -> CheckResult | str:
    """Return what there is to say of a change whose documents follow, else the result."""
    comparison = compared(context)
    if comparison is None:
        if options.max_age is not None:
            return "no change to compare"
        return not_applicable("there is no change to compare: no pull request, or nothing in it")
    code = [one.path for one in comparison.changed if _any(one.path, options.code)]
    docs = [one.path for one in comparison.changed if _written(one, options.docs)]
    code = [name for name in code if not _any(name, options.docs)]
    if not code:
        if not any(_any(name, options.code) for name in context.workspace.files()):
            text = f"no file at {', '.join(options.code)}, so no change of it can be seen"
            return cannot_tell(ErrorClass.CONFIGURATION, text)
        return f"none of {counted(len(comparison.changed), 'changed file')} is such code"
    if docs:
        return f"{docs[0]} changes with {code[0]}"
    more = f" and {len(code) - 1} more" if len(code) > 1 else ""
    return failed(
        f"{code[0]}{more} changes, {', '.join(options.docs)} does not",
        details="\n".join(code[:_SHOWN]),
        evidence=[LocationEvidence(path=name) for name in code[:_SHOWN]],
        remediation="Say in the document what is new, or what the change leaves as it is.",
    )


def _any(name: str, patterns: Sequence[str]) -> bool:
    return any(matches(name, pattern) for pattern in patterns)


def _written(one: ChangedFile, patterns: Sequence[str]) -> bool:
    """Return whether a document changes in more than blank lines."""
    if one.deleted or not _any(one.path, patterns):
        return False
    return one.binary or one.removed > 0 or any(text.strip() for _, text in one.added)


def _old(
    context: CheckContext, options: DocFreshnessOptions, names: Sequence[str], max_age: float
) -> Iterator[Problem]:
    now = context.clock.now()
    for name in names:
        line, changed = _stated(context, name) if options.stated else (None, _commit(context, name))
        if changed is None:
            what = "states no date" if options.stated else "is in no commit"
            yield Problem(what, name)
            continue
        age = (now - changed).total_seconds()
        if age < -_DAY:
            yield Problem(f"says {changed.date()}, which is to come", name, line)
        elif age > max_age:
            days = f"{age / _DAY:.0f} days, at most {max_age / _DAY:g} allowed"
            yield Problem(f"is from {changed.date()}: {days}", name, line)


def _commit(context: CheckContext, name: str) -> datetime | None:
    if context.git is None:
        text = "there is no git repository to ask"
        raise Unclear(cannot_tell(ErrorClass.INCONCLUSIVE, text))
    try:
        return context.git.last_change(name)
    except GitUnavailable as error:
        text = f"git cannot say when {name} was changed: {error}"
        raise Unclear(cannot_tell(ErrorClass.CONFIGURATION, text)) from error


def _stated(context: CheckContext, name: str) -> tuple[int | None, datetime | None]:
    """Return line and date of the newest date that a document states about itself."""
    found: list[tuple[datetime, int]] = []
    for number, line in enumerate(text_of(context.workspace, name).splitlines(), start=1):
        for match in _STATED.finditer(line[:2_000].replace("*", "").replace("_", " ")):
            day = _day(match[1])
            if day is not None:
                found.append((datetime.combine(day, time(), UTC), number))
    if not found:
        return None, None
    newest, at = max(found)
    return at, newest


def _day(text: str) -> date | None:
    """Return the day of `2026-01-31`, `31 January 2026` or `Jan 31, 2026`."""
    try:
        if text[4:5] == "-":
            return date.fromisoformat(text)
        words = text.replace(",", " ").replace(".", " ").lower().split()
        [month] = [word for word in words if word.isalpha()]
        day, year = (int(word) for word in words if not word.isalpha())
        [number] = [at for at, name in enumerate(_MONTHS, start=1) if name.startswith(month)]
        return date(year, number, day)
    except ValueError:
        return None
