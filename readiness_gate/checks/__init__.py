"""The catalogue: one module per check, and one ordered mapping that names them all."""

from readiness_gate.checks.catalogue import Catalogue
from readiness_gate.model.outcome import Family

CHECKS = Catalogue({
    Family.MERGE: (
        "merge-order",
        "dependencies-merged",
        "pull-request-merged",
        "status-checks",
        "review-approval",
        "branch-protection",
        "deployment-status",
        "code-alerts",
        "changed-files",
        "workflow-recency",
        "artifact-exists",
        "gate-files-unchanged",
        "attestation",
        "rollup",
    ),
    Family.REPOSITORY: (
        "file-exists",
        "file-content",
        "config-value",
        "env-contract",
        "secret-scan",
        "dependency-declared",
        "source-rule",
        "code-metric",
        "doc-sections",
        "doc-freshness",
        "changelog",
        "dockerfile-lint",
        "compose-model",
        "kubernetes-manifest",
        "alert-rules",
        "dashboard-file",
        "ci-config",
    ),
    Family.ARTIFACTS: (
        "junit-report",
        "coverage-report",
        "lint-report",
        "sarif-report",
        "performance-report",
    ),
    Family.STACK: (
        "image-build",
        "stack-health",
        "container-inspect",
        "filesystem",
        "resource-budget",
        "graceful-shutdown",
        "command",
        "test-run",
    ),
    Family.NETWORK: (
        "http",
    ),
    Family.DATABASE: (
        "migrations-heads",
        "migrations-applied",
        "foreign-key-enforcement",
        "foreign-key-policy",
        "foreign-key-index",
        "orphaned-rows",
        "schema",
        "sql",
    ),
})  # fmt: skip
"""Every check by its id, in the order of the catalogue (DESIGN 3)."""
