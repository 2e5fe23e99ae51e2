"""One-line set-ups: pull request 10 of a forge in memory, and regions for its comment."""

from collections.abc import Callable
from dataclasses import replace

from readiness_gate.forge.snapshot import SnapshotForge
from readiness_gate.model.outcome import Conclusion, Half, Outcome, Verdict
from readiness_gate.model.pull_request import PullRequest
from readiness_gate.publish.compose import marker
from readiness_gate.publish.regions import Stamped, stamp
from readiness_gate.publish.statuses import Target
from readiness_gate.report.region import region
from tests.forge.builders import forge, pull_request, sha
from tests.report.builders import PAGE, item, report

PREFIX = "readiness"
MARKER = marker(PREFIX)
HEAD = sha("head 10")
NEW_HEAD = sha("a newer head")
TARGET = Target(HEAD, pull_request=10, url="https://github.com/acme/shop/actions/runs/1")


def github(on_call: Callable[[str], None] | None = None) -> SnapshotForge:
    """A forge with the open pull requests 10 and 11."""
    return forge(pull_request(10), pull_request(11), on_call=on_call)


def push(to: SnapshotForge, *, head: str = NEW_HEAD) -> None:
    """Move the head of pull request 10."""
    fact = to.pull_request(10)
    assert isinstance(fact, PullRequest)
    to.put(replace(fact, head_sha=head))


def part(
    half: Half,
    outcome: Outcome = Outcome.FAILED,
    *,
    summary: str = "seen",
    head: str = HEAD,
    run: int = 1,
    attempt: int = 1,
) -> Stamped:
    """A region of one half with one item."""
    conclusion = {
        Outcome.FAILED: Conclusion.FAILURE,
        Outcome.PENDING: Conclusion.PENDING,
        Outcome.PASSED: Conclusion.SUCCESS,
    }[outcome]
    one = item(f"{half.value}-item", outcome, half=half, summary=summary)
    made = report(
        one,
        verdict=Verdict.BLOCKED,
        merge=conclusion if half is Half.MERGE else None,
        checks=conclusion if half is Half.CHECKS else None,
    )
    return stamp(region(made, half, PAGE), head, run=str(run), attempt=str(attempt))


def body_of(github_: SnapshotForge) -> str:
    """The one comment of pull request 10."""
    (comment,) = github_.comments[10]
    return comment.body
