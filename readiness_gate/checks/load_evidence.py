"""What a load test measured, for the reader: thresholds, endpoints, histogram, generator."""

from collections.abc import Sequence

from readiness_gate.checks.load_verdict import Figure
from readiness_gate.checks.usage import megabytes
from readiness_gate.load.histogram import Histogram
from readiness_gate.load.tally import REFUSED, Counted, Tally
from readiness_gate.model.evidence import Evidence, TableEvidence, TextEvidence

_PERCENTILES = (50.0, 90.0, 95.0, 99.0, 100.0)
_STEPS = (1.0, 2.0, 5.0)
_BAR = 40


def load_evidence(figures: Sequence[Figure], tallies: Sequence[Tally]) -> list[Evidence]:
    """Return the tables and the histogram."""
    together = Histogram()
    for tally in tallies:
        together.add(tally.whole.latency)
    found: list[Evidence] = [_thresholds(figures, len(tallies)), _endpoints(tallies)]
    if together.count:
        found.append(TextEvidence(title="Latency from the intended start", text=drawn(together)))
    return [*found, _generator(tallies)]


def _thresholds(figures: Sequence[Figure], runs: int) -> TableEvidence:
    return TableEvidence(
        title=f"Thresholds over {runs} run{'s' if runs > 1 else ''}",
        columns=("threshold", "median", "lowest to highest", "holds in"),
        rows=tuple(
            (one.limit.text, one.limit.written(one.median), one.spread, f"{one.held} of {runs}")
            for one in figures
        ),
    )


def _endpoints(tallies: Sequence[Tally]) -> TableEvidence:
    many = len(tallies) > 1
    return TableEvidence(
        title="Endpoints",
        columns=(
            "endpoint",
            "requests",
            "failed",
            "429",
            "p50",
            "p90",
            "p95",
            "p99",
            "max",
            "not as asserted",
        ),
        rows=tuple(
            (
                f"{one.name} (run {number})" if many else one.name,
                str(one.requests),
                str(one.failed),
                str(one.refused),
                *(_ms(one.latency.percentile(percent)) for percent in _PERCENTILES),
                wrong(one),
            )
            for number, tally in enumerate(tallies, 1)
            for one in tally.endpoints
        ),
    )


def wrong(one: Counted) -> str:
    """Return what else came than what is asserted, and how often."""
    if not one.failed:
        return ""
    statuses = {str(status): times for status, times in one.unexpected.items() if status != REFUSED}
    found = sorted({**statuses, **one.problems}.items(), key=lambda pair: -pair[1])
    return ", ".join(f"{times} x {what}" for what, times in found[:4])


def drawn(histogram: Histogram) -> str:
    """Return a histogram as lines of text, in steps of 1, 2 and 5."""
    limits: list[float] = []
    power = 0.0001
    while not limits or limits[-1] < histogram.longest:
        limits += [step * power for step in _STEPS]
        power *= 10
    lines: list[str] = []
    before = 0
    for limit in limits:
        until = histogram.at_most(limit) if limit < histogram.longest else histogram.count
        share = (until - before) / histogram.count
        if until:
            bar = "#" * max(round(_BAR * share), 1 if until > before else 0)
            lines.append(f"<= {limit * 1000:>8g} ms {until - before:>9} {bar}".rstrip())
        before = until
        if until == histogram.count:
            break
    return "\n".join(lines)


def _generator(tallies: Sequence[Tally]) -> TableEvidence:
    return TableEvidence(
        title="Load generator",
        columns=(
            "run",
            "requests/s",
            "starts planned",
            "dropped",
            "under way, most",
            "late, p99",
            "processor",
            "memory",
        ),
        rows=tuple(
            (
                str(number),
                f"{one.whole.requests / one.seconds:.1f}" if one.seconds else "",
                "" if one.planned is None else str(one.planned),
                str(one.dropped),
                str(one.most_under_way),
                _ms(one.late.percentile(99)),
                f"{100 * one.processor_share:.0f} %",
                megabytes(one.peak_memory),
            )
            for number, one in enumerate(tallies, 1)
        ),
    )


def _ms(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds * 1000:.1f} ms"
