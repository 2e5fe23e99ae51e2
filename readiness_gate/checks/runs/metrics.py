"""What `metrics` does when it runs; what it promises stands beside its options."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from readiness_gate.checks.asking import (
    Asking,
    OutOfTime,
    Silent,
    asking,
    out_of_time,
    problems_failed,
    unanswered,
)
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.exchange import request_evidence
from readiness_gate.checks.network.metrics import ExpectedFamily, MetricsOptions
from readiness_gate.checks.stimulus import StimulusFailed, send
from readiness_gate.checks.target import Endpoint, endpoint
from readiness_gate.doors.web import BODY_CAP, Answer
from readiness_gate.formats.exposition import Exposition, MetricFamily, Sample, exposition
from readiness_gate.matchers.threshold import Unit, threshold
from readiness_gate.model.evidence import RequestEvidence, TableEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, passed

_ACCEPT = "text/plain;version=0.0.4;q=1,application/openmetrics-text;version=1.0.0;q=0.5"
_PAUSE = 0.5
_SHOWN = 30


class _NoScrape(Exception):  # noqa: N818 - the fact is the name
    """The page cannot be scraped; the cause in one line."""

    def __init__(self, causes: list[str], *, unreadable: bool = False) -> None:
        super().__init__(causes[0])
        self.causes = causes
        self.unreadable = unreadable


@dataclass(frozen=True)
class _Scraping:
    asks: Asking
    options: MetricsOptions
    target: Endpoint
    evidence: list[RequestEvidence]

    def scrape(self) -> Exposition:
        """Return the page.

        Raises:
            _NoScrape: Prometheus would refuse it, or it is not read whole.
        """
        answer = self.asks.ask(self.target, headers={"Accept": _ACCEPT, **self.options.headers})
        self.evidence[:] = [request_evidence("GET", self.target, answer)]
        if answer.status != 200:
            raise _NoScrape([f"status {answer.status}, not 200"])
        if answer.truncated:
            raise _NoScrape([f"the page is longer than {BODY_CAP} bytes"], unreadable=True)
        openmetrics = _form(answer)
        page = exposition(answer.body, openmetrics=openmetrics)
        if page.problems:
            raise _NoScrape([f"line {line}: {cause}" for line, cause in page.problems])
        if not page.series:
            raise _NoScrape(["there is no sample on the page"])
        return page


def _form(answer: Answer) -> bool:
    """Return whether the answer is OpenMetrics."""
    kind = (answer.header("content-type") or "").partition(";")[0].strip().lower()
    if kind not in {"text/plain", "application/openmetrics-text"}:
        raise _NoScrape([f"Content-Type is {kind[:60] or 'absent'}, which Prometheus refuses"])
    return kind != "text/plain"


def run(context: CheckContext, options: MetricsOptions) -> CheckResult:
    """Scrape, send the requests, scrape again, and compare."""
    target = endpoint(context, options.url)
    evidence: list[RequestEvidence] = []
    scraping = _Scraping(asking(context, options.timeout), options, target, evidence)
    try:
        return _measured(context, scraping)
    except Silent as error:
        return unanswered(context, error, evidence)
    except OutOfTime:
        return out_of_time(context, "the page was not seen often enough", evidence)
    except StimulusFailed as error:
        return problems_failed([str(error)], [error.evidence])
    except _NoScrape as error:
        causes = [f"{target.url}: {cause}" for cause in error.causes]
        if error.unreadable:
            return cannot_tell(ErrorClass.INCONCLUSIVE, causes[0], evidence=evidence)
        return problems_failed(causes, evidence)


def _measured(context: CheckContext, scraping: _Scraping) -> CheckResult:
    options, url = scraping.options, scraping.target.url
    first = scraping.scrape()
    problems = list(_problems(options, first))
    if problems:
        return problems_failed([f"{url}: {one}" for one in problems], scraping.evidence)
    moved = _moved(context, scraping, first) if options.requests else []
    if isinstance(moved, CheckResult):
        return moved
    still = [line for line, grown in moved if not grown]
    if still:
        return problems_failed([f"{url}: {one}" for one in still], scraping.evidence)
    grown = "".join(f"; {line}" for line, _ in moved[:3])
    return passed(
        f"{url}: {first.series} samples in {len(first.families)} families, "
        f"{len(options.families)} as they must be{grown}",
        evidence=[_table(first)],
    )


def _problems(options: MetricsOptions, page: Exposition) -> Iterator[str]:
    if options.series is not None:
        cause = threshold(options.series, Unit.NUMBER).explain(page.series)
        if cause is not None:
            yield f"samples: {cause}"
    for name, expected in options.families.items():
        family = page.family(name)
        if family is None:
            yield f"there is no {name}"
        elif not family.samples and not expected.increases:
            yield f"{name} is declared, but has no sample"
        else:
            yield from (f"{name}: {cause}" for cause in _family_problems(family, expected))


def _family_problems(family: MetricFamily, expected: ExpectedFamily) -> Iterator[str]:
    if expected.type is not None and (family.type or "untyped") != expected.type:
        yield f"expected the type {expected.type}, got {family.type or 'none'}"
    for label in expected.labels:
        bare = next((one for one in family.values if one.label(label) is None), None)
        if bare is not None:
            yield f"line {bare.line} has no label {label}"
    counted = _counted(family, expected.where)
    if expected.where and not counted and not expected.increases:
        wanted = ", ".join(f"{key}={value}" for key, value in expected.where.items())
        yield f"there is no sample with {wanted}"
    elif expected.value is not None:
        cause = threshold(expected.value, Unit.NUMBER).explain(_total(counted))
        if cause is not None:
            yield f"the sum of {len(counted)} samples: {cause}"


def _counted(family: MetricFamily | None, where: Mapping[str, str]) -> list[Sample]:
    found = family.values if family is not None else []
    return [one for one in found if all(one.label(key) == value for key, value in where.items())]


def _total(samples: list[Sample]) -> float | None:
    """Return the sum, `None` of no sample."""
    return math.fsum(one.value for one in samples) if samples else None


def _moved(
    context: CheckContext, scraping: _Scraping, before: Exposition
) -> list[tuple[str, bool]] | CheckResult:
    """Return a line for each family that has to grow, and whether it did."""
    options = scraping.options
    sent = send(scraping.asks, options.requests)
    begun = context.clock.monotonic()
    while True:
        after = scraping.scrape()
        fallen = _fallen(options, before, after)
        if fallen:
            return cannot_tell(
                ErrorClass.INCONCLUSIVE,
                f"{scraping.target.url}: {fallen} became less: several processes answer there, or "
                "it started again",
                evidence=scraping.evidence,
                remediation="Expose the sum of all processes, or scrape one replica.",
            )
        lines = [
            _growth(name, expected, before, after, sent)
            for name, expected in options.families.items()
            if expected.increases
        ]
        waited = context.clock.monotonic() - begun
        if all(grown for _, grown in lines) or waited >= options.within:
            return lines
        if scraping.asks.deadline.remaining() <= _PAUSE:
            raise OutOfTime
        context.clock.sleep(_PAUSE)


def _growth(
    name: str, expected: ExpectedFamily, before: Exposition, after: Exposition, sent: int
) -> tuple[str, bool]:
    earlier = _total(_counted(before.family(name), expected.where)) or 0.0
    later = _total(_counted(after.family(name), expected.where))
    limit = threshold(expected.increases or "", Unit.NUMBER)
    cause = limit.explain(None if later is None else later - earlier)
    if cause is None and later is not None:
        return f"{name} grew by {later - earlier:g} while {sent} requests were sent", True
    return f"{name}: growth with {sent} requests: {cause}", False


def _fallen(options: MetricsOptions, before: Exposition, after: Exposition) -> str:
    """Return the name of a counter that became less, empty where none did."""
    for name, expected in options.families.items():
        family = before.family(name)
        if not expected.increases or family is None or family.type == "gauge":
            continue
        earlier = {(one.name, one.labels): one.value for one in family.values}
        later = after.family(name)
        now = {(one.name, one.labels): one.value for one in (later.values if later else ())}
        if any(now.get(key, -math.inf) < value for key, value in earlier.items()):
            return name
    return ""


def _table(page: Exposition) -> TableEvidence:
    rows = tuple(
        (one.name[:100], one.type or "untyped", str(len(one.samples)))
        for one in page.families.values()
    )
    return TableEvidence(
        title="Families",
        columns=("family", "type", "samples"),
        rows=rows[:_SHOWN],
        omitted=max(0, len(rows) - _SHOWN),
    )
