"""GitHub's merge queue: each entry's group contains everything ahead of it."""

from typing import TYPE_CHECKING

from tests.github_double.pulls import MergeMethod
from tests.github_double.records import QueueEntry

if TYPE_CHECKING:
    from tests.github_double.repository import Repository


class MergeQueue:
    """The queue of a repository, per base branch, in order."""

    def __init__(self, repository: "Repository") -> None:
        self._repository = repository
        self.entries: list[QueueEntry] = []
        self.method: MergeMethod = "squash"

    def of(self, base: str) -> list[QueueEntry]:
        """The entries waiting for this base, first to merge first."""
        return [entry for entry in self.entries if entry.base_ref == base]

    def entry(self, number: int) -> QueueEntry | None:
        """The entry of a pull request; None when it is not queued."""
        return next((entry for entry in self.entries if entry.number == number), None)

    def position(self, entry: QueueEntry) -> int:
        """Where the entry stands, from 1."""
        return self.of(entry.base_ref).index(entry) + 1

    def add(self, number: int) -> QueueEntry:
        """Queues a pull request: builds its group on top of the last one's."""
        repository = self._repository
        pull = repository.pulls[number]
        ahead = self.of(pull.base_ref)
        base_sha = ahead[-1].head_sha if ahead else repository.tip(pull.base_ref).sha
        title = f"Merge pull request #{number} from {pull.head_ref}"
        make = repository.merged if self.method == "merge" else repository.squashed
        group = make(base_sha, pull.head_sha, title)
        if group is None:
            raise ValueError(f"#{number} conflicts with what is ahead of it in the queue")
        head_ref = f"gh-readonly-queue/{pull.base_ref}/pr-{number}-{base_sha}"
        repository.refs[f"refs/heads/{head_ref}"] = group.sha
        entry = QueueEntry(
            id=repository.world.next_id(),
            number=number,
            base_ref=pull.base_ref,
            base_sha=base_sha,
            head_ref=head_ref,
            head_sha=group.sha,
            enqueued_at=repository.world.now(),
        )
        self.entries.append(entry)
        return entry

    def remove(self, number: int) -> None:
        """Ejects a pull request; those behind it get new groups. Old refs linger, as they do."""
        gone = self.entries.index(self._known(number))
        behind = [entry.number for entry in self.entries[gone + 1 :]]
        base = self.entries[gone].base_ref
        kept = [entry for entry in self.entries[gone + 1 :] if entry.base_ref != base]
        again = [n for n in behind if self._repository.pulls[n].base_ref == base]
        self.entries = self.entries[:gone] + kept
        for other in again:
            self.add(other)

    def land(self, number: int) -> None:
        """The group of this entry passed: it and all ahead of it are merged."""
        last = self._known(number)
        for entry in self.of(last.base_ref):
            self.entries.remove(entry)
            pull = self._repository.pulls[entry.number]
            pull.landed(entry.head_sha, by="github-merge-queue[bot]")
            self._repository.move(entry.base_ref, entry.head_sha)
            if entry.number == number:
                return

    def _known(self, number: int) -> QueueEntry:
        entry = self.entry(number)
        if entry is None:
            raise ValueError(f"#{number} is not in the queue")
        return entry
