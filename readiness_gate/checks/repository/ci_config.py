"""`ci-config`: workflows run what they must when they must, and bots keep dependencies fresh.

Reads GitHub's workflow files, Dependabot's file and Renovate's. Every workflow has triggers and
jobs with steps; the options ask for more. Whether a run was green is `status-checks`.
"""

from pydantic import Field

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.repository.workflow_rules import Rule
from readiness_gate.config.values import OneOrMany
from readiness_gate.model.outcome import CheckClass, Family, Need


class CiConfigOptions(CheckOptions):
    """What the workflows do, the rules they keep, and what bots keep up to date."""

    path: OneOrMany = Field(
        default=(), description="Workflow files; default all below .github/workflows."
    )
    workflows: OneOrMany = Field(
        default=(), description="File names or names of workflows that have to be there."
    )
    triggers: OneOrMany = Field(
        default=(),
        description="Events that each start a workflow; jobs and steps are then sought in the "
        "workflows that one of them starts.",
    )
    jobs: OneOrMany = Field(default=(), description="Ids or names of jobs that have to be there.")
    steps: OneOrMany = Field(
        default=(), description="Texts of which each is in the run or uses of a step: pytest."
    )
    rules: tuple[Rule, ...] = Field(
        default=(),
        description="`permissions`: every job's are stated; `pinned-actions`: by commit; "
        "`timeouts`: every job has one; `concurrency`; `no-script-injection`: no title, body or "
        "branch name of strangers in a script; `no-untrusted-checkout`: none under "
        "pull_request_target and the like.",
    )
    updates: OneOrMany = Field(
        default=(),
        description="Ecosystems, by Dependabot's names, that Dependabot or Renovate keeps up to "
        "date: pip, npm, docker, github-actions.",
    )


CHECK = Check(
    id="ci-config",
    title="CI runs what it must",
    family=Family.REPOSITORY,
    check_class=CheckClass.READ,
    needs=frozenset({Need.WORKSPACE}),
    options=CiConfigOptions,
    remediation="Change the workflows at the lines named, or add what is missing.",
    example={
        "triggers": ["pull_request"],
        "steps": ["pytest"],
        "rules": ["permissions", "pinned-actions", "timeouts"],
        "updates": ["pip", "docker", "github-actions"],
    },
)
