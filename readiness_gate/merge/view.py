"""A built graph, and how it looks from one pull request or from a merge group."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from readiness_gate.merge.findings import Finding
from readiness_gate.merge.references import Parsed
from readiness_gate.merge.rules import Rules
from readiness_gate.merge.sources import Branches
from readiness_gate.model.pull_request import Edge, Fact, PullRequest, Reference


@dataclass(frozen=True)
class View:
    """The graph as it looks from one pull request, or from the members of a merge group."""

    edges: tuple[Edge, ...]
    findings: tuple[Finding, ...]
    parsed: tuple[str, ...]
    """What the bodies were read to depend on, for the reader."""
    warnings: tuple[str, ...]
    """Lines that look like a dependency and were not read."""
    followers: frozenset[Reference]
    """Everything that waits for them, directly or through others."""
    further_bases: frozenset[str]
    """Branches that their bases will be merged into themselves (a stack)."""


@dataclass(frozen=True)
class Graph:
    """Every edge that leaves an open pull request."""

    rules: Rules
    edges: tuple[Edge, ...]
    findings: tuple[Finding, ...]
    opened: Mapping[Reference, PullRequest]
    bodies: Mapping[Reference, Parsed]
    facts: Mapping[Reference, Fact]
    in_order: Callable[[Reference], Iterable[Edge]] = field(repr=False, compare=False)
    """Edges of the declared order that leave an open pull request, in full."""

    @cached_property
    def stated(self) -> Mapping[Reference, Sequence[Edge]]:
        """The kept edges by who waits, found once: a sweep looks at every pull request."""
        found: dict[Reference, list[Edge]] = defaultdict(list)
        for edge in self.edges:
            found[edge.waiting].append(edge)
        return found

    @cached_property
    def waiting_for(self) -> Mapping[Reference, Sequence[Reference]]:
        """Who waits, by what is waited for."""
        found: dict[Reference, list[Reference]] = defaultdict(list)
        for edge in self.edges:
            found[edge.dependency].append(edge.waiting)
        return found

    @cached_property
    def branches(self) -> Branches:
        """Which open pull request brings which branch where."""
        return Branches(list(self.opened.values()), self.rules)

    @cached_property
    def on_branch(self) -> Mapping[str, Sequence[Reference]]:
        """The open pull requests by their base branch."""
        found: dict[str, list[Reference]] = defaultdict(list)
        for own, one in self.opened.items():
            found[one.base_branch].append(own)
        return found

    def children(self, parent: Reference) -> tuple[Reference, ...]:
        """Return the open pull requests whose base is the branch of this one."""
        fact = self.facts.get(self.rules.canonical(parent))
        if not isinstance(fact, PullRequest) or fact.head_branch in self.rules.trunks:
            return ()
        if fact.head_repository.casefold() != self.rules.home.casefold():
            return ()
        on_it = self.on_branch.get(fact.head_branch, ())
        return tuple(sorted(one for one in on_it if one != fact.reference))

    def leaving(self, waiting: Reference) -> tuple[Edge, ...]:
        """Return everything that a pull request waits for, the declared order in full.

        Of the order: all earlier members that are not merged; where all are, the group before.
        """
        waiting = self.rules.canonical(waiting)
        found = {edge.dependency: edge for edge in self.stated.get(waiting, ())}
        for edge in self.in_order(waiting):
            found.setdefault(edge.dependency, edge)
        return tuple(sorted(found.values(), key=EdgeKey(self.rules)))

    def dependants(self, changed: Reference) -> tuple[Reference, ...]:
        """Return the open pull requests that a change of `changed` can concern directly.

        Those that name it, those after it in the declared order, and those based on its branch.
        """
        changed = self.rules.canonical(changed)
        found = set(self.waiting_for.get(changed, ()))
        place = self.rules.order.position(changed)
        if place is not None:
            later = self.rules.order.groups[place + 1 :]
            found.update(one for group in later for one in group if one in self.opened)
        fact = self.facts.get(changed)
        if isinstance(fact, PullRequest) and fact.head_branch not in self.rules.trunks:
            found.update(self.on_branch.get(fact.head_branch, ()))
        return tuple(sorted(found - {changed}))

    def behind(self, changed: Reference) -> tuple[Reference, ...]:
        """Return the open pull requests whose verdict a change of `changed` can have changed.

        Its dependants and everything behind them: a circle concerns all of its members.
        """
        changed = self.rules.canonical(changed)
        first = {changed, *self.dependants(changed)}
        found = (first | self._followers(first)) - {changed}
        return tuple(sorted(one for one in found if one in self.opened))

    def view(self, subjects: Sequence[Reference]) -> View:
        """Return what concerns `subjects`: one pull request, or each member of a merge group."""
        own = self.rules.all_canonical(subjects)
        members = set(own)
        return View(
            edges=tuple(edge for subject in own for edge in self.leaving(subject)),
            findings=tuple(one for one in self.findings if members.intersection(one.members)),
            parsed=tuple(self._said(own, warnings=False)),
            warnings=tuple(self._said(own, warnings=True)),
            followers=self._followers(members),
            further_bases=self._further_bases(own),
        )

    def _further_bases(self, subjects: Sequence[Reference]) -> frozenset[str]:
        opened = (self.opened[subject] for subject in subjects if subject in self.opened)
        return frozenset(base for one in opened for base in self.branches.further_bases(one))

    def _said(self, subjects: Sequence[Reference], *, warnings: bool) -> Iterator[str]:
        for subject in subjects:
            body = self.bodies.get(subject, Parsed())
            name = f"{subject.short(self.rules.home)}, " if len(subjects) > 1 else ""
            if warnings:
                for miss in body.near_misses:
                    yield (
                        f"{name}line {miss.line} looks like a dependency but was not wholly read: "
                        f"{miss.text}"
                    )
            else:
                for mention in body.mentions:
                    target = self.rules.canonical(mention.reference).short(self.rules.home)
                    yield f"{target} ({name}line {mention.line})"

    def _followers(self, subjects: set[Reference]) -> frozenset[Reference]:
        places = [self.rules.order.position(subject) for subject in subjects]
        last = max((place for place in places if place is not None), default=None)
        after = () if last is None else self.rules.order.groups[last + 1 :]
        found = {member for group in after for member in group}
        todo = [*subjects, *found]
        while todo:
            for follower in self.waiting_for.get(todo.pop(), ()):
                if follower not in found:
                    found.add(follower)
                    todo.append(follower)
        return frozenset(found - subjects)


@dataclass(frozen=True)
class EdgeKey:
    """Sorts edges as a reader expects: the declared order first, then by number."""

    rules: Rules

    def __call__(self, edge: Edge) -> tuple[int, Reference, int, Reference]:
        """Return the sort key of an edge."""
        return (
            *self._of(edge.waiting),
            *self._of(edge.dependency),
        )

    def _of(self, reference: Reference) -> tuple[int, Reference]:
        place = self.rules.order.position(reference)
        return (len(self.rules.order.groups) if place is None else place), reference
