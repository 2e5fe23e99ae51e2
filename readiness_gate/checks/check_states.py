"""GitHub's words for checks and statuses, each with what it means for a merge. Pure."""

from collections.abc import Collection, Mapping

from readiness_gate.checks.standing import Standing
from readiness_gate.model.commit_checks import CommitChecks, ReportedCheck, WorkflowState
from readiness_gate.model.outcome import Outcome

UNDER_WAY = frozenset({"queued", "requested", "in_progress", "waiting", "pending"})
"""States of what has not ended."""
_AGAIN = "re-run it from the Actions tab or the check's page"

_STATES: Mapping[str, tuple[Outcome, str, str, str]] = {
    "success": (Outcome.PASSED, "{} is green", "", ""),
    "failure": (Outcome.FAILED, "{} failed", "read its log, then push a fix", ""),
    "error": (Outcome.FAILED, "{} reports an error", "read its page, then re-run or fix it", ""),
    "timed_out": (Outcome.FAILED, "{} ran out of time", _AGAIN, ""),
    "cancelled": (Outcome.FAILED, "{} was cancelled: nothing was proven", _AGAIN, ""),
    "stale": (Outcome.FAILED, "{} went stale: GitHub gave up waiting for it", _AGAIN, ""),
    "startup_failure": (Outcome.FAILED, "{} did not start", "correct its workflow file", ""),
    "neutral": (
        Outcome.FAILED,
        "{} ended neutral: nothing was proven",
        "let it decide, or set `accept: [neutral]`",
        "",
    ),
    "skipped": (
        Outcome.FAILED,
        "{} was skipped: nothing was proven",
        "let it run, or set `accept: [skipped]`",
        "",
    ),
    "action_required": (
        Outcome.PENDING,
        "{} asks somebody to act",
        "open its page and do what it asks",
        "somebody to act on {}",
    ),
    "queued": (Outcome.PENDING, "{} is queued", "wait for a runner", "{} to start"),
    "requested": (Outcome.PENDING, "{} is queued", "wait for a runner", "{} to start"),
    "in_progress": (Outcome.PENDING, "{} is running", "wait for it", "{} to finish"),
    "pending": (Outcome.PENDING, "{} is pending", "wait for it", "{} to finish"),
    "waiting": (
        Outcome.PENDING,
        "{} waits for approval of its environment",
        "approve the deployment on the run's page",
        "a reviewer of the environment to approve {}",
    ),
}

_UNKNOWN = (
    Outcome.ERROR,
    "{} is in a state that the gate does not know",
    "read its page",
    "",
)
NO_WORD = frozenset({"success", "neutral", "skipped"})
"""States of a workflow run without jobs that say nothing: a filter took its jobs."""


def standing_of(check: ReportedCheck, commit: str, accept: Collection[str]) -> Standing:
    """Return where a reported check stands; `accept` are further conclusions that are green."""
    if check.state == "expected":
        return absent(check.name, commit, CommitChecks())
    if check.state in accept:
        return Standing(Outcome.PASSED, f"{check.name} ended {check.state}, which is accepted")
    if check.state not in _STATES:
        says = f"{check.name} is {check.state}, a word that the gate does not know"
        return Standing(Outcome.ERROR, says, "read its page")
    outcome, says, step, waiting = _STATES[check.state]
    return Standing(outcome, says.format(check.name), step, waiting.format(check.name))


def standing_of_run(run: WorkflowState) -> Standing:
    """Return where a workflow run stands that has not reported all of its jobs."""
    if run.state == "action_required":
        return _held(run.workflow, run.workflow)
    if run.state in UNDER_WAY:
        says, waiting = f"{run.workflow} is under way", f"{run.workflow} to finish"
        return Standing(Outcome.PENDING, says, "wait for the workflow run", waiting)
    outcome, says, step, waiting = _STATES.get(run.state, _UNKNOWN)
    name = run.workflow
    return Standing(outcome, says.format(name), step, waiting.format(name))


def _held(name: str, workflows: str) -> Standing:
    return Standing(
        Outcome.PENDING,
        f"{name} has not run: {workflows} awaits approval",
        "approve the workflow run on the pull request's page",
        f"a maintainer to approve the run of {workflows}",
    )


def absent(name: str, commit: str, reported: CommitChecks) -> Standing:
    """Return where a check stands that has not been reported, by what the workflow runs say.

    Absent is not on its way: what nobody runs would be waited for in vain (notes on pull
    requests 27).
    """
    held = _workflows(reported, {"action_required"})
    if held:
        return _held(name, held)
    moving = _workflows(reported, UNDER_WAY)
    if moving:
        return Standing(
            Outcome.PENDING,
            f"{name} is not there yet: {moving} is under way",
            "wait for the workflow run",
            f"{moving} to report {name}",
        )
    broken = _workflows(reported, {"startup_failure"})
    if broken:
        return Standing(
            Outcome.FAILED, f"{name} is absent: {broken} did not start", "correct the workflow file"
        )
    return Standing(
        Outcome.PENDING,
        f"{name} is absent: nobody has reported it on {commit[:7]}, and nothing runs",
        "push again or run its workflow; a name that changed, or a workflow that is filtered by "
        "branch or path, never reports",
        f"{name} to be reported",
    )


def _workflows(reported: CommitChecks, states: Collection[str]) -> str:
    runs: list[WorkflowState] = [one for one in reported.runs if one.state in states]
    names = list(dict.fromkeys(one.workflow for one in runs))
    return " and ".join(names[:3])
