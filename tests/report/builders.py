"""One-line set-ups of reports, and the cases that the golden files show."""

from datetime import UTC, datetime, timedelta
from typing import Any

from readiness_gate.model.evidence import (
    CommandEvidence,
    LocationEvidence,
    RequestEvidence,
    TableEvidence,
    TextEvidence,
)
from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import (
    Conclusion,
    ErrorClass,
    Half,
    Outcome,
    Severity,
    SkippedBy,
    Verdict,
)
from readiness_gate.model.pull_request import EdgeSource, EdgeState
from readiness_gate.model.report import (
    ApiUsage,
    Claim,
    Conclusions,
    MergeReport,
    Report,
    ReportEdge,
    Span,
    TargetShare,
)
from readiness_gate.report.page import Page

HOME = "acme/shop"
HEAD = "a1b2c3d" + "0" * 33
OTHER_HEAD = "e5f6a7b" + "0" * 33
BASE = "b" * 40
TESTED = "c4d5e6f" + "0" * 33
BEGAN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
PAGE = Page(run_url="https://github.com/acme/shop/actions/runs/4711", repository=HOME, sha=TESTED)


def item(id_: str, outcome: Outcome = Outcome.PASSED, **more: Any) -> ItemResult:
    """An item of the checks half; an error is of infrastructure, a skip by the check."""
    given: dict[str, Any] = {"title": id_.replace("-", " ").capitalize(), "half": Half.CHECKS}
    given["summary"] = f"{id_} was looked at"
    if outcome is Outcome.ERROR:
        given["error_class"] = ErrorClass.INFRASTRUCTURE
    if outcome is Outcome.SKIPPED:
        given["skipped_by"] = SkippedBy.CHECK
    return ItemResult(**{"id": id_, "check": id_, "outcome": outcome} | given | more)


def behind(id_: str, cause: str, **more: Any) -> ItemResult:
    """An item that could not run because of another one."""
    return item(
        id_,
        Outcome.ERROR,
        error_class=ErrorClass.PREREQUISITE,
        cause=cause,
        summary=f"not run: {cause} failed",
        **more,
    )


def report(
    *items: ItemResult,
    verdict: Verdict = Verdict.READY,
    merge: Conclusion | None = None,
    graph: MergeReport | None = None,
    checks: Conclusion | None = Conclusion.SUCCESS,
    **more: Any,
) -> Report:
    """A report of pull request 10 of `acme/shop`."""
    given: dict[str, Any] = {
        "verdict": verdict,
        "conclusions": Conclusions(merge=merge, checks=checks),
        "repository": HOME,
        "pull_request": 10,
        "head_sha": HEAD,
        "base_sha": BASE,
        "tested_sha": TESTED,
        "config_digest": "0123456789abcdef",
        "started_at": BEGAN,
        "finished_at": BEGAN + timedelta(seconds=312),
        "items": items,
        "merge": graph or MergeReport(),
    }
    return Report(**given | more)


def edge(number: int, state: EdgeState, *sources: EdgeSource, repository: str = HOME) -> ReportEdge:
    """An edge from pull request 10 to another one."""
    return ReportEdge(
        waiting=f"{HOME}#10",
        dependency=f"{repository}#{number}",
        sources=sources or (EdgeSource.ORDER,),
        state=state,
    )


ORDER = tuple(f"{HOME}#{number}" for number in (14, 15, 17, 16, 21, 10))
_MERGED = tuple(edge(number, EdgeState.MERGED) for number in (14, 15, 16, 21))

ORDER_OPEN = item(
    "merge-order",
    Outcome.PENDING,
    half=Half.MERGE,
    title="Merge order is kept",
    category="Delivery",
    summary="#10 waits for #17, which is open",
    waiting_for="#17 to be merged",
    remediation="Merge #17 first; this pull request is looked at again by itself.",
)
ORDER_KEPT = item(
    "merge-order", half=Half.MERGE, title="Merge order is kept", summary="5 of 5 are merged"
)
DEPENDENCIES = item(
    "dependencies-merged",
    half=Half.MERGE,
    title="Dependencies are merged",
    summary="1 of 1 is merged: #14",
)
ORPHANS = item(
    "no-orphans",
    Outcome.FAILED,
    title="No orphaned rows",
    category="Database",
    severity=Severity.CRITICAL,
    summary="84 rows of payments.visit_id point to no row of visits",
    remediation="Delete, restore or set NULL: readiness-gate database cleanup-plan",
    duration_ms=412,
    evidence=(
        TableEvidence(
            title="Orphaned rows by foreign key",
            columns=("table", "column", "references", "rows"),
            rows=(("payments", "visit_id", "visits.id", "84"),),
            omitted=3,
        ),
    ),
)
WORKER = item(
    "stack-health",
    Outcome.FAILED,
    title="Every service is healthy",
    category="Infrastructure",
    summary="worker: exited with 1, four times in 20 s",
    remediation="Read the log of worker below, and give it what it misses.",
    duration_ms=20_400,
    evidence=(
        TextEvidence(title="worker, last lines", text="Traceback …\nKeyError: 'REDIS_URL'\n"),
        LocationEvidence(path="docker-compose.yml", line=41, text="restart: always"),
        RequestEvidence(
            method="GET",
            url="http://backend:8000/health",
            status=503,
            duration_ms=12.3,
            headers=(("content-type", "application/json"),),
            body='{"status": "degraded"}',
        ),
        CommandEvidence(argv=("python", "-m", "shop.worker"), exit_code=1, where="worker"),
    ),
)
BUILD = item(
    "image-build",
    Outcome.ERROR,
    title="Docker images build",
    category="Infrastructure",
    summary="the registry answered 503 three times",
)
QUIET = (
    item(
        "env-documented",
        title="Environment variables are documented",
        category="Documentation",
        summary="14 of 14 are in .env.example",
        duration_ms=8,
    ),
    item(
        "foreign-keys",
        title="Foreign keys are enforced",
        category="Database",
        summary="a wrong row was refused by 12 of 12",
        duration_ms=230,
    ),
    item(
        "rate-limit",
        Outcome.WAIVED,
        title="Rate limiting active",
        category="Security",
        summary="waived until 2026-06-30 by ops-lead: the proxy does it",
    ),
    item(
        "backup-drill",
        Outcome.SKIPPED,
        title="Restore drill",
        category="Operations",
        skipped_by=SkippedBy.STAGE,
        summary="belongs to the stage pre-deploy",
    ),
)

BLOCKED = report(
    ORDER_OPEN,
    DEPENDENCIES,
    WORKER,
    ORPHANS,
    behind("smoke", "stack-health", title="E2E smoke tests pass"),
    behind("health", "stack-health", title="Health endpoints respond"),
    BUILD,
    *QUIET,
    item("dashboards", Outcome.FAILED, blocking=False, severity=Severity.LOW, summary="none"),
    verdict=Verdict.BLOCKED,
    merge=Conclusion.PENDING,
    checks=Conclusion.FAILURE,
    graph=MergeReport(
        order=ORDER,
        edges=(
            edge(14, EdgeState.MERGED, EdgeSource.ORDER, EdgeSource.BODY),
            edge(15, EdgeState.MERGED),
            edge(17, EdgeState.OPEN, EdgeSource.ORDER, EdgeSource.DEPENDS_ON),
            edge(3, EdgeState.NOT_LISTED, EdgeSource.BODY, repository="acme/shared-lib"),
        ),
        cycles=((f"{HOME}#30", f"{HOME}#31"),),
        parsed=("line 3: #14",),
        warnings=("line 9: “needs 12” looks like a dependency and was not read",),
    ),
    targets=(TargetShare(category="Security", phase="mvp", target=60, passed=5, applicable=19),),
    claims=(
        Claim(
            text="Security, mvp",
            declared="60 %",
            computed="26 % (5 of 19)",
            agrees=False,
            kind="share",
            path="docs/READY.md",
            line=12,
        ),
        Claim(
            text="No orphaned rows",
            declared="ticked",
            computed="failed",
            agrees=False,
            item="no-orphans",
            path="docs/READY.md",
            line=31,
        ),
        Claim(
            text="88 tables", declared="88", computed="88", agrees=True, kind="statistic", line=40
        ),
        Claim(
            text="Environment variables are documented",
            declared="not ticked",
            computed="passed",
            agrees=False,
            item="env-documented",
        ),
        Claim(
            text="Order", declared="ticked", computed="pending", agrees=False, item="merge-order"
        ),
        Claim(text="Keys", declared="ticked", computed="passed", agrees=True, item="foreign-keys"),
    ),
    timeline=(
        Span(name="images", kind="build", start_ms=0, end_ms=48_000),
        Span(name="stack", kind="boot", start_ms=48_000, end_ms=68_400),
    ),
    notes=("the waiver for env-documented is no longer needed",),
    api=ApiUsage(requests=14, points=6),
)
WAITING = report(
    ORDER_OPEN,
    DEPENDENCIES,
    *QUIET,
    verdict=Verdict.WAITING,
    merge=Conclusion.PENDING,
    graph=MergeReport(order=ORDER, edges=(edge(17, EdgeState.OPEN), edge(14, EdgeState.MERGED))),
)
READY = report(
    ORDER_KEPT,
    DEPENDENCIES,
    *QUIET,
    merge=Conclusion.SUCCESS,
    graph=MergeReport(order=ORDER, edges=(*_MERGED, edge(17, EdgeState.MERGED))),
)
MERGE_GROUP = report(
    ORDER_KEPT,
    *QUIET,
    merge=Conclusion.SUCCESS,
    pull_request=None,
    graph=MergeReport(order=ORDER, edges=(edge(17, EdgeState.AHEAD), *_MERGED)),
)
PREVIEW = report(*QUIET, BUILD, verdict=Verdict.ERROR, checks=Conclusion.ERROR, preview=True)
