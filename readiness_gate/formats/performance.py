"""Figures of performance reports by name: k6, Locust, Lighthouse, axe, pytest-benchmark."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from readiness_gate.formats.json_report import entries, mapping, number, read_json
from readiness_gate.formats.json_report import text as one_line

PerformanceFormat = Literal["k6", "locust", "lighthouse", "axe", "pytest-benchmark"]
Kind = Literal["time", "share", "bytes", "number", "k6 trend"]
"""What a figure is: seconds, a share from 0 to 1, bytes, plain; of k6's trends only their metric's
author knows (milliseconds, if it is a time)."""
_PERCENTILES = ("50%", "66%", "75%", "80%", "90%", "95%", "98%", "99%", "99.9%", "99.99%", "100%")
_IMPACTS = ("critical", "serious", "moderate", "minor")


@dataclass(frozen=True)
class Figure:
    """One number."""

    value: float
    kind: Kind


@dataclass(frozen=True)
class PerformanceReport:
    """Everything that was measured."""

    format: PerformanceFormat
    figures: Mapping[str, Figure]
    samples: int
    """How often something was measured: requests, rounds, rules, audits."""
    crossed: tuple[str, ...] = ()
    """Thresholds of the tool's own that did not hold."""
    commits: tuple[str, ...] = ()


def read_performance(data: bytes) -> PerformanceReport:
    """Return a report, whichever of the formats it has.

    Raises:
        ValueError: it has none of them, is broken, or the tool says that it failed.
    """
    report = _read(data)
    for name, one in report.figures.items():
        if one.value < 0 and one.kind in {"time", "share", "bytes"}:
            raise ValueError(f"{name} is {one.value:g}, below zero")
    return report


def _read(data: bytes) -> PerformanceReport:
    start = data[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith((b"Type,Name,", b'"Type","Name"')):
        return _locust_csv(data)
    if not start.startswith((b"{", b"[")):
        raise ValueError("neither JSON nor Locust's CSV")
    value = read_json(data)
    return _list(value) if isinstance(value, list) else _document(mapping(value, "the report"))


def _list(value: list[Any]) -> PerformanceReport:
    first = next(iter(value), None)
    if isinstance(first, dict) and "violations" in first:
        return _axe(value)
    if isinstance(first, dict) and "num_requests" in first:
        return _locust_json(value)
    raise ValueError("a list of neither axe nor Locust")


def _document(document: Mapping[str, Any]) -> PerformanceReport:
    if "lighthouseVersion" in document:
        return _lighthouse(document)
    if "violations" in document:
        return _axe([document])
    if "benchmarks" in document:
        return _pytest_benchmark(document)
    if "metrics" in document:
        return _k6(document)
    raise ValueError("neither k6, Locust, Lighthouse, axe nor pytest-benchmark")


def _k6(document: Mapping[str, Any]) -> PerformanceReport:
    figures: dict[str, Figure] = {}
    crossed: list[str] = []
    samples = 0
    for name, one in mapping(document["metrics"], "metrics").items():
        metric = mapping(one, name)
        # handleSummary() keeps the figures below `values`, --summary-export beside `thresholds`.
        values = mapping(metric.get("values", metric), name)
        kind = metric.get("type") or _k6_type(values)
        for key, value in values.items():
            found = number(value)
            if found is not None:
                figures[f"{name}.{key}"] = Figure(found, _k6_kind(kind, key))
        for expression, state in mapping(metric.get("thresholds") or {}, "thresholds").items():
            # In --summary-export, true says that the threshold was crossed.
            held = state.get("ok") is True if isinstance(state, dict) else state is False
            crossed += [] if held else [f"{name}: {expression}"]
        if name in {"http_reqs", "iterations"}:
            samples = max(samples, int(number(values.get("count")) or 0))
    return PerformanceReport("k6", figures, samples, tuple(crossed))


def _k6_type(values: Mapping[str, Any]) -> str:
    if "avg" in values:
        return "trend"
    return "rate" if "passes" in values or "fails" in values else "other"


def _k6_kind(kind: object, key: str) -> Kind:
    if kind == "trend":
        return "k6 trend"
    return "share" if kind == "rate" and key in {"rate", "value"} else "number"


def _locust_csv(data: bytes) -> PerformanceReport:
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig", "replace")))
    figures: dict[str, Figure] = {}
    samples = 0
    try:
        for row in rows:
            plain = {key: value for key, value in row.items() if isinstance(key, str)}
            whole = plain.get("Name") == "Aggregated"
            name = "" if whole else f"{plain.get('Type') or ''} {plain.get('Name') or ''}".strip()
            requests = _cell(plain, "Request Count") or 0.0
            failures = _cell(plain, "Failure Count") or 0.0
            samples = int(requests) if whole else samples
            found = {f"p{one[:-1]}": _cell(plain, one) for one in _PERCENTILES}
            found["average"] = _cell(plain, "Average Response Time")
            found["max"] = _cell(plain, "Max Response Time")
            _locust(figures, name, found, requests, failures)
            rate = _cell(plain, "Requests/s")
            if rate is not None:
                figures[f"{name} requests-per-second".strip()] = Figure(rate, "number")
    except csv.Error as error:
        raise ValueError(f"broken CSV: {error}") from None
    return PerformanceReport("locust", figures, samples)


def _locust_json(value: list[Any]) -> PerformanceReport:
    figures: dict[str, Figure] = {}
    samples = 0
    total: dict[float, int] = {}
    failed = 0.0
    for one in value:
        said = mapping(one, "an entry")
        times = _times(mapping(said.get("response_times", {}), "response_times"))
        requests, failures = number(said.get("num_requests")), number(said.get("num_failures"))
        for time, count in times.items():
            total[time] = total.get(time, 0) + count
        name = f"{one_line(said.get('method'))} {one_line(said.get('name'))}".strip()
        _locust(figures, name, _percentiles(times), requests or 0.0, failures or 0.0)
        samples += int(requests or 0)
        failed += failures or 0.0
    _locust(figures, "", _percentiles(total), samples, failed)
    return PerformanceReport("locust", figures, samples)


def _locust(
    figures: dict[str, Figure],
    name: str,
    milliseconds: Mapping[str, float | None],
    requests: float,
    failures: float,
) -> None:
    def put(key: str, value: float, kind: Kind) -> None:
        figures[f"{name} {key}".strip()] = Figure(value, kind)

    for key, value in milliseconds.items():
        if value is not None and requests:
            put(key, value / 1000, "time")
    put("requests", requests, "number")
    put("failures", failures, "number")
    if requests:
        put("failure-rate", failures / requests, "share")


def _times(said: Mapping[str, Any]) -> dict[float, int]:
    times = {}
    for key, value in said.items():
        count = number(value)
        if count is None or count < 0 or not key.replace(".", "", 1).isdecimal():
            raise ValueError("response_times are no times with their number")
        times[float(key)] = int(count)
    return times


def _percentiles(times: Mapping[float, int]) -> dict[str, float | None]:
    count = sum(times.values())
    if not count:
        return {}
    found: dict[str, float | None] = {}
    for name in _PERCENTILES:
        wanted, seen = float(name[:-1]) / 100 * count, 0
        for time in sorted(times):
            seen += times[time]
            if seen >= wanted - 1e-9:
                found[f"p{name[:-1]}"] = time
                break
    found["max"] = max(times)
    found["average"] = sum(time * number_ for time, number_ in times.items()) / count
    return found


def _cell(row: Mapping[str, Any], name: str) -> float | None:
    try:
        value = float(row.get(name) or "")
    except ValueError:
        return None
    return value if abs(value) < 1e15 else None


def _lighthouse(document: Mapping[str, Any]) -> PerformanceReport:
    trouble = mapping(document.get("runtimeError") or {}, "runtimeError")
    if trouble.get("code") not in {None, "NO_ERROR"}:
        raise ValueError(f"Lighthouse failed: {one_line(trouble.get('message')) or 'no reason'}")
    figures: dict[str, Figure] = {}
    for name, one in mapping(document.get("categories", {}), "categories").items():
        score = number(mapping(one, name).get("score"))
        if score is not None:
            figures[name] = Figure(score, "share")
    units: Mapping[Any, tuple[float, Kind]] = {
        "millisecond": (0.001, "time"), "second": (1.0, "time"), "byte": (1.0, "bytes"),
    }  # fmt: skip
    for name, one in mapping(document.get("audits", {}), "audits").items():
        audit = mapping(one, name)
        value = number(audit.get("numericValue"))
        unit = audit.get("numericUnit")
        factor, kind = units.get(unit if isinstance(unit, str) else "", (1.0, "number"))
        if value is not None:
            figures[name] = Figure(value * factor, kind)
    return PerformanceReport("lighthouse", figures, len(figures))


def _axe(pages: list[Any]) -> PerformanceReport:
    counts = dict.fromkeys(("violations", "incomplete", *_IMPACTS), 0)
    rules = 0
    for one in pages:
        page = mapping(one, "a page")
        found = entries(page.get("violations"), "violations")
        rules += len(found) + len(entries(page.get("passes", []), "passes"))
        counts["violations"] += len(found)
        counts["incomplete"] += len(entries(page.get("incomplete", []), "incomplete"))
        for entry in found:
            impact = mapping(entry, "a violation").get("impact")
            # A violation without an impact that is known is not taken for a mild one.
            counts[impact if impact in _IMPACTS else "critical"] += 1
    figures = {name: Figure(float(count), "number") for name, count in counts.items()}
    return PerformanceReport("axe", figures, rules)


def _pytest_benchmark(document: Mapping[str, Any]) -> PerformanceReport:
    figures: dict[str, Figure] = {}
    samples = 0
    for one in entries(document["benchmarks"], "benchmarks"):
        benchmark = mapping(one, "a benchmark")
        name = one_line(benchmark.get("name"))
        if not name:
            raise ValueError("a benchmark has no name")
        stats = mapping(benchmark.get("stats"), f"stats of {name}")
        samples += int(number(stats.get("rounds")) or 0)
        for key in ("min", "max", "mean", "median", "stddev", "q1", "q3", "iqr"):
            value = number(stats.get(key))
            if value is not None:
                # Modules may have benchmarks of one name: the worse one counts.
                known = figures.get(f"{name}.{key}", Figure(value, "time"))
                figures[f"{name}.{key}"] = Figure(max(value, known.value), "time")
        rate = number(stats.get("ops"))
        if rate is not None:
            known = figures.get(f"{name}.ops", Figure(rate, "number"))
            figures[f"{name}.ops"] = Figure(min(rate, known.value), "number")
    return PerformanceReport("pytest-benchmark", figures, samples, commits=tuple(_commit(document)))


def _commit(document: Mapping[str, Any]) -> Iterator[str]:
    commit = mapping(document.get("commit_info") or {}, "commit_info").get("id")
    if isinstance(commit, str) and commit and all(one in "0123456789abcdef" for one in commit):
        yield commit[:64]
