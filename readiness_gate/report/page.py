"""What a template is given beside the items: addresses, ready-made marks, and how much to show."""

from dataclasses import dataclass, replace

from readiness_gate.model.outcome import Conclusion, ErrorClass, Half, Outcome, Verdict
from readiness_gate.model.pull_request import EdgeState
from readiness_gate.report.escape import Safe, cell, link, path_in_url

REGION_LIMIT = 30_000
"""Characters of one region (DESIGN 1.3): two of them and the frame fit a comment of 65,536."""
SUMMARY_LIMIT = 1024 * 1024
"""Bytes of a step's job summary (GitHub: 1,024 KiB)."""

OUTCOME_MARKS = {
    Outcome.PASSED: Safe("✅"),
    Outcome.FAILED: Safe("❌"),
    Outcome.ERROR: Safe("⚠️"),
    Outcome.PENDING: Safe("⏳"),
    Outcome.WAIVED: Safe("🟡"),
    Outcome.SKIPPED: Safe("\N{HEAVY MINUS SIGN}"),
}
CONCLUSION_MARKS = {
    Conclusion.SUCCESS: Safe("✅"),
    Conclusion.FAILURE: Safe("❌"),
    Conclusion.ERROR: Safe("⚠️"),
    Conclusion.PENDING: Safe("⏳"),
}
HALF_TITLES = {Half.MERGE: Safe("Merge"), Half.CHECKS: Safe("Checks")}
VERDICT_TITLES = {
    Verdict.READY: Safe("✅ Ready to merge"),
    Verdict.BLOCKED: Safe("⛔ Not ready to merge"),
    Verdict.WAITING: Safe("⏳ Waiting"),
    Verdict.ERROR: Safe("⚠️ Could not be decided"),
}
_OPEN = frozenset({EdgeState.OPEN, EdgeState.DRAFT})
_DONE = frozenset({EdgeState.MERGED, EdgeState.AHEAD, EdgeState.DONE})
_UNTOLD = frozenset({EdgeState.UNREACHABLE, EdgeState.UNKNOWN, EdgeState.NOT_LISTED})
RERUN = {
    ErrorClass.INFRASTRUCTURE: "Run the job again; it is not the pull request's fault.",
    ErrorClass.INCONCLUSIVE: "Give the check something to look at, then run the job again.",
    ErrorClass.CONFIGURATION: "Correct the gate's configuration on the base branch.",
    ErrorClass.INTERNAL: "Run the job again; if it stays, report a fault of the gate.",
    ErrorClass.PREREQUISITE: "Runs by itself once its cause is repaired.",
}


def conclusion_mark(conclusion: Conclusion | None) -> Safe:
    """Return the sign of a half; nothing planned has the sign of what is skipped."""
    return Safe("\N{HEAVY MINUS SIGN}") if conclusion is None else CONCLUSION_MARKS[conclusion]


def edge_mark(state: EdgeState) -> Safe:
    """Return the sign of an edge's state; the state is written beside it as a word."""
    if state in _DONE:
        return Safe("✅")
    if state in _OPEN:
        return Safe("⏳")
    return Safe("⚠️") if state in _UNTOLD else Safe("❌")


@dataclass(frozen=True)
class Page:
    """Where the text will stand, and the pages it can point at."""

    server_url: str = "https://github.com"
    run_url: str = ""
    repository: str | None = None
    sha: str | None = None

    def run(self, label: str) -> Safe:
        """Return a link to the workflow run; the label is the template's own word."""
        return link(Safe(label), self.run_url, self.server_url)

    def to(self, label: str, address: str) -> Safe:
        """Return a link to a page of this server; the label is the template's own word."""
        return link(Safe(label), address, self.server_url)

    def place(self, path: str, line: int | None) -> Safe:
        """Return a place in the repository as code, linked to the commit that was tested."""
        shown = cell(path if line is None else f"{path}:{line}", 160)
        if not (self.repository and self.sha):
            return shown
        anchor = "" if line is None else f"#L{int(line)}"
        inside = path_in_url(path.removeprefix("./"))
        address = f"{self.server_url}/{self.repository}/blob/{self.sha}/{inside}{anchor}"
        return shown if ".." in path else link(shown, address, self.server_url)


@dataclass(frozen=True)
class Amount:
    """How much of a region is shown; smaller ones are tried until it fits."""

    passed: bool = True
    skipped: bool = True
    waived: bool = True
    evidence: int = 2_000
    """Characters of each block of evidence; 0 leaves evidence out."""
    blocks: int = 6
    """Blocks of evidence of one item."""
    lines: int = 20
    """Rows of tables inside of folds."""
    rows: int = 100_000
    """Rows of each table."""
    claims: int = 100_000
    """Rows of claims and targets: they never take the room of what is not ready."""
    picture: bool = True
    """Whether the merge graph is drawn."""


WHOLE = Amount()
LESS_AND_LESS = (
    replace(WHOLE, passed=False, claims=50),
    replace(WHOLE, passed=False, claims=20, skipped=False),
    replace(WHOLE, passed=False, claims=20, skipped=False, waived=False),
    replace(
        WHOLE,
        passed=False,
        skipped=False,
        waived=False,
        evidence=600,
        blocks=2,
        lines=5,
        claims=5,
        picture=False,
    ),
)
"""What is tried in this order: passed, skipped and waived items go first, then evidence."""
LEAST = replace(LESS_AND_LESS[-1], evidence=0)
"""Below this only rows of what is not ready can go."""
