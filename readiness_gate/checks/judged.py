"""What the merge checks judge: one pull request, or every member of a merge group."""

from readiness_gate.checks.context import MergeFacts
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.pull_request import PullRequest, Reference
from readiness_gate.model.result import CheckResult, cannot_tell


def judged(facts: MergeFacts | None) -> MergeFacts | CheckResult:
    """Return the facts, or why nothing can be judged by them.

    A member of a merge group that is not known as a pull request on its way would wait for
    nothing, and so pass.
    """
    if facts is None:
        return cannot_tell(ErrorClass.INCONCLUSIVE, "GitHub's facts were not read")
    group = facts.merge_group
    if group is None:
        return facts
    if not group.members:
        return cannot_tell(ErrorClass.INCONCLUSIVE, "the members of the merge group are not known")
    for member in group.members:
        if not _on_its_way(member, facts):
            name = member.short(facts.home)
            return cannot_tell(
                ErrorClass.INCONCLUSIVE,
                f"{name} is in the merge group, but is not known as an open pull request",
                remediation="Take it out of the merge queue and add it again.",
            )
    return facts


def subjects(facts: MergeFacts) -> tuple[Reference, ...]:
    """Return the pull requests that are judged, first to merge first."""
    if facts.merge_group is not None:
        return facts.merge_group.members
    return (facts.pull_request.reference,) if facts.pull_request is not None else ()


def members(facts: MergeFacts) -> tuple[PullRequest, ...]:
    """Return the pull requests that are judged and not merged yet, first to merge first."""
    if facts.merge_group is None:
        return (facts.pull_request,) if facts.pull_request is not None else ()
    known = (facts.facts.get(one) for one in facts.merge_group.members)
    return tuple(one for one in known if isinstance(one, PullRequest) and not one.merged)


def base_branch(facts: MergeFacts) -> str:
    """Return the branch that they merge into, empty where there is none."""
    if facts.merge_group is not None:
        return facts.merge_group.base_branch
    return facts.pull_request.base_branch if facts.pull_request is not None else ""


def _on_its_way(member: Reference, facts: MergeFacts) -> bool:
    fact = facts.facts.get(member)
    return isinstance(fact, PullRequest) and (fact.merged or fact.state == "open")
