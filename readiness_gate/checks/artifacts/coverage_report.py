"""`coverage-report`: how much of the code tests reach, from the report of the job that ran them.

The share is counted from the lines of the report (Cobertura, LCOV, coverage.py's JSON, JaCoCo);
several reports are put together line by line. `changed` looks at the lines of the pull request,
`baseline` compares with a report, or a bare number, that is committed at the base.
"""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Annotated, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from readiness_gate.checks.artifact_files import first_found, reports
from readiness_gate.checks.base import Check, CheckContext, CheckOptions
from readiness_gate.checks.compared import Comparison, compared
from readiness_gate.checks.project_files import Unclear, counted
from readiness_gate.checks.report_places import in_checkout
from readiness_gate.config.values import OneOrMany, Text
from readiness_gate.doors.git import GitUnavailable
from readiness_gate.doors.workspace import PathRefused, matches
from readiness_gate.formats.coverage import (
    FileCoverage,
    branch_share,
    line_share,
    merged,
    read_coverage,
)
from readiness_gate.matchers.threshold import Unit, threshold
from readiness_gate.model.evidence import Evidence, LocationEvidence, TableEvidence
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family, Need
from readiness_gate.model.result import CheckResult, cannot_tell, failed, not_applicable, passed

USUAL = (
    "**/coverage*.xml", "**/cobertura*.xml", "**/jacoco*.xml", "**/lcov.info", "**/*.lcov",
    "**/coverage.json",
)  # fmt: skip
_SHOWN = 20
_KIND = "coverage report"


def _share_limit(text: str) -> str:
    threshold(text, Unit.PERCENT)
    return text


ShareLimit = Annotated[
    str,
    AfterValidator(_share_limit),
    WithJsonSchema({"type": "string", "pattern": "^(<=|>=|<|>).*%$", "examples": [">80%"]}),
]
"""A comparison with a percentage, such as `>80%`."""


class CoverageReportOptions(CheckOptions):
    """Which reports are read, and which shares they have to show."""

    path: OneOrMany = Field(
        default=(),
        description="Paths or patterns, each of which has to lead to a report; default the usual "
        "names: coverage*.xml, cobertura*.xml, jacoco*.xml, lcov.info, coverage.json.",
    )
    total: ShareLimit | None = Field(
        default=None, description="Lines that ran, of all that can run: >80%."
    )
    branches: ShareLimit | None = Field(
        default=None, description="Branches that were taken, of all that were measured."
    )
    paths: dict[Text, ShareLimit] = Field(
        default_factory=dict,
        description="Shares of parts, by pattern: {'backend/app/payments/**': '>=95%'}.",
    )
    changed: ShareLimit | None = Field(
        default=None,
        description="Share of the lines that the pull request adds or changes; needs its base.",
    )
    baseline: Text | None = Field(
        default=None,
        description="File at the base, a report or a number such as 81.4: the total may not fall "
        "below it.",
    )
    root: str = Field(
        default="", description="Folder of the checkout that the report's paths start in."
    )

    @model_validator(mode="after")
    def _asserts_something(self) -> Self:
        if not (self.total or self.branches or self.paths or self.changed or self.baseline):
            raise ValueError("set total, branches, paths, changed or baseline")
        return self


def run(context: CheckContext, options: CoverageReportOptions) -> CheckResult:
    """Put the reports together and hold every share against its limit."""
    try:
        patterns = options.path or first_found(context, USUAL, _KIND)
        found = reports(context, patterns, read_coverage, kind=_KIND)
        places = _Places(context, options.root)
        files = merged((report for _, report in found), places.of)
        comparison = _comparison(context, options)
        judged = _Judged()
        _totals(options, files, judged)
        if options.baseline is not None and comparison is not None:
            _ratchet(options.baseline, comparison, files, judged)
        if options.changed is not None and comparison is not None:
            _changed(options.changed, comparison, files, places, judged)
    except Unclear as unclear:
        return unclear.result
    if judged.problems:
        more = f"; and {len(judged.problems) - 1} more" if len(judged.problems) > 1 else ""
        return failed(
            f"{judged.problems[0]}{more}",
            details="\n".join([*judged.problems, *judged.held]),
            evidence=(*judged.evidence, _least(files)),
        )
    if not judged.held:
        return not_applicable("; ".join(judged.notes) or "there is no pull request to compare")
    return passed(
        f"{'; '.join(judged.held)} ({counted(len(files), 'file')})",
        details="\n".join(judged.notes),
    )


class _Judged:
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


class _Places:
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


def _comparison(context: CheckContext, options: CoverageReportOptions) -> Comparison | None:
    if options.changed is None and options.baseline is None:
        return None
    return compared(context)


def _totals(
    options: CoverageReportOptions, files: Mapping[str, FileCoverage], judged: _Judged
) -> None:
    if options.total is not None:
        judged.hold("lines", options.total, line_share(files.values()))
    if options.branches is not None:
        judged.hold("branches", options.branches, branch_share(files.values()))
    for pattern, limit in options.paths.items():
        part = [one for path, one in files.items() if matches(path, pattern)]
        judged.hold(pattern, limit, line_share(part))


def _ratchet(
    baseline: str, comparison: Comparison, files: Mapping[str, FileCoverage], judged: _Judged
) -> None:
    try:
        data = comparison.git.file(comparison.base, baseline)
    except (GitUnavailable, PathRefused) as error:
        raise Unclear(cannot_tell(ErrorClass.CONFIGURATION, str(error))) from error
    if data is None:
        text = f"{baseline} is not at the base"
        advice = "Commit a coverage report, or a number such as 81.4, there first."
        raise Unclear(cannot_tell(ErrorClass.CONFIGURATION, text, remediation=advice))
    before = _baseline_share(baseline, data)
    now = line_share(files.values())
    if now is not None and now + 1e-9 < before:
        judged.problems.append(f"lines fell from {before:.2f} % at the base to {now:.2f} %")
    else:
        judged.held.append(f"not below the base's {before:.1f} %")


def _baseline_share(name: str, data: bytes) -> float:
    text = data[:64].decode("utf-8", "replace").strip().removesuffix("%").strip()
    try:
        share = float(text) if text.replace(".", "", 1).isdecimal() else None
        if share is None:
            share = line_share(read_coverage(data).files.values())
    except ValueError as error:
        result = cannot_tell(ErrorClass.CONFIGURATION, f"{name} at the base: {error}")
        raise Unclear(result) from error
    if share is None or not 0 <= share <= 100:
        raise Unclear(cannot_tell(ErrorClass.CONFIGURATION, f"{name} at the base is no share"))
    return share


def _changed(
    limit: str,
    comparison: Comparison,
    files: Mapping[str, FileCoverage],
    places: _Places,
    judged: _Judged,
) -> None:
    """Judge the lines of the change that the report measures."""
    if not places.known:
        text = f"no file of the report is in the checkout, such as {min(files)}"
        advice = "Set `root` to the folder that the report's paths start in."
        raise Unclear(cannot_tell(ErrorClass.CONFIGURATION, text, remediation=advice))
    hit: list[bool] = []
    missed: list[tuple[str, int]] = []
    for change in comparison.changed:
        lines = files[change.path].lines if change.path in files else {}
        for number in sorted(change.numbers & lines.keys()):
            hit.append(lines[number])
            missed += [] if lines[number] else [(change.path, number)]
    endings = {PurePosixPath(path).suffix for path in files}
    judged.notes += [
        f"changed, but not measured by the report: {change.path}"
        for change in comparison.changed
        if change.added and change.path not in files
        and PurePosixPath(change.path).suffix in endings
    ][:_SHOWN]  # fmt: skip
    if not hit:
        judged.notes.insert(0, "the change has no line that the report measures")
        return
    what = f"{counted(len(hit), 'changed line')}"
    if not judged.hold(what, limit, 100.0 * sum(hit) / len(hit)):
        judged.evidence += list(_missed(missed))


def _missed(missed: list[tuple[str, int]]) -> Iterator[LocationEvidence]:
    """Yield one place for each run of lines."""
    shown = 0
    for at, (path, line) in enumerate(missed):
        if at and missed[at - 1] == (path, line - 1):
            continue
        shown += 1
        if shown > _SHOWN:
            return
        yield LocationEvidence(path=path, line=line, text="changed, and no test reaches it")


def _least(files: Mapping[str, FileCoverage]) -> TableEvidence:
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


def needs(options: CoverageReportOptions) -> frozenset[Need]:
    """Return the needs: git only where something is compared with the base."""
    if options.changed is None and options.baseline is None:
        return frozenset({Need.WORKSPACE})
    return frozenset({Need.WORKSPACE, Need.GIT})


CHECK = Check(
    id="coverage-report",
    title="Tests reach enough of the code",
    family=Family.ARTIFACTS,
    check_class=CheckClass.READ,
    needs=frozenset({Need.WORKSPACE, Need.GIT}),
    options=CoverageReportOptions,
    run=run,
    remediation="Test the lines that did not run; the files with the most of them are listed.",
    refine_needs=needs,
    example={
        "path": "reports/backend/coverage.xml",
        "total": ">80%",
        "paths": {"backend/app/payments/**": ">=95%"},
        "changed": ">=90%",
    },
)
