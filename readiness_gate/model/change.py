"""What a pull request does to files, as GitHub lists it."""

from pydantic import Field

from readiness_gate.model.record import Record


class FileChange(Record):
    """One file of a pull request's diff.

    `kind` is GitHub's word: `added`, `removed`, `modified`, `renamed`, `copied`, `changed` (its
    mode alone) or `unchanged`.
    """

    path: str
    kind: str = "modified"
    previous: str | None = Field(default=None, description="Its name before it was renamed.")

    @property
    def names(self) -> tuple[str, ...]:
        """Every path that the change touches: both names of a renamed file."""
        # The source of a copy stays as it was.
        moved = self.previous is not None and self.kind != "copied"
        return (self.path, self.previous) if moved and self.previous else (self.path,)

    @property
    def present(self) -> bool:
        """Whether there is such a file after the change."""
        return self.kind != "removed"
