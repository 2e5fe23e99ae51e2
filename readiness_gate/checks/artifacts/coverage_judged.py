"""Shares of coverage that hold or do not, and where the files that a report names are."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.project_files import Unclear
from readiness_gate.checks.report_places import in_checkout
from readiness_gate.formats.coverage import FileCoverage
from readiness_gate.matchers.threshold import Unit, threshold
from readiness_gate.model.evidence import Evidence, TableEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import cannot_tell


class Judged:
    """What holds, what does not, and what could not be asked."""

    def __init__(self) -> None:
        self.held: list[str] = []
        self.problems: list[str] = []
        self.notes: list[str] = []
        self.evidence: list[Evidence] = []

    def hold(self, what: str, limit: str, share: float | None) -> bool:
        """Note whether a share is within its limit; one that was not measured cannot be told."""
        if share is None:
            raise Unclear(cannot_tell(ErrorClass.INCONCLUSIVE, f"{what}: nothing was measured"))
        wanted = threshold(limit, Unit.PERCENT)
        cause = wanted.explain(share)
        if cause is None:
            self.held.append(f"{what} {share:.1f} %")
        else:
            # One decimal would show 79.96 % as the 80.0 % that it is not.
            exact = f" ({share:.3f} %)" if round(share, 1) == wanted.limit else ""
            self.problems.append(f"{what}: {cause}{exact}")
        return cause is None


class Places:
    """Where the files of a report are in the checkout."""

    def __init__(self, context: CheckContext, root: str) -> None:
        self._workspace = context.workspace
        self._root = root
        self.known: set[str] = set()
        """Those that are in it."""

    def of(self, path: str, sources: tuple[str, ...]) -> str:
        """Return the path in the checkout, the report's own where no file is found."""
        for one in (path, *(str(PurePosixPath(source, path)) for source in sources)):
            found = in_checkout(self._workspace, one, self._root)
            if found is not None:
                self.known.add(found)
                return found
        return path


def least_covered(files: Mapping[str, FileCoverage]) -> TableEvidence:
    """Return a table of the files with the most lines that did not run."""
    measured = [(path, one) for path, one in files.items() if one.lines]
    ranked = sorted(
        measured, key=lambda pair: (sum(pair[1].lines.values()) - len(pair[1].lines), pair[0])
    )
    return TableEvidence(
        title="Files with the most lines that did not run",
        columns=("file", "lines", "did not run"),
        rows=tuple(
            (path, str(len(one.lines)), str(len(one.lines) - sum(one.lines.values())))
            for path, one in ranked[:10]
        ),
        omitted=max(0, len(ranked) - 10),
    )
