import pytest

from readiness_gate.checks.merge.deployment_status import CHECK, DeploymentStatusOptions
from readiness_gate.errors import PermissionMissing
from readiness_gate.model.deployment import CommitDeployments, Deployment
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.fakes.context import context
from tests.fakes.facts import FakeFacts

HEAD = "a" * 40


def run(
    *deployments: tuple[str, str], environment: str = "staging", complete: bool = True
) -> CheckResult:
    found = CommitDeployments(
        deployments=tuple(Deployment(environment=name, state=state) for name, state in deployments),
        complete=complete,
    )
    known = FakeFacts(deployed={HEAD: found})
    return CHECK.run(
        context(github=known, head_sha=HEAD), DeploymentStatusOptions(environment=environment)
    )


@pytest.mark.parametrize("state", ["success", "active"])
def test_a_deployment_that_went_well_passes(state: str) -> None:
    result = run(("staging", state))
    assert (result.outcome, result.summary) == (Outcome.PASSED, "aaaaaaa is deployed to staging")


@pytest.mark.parametrize(
    ("state", "outcome", "words"),
    [
        ("failure", Outcome.FAILED, "failed"),
        ("error", Outcome.FAILED, "ended in an error"),
        ("pending", Outcome.PENDING, "is pending"),
        ("queued", Outcome.PENDING, "is queued"),
        ("in_progress", Outcome.PENDING, "is in progress"),
        ("waiting", Outcome.PENDING, "waits for approval"),
        ("inactive", Outcome.PENDING, "is inactive: another deployment took its place"),
        ("abandoned", Outcome.PENDING, "was abandoned"),
        ("destroyed", Outcome.PENDING, "was taken down"),
        ("new_word", Outcome.ERROR, "is new_word, a word that the gate does not know"),
    ],
)
def test_every_state_has_words_and_a_next_step(state: str, outcome: Outcome, words: str) -> None:
    result = run(("staging", state))
    assert (result.outcome, result.summary) == (
        outcome,
        f"the deployment of aaaaaaa to staging {words}",
    )
    assert result.remediation
    assert bool(result.waiting_for) is (outcome is Outcome.PENDING)


def test_the_newest_deployment_counts() -> None:
    assert run(("staging", "in_progress"), ("staging", "success")).outcome is Outcome.PENDING
    assert run(("staging", "success"), ("staging", "failure")).outcome is Outcome.PASSED


def test_names_of_environments_ignore_case_and_others_do_not_count() -> None:
    assert run(("Staging", "success")).outcome is Outcome.PASSED
    result = run(("production", "success"))
    assert (result.outcome, result.summary) == (
        Outcome.PENDING,
        "aaaaaaa is not deployed to staging",
    )
    assert (result.waiting_for, result.details) == (
        "a deployment to staging",
        "deployed to production",
    )


def test_deployments_beyond_those_that_were_read_are_no_absence() -> None:
    result = run(("production", "success"), complete=False)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert run(("staging", "success"), complete=False).outcome is Outcome.PASSED


def test_without_a_commit_or_a_permission_it_cannot_tell() -> None:
    options = DeploymentStatusOptions(environment="staging")
    assert CHECK.run(context(), options).outcome is Outcome.ERROR
    lacking = PermissionMissing("lacks deployments: read", permission="deployments: read")
    with pytest.raises(PermissionMissing):
        CHECK.run(context(github=FakeFacts(deployed={HEAD: lacking}), head_sha=HEAD), options)
