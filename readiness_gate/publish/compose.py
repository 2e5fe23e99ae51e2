"""The comment as text: a frame around two regions, one per half (DESIGN 1.3). Pure."""

from collections.abc import Mapping
from urllib.parse import quote

from readiness_gate import __version__
from readiness_gate.model.outcome import Conclusion, Half, Verdict
from readiness_gate.model.report import Report
from readiness_gate.publish.regions import Stamped, read, stamp
from readiness_gate.report.escape import short_sha
from readiness_gate.report.page import HALF_TITLES, VERDICT_TITLES, Page, conclusion_mark
from readiness_gate.report.region import conclusion_of, region
from readiness_gate.report.summary import halves_of

_WORST_FIRST = (Conclusion.FAILURE, Conclusion.ERROR, Conclusion.PENDING, Conclusion.SUCCESS)
_VERDICTS = dict(
    zip(
        _WORST_FIRST,
        (Verdict.BLOCKED, Verdict.ERROR, Verdict.WAITING, Verdict.READY),
        strict=True,
    )
)
States = Mapping[Half, Conclusion | None]
"""Conclusions by half: `None` where nothing was planned, absent where nothing is known."""


def marker(prefix: str) -> str:
    """Return the first line of the comment of one gate; it names the status prefix."""
    # Two hyphens would end an HTML comment in some readers.
    name = quote(prefix, safe="").replace("--", "-%2D")
    return f"<!-- readiness-gate:v1 status-prefix={name} -->"


def compose(
    previous: str | None,
    regions: Mapping[Half, Stamped],
    *,
    prefix: str,
    head_sha: str,
    states: States,
    preview: bool = False,
) -> str:
    """Return the whole comment.

    Args:
        previous: the comment as it stands; regions that are not replaced are copied verbatim.
        regions: the own ones. One that says the same as before, or is of an older run of the
            same commit than what stands there, leaves what stands there.
        prefix: first word of the statuses.
        head_sha: the head now; regions of other commits are marked outdated.
        states: conclusions of the halves, from the statuses.
        preview: first adoption, nothing is decided.
    """
    shown = _merged(read(previous or ""), regions)
    parts = [f"{marker(prefix)}\n## {_headline(states, preview)}\n\n{_facts(states, head_sha)}"]
    for half in sorted(shown, key=lambda one: _rank(states.get(one))):
        region = shown[half]
        if region.sha != head_sha:
            parts.append(
                f"> [!WARNING]\n> {HALF_TITLES[half]} is outdated: it is of"
                f" {short_sha(region.sha)}, the head is {short_sha(head_sha)}."
            )
        parts.append(region.markdown())
    parts.append(f"<sub>readiness-gate {__version__}</sub>")
    return "\n\n".join(parts) + "\n"


def standalone(
    report: Report, page: Page, *, prefix: str = "readiness", run: str = "", attempt: str = ""
) -> str:
    """Return the comment of one redacted report as if none stood there: `comment.md`."""
    sha = report.head_sha or report.tested_sha or ""
    halves = halves_of(report)
    regions = {
        half: stamp(region(report, half, page), sha, run=run, attempt=attempt) for half in halves
    }
    states = {half: conclusion_of(report, half) for half in Half}
    return compose(
        None, regions, prefix=prefix, head_sha=sha, states=states, preview=report.preview
    )


def _merged(
    standing: Mapping[Half, Stamped], own: Mapping[Half, Stamped]
) -> Mapping[Half, Stamped]:
    shown = dict(standing)
    for half, mine in own.items():
        there = standing.get(half)
        if there is None or there.sha != mine.sha or not stays(there, mine):
            shown[half] = mine
    return shown


def stays(there: Stamped, mine: Stamped) -> bool:
    """Return whether a region of the same commit is as good as mine, or newer."""
    return there.content == mine.content or there.age > mine.age


def _headline(states: States, preview: bool) -> str:
    known = [state for state in states.values() if state is not None]
    if preview:
        return "👀 Preview: nothing is decided yet"
    if not known:
        return VERDICT_TITLES[Verdict.ERROR]
    worst = min(known, key=_WORST_FIRST.index)
    untold = [half for half in Half if half not in states]
    if worst is Conclusion.SUCCESS and untold:
        return f"⏳ {' and '.join(HALF_TITLES[half] for half in untold)} to come"
    return VERDICT_TITLES[_VERDICTS[worst]]


def _facts(states: States, head_sha: str) -> str:
    told = [
        f"{HALF_TITLES[half]} {conclusion_mark(states[half])}" for half in Half if half in states
    ]
    if head_sha:
        told.append(f"at {short_sha(head_sha)}")
    return " · ".join(told)


def _rank(state: Conclusion | None) -> int:
    return _WORST_FIRST.index(state) if state is not None else len(_WORST_FIRST)
