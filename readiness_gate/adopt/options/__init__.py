"""Options that a binding proposes, check by check."""

from collections.abc import Callable, Mapping

from readiness_gate.adopt.options import artifacts, database, merge, network, repository, stack
from readiness_gate.adopt.options.wanted import Filled, Wanted

_DATABASE = (
    "migrations-heads", "migrations-applied", "migrations-drift", "migrations-reversible",
    "migrations-lint", "migrations-data-safety", "foreign-key-index", "orphaned-rows",
)  # fmt: skip

FILLED: Mapping[str, Callable[[Wanted], Filled]] = {
    **dict.fromkeys(_DATABASE, database.plain),
    "foreign-key-enforcement": database.foreign_key_enforcement,
    "foreign-key-policy": database.foreign_key_policy,
    "schema": database.schema,
    "query-plan": database.query_plan,
    "sql": database.sql,
    "backup-restore": database.backup_restore,
    "backup-recency": database.backup_recency,
    "connection-pool": database.connection_pool,
    "pull-request-merged": merge.pull_request_merged,
    "rollup": merge.rollup,
    "status-checks": merge.status_checks,
    "review-approval": merge.review_approval,
    "branch-protection": merge.branch_protection,
    "deployment-status": merge.deployment_status,
    "code-alerts": merge.code_alerts,
    "workflow-recency": merge.workflow_recency,
    "artifact-exists": merge.artifact_exists,
    "file-exists": repository.file_exists,
    "file-content": repository.file_content,
    "config-value": repository.config_value,
    "env-contract": repository.env_contract,
    "secret-scan": repository.secret_scan,
    "dependency-declared": repository.dependency_declared,
    "source-rule": repository.source_rule,
    "code-metric": repository.code_metric,
    "doc-sections": repository.doc_sections,
    "doc-freshness": repository.doc_freshness,
    "changelog": repository.changelog,
    "dockerfile-lint": repository.dockerfile_lint,
    "compose-model": repository.compose_model,
    "kubernetes-manifest": repository.kubernetes_manifest,
    "alert-rules": repository.alert_rules,
    "dashboard-file": repository.dashboard_file,
    "ci-config": repository.ci_config,
    "junit-report": artifacts.junit_report,
    "coverage-report": artifacts.coverage_report,
    "lint-report": artifacts.lint_report,
    "sarif-report": artifacts.sarif_report,
    "performance-report": artifacts.performance_report,
    "preflight": stack.preflight,
    "image-build": stack.image_build,
    "filesystem": stack.filesystem,
    "resource-budget": stack.resource_budget,
    "graceful-shutdown": stack.graceful_shutdown,
    "rolling-update": stack.rolling_update,
    "volume-persistence": stack.volume_persistence,
    "log-assert": stack.log_assert,
    "fault-injection": stack.fault_injection,
    "rollback-drill": stack.rollback_drill,
    "command": stack.command,
    "test-run": stack.test_run,
    "http": network.http,
    "http-scenario": network.http_scenario,
    "openapi": network.openapi,
    "input-validation": network.input_validation,
    "authorization-matrix": network.authorization_matrix,
    "default-credentials": network.default_credentials,
    "rate-limit": network.rate_limit,
    "cors": network.cors,
    "tls": network.tls,
    "security-headers": network.security_headers,
    "metrics": network.metrics,
    "promql": network.promql,
    "load": network.load,
    "addr": network.addr,
    "dns": network.dns,
    "redis": network.redis,
}
"""How the options of a check are filled; a check that is not here takes none."""


def filled(check: str, wanted: Wanted) -> Filled:
    """Return the options that are proposed for a check."""
    fill = FILLED.get(check)
    return fill(wanted) if fill else Filled()
