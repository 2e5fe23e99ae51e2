"""Options are filled from the words of an item and from what the checkout holds."""

from pathlib import Path
from typing import Any

import pytest

from tests.adopt.builders import CLINIC, SHOP, drafted, facts_of, proposed

SHOP_LINES: dict[str, tuple[str, dict[str, Any]]] = {
    "PR #10 merged (All dashboards)": ("pull-request-merged", {"number": 10}),
    "JWT_SECRET is secure (min 32 chars)": (
        "env-contract",
        {
            "file": ".env.ci",
            "required": {"JWT_SECRET": {"min-length": 32, "entropy": 3}},
            "example": ".env.example",
        },
    ),
    "CORS origins restricted to production domains": (
        "cors",
        {"url": "/health", "allow": ["https://shop.example"], "deny": ["https://evil.example"]},
    ),
    "Healthcheck endpoints responding": ("http", {"url": "/health", "status": 200}),
    "PostgreSQL persistent volumes configured": (
        "volume-persistence", {"service": "db", "path": "/var/lib/postgresql/data"},
    ),
    "Alembic migrations applied": ("migrations-applied", {"database": "main"}),
    "Grafana dashboards imported": ("dashboard-file", {"path": "monitoring/dashboards/*.json"}),
    "Alert rules defined": ("alert-rules", {"path": "monitoring/alerts.yml"}),
    "Deployment runbook updated (OPERATIONS_RUNBOOK.md)": (
        "doc-sections",
        {
            "path": "docs/OPERATIONS_RUNBOOK.md", "min-words": 30, "complete": True,
            "headings": ["Rollback"],
        },
    ),
    "Network policies defined": (
        "kubernetes-manifest", {"path": "deploy/k8s/**/*.yaml", "rules": ["network-policy"]},
    ),
    "Image size is reasonable (<5GB)": ("image-build", {"max-size": "5GB"}),
    "Integration tests passing (this PR)": (
        "test-run",
        {
            "in": {"run": "tests"},
            "command": "pytest tests/integration --junitxml=/tmp/junit.xml",
            "junit": "/tmp/junit.xml",
        },
    ),
    "8GB+ RAM available": ("preflight", {"memory": "8GB"}),
    "Container handles SIGTERM gracefully": (
        "graceful-shutdown", {"url": "/products", "grace": "10s"},
    ),
    "Structured logging configured": ("log-assert", {"services": ["backend"], "json": ">=95%"}),
    "Schema is valid (88 tables, 99 foreign keys)": (
        "schema", {"database": "main", "tables": 88, "foreign-keys": 99},
    ),
    "RESTRICT for visits (visits.patient_id)": (
        "foreign-key-policy",
        {
            "database": "main",
            "rules": [
                {"tables": ["visits"], "on-delete": ["RESTRICT"], "columns": ["patient_id"]}
            ],
        },
    ),
    "RTO: < 30 min": ("backup-restore", {"database": "main", "within": "30m"}),
    "Staging deployment successful": ("deployment-status", {"environment": "staging"}),
}  # fmt: skip


@pytest.mark.parametrize("line", list(SHOP_LINES))
def test_options_on_the_shop(line: str) -> None:
    one = proposed(line, facts_of(SHOP))
    assert (one.check, dict(one.options)) == SHOP_LINES[line]


@pytest.mark.parametrize(
    ("line", "total"),
    [
        ("Unit tests passing (>80% coverage target)", ">80%"),
        ("Coverage at least 90 %", ">=90%"),
        ("Test coverage", ">=80%"),
    ],
)
def test_a_promised_share_is_the_limit(line: str, total: str, tmp_path: Path) -> None:
    facts = facts_of(tmp_path, {"pytest.ini": "addopts = --cov-report=xml:out/cov.xml"})
    one = proposed(line, facts)
    assert one.options == {"path": "out/cov.xml", "total": total}
    assert ("how much" in one.todo) == (line == "Test coverage")


@pytest.mark.parametrize(
    ("line", "limit"),
    [
        ("At least 70% of functions have type hints", ">=70%"),
        ("Type hints on 85.5% of functions", ">=85.5%"),
        ("Docstrings: >60%", ">60%"),
        ("Less than 20% of the code lacks docstrings", ">80%"),
        ("No more than 10% without type hints", ">=90%"),
        ("At most 30% of functions are missing type hints", ">=70%"),
        ("Docstrings are missing in under 0.5% of modules", ">99.5%"),
        ("Uncovered lines below 15% (coverage)", ">85%"),
        ("Missing coverage <= 5%", ">=95%"),
    ],
)
def test_a_share_that_is_missing_is_the_rest_of_one_that_is_there(
    line: str, limit: str, tmp_path: Path
) -> None:
    one = proposed(line, facts_of(tmp_path, {"pytest.ini": "addopts = --cov-report=xml:c.xml"}))
    assert one.check in {"code-metric", "coverage-report"}
    assert one.options.get("limit", one.options.get("total")) == limit
    assert one.todo == ""


@pytest.mark.parametrize(
    "line",
    [
        "Coverage under 80% fails the build",
        "Coverage is not below 80%",
        "Coverage never falls under 80%",
        "Coverage does not drop by more than 2%",
        "Uncovered code (coverage) > 20%",
        "Coverage: 0% uncovered",
        "Coverage at least 0%",
        "Coverage above 100%",
        "Coverage 150%",
        "Coverage of about 80%",
        "Not more than 90% coverage",
        "Docstrings below 10%",
        "Docstrings on >= 0% of modules",
        "At most 100% without type hints",
        "20% of functions lack type hints",
    ],
)
def test_a_share_that_may_mean_something_else_is_somebodys_to_say(
    line: str, tmp_path: Path
) -> None:
    one = proposed(line, facts_of(tmp_path, {"pytest.ini": "addopts = --cov-report=xml:c.xml"}))
    assert one.check in {"code-metric", "coverage-report"}
    assert one.options.get("limit", one.options.get("total")) == ">=80%"
    assert one.todo == "say how much is enough"


@pytest.mark.parametrize(
    ("line", "limit"),
    [
        ("Rate limiting (20/day)", "20/day"),
        ("Rate limit of 5 requests per minute on login", "5/minute"),
    ],
)
def test_a_promised_rate_is_the_limit(line: str, limit: str, tmp_path: Path) -> None:
    assert proposed(line, facts_of(tmp_path)).options["limit"] == limit


def test_statements_are_observed_on_postgresql_alone() -> None:
    line = "Database query optimization"
    on_shop = proposed(line, facts_of(SHOP))
    assert "/products" in on_shop.options["requests"]
    assert "pg_stat_statements" in on_shop.todo
    one = proposed(line, facts_of(CLINIC))
    assert "requests" not in one.options
    assert "write the statements" in one.todo


def test_metrics_of_the_sources_are_those_that_are_looked_for(tmp_path: Path) -> None:
    source = 'A = Counter("orders", "")\nB = Gauge("queue_length", "")\n'
    one = proposed("Prometheus metrics exposed", facts_of(tmp_path, {"app/metrics.py": source}))
    assert one.options["families"] == {
        "orders_total": {"type": "counter"},
        "queue_length": {"type": "gauge"},
    }


def test_users_and_times_of_the_text_are_the_load() -> None:
    one = proposed("Handle 50 concurrent users with p95 < 200ms", facts_of(SHOP))
    assert one.options["vus"] == 50
    assert one.options["thresholds"]["http_req_duration"] == "p(95)<200"
    assert one.options["endpoints"] == [{"url": "/products"}]


def test_more_users_than_one_machine_can_be_are_somebodys_to_decide() -> None:
    one = proposed("Handle 5000+ concurrent users", facts_of(SHOP))
    assert one.options["vus"] == 1000
    assert "one machine" in one.todo


def test_variables_under_a_fix_are_required() -> None:
    text = (
        "# List\n\n- [ ] **Environment Variables Configuration**\n"
        "  - **Problem:** `DEBUG_ALL` is set\n"
        "  - **Fix:** create `.env` with `SECRET_KEY` (min 32 chars), `AUTO_BACKUP_ENABLED=true`\n"
    )
    (one,) = drafted(text, facts_of(CLINIC)).proposals
    assert one.options["required"] == {"SECRET_KEY": {"min-length": 32}, "AUTO_BACKUP_ENABLED": {}}


def test_a_document_that_a_fix_names_is_the_one() -> None:
    text = (
        "# List\n\n- [ ] **Deployment Guide Creation**\n"
        "  - **Fix:** create `DEPLOYMENT_GUIDE.md` with steps\n"
    )
    (one,) = drafted(text, facts_of(CLINIC)).proposals
    assert one.options["path"] == "docs/DEPLOYMENT_GUIDE.md"
    assert one.todo == ""


def test_headers_under_an_item_are_those_that_are_required() -> None:
    text = (
        "# List\n\n- [ ] Security headers configured\n"
        "  - X-Content-Type-Options: nosniff\n  - X-Frame-Options: DENY\n"
    )
    (one,) = drafted(text, facts_of(SHOP)).proposals
    assert one.options["require"] == ["x-content-type-options", "x-frame-options"]


def test_a_command_under_an_item_is_the_one_that_runs() -> None:
    text = "# List\n\n- [ ] Smoke tests pass\n  ```bash\n  make smoke\n  ```\n"
    (one,) = drafted(text, facts_of(SHOP)).proposals
    assert one.options["command"] == "make smoke"
    assert one.todo == ""


def test_the_engine_of_the_sources_is_looked_at_where_sqlite_is() -> None:
    assert proposed("FK enforcement works", facts_of(CLINIC)).options == {
        "database": "main",
        "engine": "clinic.database:engine",
    }
    assert proposed("FK enforcement works", facts_of(SHOP)).options == {"database": "main"}


def test_ready_lines_sum_up_the_headings_that_begin_like_them() -> None:
    text = (
        "# List\n\n## Security Hardening\n\n- [ ] CORS\n\n## Database\n\n- [ ] Backups run daily\n"
        "\n## Go/No-Go Checklist\n\n- [ ] Security: ✅ Ready\n- [ ] Kitchen: ✅ Ready\n"
    )
    security, kitchen = drafted(text, facts_of(SHOP)).proposals[2:]
    assert (security.check, security.options) == ("rollup", {"of": ["Security Hardening"]})
    assert "'kitchen'" in kitchen.todo


def test_green_pipelines_are_asked_for_by_the_names_of_their_jobs(tmp_path: Path) -> None:
    workflow = "on: push\njobs:\n  frontend:\n    runs-on: x\n  backend:\n    runs-on: x\n"
    facts = facts_of(tmp_path, {".github/workflows/ci.yml": workflow})
    assert proposed("Frontend production build successful", facts).options == {
        "checks": ["frontend"]
    }
    assert proposed("CI is green", facts).options == {"every": True}


def test_a_service_that_nobody_can_guess_is_named_in_the_todo(tmp_path: Path) -> None:
    one = proposed("Redis connection works", facts_of(tmp_path))
    assert one.options == {"service": "redis"}
    assert "name the service of Redis" in one.todo
    assert "configure the stack" in one.todo


NEAR = """# L

## Database

- [ ] Migrations are applied

## Monitoring & Observability

- [ ] Alert rules defined

## Cost Management

- [ ] Alert rules written

## Test Automation

- [ ] Unit tests pass

## Test Coverage

- [ ] Coverage is measured

## Go / No-Go

- [ ] {}: Ready
"""


@pytest.mark.parametrize(
    ("label", "found"),
    [
        ("Monitoring", ["Monitoring & Observability"]),
        ("Cost Mgmt", None),
        ("Cost", ["Cost Management"]),
        ("Cost Management", ["Cost Management"]),
        ("Databases", ["Database"]),
        ("Data", None),
        ("Mon", None),
        ("Data Protection", None),
        ("Test", None),
        ("Test Coverage", ["Test Coverage"]),
    ],
)
def test_a_ready_line_sums_up_one_heading_by_whole_words(
    label: str, found: list[str] | None, tmp_path: Path
) -> None:
    one = drafted(NEAR.format(label), facts_of(tmp_path)).proposals[-1]
    assert (one.check, one.options.get("of"), bool(one.todo)) == ("rollup", found, found is None)


@pytest.mark.parametrize(
    ("line", "numbers"),
    [
        ("PR #10 and PR #11 are merged", "#10, #11"),
        ("PR #10, #11 and #12 merged", "#10, #11, #12"),
        ("PRs #7 & 8 are merged", "#7, #8"),
        ("PR #7/#8 merged", "#7, #8"),
        ("PR #10-#12 merged", "#10, #12"),
    ],
)
def test_of_several_pull_requests_none_is_left_out(line: str, numbers: str) -> None:
    one = proposed(line, facts_of(SHOP))
    assert one.check == "pull-request-merged"
    assert one.todo == (
        f"it names {numbers}: bind `checks` with a pull-request-merged for each of them"
    )


@pytest.mark.parametrize(
    "line", ["PR #10 merged", "PR #10 (see #10) is merged", "PR #10 merged on 2026-01-05"]
)
def test_one_pull_request_needs_nobody(line: str) -> None:
    one = proposed(line, facts_of(SHOP))
    assert (dict(one.options), one.todo) == ({"number": 10}, "")


@pytest.mark.parametrize(
    ("line", "duration"),
    [
        ("/health answers 200 in under 300 ms", "<300ms"),
        ("Health endpoint responds (< 0.5s)", "<0.5s"),
        ("Health check answers within 2 s", "<=2s"),
        ("Health check answers", None),
        ("Health check is asked again after 5 s", None),
    ],
)
def test_a_promised_duration_of_an_answer_is_asserted(
    line: str, duration: str | None, tmp_path: Path
) -> None:
    one = proposed(line, facts_of(tmp_path))
    assert (one.check, one.options.get("duration")) == ("http", duration)


@pytest.mark.parametrize(
    ("line", "limit"),
    [
        ("No TODO comments are left in the code", "<=0"),
        ("Zero FIXMEs", "<=0"),
        ("All TODOs are resolved", "<=0"),
        ("No more than 5 TODOs", "<=5"),
        ("Fewer than 3 FIXMEs", "<3"),
        ("TODO comments review", "<=10"),
    ],
)
def test_no_marker_is_none(line: str, limit: str, tmp_path: Path) -> None:
    assert proposed(line, facts_of(tmp_path)).options["limit"] == limit


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("fastapi is declared in requirements.txt", {"required": {"fastapi": None}}),
        (
            "httpx, uvicorn and alembic are pinned in requirements.txt",
            {"required": {"httpx": None, "uvicorn": None, "alembic": None}, "pinned": True},
        ),
        ("Dependencies are pinned in requirements.txt", {"pinned": True}),
        ("Our own packages are listed in requirements.txt", {"pinned": True}),
    ],
)
def test_packages_that_a_line_names_are_asked_for(
    line: str, options: dict[str, Any], tmp_path: Path
) -> None:
    one = proposed(line, facts_of(tmp_path, {"requirements.txt": "fastapi\n"}))
    assert (one.check, dict(one.options)) == (
        "dependency-declared",
        {"path": "requirements.txt", **options},
    )


@pytest.mark.parametrize(
    "line",
    [
        "/health must not take longer than 2 seconds",
        "/health has an error rate below 1%",
        "Health check answers 503 when the database is down",
        "All API endpoints respond in under 1 s",
    ],
)
def test_a_line_that_asks_for_more_than_one_answer_is_somebodys_to_finish(
    line: str, tmp_path: Path
) -> None:
    source = "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/health')\n"
    one = proposed(line, facts_of(tmp_path, {"app.py": source}))
    assert one.check == "http"
    assert "what else the line asks for" in one.todo
