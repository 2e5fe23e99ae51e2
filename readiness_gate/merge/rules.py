"""What the configuration says about merging, as the graph needs it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from readiness_gate.model.pull_request import Reference


@dataclass(frozen=True)
class DeclaredOrder:
    """Groups of pull requests: each waits for all before its group, within one in any order."""

    groups: tuple[tuple[Reference, ...], ...] = ()

    def position(self, reference: Reference) -> int | None:
        """Return the place of a reference's group, `None` outside the sequence."""
        return self._positions().get(reference)

    def _positions(self) -> dict[Reference, int]:
        # Kept on the instance: the groups never change.
        known: dict[Reference, int] | None = self.__dict__.get("_known")
        if known is None:
            known = {member: place for place, group in enumerate(self.groups) for member in group}
            object.__setattr__(self, "_known", known)
        return known


@dataclass(frozen=True)
class DependsOn:
    """`reference` waits for everything in `after`."""

    reference: Reference
    after: tuple[Reference, ...]


@dataclass(frozen=True)
class Rules:
    """The rules of one repository."""

    home: str
    order: DeclaredOrder = DeclaredOrder()
    depends_on: tuple[DependsOn, ...] = ()
    repositories: tuple[str, ...] = ()
    """Other repositories that references may point to."""
    keywords: tuple[str, ...] = ()
    server_url: str = "https://github.com"
    trunks: frozenset[str] = field(default_factory=frozenset)
    """Long-lived branches, the default branch at least. A pull request *from* one (a release, a
    merge back) is no layer of a stack, and nothing waits for it because of its branch."""

    def canonical(self, reference: Reference) -> Reference:
        """Return the reference in the one spelling that its repository has here."""
        for name in (self.home, *self.repositories):
            if name.casefold() == reference.repository.casefold():
                return Reference(name, reference.number)
        return Reference(reference.repository.casefold(), reference.number)

    def listed(self, reference: Reference) -> bool:
        """Return whether the configuration lets references point there."""
        known = {name.casefold() for name in (self.home, *self.repositories)}
        return reference.repository.casefold() in known

    def all_canonical(self, references: Iterable[Reference]) -> tuple[Reference, ...]:
        """Return the references in their one spelling, each once, in their order."""
        return tuple(dict.fromkeys(self.canonical(reference) for reference in references))
