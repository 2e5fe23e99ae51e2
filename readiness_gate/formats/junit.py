"""JUnit XML as pytest, jest-junit, gotestsum and Surefire write it; read as hostile input.

What is read is what tests
left behind, never what a suite's attributes claim: those only cast doubt (`unexplained`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from readiness_gate.formats.xml_events import read_xml

SIZE_CAP = 8 * 1024 * 1024
_CASES_CAP = 100_000
_TEXT_CAP = 16_384

CaseOutcome = Literal["passed", "failed", "error", "skipped"]
_WORST: Mapping[CaseOutcome, int] = {"passed": 0, "skipped": 1, "failed": 2, "error": 3}
_ELEMENTS: Mapping[str, CaseOutcome] = {"failure": "failed", "error": "error", "skipped": "skipped"}
_COMMIT_NAMES = frozenset(
    {"commit", "commit.sha", "git.commit", "git.commit.id", "git.sha", "github.sha", "revision",
     "ci.commit.sha", "vcs.revision"}
)  # fmt: skip
"""Names of properties in small letters, with dots for underscores."""
_NOT_RUN = frozenset({"notrun", "disabled", "suppressed"})
_BROKEN = frozenset({"failed", "failure", "fail", "error", "errored", "broken"})
"""Words of `status` and `result`, in small letters."""
_LINE = re.compile(r"^[ \t>]{0,20}([\w./@+-]{1,200}\.[A-Za-z]{1,5}):([0-9]{1,7})(?=:|$)", re.ASCII)
_FRAME = re.compile(r"\(([\w./@+-]{1,200}\.[A-Za-z]{1,5}):([0-9]{1,7})[:)]", re.ASCII)


@dataclass(frozen=True)
class JUnitCase:
    """One test."""

    name: str
    classname: str
    outcome: CaseOutcome
    message: str = ""
    """Why it failed or was skipped, in the first words of the report."""
    text: str = ""
    """What the report says further, at most 16 KiB."""
    file: str | None = None
    """As the report has it: relative to wherever the tests ran."""
    line: int | None = None
    seconds: float | None = None

    @property
    def id(self) -> str:
        """Return class and name, joined by a dot as most writers do."""
        return f"{self.classname}.{self.name}" if self.classname else self.name

    @property
    def broken(self) -> bool:
        """Whether it failed, or could not be run."""
        return self.outcome in {"failed", "error"}


@dataclass(frozen=True)
class JUnitReport:
    """All tests of a report, in its order."""

    cases: tuple[JUnitCase, ...]
    declared_broken: int = 0
    """The highest number of failures and errors that any suite claims."""
    commits: tuple[str, ...] = ()
    """Commits that properties of its suites name, in the usual names of CI systems."""

    def count(self, *outcomes: CaseOutcome) -> int:
        """Return how many tests ended in one of these ways."""
        return sum(case.outcome in outcomes for case in self.cases)

    @property
    def broken(self) -> tuple[JUnitCase, ...]:
        """Return the tests that failed or could not be run."""
        return tuple(case for case in self.cases if case.broken)

    @property
    def unexplained(self) -> int:
        """Return how many failures are claimed where no test shows one."""
        return 0 if self.broken else self.declared_broken


def read_junit(data: bytes) -> JUnitReport:
    """Return the tests of a report.

    Raises:
        ValueError: not well-formed, not JUnit, a document type, or beyond the bounds.
    """
    if len(data) > SIZE_CAP:
        raise ValueError(f"larger than {SIZE_CAP} bytes")
    reading = _Reading()
    read_xml(data, reading.start, reading.end, text_cap=_TEXT_CAP)
    return JUnitReport(tuple(reading.cases), reading.declared, tuple(reading.commits))


def together(reports: Sequence[JUnitReport]) -> JUnitReport:
    """Return several reports as one; a claim that no test of its own report shows stays."""
    return JUnitReport(
        tuple(case for report in reports for case in report.cases),
        sum(report.unexplained for report in reports),
        tuple(commit for report in reports for commit in report.commits),
    )


@dataclass
class _Reading:
    """What was read so far, and the test that is being read."""

    cases: list[JUnitCase] = field(default_factory=list)
    declared: int = 0
    commits: dict[str, None] = field(default_factory=dict)
    case: JUnitCase | None = None
    case_depth: int = 0

    def start(self, path: tuple[str, ...], attributes: Mapping[str, str]) -> None:
        name = path[-1]
        if len(path) == 1 and name not in {"testsuites", "testsuite"}:
            raise ValueError(f"the root is {name[:40]!r}, not testsuites or testsuite")
        if name in {"testsuites", "testsuite"}:
            claimed = _whole(attributes, "failures") + _whole(attributes, "errors")
            self.declared = max(self.declared, claimed)
        elif name == "testcase":
            if self.case is not None:
                raise ValueError("a testcase inside a testcase")
            self.case, self.case_depth = _case(attributes), len(path)
        elif self.case is not None and len(path) == self.case_depth + 1:
            self._ended_as(name, attributes)
        elif name == "property" and self.case is None:
            self._property(attributes)
        elif name in {"failure", "error"} and self.case is None:
            self.declared = max(self.declared, 1)  # a suite's own, such as of its set-up

    def _ended_as(self, element: str, attributes: Mapping[str, str]) -> None:
        outcome = _ELEMENTS.get(element)
        if outcome is None or self.case is None:
            return
        if _WORST[outcome] > _WORST[self.case.outcome]:
            message = attributes.get("message") or attributes.get("type") or ""
            self.case = replace(self.case, outcome=outcome, message=_one_line(message), text="")

    def _property(self, attributes: Mapping[str, str]) -> None:
        name = attributes.get("name", "").lower().removeprefix("env.").replace("_", ".")
        value = attributes.get("value", "").strip().lower()
        if name in _COMMIT_NAMES and re.fullmatch(r"[0-9a-f]{7,64}", value):
            self.commits[value] = None

    def end(self, path: tuple[str, ...], text: str) -> None:
        if self.case is None:
            return
        if len(path) == self.case_depth + 1:
            if _ELEMENTS.get(path[-1]) == self.case.outcome and not self.case.text:
                self.case = replace(self.case, text=text)
        elif len(path) == self.case_depth:
            if len(self.cases) >= _CASES_CAP:
                raise ValueError(f"more than {_CASES_CAP} tests")
            self.cases.append(_placed(self.case))
            self.case = None


def _case(attributes: Mapping[str, str]) -> JUnitCase:
    name = attributes.get("name", "").strip()
    classname = attributes.get("classname", "").strip()
    if not name and not classname:
        raise ValueError("a testcase has no name")
    states = {attributes.get("status", "").lower(), attributes.get("result", "").lower()}
    line = attributes.get("line", "")
    return JUnitCase(
        name=_one_line(name),
        classname=_one_line(classname),
        outcome="failed" if states & _BROKEN else "skipped" if states & _NOT_RUN else "passed",
        file=_one_line(attributes.get("file", "")) or None,
        line=int(line) if line.isdecimal() and line.isascii() and len(line) < 8 else None,
        seconds=_seconds(attributes.get("time", "")),
    )


def _placed(case: JUnitCase) -> JUnitCase:
    """Return a test that failed with the place that its text names, which beats its own."""
    if not case.broken:
        return case
    lines = case.text.splitlines()
    # The first place of a traceback is in the test itself, later ones in what it calls.
    found = (match for line in lines if (match := _LINE.match(line)))
    match = next(found, None) or _FRAME.search(case.text)
    first = next((line for line in lines if line.strip()), "")
    message = case.message or _one_line(first)
    if match is None:
        return replace(case, message=message)
    return replace(case, message=message, file=match[1], line=int(match[2]))


def _whole(attributes: Mapping[str, str], name: str) -> int:
    text = attributes.get(name, "0").strip() or "0"
    if not text.isdecimal() or not text.isascii() or len(text) > 9:
        raise ValueError(f"{name} is {text[:20]!r}, not a number")
    return int(text)


def _seconds(text: str) -> float | None:
    """Return a time; Surefire groups its thousands with commas."""
    plain = text.replace(",", "")
    return float(plain) if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,12})?", plain) else None


def _one_line(text: str) -> str:
    return " ".join(text.split())[:300]
