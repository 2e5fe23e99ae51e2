"""What `promql` does when it runs; what it promises stands beside its options."""

import math
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

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
from readiness_gate.checks.network.promql import PromqlOptions
from readiness_gate.checks.target import Endpoint, endpoint
from readiness_gate.doors.web import BODY_CAP
from readiness_gate.matchers.jsonpath import read_json
from readiness_gate.matchers.threshold import Unit, threshold
from readiness_gate.model.evidence import RequestEvidence, TableEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, passed

_PAUSE = 1.0
_SHOWN = 20


@dataclass(frozen=True)
class _Series:
    name: str
    values: tuple[float, ...]


class _NoAnswer(Exception):  # noqa: N818 - the fact is the name
    """Prometheus gave no answer to the query."""

    def __init__(self, cause: str, error_class: ErrorClass, remediation: str = "") -> None:
        super().__init__(cause)
        self.error_class = error_class
        self.remediation = remediation


@dataclass(frozen=True)
class _Verdict:
    problems: tuple[str, ...] = ()
    no_data: str = ""

    @property
    def holds(self) -> bool:
        return not self.problems and not self.no_data


def run(context: CheckContext, options: PromqlOptions) -> CheckResult:
    """Ask until it holds or its time is over, and judge the last answer."""
    target = endpoint(context, options.url)
    asks = asking(context, options.timeout)
    evidence: list[RequestEvidence] = []
    begun = context.clock.monotonic()
    try:
        while True:
            found = _asked(asks, options, target, evidence)
            verdict = _verdict(asks, options, target, found)
            late = context.clock.monotonic() - begun >= options.within
            if verdict.holds or late or asks.deadline.remaining() <= 2 * _PAUSE:
                return _result(options, found, verdict, evidence)
            context.clock.sleep(_PAUSE)
    except Silent as error:
        return unanswered(context, error, evidence)
    except OutOfTime:
        return out_of_time(context, "Prometheus did not answer in time", evidence)
    except _NoAnswer as error:
        return cannot_tell(
            error.error_class,
            str(error),
            evidence=evidence,
            remediation=error.remediation or None,
        )


def _verdict(
    asks: Asking, options: PromqlOptions, target: Endpoint, found: list[_Series]
) -> _Verdict:
    if options.empty:
        if found:
            return _Verdict((f"expected nothing, got {len(found)} series: {found[0].name}",))
        up = _queried(asks, options, target, "count(up == 1)", [])
        knows = any(value > 0 for one in up for value in one.values)
        return _Verdict() if knows else _Verdict(no_data="no target of Prometheus is up")
    problems: list[str] = []
    if options.series is not None:
        cause = threshold(options.series, Unit.NUMBER).explain(len(found))
        problems += [f"series: {cause}"] if cause else []
    if options.value is None:
        return _Verdict(tuple(problems))
    if not found:
        return _Verdict(tuple(problems), "no data")
    limit = threshold(options.value, Unit.NUMBER)
    missing = ""
    for one in found:
        if not one.values or any(math.isnan(value) for value in one.values):
            missing = f"{one.name} is not a number"
            continue
        causes = [cause for cause in map(limit.explain, one.values) if cause]
        if causes:
            points = f" at {len(causes)} of {len(one.values)} points" if options.over else ""
            problems.append(f"{one.name}: {causes[0]}{points}")
    return _Verdict(tuple(problems), missing)


def _result(
    options: PromqlOptions,
    found: list[_Series],
    verdict: _Verdict,
    evidence: list[RequestEvidence],
) -> CheckResult:
    if verdict.problems:
        return problems_failed(
            [f"{options.query[:120]}: {one}" for one in verdict.problems], evidence
        )
    if verdict.no_data:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"{options.query[:120]}: {verdict.no_data}",
            evidence=evidence,
            remediation="See that Prometheus scrapes what the query names, and give it time: "
            "`within`.",
        )
    points = sum(len(one.values) for one in found)
    held = "nothing is found" if options.empty else f"{len(found)} series, {points} points hold"
    rows = tuple((one.name, f"{one.values[-1]:g}") for one in found if one.values)
    return passed(
        f"{options.query[:120]}: {held}",
        evidence=[
            *evidence[:1],
            TableEvidence(
                title="Series",
                columns=("series", "last value"),
                rows=rows[:_SHOWN],
                omitted=max(0, len(rows) - _SHOWN),
            ),
        ],
    )


def _asked(
    asks: Asking, options: PromqlOptions, target: Endpoint, evidence: list[RequestEvidence]
) -> list[_Series]:
    if options.over is None:
        return _queried(asks, options, target, options.query, evidence)
    end = asks.context.clock.now().timestamp()
    parameters = {
        "query": options.query,
        "start": f"{end - options.over:.3f}",
        "end": f"{end:.3f}",
        "step": f"{options.step:g}",
    }
    return _read(asks, options, target, "query_range", parameters, evidence)


def _queried(
    asks: Asking,
    options: PromqlOptions,
    target: Endpoint,
    query: str,
    evidence: list[RequestEvidence],
) -> list[_Series]:
    return _read(asks, options, target, "query", {"query": query}, evidence)


def _read(
    asks: Asking,
    options: PromqlOptions,
    target: Endpoint,
    way: str,
    parameters: dict[str, str],
    evidence: list[RequestEvidence],
) -> list[_Series]:
    path = f"/api/v1/{way}?{urlencode(parameters)}"
    asked = Endpoint(target.url.rstrip("/") + path, target.reached.rstrip("/") + path)
    answer = asks.ask(asked, headers=options.headers)
    evidence[:] = [request_evidence("GET", asked, answer)]
    if answer.truncated:
        raise _NoAnswer(
            f"the answer is longer than {BODY_CAP} bytes",
            ErrorClass.INCONCLUSIVE,
            "Aggregate in the query, or write a longer step.",
        )
    try:
        document = read_json(answer.body)
    except ValueError:
        document = None
    if not isinstance(document, dict) or document.get("status") not in {"success", "error"}:
        raise _NoAnswer(
            f"{target.url} answers {answer.status}, not as Prometheus does", ErrorClass.INCONCLUSIVE
        )
    if document["status"] == "error" or answer.status != 200:
        cause = " ".join(str(document.get("error", "")).split())[:200]
        wrong = document.get("errorType") == "bad_data"
        raise _NoAnswer(
            f"Prometheus refuses the query: {cause}",
            ErrorClass.CONFIGURATION if wrong else ErrorClass.INCONCLUSIVE,
            "Correct the query." if wrong else "",
        )
    try:
        return _series(document["data"])
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise _NoAnswer(
            f"the answer of Prometheus has another form: {str(error)[:120]}",
            ErrorClass.INCONCLUSIVE,
        ) from error


def _series(data: Any) -> list[_Series]:
    kind, result = data["resultType"], data["result"]
    if kind == "scalar":
        return [_Series("scalar", (float(result[1]),))]
    if kind not in {"vector", "matrix"}:
        raise ValueError(f"a {str(kind)[:20]} is no number")
    if not isinstance(result, list):
        raise TypeError("result is no list")
    found = []
    for one in result:
        if "histogram" in one or "histograms" in one:
            raise ValueError("a native histogram is no number; take histogram_quantile")
        points = [one["value"]] if kind == "vector" else one["values"]
        values = tuple(float(point[1]) for point in points)
        found.append(_Series(_named(one.get("metric") or {}), values))
    return found


def _named(metric: dict[str, Any]) -> str:
    labels = ", ".join(
        f'{key}="{value}"' for key, value in sorted(metric.items()) if key != "__name__"
    )
    return f"{metric.get('__name__', '')}{{{labels}}}"[:200]
