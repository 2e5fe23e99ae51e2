"""The catalogue: one module per check, and one ordered tuple that names them all."""

from typing import Any

from readiness_gate.checks.artifacts import (
    coverage_report,
    junit_report,
    lint_report,
    performance_report,
    sarif_report,
)
from readiness_gate.checks.base import Check
from readiness_gate.checks.database import (
    foreign_key_enforcement,
    foreign_key_policy,
    migrations_applied,
    migrations_heads,
    orphaned_rows,
)
from readiness_gate.checks.merge import (
    attestation,
    dependencies_merged,
    merge_order,
    pull_request_merged,
    rollup,
)
from readiness_gate.checks.network import (
    http,
)
from readiness_gate.checks.repository import (
    alert_rules,
    changelog,
    ci_config,
    code_metric,
    compose_model,
    config_value,
    dashboard_file,
    dependency_declared,
    doc_freshness,
    doc_sections,
    dockerfile_lint,
    env_contract,
    file_content,
    file_exists,
    kubernetes_manifest,
    secret_scan,
    source_rule,
)
from readiness_gate.checks.stack import (
    command,
    image_build,
    stack_health,
    test_run,
)

CHECKS: tuple[Check[Any], ...] = (
    merge_order.CHECK,
    dependencies_merged.CHECK,
    pull_request_merged.CHECK,
    attestation.CHECK,
    rollup.CHECK,
    file_exists.CHECK,
    file_content.CHECK,
    config_value.CHECK,
    env_contract.CHECK,
    secret_scan.CHECK,
    dependency_declared.CHECK,
    source_rule.CHECK,
    code_metric.CHECK,
    doc_sections.CHECK,
    doc_freshness.CHECK,
    changelog.CHECK,
    dockerfile_lint.CHECK,
    compose_model.CHECK,
    kubernetes_manifest.CHECK,
    alert_rules.CHECK,
    dashboard_file.CHECK,
    ci_config.CHECK,
    junit_report.CHECK,
    coverage_report.CHECK,
    lint_report.CHECK,
    sarif_report.CHECK,
    performance_report.CHECK,
    image_build.CHECK,
    stack_health.CHECK,
    command.CHECK,
    test_run.CHECK,
    http.CHECK,
    migrations_heads.CHECK,
    migrations_applied.CHECK,
    foreign_key_enforcement.CHECK,
    foreign_key_policy.CHECK,
    orphaned_rows.CHECK,
)
"""Every check, in the order of the catalogue (DESIGN 3)."""


def find(check_id: str) -> Check[Any] | None:
    """Return the check of an id, `None` where there is none."""
    return next((check for check in CHECKS if check.id == check_id), None)
