"""`deployment-status`: the commit is deployed to an environment, and it went well.

Judged is the newest deployment of the head commit to the environment: of the pull request's, the
merge group's, or of the commit that a later stage is about. Needs the permission
`deployments: read`.
"""

from pydantic import Field

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.context import CheckContext
from readiness_gate.config.values import Text
from readiness_gate.model.deployment import Deployment
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family, Need
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed, pending

_GREEN = frozenset({"success", "active"})
_RED = {"failure": "failed", "error": "ended in an error"}
_UNDER_WAY = {
    "pending": "is pending",
    "queued": "is queued",
    "in_progress": "is in progress",
    "waiting": "waits for approval",
}
_OVER = {
    "inactive": "is inactive: another deployment took its place",
    "abandoned": "was abandoned",
    "destroyed": "was taken down",
}


class DeploymentStatusOptions(CheckOptions):
    """Where the commit has to be deployed."""

    environment: Text = Field(description="Name of the environment on GitHub, such as staging.")


def run(context: CheckContext, options: DeploymentStatusOptions) -> CheckResult:
    """Judge the state of the newest deployment of the head commit to the environment."""
    commit = context.head_sha
    if context.github is None or commit is None:
        return cannot_tell(ErrorClass.INCONCLUSIVE, "there is no commit on GitHub to look at")
    found = context.github.deployments(commit)
    wanted = options.environment.lower()
    mine = [one for one in found.deployments if one.environment.lower() == wanted]
    if mine:
        return _judge(mine[0], commit, options.environment)
    if not found.complete:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"{commit[:7]} has more deployments than were read, none to {options.environment}",
            remediation=f"Deploy it to {options.environment} again.",
        )
    others = ", ".join(dict.fromkeys(one.environment for one in found.deployments))
    return pending(
        f"{commit[:7]} is not deployed to {options.environment}",
        waiting_for=f"a deployment to {options.environment}",
        details=f"deployed to {others}" if others else "",
        remediation=f"Deploy the commit to {options.environment}, or correct the name.",
    )


def _judge(deployment: Deployment, commit: str, environment: str) -> CheckResult:
    evidence = (_table(deployment),)
    what = f"the deployment of {commit[:7]} to {environment}"
    state = deployment.state
    if state in _GREEN:
        return passed(f"{commit[:7]} is deployed to {environment}", evidence=evidence)
    if state in _RED:
        return failed(
            f"{what} {_RED[state]}",
            evidence=evidence,
            remediation="Read the deployment's log, correct what it says and deploy again.",
        )
    if state in _UNDER_WAY:
        approval = state == "waiting"
        whom = f"a reviewer of {environment} to approve it" if approval else f"{what} to end"
        step = "Approve the deployment on its page." if approval else "Wait for the deployment."
        return pending(
            f"{what} {_UNDER_WAY[state]}", waiting_for=whom, evidence=evidence, remediation=step
        )
    if state in _OVER:
        return pending(
            f"{what} {_OVER[state]}",
            waiting_for=f"a new deployment to {environment}",
            evidence=evidence,
            remediation=f"Deploy the commit to {environment} again.",
        )
    return cannot_tell(
        ErrorClass.INCONCLUSIVE,
        f"{what} is {state}, a word that the gate does not know",
        evidence=evidence,
        remediation="Read the deployment's page.",
    )


def _table(one: Deployment) -> TableEvidence:
    when = one.created_at.isoformat(timespec="seconds") if one.created_at else ""
    return TableEvidence(
        title="Newest deployment",
        columns=("environment", "state", "by", "at", "page"),
        rows=((one.environment, one.state, one.creator, when, one.url),),
    )


CHECK = Check(
    id="deployment-status",
    title="The commit is deployed",
    family=Family.MERGE,
    check_class=CheckClass.READ,
    needs=frozenset({Need.GITHUB}),
    options=DeploymentStatusOptions,
    work=run,
    remediation="Deploy the commit, and read the deployment's log where it failed.",
    example={"environment": "staging"},
)
