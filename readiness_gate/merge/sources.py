"""Who waits for whom, from every source but the declared order (notes on pull requests 4.2)."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from readiness_gate.merge.references import Parsed
from readiness_gate.merge.rules import Rules
from readiness_gate.model.pull_request import EdgeSource, PullRequest, Reference


@dataclass(frozen=True)
class Statement:
    """One source states that `waiting` waits for `dependency`."""

    waiting: Reference
    dependency: Reference
    source: EdgeSource


class Branches:
    """Which open pull request brings which branch of the home repository where."""

    def __init__(self, opened: Collection[PullRequest], rules: Rules) -> None:
        """Index the heads; branches of forks and long-lived branches are no layers of a stack."""
        self._parents: dict[str, list[PullRequest]] = {}
        for pull_request in sorted(opened, key=lambda one: one.reference):
            at_home = pull_request.head_repository.casefold() == rules.home.casefold()
            if at_home and pull_request.head_branch not in rules.trunks:
                self._parents.setdefault(pull_request.head_branch, []).append(pull_request)

    def parents(self, pull_request: PullRequest) -> list[PullRequest]:
        """Return the open pull requests whose head is this one's base."""
        found = self._parents.get(pull_request.base_branch, [])
        return [one for one in found if one.reference != pull_request.reference]

    def further_bases(self, pull_request: PullRequest) -> frozenset[str]:
        """Return the branches that its base will be merged into, down to the bottom."""
        seen: set[str] = set()
        todo = [pull_request.base_branch]
        while todo:
            for parent in self._parents.get(todo.pop(), []):
                if parent.base_branch not in seen:
                    seen.add(parent.base_branch)
                    todo.append(parent.base_branch)
        return frozenset(seen)


def statements(
    opened: Mapping[Reference, PullRequest],
    bodies: Mapping[Reference, Parsed],
    branches: Branches,
    rules: Rules,
) -> Iterator[Statement]:
    """Yield what bodies, bases, native stacks and `depends-on` state of open pull requests."""
    for own, pull_request in opened.items():
        for reference in rules.all_canonical(bodies[own].references if own in bodies else ()):
            yield Statement(own, reference, EdgeSource.BODY)
        for parent in branches.parents(pull_request):
            yield Statement(own, rules.canonical(parent.reference), EdgeSource.BASE)
            if (pull_request.stack_position or 0) > 1:
                # A layer of a native stack has the branch of the layer below as its base.
                yield Statement(own, rules.canonical(parent.reference), EdgeSource.STACK)
        if pull_request.stack_parent is not None:
            yield Statement(own, rules.canonical(pull_request.stack_parent), EdgeSource.STACK)
    for entry in rules.depends_on:
        waiting = rules.canonical(entry.reference)
        if waiting in opened:
            for reference in rules.all_canonical(entry.after):
                yield Statement(waiting, reference, EdgeSource.DEPENDS_ON)
